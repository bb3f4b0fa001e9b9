"""The verdict on a crate: there, whole, readable, from the right commit, and what `cargo add` gives."""

from collections.abc import Iterator
from datetime import timedelta

from bot.packaging.requirements import holds
from bot.packaging.versions import parse_semver
from bot.registries.crates_io.facts import CrateFacts
from bot.registries.crates_io.judging.metadata import metadata_lines
from bot.registries.crates_io.judging.origin import origin_lines
from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Circumstances, Line, Mark, megabytes, short

README_TAKES = timedelta(hours=2)
"""crates.io renders READMEs in the background, and on bad days late; after that it is called missing.

docs/live-check.md#registry-delays
"""
DOCS_TAKE = timedelta(minutes=45)
"""docs.rs says the same of a build that failed and of one under way; younger ones are taken to be under way.

docs/live-check.md#registry-delays
"""
DOCS_QUEUE = timedelta(hours=24)
"""How long a build may wait before it is called missing: docs/live-check.md#registry-delays"""
MOST_BYTES = 10 * 1024**2
"""crates.io's limit, unless it raised it for a crate.

https://github.com/rust-lang/crates.io/blob/main/src/controllers/krate/publish.rs
"""
NEAR = 0.8
LEAST_README = 80
"""Characters. Shorter ones are often a path: a symbolic link that was packaged as a file."""

_WAIT_FOR_INDEX = (
    "cargo cannot resolve it yet. If the publish job failed only because it waited for the index, do not publish "
    "again: the version is taken."
)
_NEVER_CAME = "Look at the publish job's log, and run it again; nothing was used up if crates.io never had it."
_GONE = "Look at the crate's page and your mail from crates.io: only its team can take a version away."


def crate_lines(package: ReleasePackage, found: CrateFacts, circumstances: Circumstances) -> Iterator[Line]:
    """Every piece of evidence about a crate's version."""
    yield from _presence(package, found, circumstances)
    if not (found.in_api or found.in_index):
        return
    if found.in_api and found.in_index:
        yield _checksums(found)
    yield from _archive(package, found)
    yield _yank(package, found)
    yield from _readme(package, found, circumstances)
    yield from origin_lines(package, found, circumstances.origin)
    yield from metadata_lines(package, found)
    yield from _dependencies(found, circumstances)
    yield from _newest(package, found)
    yield from _size(found.archive.size if found.archive else found.size, found.url)
    yield from _docs(found, circumstances)


def _presence(package: ReleasePackage, found: CrateFacts, circumstances: Circumstances) -> Iterator[Line]:
    nowhere = not (found.in_api or found.in_index)
    if nowhere and circumstances.origin.seen_before:
        yield Line(circumstances.awaited, f"crates.io had {package.new}, and it is gone", found.url, _GONE)
        return
    for is_there, where, link in (
        (found.in_api, "crates.io", found.url),
        (found.in_index, "the sparse index, which cargo reads,", None),
    ):
        if is_there:
            yield Line(Mark.OK, f"{where} has {package.new}", link)
        else:
            then = _NEVER_CAME if nowhere else _WAIT_FOR_INDEX
            yield Line(circumstances.awaited, f"{where} does not have {package.new}", link, then)


def _checksums(found: CrateFacts) -> Line:
    if found.api_checksum is None or found.index_checksum is None:
        return Line(Mark.NOTE, "checksum is not told by both API and index")
    if found.api_checksum == found.index_checksum:
        return Line(Mark.OK, f"checksum is the same in API and index ({short(found.api_checksum)}…)")
    # A version's file never changes, so this is no cache on its way.
    text = f"checksum differs: API {found.api_checksum}, index {found.index_checksum}"
    return Line(
        Mark.FAILED, text, found.url, "Nobody can build with it: tell help@crates.io, and publish a new version."
    )


def _archive(package: ReleasePackage, found: CrateFacts) -> Iterator[Line]:
    archive, expected = found.archive, found.index_checksum or found.api_checksum
    if archive is None:
        if found.in_index:
            text = "the .crate could not be downloaded: what is in it, and from which commit, is unknown"
            yield Line(Mark.NOTE, text, found.url)
        return
    if expected is not None and archive.sha256 != expected:
        text = f"the .crate that is downloaded has SHA-256 {short(archive.sha256)}…, the index says {short(expected)}…"
        yield Line(Mark.FAILED, text, found.url, "cargo refuses it: tell help@crates.io, and publish a new version.")
        return
    if archive.unreadable:
        then = "Download it and look; what was published cannot be replaced, so publish the next patch version."
        yield Line(Mark.FAILED, f"the .crate cannot be read: {archive.unreadable}", found.url, then)
        return
    yield Line(Mark.OK, f"the .crate that is downloaded has this checksum ({archive.size:,} bytes)")
    if (archive.name, archive.version) != (found.name, package.new):
        text = f"the Cargo.toml in the .crate is of {archive.name} {archive.version}"
        yield Line(Mark.FAILED, text, found.url, "Look which tree was packaged, and publish the next patch version.")


