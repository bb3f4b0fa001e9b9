"""Properties of the safety contract: all that is done and said beside tags.

Each function is named after its property and yields what breaks it, as sentences.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.sandbox.git.objects import ZERO
from chaos.oracle.evidence import Evidence, is_answered, is_command, reactions
from chaos.oracle.records import MARKER
from chaos.oracle.truth import Truth
from chaos.oracle.witness import Witness
from chaos.simulation.loop import BEGINNING

MILESTONES = ("pull-request-opened", "tags-pushed", "verification-0-complete", "released", "status")
"""What is said of a release on its way, whatever else happens."""
ANSWER_WINDOW = 4 * 3600.0
"""By then a command is answered, whatever goes wrong meanwhile."""


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
    # A lost store does not remember what was shown, and GitHub may not show it at once.
    lost = any(kill.fresh for kill in evidence.script.kills)
    shown = Counter((check.head_sha, check.conclusion, check.external_id) for check in witness.own_checks())
    yield from (f"{n} check runs say “{said}” of {head}" for (head, said, _), n in shown.items() if n > 1 and not lost)
    for asked in witness.asked:
        if {"+1", "confused"} <= reactions(witness, asked):
            yield f"“{asked.body}” at {asked.at:.0f} s was both done and declined"
    retries = sum("/release retry" in asked.body for asked in witness.asked)
    reruns = Counter(run for _, run in witness.reruns)
    for run, count in reruns.items():  # what a newer push cancelled runs again by itself, once
        if count > retries + _was_cancelled(witness, run):
            yield f"run {run} ran {count} times again, for {retries} retries"


def _was_cancelled(witness: Witness, run: int) -> bool:
    """Whether a run's first attempt ended so."""
    states = (state for key in witness.runs for state in witness.runs.between(key, 0, witness.now))
    return any((state.id, state.attempt, state.conclusion) == (run, 1, "cancelled") for state in states)


def refused_once(evidence: Evidence) -> Iterator[str]:
    """What a rule forbids is not asked for again and again, but when somebody retries, or an answer was lost."""
    witness, script = evidence.witness, evidence.script
    retries = sum("/release retry" in asked.body for asked in witness.asked)
    lost = len(script.requests) + len(script.kills) + len(script.stalls) + len(script.outages)
    for ref, times in witness.forbidden.items():
        if times > 1 + retries + lost:
            yield f"{ref} was asked for {times} times though a rule forbids it, for {retries} retries"


def never_overwritten(evidence: Evidence) -> Iterator[str]:
    """What a person pushed to a release branch stays in it."""
    witness = evidence.witness
    pushed: dict[str, str] = {}
    for moved in witness.moved:
        for ref, before, after in moved.changes:
            if not ref.startswith("refs/heads/shipmate/"):
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
        {"checks": "write", "metadata": "read"},
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
