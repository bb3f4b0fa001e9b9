"""The discussion that announces a release, and what is said of it on the release's issue."""

from collections.abc import Sequence

from bot.comments.markdown import code, link, plain
from bot.defused import quiet_mentions
from bot.plan.listed import listed
from bot.release.model import Release, ReleasePackage


def announcement(release: Release) -> tuple[str, str]:
    """Title and Markdown of the discussion: each package with its changelog section and where to get it."""
    by_notes: dict[str, list[ReleasePackage]] = {}
    for package in release.packages:
        by_notes.setdefault(package.notes, []).append(package)
    parts = []
    for notes, packages in by_notes.items():
        pages = (link(plain(p.title), f"{release.web_url}/releases/tag/{p.tag}") for p in packages)
        shelf = listed(dict.fromkeys(package.registry.label for package in packages))
        parts.append(f"## {listed(pages)}\n\n*On {shelf}.*\n\n{quiet_mentions(notes)}".rstrip())
    return " + ".join(package.title for package in release.packages), "\n\n".join(parts)


def started(category: str, url: str) -> str:
    """Where it is announced."""
    return f"📣 **Announced** {link(f'in {plain(category)}', url)}."


def no_category(category: str, known: Sequence[str]) -> str:
    """The configured category is not there."""
    there = f"There are {listed(code(name) for name in known)}." if known else "It has none: are discussions enabled?"
    return (
        f"📣 **Not announced**: this repository has no discussion category {code(category)}. {there} "
        "`[announce]` in `.github/release.toml` names it. The release itself is complete."
    )


def refused(category: str, why: str) -> str:
    """GitHub did not let us."""
    return (
        f"📣 **Not announced** in {plain(category)}: {plain(why)} The App needs the permission *Discussions: write* "
        "for it. The release itself is complete."
    )