def _yank(package: ReleasePackage, found: CrateFacts) -> Line:
    if not found.yanked:
        return Line(Mark.OK, "not yanked")
    reason = f": {found.yank_message}" if found.yank_message else ""
    then = (
        "Nobody gets it but those who pinned it. If that was a mistake: "
        f"`cargo yank --undo {found.name}@{package.new}`; else publish a fixed version."
    )
    return Line(Mark.FAILED, f"{package.new} is yanked{reason}", found.url, then)


def _readme(package: ReleasePackage, found: CrateFacts, circumstances: Circumstances) -> Iterator[Line]:
    if found.readme is None:
        return
    archive = found.archive if found.archive and not found.archive.unreadable else None
    declared = archive.readme if archive else None
    if found.readme:
        if found.readme_text_size is not None and found.readme_text_size < LEAST_README:
            text = f"README is rendered, but has only {found.readme_text_size} characters"
            then = "Look at it: a symbolic link is packaged as the path it leads to."
            yield Line(Mark.NOTE, text, found.url, then)
        else:
            yield Line(Mark.OK, "README is rendered")
    elif archive is not None and declared is None:
        if package.promises.readme:
            then = "Name it as `readme` in Cargo.toml, and see that `exclude` leaves it in; the next version has it."
            yield Line(Mark.FAILED, "the tree has a README, and the .crate has none", found.url, then)
        elif package.promises.readme is None:
            yield Line(Mark.NOTE, "no README: the crate declares none", found.url)
    elif declared is None:
        # Whether it means to have one is not known.
        yield Line(Mark.NOTE, "no README is rendered (yet)", found.url)
    else:
        yield _unrendered(declared, found, circumstances)


def _unrendered(declared: str, found: CrateFacts, circumstances: Circumstances) -> Line:
    """crates.io renders it after publishing, in the background."""
    text = f"{declared} is not rendered"
    if not circumstances.is_late:
        return Line(Mark.WAITING, f"{text} yet", found.url, "crates.io renders it in the background.")
    if found.created_at is None or circumstances.now - found.created_at < README_TAKES:
        then = "crates.io renders it in the background, on bad days hours later: look again."
        return Line(Mark.NOTE, f"{text} yet", found.url, then)
    then = "Tell help@crates.io, or publish a patch version: its README is rendered anew."
    return Line(Mark.FAILED, text, found.url, then)


def _dependencies(found: CrateFacts, circumstances: Circumstances) -> Iterator[Line]:
    for dependency in found.path_dependencies:
        fits = any(holds(dependency.requirement, version) is not False for version in dependency.versions)
        wanted = f"{dependency.name} {dependency.requirement}"
        if fits:
            yield Line(Mark.OK, f"its dependency {wanted} is on crates.io")
        else:
            then = f"Nobody can build it until a fitting version of {dependency.name} is published: publish that next."
            yield Line(circumstances.awaited, f"its dependency {wanted} is not on crates.io", None, then)


def _newest(package: ReleasePackage, found: CrateFacts) -> Iterator[Line]:
    """What `cargo add` takes; a yanked version has failed already."""
    this, taken = parse_semver(package.new), parse_semver(found.gets or "")
    if this is None or taken is None or found.yanked or not found.in_index:
        return
    if taken == this:
        yield Line(Mark.OK, f"cargo add {found.name} takes it")
    elif this.prerelease:
        yield Line(Mark.NOTE, f"a prerelease: cargo add {found.name} takes {found.gets}")
    else:
        yield Line(Mark.NOTE, f"cargo add {found.name} takes {found.gets}, which is newer")


def _size(size: int | None, link: str) -> Iterator[Line]:
    """A crate near the limit of crates.io."""
    if size and size > NEAR * MOST_BYTES:
        then = "crates.io refuses larger ones: leave files out with `exclude` in Cargo.toml."
        yield Line(Mark.NOTE, f"the .crate has {megabytes(size)} of at most {megabytes(MOST_BYTES)}", link, then)


def _docs(found: CrateFacts, circumstances: Circumstances) -> Iterator[Line]:
    """docs.rs holds no release up."""
    docs = found.docs
    if docs is None:
        return
    age = circumstances.now - found.created_at if found.created_at else DOCS_QUEUE
    if docs.built and docs.version == found.version:
        yield Line(Mark.OK, "docs.rs has built its documentation", docs.url)
    elif docs.version != found.version and age < DOCS_QUEUE:
        yield Line(Mark.NOTE, "docs.rs has not begun to build it", docs.url, "Its queue can take hours.")
    elif docs.version != found.version:
        then = "It never got there: ask for a build on the crate's page on crates.io."
        yield Line(Mark.NOTE, "docs.rs does not know this version", docs.url, then)
    elif age < DOCS_TAKE:
        yield Line(Mark.NOTE, "docs.rs is building it", docs.url)
    else:
        then = "Read the build's log there; the next version can mend it."
        yield Line(Mark.NOTE, "docs.rs could not build its documentation", docs.url, then)
