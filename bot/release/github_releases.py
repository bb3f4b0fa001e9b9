"""The GitHub Releases of a release's tags: what each says, which becomes the latest, and whose drafts are left alone.

A draft is somebody's unfinished work: files may still be uploaded to it, and where Releases are immutable nothing can
be added once it is published. So only drafts that Shipmate made itself are published; anybody else's stays as it is,
is never doubled, and is named in the last comment. What is published already is never edited.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.packaging.versions import is_prerelease, newest, order, pep440_of, semver_of
from bot.plan.changelog.summary import one_line_summary
from bot.plan.last_tag import released_versions
from bot.release.actions import CreateRelease, DraftRelease, MakeLatest, StartByRelease
from bot.release.answers import Detail
from bot.release.facts import Facts
from bot.release.found import Found
from bot.release.model import Release, ReleasePackage
from bot.workflows.releasing import Start

_MOST_NAMED = 4
"""Packages that the title of a GitHub Release names."""


def without_page(release: Release, facts: Facts) -> tuple[ReleasePackage, ...]:
    """The packages whose tag has no GitHub Release, but perhaps a draft of ours."""
    found = {entry.tag for entry in facts.releases}
    return tuple(package for package in release.packages if package.tag not in found)


def drafts_left(facts: Facts) -> tuple[Detail, ...]:
    """The drafts that are somebody else's to publish."""
    return tuple(
        Detail(f"the GitHub Release of {entry.tag} is a draft by {entry.author or 'somebody'}", entry.url)
        for entry in facts.releases
        if entry.draft
    )


def comes_with_its_tag(package: ReleasePackage, release: Release) -> bool:
    """Whether the GitHub Release of its tag is made right after it: it starts the publish workflow, or is the draft
    that workflows fill.
    """
    return package.start is Start.RELEASE or release.plan.policy.draft_first


def pages_with_the_tags(release: Release, facts: Facts) -> tuple[DraftRelease | StartByRelease, ...]:
    """Those of the stage that are not there yet; what somebody prepared is theirs to publish."""
    known = {entry.tag for entry in (*facts.releases, *facts.drafts)}
    tags = dict.fromkeys(p.tag for p in release.current if comes_with_its_tag(p, release) and p.tag not in known)
    pages = (_page(tag, [p for p in release.packages if p.tag == tag], release, facts) for tag in tags)
    if release.plan.policy.draft_first:
        return tuple(DraftRelease(page) for page in pages)
    return tuple(StartByRelease(replace(page, latest=False)) for page in pages)


def latest_now(release: Release, facts: Facts) -> tuple[MakeLatest, ...]:
    """The GitHub Releases that were published early, not as the latest, and have been verified since."""
    early = {
        package.tag
        for package in release.packages
        if package.start is Start.RELEASE and becomes_latest(package, release, facts.all_tags)
    }
    ours = (entry for entry in facts.releases if entry.by_a_bot and not entry.draft and entry.tag in early)
    return tuple(MakeLatest(entry.id, entry.tag) for entry in ours)


def assets_astray(facts: Facts) -> tuple[str, ...]:
    """The files of GitHub Releases that are not, byte for byte, the registry's of that name."""
    found = (each for each in facts.registries.values() if isinstance(each, Found))
    known = {name: digest for each in found for name, digest in each.digests.items()}
    attached = (asset for page in (*facts.releases, *facts.drafts) for asset in page.assets)
    return tuple(name for name, digest in attached if digest != known.get(name, digest))


def missing_pages(release: Release, facts: Facts) -> tuple[CreateRelease, ...]:
    """The GitHub Releases that are still to be published."""
    by_tag: dict[str, list[ReleasePackage]] = {}
    for package in without_page(release, facts):
        by_tag.setdefault(package.tag, []).append(package)
    return tuple(_page(tag, packages, release, facts) for tag, packages in by_tag.items())


def _page(tag: str, packages: Sequence[ReleasePackage], release: Release, facts: Facts) -> CreateRelease:
    """The GitHub Release of a tag; packages that share a version share the tag, and mostly the notes too."""
    notes = {package.notes: package.title for package in packages}
    return CreateRelease(
        tag=tag,
        title=_title(packages, tuple(notes)),
        body="\n\n".join(notes) if len(notes) == 1 else "\n\n".join(f"## {t}\n\n{n}" for n, t in notes.items()),
        prerelease=any(is_prerelease(package.new) for package in packages),
        latest=any(becomes_latest(package, release, facts.all_tags) for package in packages),
        draft=next((draft for draft in facts.drafts if draft.tag == tag), None),
        generated=release.plan.policy.generated_notes,
        since=previous_tag(packages[0], facts.all_tags),
    )


def _title(packages: Sequence[ReleasePackage], notes: Sequence[str]) -> str:
    """`edgequake-llm v0.5.0`, and after a colon what the section sums itself up as."""
    titles = [package.title for package in packages]
    if len(titles) > _MOST_NAMED:
        titles = [*titles[: _MOST_NAMED - 1], f"{len(titles) - _MOST_NAMED + 1} more"]
    title = " + ".join(titles)
    summary = one_line_summary(notes[0]) if len(notes) == 1 else None
    return f"{title}: {summary}" if summary else title


def becomes_latest(package: ReleasePackage, release: Release, tags: Iterable[str]) -> bool:
    """Whether GitHub is to show this package's Release as the repository's latest: the primary package's is, unless it
    is a prerelease, comes from a maintenance branch, or is behind a newer version that has a tag.
    """
    if release.request.branch or package.key != release.plan.primary or is_prerelease(package.new):
        return False
    final = [version for version in _versions(package, tags) if not is_prerelease(version)]
    return all(order(package.registry.scheme, version, package.new) <= 0 for version in final)


def previous_tag(package: ReleasePackage, tags: Iterable[str]) -> str | None:
    """The tag of the package's newest version before this one; prereleases count only before a prerelease."""
    earlier = [
        version
        for version in _versions(package, tags)
        if order(package.registry.scheme, version, package.new) < 0
        and (is_prerelease(package.new) or not is_prerelease(version))
    ]
    before, _, after = _parts(package)
    return f"{before}{newest(package.registry.scheme, earlier)}{after}" if earlier else None


def _versions(package: ReleasePackage, tags: Iterable[str]) -> Sequence[str]:
    """The versions of a package that have a tag, told by the form of the tag at hand."""
    before, found, after = _parts(package)
    return released_versions(package.registry, f"{before}{{version}}{after}", tags, None) if found else ()


def _parts(package: ReleasePackage) -> tuple[str, str, str]:
    """Its tag around the version, which a tag of several registries may spell as the other one does."""
    spellings = (package.new, semver_of(package.new), pep440_of(package.new))
    found = (package.tag.rpartition(version) for version in spellings if version)
    return next((parts for parts in found if parts[1]), ("", "", package.tag))
