"""Where a release on PyPI was built, by the provenances of its files."""

from collections.abc import Iterator

from bot.registries.pypi.facts import Attestation, PyPIFacts
from bot.release.model import ReleasePackage
from bot.release.verification.origin import ELSEWHERE, NOT_YOURS, astray, is_of, same_repository
from bot.release.verification.verdict import Line, Mark, Origin, short


def origin_lines(package: ReleasePackage, found: PyPIFacts, origin: Origin, before: str | None) -> Iterator[Line]:
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
    if not same_repository(one.repository, origin):
        return Line(Mark.FAILED, f"PyPI says that {where} built it, not {origin.repositories[0]}", link, NOT_YOURS)
    if one.commit and origin.commit and not is_of(one.commit, origin):
        text = f"PyPI says that {where} built it at {short(one.commit)}"
        return astray(text, origin.commit, one.event, one.run_url or link, excused=one.event in ELSEWHERE)
    if one.event == "push" and one.ref and package.tag and one.ref != f"refs/tags/{package.tag}":
        then = "The commit is the same; only the push that published was another one."
        return Line(Mark.NOTE, f"PyPI says that {where} built it for {one.ref}, not for the tag", one.run_url, then)
    at = f" at {short(one.commit)}" if one.commit else ""
    return Line(Mark.OK, f"PyPI says that {where} built it{at}", one.run_url)
