"""Where a crate was built: the commit that was packaged, and the run that published it."""

from collections.abc import Iterator

from bot.registries.crates_io.facts import CrateFacts
from bot.release.model import ReleasePackage
from bot.release.verification.origin import ELSEWHERE, NOT_YOURS, astray, is_of, same_repository
from bot.release.verification.verdict import Line, Mark, Origin, short


def origin_lines(package: ReleasePackage, found: CrateFacts, origin: Origin) -> Iterator[Line]:
    """The commit in the .crate, and the run that crates.io keeps."""
    packaged = found.archive.commit if found.archive and not found.archive.unreadable else None
    if found.archive and not found.archive.unreadable:
        yield _packaged(packaged, origin, found.url)
        if found.archive.dirty:
            yield Line(
                Mark.FAILED,
                "the .crate was packaged from a tree with uncommitted changes",
                found.url,
                "Nobody can tell what is in it: publish the next patch version from a clean checkout, without "
                "`--allow-dirty`, and then yank this one.",
            )
    run = found.trusted
    if run is not None:
        yield _crate_run(run.repository, run.commit, run.run_id, packaged, origin, found.url)
    elif found.previous and found.previous.trusted:
        yield Line(
            Mark.NOTE,
            f"published with a token, while a trusted publisher published {found.previous.version}",
            found.url,
            "If nobody meant to, look who has such a token, and let crates.io accept trusted publishing only.",
        )


def _packaged(commit: str | None, origin: Origin, link: str) -> Line:
    if commit is None:
        return Line(
            Mark.NOTE,
            "the .crate does not say which commit it was packaged from",
            link,
            "Publish from a git checkout and without `--allow-dirty`, so that cargo writes it down.",
        )
    if origin.commit is None or commit.startswith(origin.commit):
        same = ", the tag's commit" if origin.commit else ""
        return Line(Mark.OK, f"packaged from {short(commit)}{same}")
    return Line(
        Mark.FAILED,
        f"packaged from {short(commit)}, but the tag stands on {short(origin.commit)}",
        link,
        "Compare the two commits. What was published cannot be replaced: publish the next patch version from the "
        "right commit, then yank this one.",
    )


def _crate_run(
    repository: str | None, commit: str | None, run: str | None, packaged: str | None, origin: Origin, link: str
) -> Line:
    where = f"run {run} of {repository}" if run else f"{repository}"
    if not same_repository(repository, origin):
        return Line(Mark.FAILED, f"published by {where}, not by {origin.repositories[0]}", link, NOT_YOURS)
    if origin.runs and run and run not in {known for known, _ in origin.runs}:
        then = "Look what started that run; the tag's own run did not publish this."
        return Line(Mark.NOTE, f"published by {where}, which is not a run of the tag", link, then)
    if commit and origin.commit and not is_of(commit, origin):
        event = next((event for known, event in origin.runs if known == run), None)
        # Without the event, the commit that cargo packaged decides: it agrees when a person started the run.
        excused = event in ELSEWHERE if event else packaged is not None and is_of(packaged, origin)
        return astray(f"published by {where} at {short(commit)}", origin.commit, event, link, excused=excused)
    return Line(Mark.OK, f"published by {where}")
