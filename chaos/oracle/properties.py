"""The properties of the safety contract, judged by what the sandbox saw; and how the release ended.

Each function is named after its property and yields what breaks it, as sentences.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.access.permissions import ROLES
from bot.sandbox.git.objects import ZERO
from chaos.oracle.evidence import Evidence, is_command, reactions
from chaos.oracle.truth import Truth, disagreements, is_on_registry
from chaos.oracle.witness import BASE, MARKER, RunState, Witness
from chaos.people.people import SPECS, is_answered
from chaos.simulation.loop import BEGINNING
from chaos.simulation.network import LAG

if TYPE_CHECKING:
    pass

AUTHORITY_WINDOW = 60.0
"""From the answer about a role to the tags that rest on it, with all delays of the network."""
LOOK_WINDOW = AUTHORITY_WINDOW + LAG
"""The same for what a lagging replica may have told."""
MILESTONES = ("pull-request-opened", "tags-pushed", "verification-0-complete", "released", "status")
"""What is said of a release on its way, whatever else happens."""
ANSWER_WINDOW = 4 * 3600.0
"""By then a command is answered, whatever goes wrong meanwhile."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never happen."""

    property: str
    what: str

    def __str__(self) -> str:
        return f"{self.property}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the check."""

    violations: tuple[Violation, ...]
    ending: str
    checked: int


def green_before_tag(evidence: Evidence) -> Iterator[str]:
    """No tag unless every workflow of the branch ended well on exactly that commit, the last time that it ran."""
    for moved in evidence.tag_pushes():
        for ref, _, commit in moved.changes:
            runs = _last_of_each([state for state in moved.runs.get(commit, ()) if _tests_base(state)])
            if commit != ZERO and not runs:
                yield f"{ref} was pushed on {commit}, on which nothing ever ran"
            for state in runs:
                if not state.passed:
                    yield f"{ref} was pushed on {commit} while {state.path} was {state.status}, {state.conclusion}"


def tree_says_so(evidence: Evidence) -> Iterator[str]:
    """The tagged commit is on the base branch, and its files say the tagged versions."""
    meant = {tag: said for spec in SPECS.values() for tag, said in spec.items()}
    for moved in evidence.tag_pushes():
        for ref, _, commit in moved.changes:
            held = evidence.witness.based_between(commit, moved.at - LOOK_WINDOW, moved.at)
            if commit != ZERO and not any(held):
                yield f"{ref} was pushed on {commit}, which {BASE} does not hold"
            tag = ref.removeprefix("refs/tags/")
            if commit != ZERO and tag in meant:
                yield from (f"{tag}: {w}" for w in disagreements(evidence.witness.git, commit, {tag: meant[tag]}))


def tags_never_move(evidence: Evidence) -> Iterator[str]:
    """The bot creates tags and never moves one; which it may delete, `published_keeps_its_tag` says."""
    for moved in evidence.tag_pushes():
        for ref, before, after in moved.changes:
            if ZERO not in (before, after):
                yield f"{ref} was moved from {before} to {after}"


def published_keeps_its_tag(evidence: Evidence) -> Iterator[str]:
    """A tag is deleted on demand, where the bot had put it, when no registry has anything of it or may soon have."""
    meant = {tag: said for spec in SPECS.values() for tag, said in spec.items()}
    put: set[tuple[str, str]] = set()
    for moved in evidence.tag_pushes():
        for ref, before, after in moved.changes:
            put.add((ref, after))
            if after != ZERO:
                continue
            tag = ref.removeprefix("refs/tags/")
            if (ref, before) not in put:
                yield f"{ref} was deleted on {before}, where somebody else had put it"
            if not any("/release rollback" in asked.body and asked.at <= moved.at for asked in evidence.witness.asked):
                yield f"{ref} was deleted, and nobody had asked for that"
            if tag in meant and is_on_registry(evidence.witness, *meant[tag], moved.at):
                yield f"{ref} was deleted when {' '.join(meant[tag])} was published"
            runs = [state for key in evidence.witness.runs if (state := evidence.witness.runs.at(key, moved.at))]
            if any(state.branch == tag and state.status != "completed" for state in runs):
                yield f"{ref} was deleted while a run on it could publish"


def all_or_none(evidence: Evidence) -> Iterator[str]:
    """The tags of a release appear together; those that somebody else pushed are left where they are."""
    texts = {asked.body for asked in evidence.witness.asked}
    specs = [spec for text, spec in SPECS.items() if text in texts]
    for moved in evidence.tag_pushes():
        pushed = {ref.removeprefix("refs/tags/"): after for ref, _, after in moved.changes if after != ZERO}
        commits = set(pushed.values())
        existing = {tag for tag, sha in moved.tags_before.items() if sha in commits}
        if pushed and not any(set(pushed) <= set(spec) <= set(pushed) | existing for spec in specs):
            yield f"{', '.join(pushed)} appeared alone"


