"""Where it was built: the commit that was packaged, and the run that published it, each held against the tag's."""

from collections.abc import Iterator

from bot.registries.facts import Attestation, CrateVersion, PyPIRelease
from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Line, Mark, Origin, short

ELSEWHERE = frozenset({"workflow_dispatch", "repository_dispatch", "schedule", "workflow_run", "workflow_call"})
"""Events whose run carries the commit of a branch, whatever it checks out.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

_NOT_YOURS = (
    "If you do not know that publisher, treat it as an attack: yank the version, then review the trusted publishers "
    "and the tokens."
)


def crate_lines(package: ReleasePackage, found: CrateVersion, origin: Origin) -> Iterator[Line]:
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
    if not _same_repository(repository, origin):
        return Line(Mark.FAILED, f"published by {where}, not by {origin.repositories[0]}", link, _NOT_YOURS)
    if origin.runs and run and run not in {known for known, _ in origin.runs}:
        then = "Look what started that run; the tag's own run did not publish this."
        return Line(Mark.NOTE, f"published by {where}, which is not a run of the tag", link, then)
    if commit and origin.commit and not _is_of(commit, origin):
        event = next((event for known, event in origin.runs if known == run), None)
        # Without the event, the commit that cargo packaged decides: it agrees when a person started the run.
        excused = event in ELSEWHERE if event else packaged is not None and _is_of(packaged, origin)
        return _astray(f"published by {where} at {short(commit)}", origin.commit, event, link, excused=excused)
    return Line(Mark.OK, f"published by {where}")


def pypi_lines(package: ReleasePackage, found: PyPIRelease, origin: Origin, before: str | None) -> Iterator[Line]:
    """What the provenances say. `before` is the release before when it had one."""
    hashes = {file.filename: file.sha256 for file in found.files}
    hashes |= {file.filename: file.sha256 for release in found.releases for file in release.files}
    said = set()
    for provenance in found.provenance:
        if provenance.unreadable:
            yield Line(Mark.NOTE, f"the provenance of {provenance.filename} cannot be read: {provenance.unreadable}")
            continue
        expected = hashes.get(provenance.filename, "")
        for one in provenance.attestations:
            # PyPI lets the name differ in its spelling (`-` for `_`, the order of tags): the bytes tell.
            told = {digest for _, digest in one.subjects}
            if not told or (expected and expected not in told):
                yield Line(
                    Mark.FAILED,
                    f"the provenance of {provenance.filename} is about other bytes",
                    provenance.url,
                    "Do not install this file before you know why; PyPI should never have taken it.",
                )
            line = _attested(one, package, origin, provenance.url)
            if line not in said:  # sdist and wheel usually come from one run
                said.add(line)
                yield line
    if found.provenance:
        return
    if before:
        then = "If nobody meant to, look whether a token uploaded it, and turn attestations on again."
        yield Line(Mark.NOTE, f"no provenance, while {before} had one", found.url, then)
    elif origin.commit:
        then = "Publish through a trusted publisher with attestations, and PyPI keeps the commit of each file."
        yield Line(Mark.NOTE, "no provenance: which commit its files were built from is unknown", found.url, then)


def _attested(one: Attestation, package: ReleasePackage, origin: Origin, link: str) -> Line:
    where = f"{one.workflow} of {one.repository}" if one.workflow else f"{one.repository or one.kind}"
    if not _same_repository(one.repository, origin):
        return Line(Mark.FAILED, f"PyPI says that {where} built it, not {origin.repositories[0]}", link, _NOT_YOURS)
    if one.commit and origin.commit and not _is_of(one.commit, origin):
        text = f"PyPI says that {where} built it at {short(one.commit)}"
        return _astray(text, origin.commit, one.event, one.run_url or link, excused=one.event in ELSEWHERE)
    if one.event == "push" and one.ref and package.tag and one.ref != f"refs/tags/{package.tag}":
        then = "The commit is the same; only the push that published was another one."
        return Line(Mark.NOTE, f"PyPI says that {where} built it for {one.ref}, not for the tag", one.run_url, then)
    at = f" at {short(one.commit)}" if one.commit else ""
    return Line(Mark.OK, f"PyPI says that {where} built it{at}", one.run_url)


def _astray(text: str, tag: str, event: str | None, link: str, *, excused: bool) -> Line:
    """A run on another commit than the tag's: a fault, unless its event explains it."""
    if excused:
        how = f" ({event})" if event else ""
        then = "That is the branch it was started on; the commit that was packaged is what counts."
        return Line(Mark.NOTE, f"{text}{how}, while the tag stands on {short(tag)}", link, then)
    then = "Look whether the tag was moved. Publish the next patch version from the right commit, then yank this one."
    return Line(Mark.FAILED, f"{text}, but the tag stands on {short(tag)}", link, then)


def _is_of(commit: str, origin: Origin) -> bool:
    """Whether it is the tag's commit, which a person may have abbreviated; true when that is not known."""
    return origin.commit is None or commit.startswith(origin.commit)


def _same_repository(repository: str | None, origin: Origin) -> bool:
    known = {name.lower() for name in origin.repositories}
    return repository is None or not known or repository.lower() in known
