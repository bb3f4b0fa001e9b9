"""Properties of the safety contract: which tags are pushed, when and for whom.

Each function is named after its property and yields what breaks it, as sentences.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.sandbox.access.permissions import ROLES
from bot.sandbox.git.objects import ZERO
from chaos.oracle.evidence import Evidence, is_command
from chaos.oracle.records import BASE, MARKER, TESTS, RunState
from chaos.oracle.truth import disagreements, is_on_registry
from chaos.oracle.witness import Witness
from chaos.people.cast import SPECS
from chaos.simulation.network import LAG

AUTHORITY_WINDOW = 60.0
"""From the answer about a role to the tags that rest on it, with all delays of the network."""
LOOK_WINDOW = AUTHORITY_WINDOW + LAG
"""The same for what a lagging replica may have told."""


def green_before_tag(evidence: Evidence) -> Iterator[str]:
    """No tag unless every workflow of the branch ran, and ended well, on exactly that commit, the last time it ran."""
    for moved in evidence.tag_pushes():
        for ref, _, commit in moved.changes:
            runs = _last_of_each([state for state in moved.runs.get(commit, ()) if _tests_base(state)])
            missing = [] if commit == ZERO else sorted(TESTS - {state.path for state in runs})
            yield from (f"{ref} was pushed on {commit}, on which {path} never ran" for path in missing)
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