def authorised_now(evidence: Evidence) -> Iterator[str]:
    """Tags are pushed, and pull requests opened, for somebody who may release at that moment."""
    witness = evidence.witness
    for moved in evidence.tag_pushes():
        commanders = [asked.by for asked in witness.asked if asked.at <= moved.at and is_command(asked.body)]
        if not any(_may(witness, login, moved.at) for login in commanders):
            yield f"tags were pushed at {moved.at:.0f} s, when nobody who had asked was allowed to"
    for issue, _ in witness.pull_requests():
        found = MARKER.search(issue.body)
        asked_by = next((a for a in witness.asked if found and found[1].partition("-")[0] == f"r{a.comment.id}"), None)
        if asked_by is None:
            yield f"#{issue.number} was opened for nobody"
        elif not any(_rank(role) >= _rank("maintain") for role in (witness.role_between(asked_by.by, 0, witness.now),)):
            yield f"#{issue.number} was opened for {asked_by.by}, who was never allowed to"


def once(evidence: Evidence) -> Iterator[str]:
    """One pull request, one Release of a tag, one comment of a milestone."""
    witness = evidence.witness
    issues = witness.repository.issues.values()
    comments = [comment for issue in issues for comment in issue.comments if comment.app_id is not None]
    marks = Counter(mark for comment in comments for mark in MARKER.findall(comment.body))
    for (subject, key), count in marks.items():  # only people delete comments, and what they did is not to blame
        if count > 1:
            yield f"{count} comments say “{key}” of {subject}"
    for mark, count in Counter(m for issue, _ in witness.pull_requests() for m in MARKER.findall(issue.body)).items():
        if count > 1:
            yield f"{count} pull requests were opened for {mark[0]}"
    open_ones = Counter(pull.head for issue, pull in witness.pull_requests() if issue.state == "open")
    yield from (f"{count} pull requests are open from {head}" for head, count in open_ones.items() if count > 1)
    releases = Counter(release.tag for release in witness.repository.releases.values())
    yield from (f"{tag} has {count} Releases" for tag, count in releases.items() if count > 1)
    for asked in witness.asked:
        if {"+1", "confused"} <= reactions(witness, asked):
            yield f"“{asked.body}” at {asked.at:.0f} s was both done and declined"
    retries = sum("/release retry" in asked.body for asked in witness.asked)
    reruns = Counter(run for _, run in witness.reruns)
    yield from (f"run {run} ran {n} times again, for {retries} retries" for run, n in reruns.items() if n > retries)


def never_overwritten(evidence: Evidence) -> Iterator[str]:
    """What a person pushed to a release branch stays in it."""
    witness = evidence.witness
    pushed: dict[str, str] = {}
    for moved in witness.moved:
        for ref, before, after in moved.changes:
            if not ref.startswith("refs/heads/release/"):
                continue
            if moved.by not in ("", witness.app):  # a commit made by the API has no pusher
                pushed[ref] = after
            elif ZERO not in (before, after) and pushed.get(ref) == before and before not in witness.git.history(after):
                yield f"{ref} was moved from {before}, which a person had pushed, to {after}"


def nothing_lost(evidence: Evidence) -> Iterator[str]:
    """A command whose delivery was answered 2xx is answered; with redelivery, every command is."""
    witness = evidence.witness
    deliveries = {delivery.guid: delivery for delivery in witness.sandbox.world.deliveries}
    kept = {row["guid"] for row in evidence.ledger.deliveries}
    for guid, delivery in deliveries.items():
        taken = delivery.status is not None and delivery.status < 300 and delivery.event == "issue_comment"
        if (
            taken
            and delivery.action == "created"
            and not evidence.lost_since((delivery.at - BEGINNING).total_seconds())
        ):
            command = is_command(delivery.payload["comment"]["body"])
            from_us = delivery.payload["comment"]["user"]["login"] == witness.app
            if command and not from_us and guid not in kept:
                yield f"delivery {guid} was taken and is not in the database"
    for row in evidence.ledger.deliveries:
        if row["handled_at"] is None:
            yield f"delivery {row['guid']} ({row['event']}) was never handled"


def no_silence(evidence: Evidence) -> Iterator[str]:
    """Every command is answered, every open release has a wake-up, nothing hangs, no fault of the bot's own."""
    witness = evidence.witness
    if evidence.hangs:
        yield "the run never came to rest"
    deliveries = {delivery.guid: delivery for delivery in witness.sandbox.world.deliveries}
    for asked in witness.asked:
        if not is_command(asked.body) or (witness.now - asked.at < ANSWER_WINDOW and evidence.hangs):
            continue
        delivery = deliveries.get(asked.guid)
        heard = delivery is not None and delivery.status is not None and delivery.status < 300
        if heard and evidence.lost_since(asked.at):
            continue
        if asked.issue in witness.repository.issues and not is_answered(witness, asked.comment, asked.issue):
            yield f"“{asked.body}” of {asked.by} on #{asked.issue} at {asked.at:.0f} s was never answered"
    for asked in witness.asked:
        if "/release cancel" in asked.body and reactions(witness, asked) >= {"+1"}:
            after = {said.key.partition("-")[0] for said in witness.said if said.at >= asked.at}
            if not after & {"cancelled", "overtaken"}:
                yield f"“{asked.body}” at {asked.at:.0f} s was promised and not done"
    yield from (f"release {sleeper} has no next look" for sleeper in evidence.sleepers)
    yield from (f"a process ended by itself: {failure!r}" for failure in evidence.failures)
    yield from (f"the bot logged a fault of its own: {error[:1500]}" for error in witness.errors)


