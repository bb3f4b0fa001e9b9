"""Where it was built, whichever registry tells: a commit and a run, each held against the tag's."""

from bot.release.verification.verdict import Line, Mark, Origin, short

ELSEWHERE = frozenset({"workflow_dispatch", "repository_dispatch", "schedule", "workflow_run", "workflow_call"})
"""Events whose run carries the commit of a branch, whatever it checks out.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

NOT_YOURS = (
    "If you do not know that publisher, treat it as an attack: yank the version, then review the trusted publishers "
    "and the tokens."
)


def astray(text: str, tag: str, event: str | None, link: str, *, excused: bool) -> Line:
    """A run on another commit than the tag's: a fault, unless its event explains it."""
    if excused:
        how = f" ({event})" if event else ""
        then = "That is the branch it was started on; the commit that was packaged is what counts."
        return Line(Mark.NOTE, f"{text}{how}, while the tag stands on {short(tag)}", link, then)
    then = "Look whether the tag was moved. Publish the next patch version from the right commit, then yank this one."
    return Line(Mark.FAILED, f"{text}, but the tag stands on {short(tag)}", link, then)


def is_of(commit: str, origin: Origin) -> bool:
    """Whether it is the tag's commit, which a person may have abbreviated; true when that is not known."""
    return origin.commit is None or commit.startswith(origin.commit)


def same_repository(repository: str | None, origin: Origin) -> bool:
    """Whether it is the repository that was released from; true when either is not known."""
    known = {name.lower() for name in origin.repositories}
    return repository is None or not known or repository.lower() in known