def least_privilege(evidence: Evidence) -> Iterator[str]:
    """Each token reaches one repository with the permissions of one purpose; no secret is said or logged."""
    witness = evidence.witness
    world = witness.sandbox.world
    allowed: Sequence[Mapping[str, str]] = (
        dict.fromkeys(("contents", "pull_requests", "issues", "checks", "statuses", "actions", "metadata"), "read"),
        {"issues": "write", "pull_requests": "write", "metadata": "read"},
        {"contents": "write", "pull_requests": "write", "metadata": "read"},
        {"actions": "write", "metadata": "read"},
    )
    for token in world.tokens.values():
        if len(token.repository_ids) != 1:
            yield f"a token reaches {len(token.repository_ids)} repositories"
        if not any(set(token.permissions.items()) <= set(most.items()) for most in allowed):
            yield f"a token may {token.permissions}"
    secrets = [*world.tokens, world.app.webhook_secret, "PRIVATE KEY"]
    texts = [said.body for said in witness.said] + [issue.body for issue, _ in witness.pull_requests()]
    texts += [release.body for release in witness.repository.releases.values()]
    for name, whole in (("said", "\n".join(texts)), ("logged", "\n".join(witness.logged))):
        if "ghs_" in whole or any(secret in whole for secret in secrets):
            yield f"a secret was {name}"


def config_from_base(evidence: Evidence) -> Iterator[str]:
    """Nothing outside of the base branch says what is tagged, and no other branch is read for it."""
    witness = evidence.witness
    meant = {tag for spec in SPECS.values() for tag in spec}
    for moved in evidence.tag_pushes():
        for ref, _, _ in moved.changes:
            if ref.removeprefix("refs/tags/") not in meant:
                yield f"{ref} was pushed, which nobody asked for"
    for call in witness.sandbox.world.calls:
        for expression in _strings(call.request):
            commit, colon, path = expression.partition(":")
            if colon and path == ".github/release.toml" and not _on_base(witness, commit):
                yield f"the configuration was read at {commit}"


def ended_truly(evidence: Evidence) -> Iterator[str]:
    """A run that nothing decisive happened in ends as a calm one; every reason that was given is true."""
    truth = Truth(evidence.witness, evidence.last_fault, evidence.last_fault)
    yield from (f"untrue: {what}" for what in truth.untruths())
    ending = evidence.ending()
    if evidence.script.ends_calmly and ending != "released":
        yield f"the release should have ended as a calm one does, and is {ending}"
    if ending == "released":
        yield from _promises(evidence, truth)
    if ending in ("silent", "under way") and not evidence.has_nobody_to_tell():
        yield f"the release is {ending}"


def _promises(evidence: Evidence, truth: Truth) -> Iterator[str]:
    """What must be so when it is said that everything was released."""
    witness = evidence.witness
    published = {release.tag for release in witness.repository.releases.values() if not release.draft}
    for said in [said for said in witness.said if said.key == "released"]:
        keys, spec = evidence.subjects()[said.subject], truth.spec(said)
        missing = [mile for mile in MILESTONES if not any(key.startswith(mile) for key in keys)]
        yield from (f"{said.subject} is said to be released, and “{key}” was never said" for key in missing)
        if not truth.is_published(spec, witness.now):
            yield "it is said to be released, and the registries do not have all of it"
        for tag in spec:
            if tag not in published:
                yield f"it is said to be released, and {tag} has no GitHub Release"


PROPERTIES: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    green_before_tag,
    tree_says_so,
    tags_never_move,
    published_keeps_its_tag,
    all_or_none,
    authorised_now,
    once,
    never_overwritten,
    nothing_lost,
    no_silence,
    least_privilege,
    config_from_base,
    ended_truly,
)


def check(evidence: Evidence) -> Verdict:
    """Judge a run by all properties."""
    found = [
        Violation(judge.__name__.replace("_", "-"), what)
        for judge in PROPERTIES
        for what in dict.fromkeys(judge(evidence))
    ]
    return Verdict(tuple(found), evidence.ending(), len(PROPERTIES))


def _tests_base(state: RunState) -> bool:
    return state.event == "push" and state.branch == BASE


def _last_of_each(states: Iterable[RunState]) -> list[RunState]:
    """The newest run of each workflow: a commit that comes back to a branch is tested once more."""
    return list({state.path: state for state in sorted(states, key=lambda state: state.id)}.values())


def _rank(role: str) -> int:
    return ROLES.index(role)


def _may(witness: Witness, login: str, at: float) -> bool:
    return _rank(witness.role_between(login, at - AUTHORITY_WINDOW, at)) >= _rank("maintain")


def _on_base(witness: Witness, commit: str) -> bool:
    """Whether the base branch has ever held a commit."""
    return any(witness.based_between(commit, 0, witness.now))


def _strings(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from _strings(each)
    elif isinstance(found, list):
        for each in found:
            yield from _strings(each)
