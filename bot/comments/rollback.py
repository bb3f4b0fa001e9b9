"""What is said of a rollback: what it finds, what it undid, what a person has to do, and what nobody can undo."""

from collections.abc import Mapping, Sequence

from bot.commands import Command
from bot.comments.markdown import code, fenced, link, plain
from bot.comments.reasons import bullets
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry, text
from bot.plan.listed import listed
from bot.release.model import Phase, Release, ReleasePackage
from bot.release.rollback.ladder import command_for, rollback_of, targets
from bot.release.rollback.model import Fate, OnRegistry, TagFate
from bot.release.rollback.selection import Declined, Why
from bot.release.table import Decision

TAGS: Mapping[TagFate, str] = {
    TagFate.PUBLISHED: "stays: something of it is published, and its source must be found",
    TagFate.ELSEWHERE: "stays: somebody moved it, so it is not mine to delete",
    TagFate.NOT_OURS: "stays: I do not know it for one that I pushed. By hand: `git push --delete origin {tag}`",
    TagFate.HAS_RELEASE: "stays: it has a published GitHub Release, whose files may be in use. Delete that page and "
    "ask again, or by hand: `git push --delete origin {tag}`",
    TagFate.REFUSED: "stays: GitHub does not delete it; a ruleset or an immutable release may forbid that",
}
"""Why a tag is left, by what became of it; `{tag}` is its name."""


def declined(command: Command, found: Declined) -> str:
    """Why a rollback does not begin, and what to type instead."""
    head = f"😕 {code(command.text)}"
    release = found.release
    if found.why is Why.UNKNOWN or release is None:
        return f"{head}: I know of no release that this names. Nothing was changed.\n\n{by_hand(command)}"
    if found.why is Why.UNTAGGED:
        return (
            f"{head}: nothing of this release is tagged, so there is nothing to roll back. `/release cancel` ends it "
            "while it is under way. Nothing was changed."
        )
    if found.why is Why.IN_PART:
        why = "this release is under way, so it goes back as a whole"
    else:
        why = "a rollback is confirmed by the exact versions of the release" if command.wanted else "which version?"
    return f"{head}: {why}. Type this to roll it back:\n\n{fenced(command_for(release))}\n\nNothing was changed."


def by_hand(command: Command) -> str:
    """The ladder for a release that nobody remembers."""
    named = [(item.package or "NAME", item.version) for item in command.wanted] or [("NAME", "VERSION")]
    bare = [(name.rpartition(":")[2], version) for name, version in named]
    there = "\n\n".join(_once_published(registry, bare) for registry in REGISTRIES.values())
    return (
        "If it was released all the same, this is what can be done by hand.\n\n"
        "**As long as no registry has the version:** cancel the publish run on the Actions page, wait until it has "
        "ended, look at the registry once more, and then delete the tag with `git push --delete origin TAG`.\n\n"
        f"{there}\n\n"
        "A published version number cannot be used again."
    )


def _once_published(registry: Registry, named: Sequence[tuple[str, str]]) -> str:
    if registry.yank_command:
        commands = "\n".join(text(registry.yank_command, name, version) for name, version in named)
        return f"**Once it is on {registry.label}** (best after a fixed version is out):\n\n{fenced(commands)}"
    pages = "\n".join(f"- {text(registry.yank_page, name, version)}" for name, version in named)
    return f"**Once it is on {registry.label}**, which lets only its owners yank, on this page:\n\n{pages}"


def begun(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """Said before anything is undone: how far each package got, and what follows from that."""
    rollback = rollback_of(release)
    named = listed(plain(package.title) for package in targets(release))
    head = f"↩️ **Rolling back {named}**, as {code(rollback.by)} asked."
    if not rollback.fates:
        return f"{head} A registry cannot be asked at the moment, and nothing is undone before it answers."
    lines = [_found(fate, release) for fate in rollback.fates]
    return f"{head} What I find:\n\n" + "\n".join(lines)


def _found(fate: Fate, release: Release) -> str:
    package = _package(fate.package, release)
    name = f"- **{plain(package.title)}** ({package.registry.label})"
    if fate.on_registry is OnRegistry.NOTHING:
        if fate.tag in TAGS:
            return f"{name}: not published. The tag {code(package.tag)} {_why(fate, package)}."
        if fate.tag is TagFate.ABSENT:
            return f"{name}: not published, and its tag {code(package.tag)} does not stand."
        return (
            f"{name}: not published. I stop its publish runs, look once more, and then delete the tag "
            f"{code(package.tag)}. Whoever has fetched that tag keeps it."
        )
    if fate.on_registry is OnRegistry.YANKED:
        return f"{name}: published, and {link('yanked', fate.page)} already."
    return (
        f"{name}: {link('published', fate.page)}. It can only be yanked: nothing new resolves to it then, but whoever "
        "pinned it still gets it, a secret in it stays readable, and its number is used up. "
        f"The tag {code(package.tag)} stays, for deleting it would unpublish nothing."
    )


def yank_wanted(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """What a person has to do, exactly."""
    left = [fate for fate in rollback_of(release).fates if fate.on_registry is OnRegistry.PUBLISHED]
    parts = ["🫵 **This has to be yanked by one of its owners.** I watch the registries and say when it is done."]
    parts += [_yank(fate, release) for fate in left]
    fixed = " ".join(f"{selector(_package(fate.package, release), release)} patch" for fate in left)
    parts.append(
        "Best publish a fixed version first, so that whoever depends on this one has somewhere to go: "
        f"{code(f'/release {fixed}')}, also on this issue."
    )
    return "\n\n".join(parts)


def _yank(fate: Fate, release: Release) -> str:
    package = _package(fate.package, release)
    registry = package.registry
    where = f"**{plain(package.title)}** on {registry.label}"
    if registry.yank_command:
        refused = rollback_of(release).yank_refused
        why = f"{registry.label} refuses my token ({plain(refused)}). " if refused else ""
        return f"{where}: {why}Run\n\n{fenced(text(registry.yank_command, package.name, package.new))}"
    reason = f"Rolled back by its maintainers, see {release.web_url}/issues/{release.request.issue}"
    return (
        f"{where}, which has no API for this: open {fate.page}, choose {registry.yank_steps}, "
        f"and paste as the reason\n\n{fenced(reason)}"
    )


def rolled_back(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """The end: what was undone, what stays, and what is best done next."""
    rollback = rollback_of(release)
    left = any(
        fate.on_registry is OnRegistry.PUBLISHED or (fate.on_registry is OnRegistry.NOTHING and fate.tag in TAGS)
        for fate in rollback.fates
    )
    named = listed(plain(package.title) for package in targets(release))
    head = f"⚠️ **Rolled back in part: {named}.**" if left else f"↩️ **Rolled back: {named}.**"
    parts = [head, "\n".join(_outcome(fate, release) for fate in rollback.fates), _stays(release)]
    return "\n\n".join((*parts, *_drafts(decision), *_passed_on(release)))


def _drafts(decision: Decision) -> tuple[str, ...]:
    if not decision.details:
        return ()
    return (
        f"⚠️ **A draft of a GitHub Release is left:**\n\n{bullets(decision.details)}\n\nPublishing it would make GitHub "
        "create its tag again, and the publish workflow run. Delete it when nobody needs it.",
    )


def _passed_on(release: Release) -> tuple[str, ...]:
    """What a verified release had begun elsewhere, which is other people's by now."""
    if release.reached(Phase.VERIFIED) is None and release.reached(Phase.RELEASED) is None:
        return ()
    back = {package.key for package in targets(release)}
    there = {
        each.repository
        for each in release.plan.downstream
        if any(package.key in back for package in release.released_to(each))
    }
    lines = []
    if there:
        names = listed(code(name) for name in sorted(there))
        lines.append(
            f"- a pull request in {names} that moves to this version: close it or, where it is merged, move on to the "
            "fixed version"
        )
    if release.plan.policy.announce:
        lines.append(f"- the announcement in {plain(release.plan.policy.announce)}: say there that it was rolled back")
    return (
        ("What the release may have begun elsewhere is not mine to take back:\n\n" + "\n".join(lines),) if lines else ()
    )


def _outcome(fate: Fate, release: Release) -> str:
    package = _package(fate.package, release)
    name, tag = f"- **{plain(package.title)}**", code(package.tag)
    if fate.on_registry is OnRegistry.PUBLISHED:
        return f"{name} is still {link('not yanked', fate.page)}; I do not watch it any longer."
    if fate.on_registry is OnRegistry.YANKED:
        return f"{name} is {link('yanked', fate.page)} on {package.registry.label}. The tag {tag} stays."
    never = f"{name} was never published"
    if fate.tag is TagFate.ABSENT:
        return (
            f"{never}, and its tag {tag} is deleted."
            if package.tag in release.publishing.pushed
            else f"{never} or tagged."
        )
    return f"{never}. The tag {tag} {_why(fate, package)}."


def _stays(release: Release) -> str:
    rollback = rollback_of(release)
    yanked = [fate for fate in rollback.fates if fate.on_registry is not OnRegistry.NOTHING]
    fixed = " ".join(f"{selector(package, release)} patch" for package in targets(release))
    following = f"The next version: {code(f'/release {fixed}')}."
    if not yanked:
        bump = f"#{release.review.pull_request}"
        return (
            f"What stays: the version bump of {bump} on `{release.plan.base}`. Revert {bump} to take the same number "
            f"again (nothing was published, so it is not used up), or go on to the next. {following}"
        )
    parts = [
        "What stays: whoever pinned a yanked version still gets it; a secret in it must be replaced where it is valid; "
        f"its number is used up for ever; and the version bump stays on `{release.plan.base}`. {following}"
    ]
    if rollback.marked_in is not None:
        parts.append(f"#{rollback.marked_in} marks it as `[YANKED]` in the changelog.")
    else:
        parts.append("In the changelog, add ` [YANKED]` to the end of the version's heading, where it has one.")
    return "\n\n".join(parts)


def yank_marks_body(release: Release) -> str:
    """The text of the pull request that marks the versions in the changelogs."""
    yanked = [fate for fate in rollback_of(release).fates if fate.on_registry is OnRegistry.YANKED]
    lines = [f"- {link(plain(_package(fate.package, release).title), fate.page)}" for fate in yanked]
    why = f"These versions were yanked (see #{release.request.issue}), and their headings in the changelog say so now:"
    return "\n".join((why, "", *lines))


def selector(package: ReleasePackage, release: Release) -> str:
    """What a command calls a package by: its name, with the registry where two share it."""
    names = [other.name for other in release.packages]
    return package.key if names.count(package.name) > 1 else package.name


def _why(fate: Fate, package: ReleasePackage) -> str:
    return TAGS[fate.tag].replace("{tag}", package.tag) if fate.tag in TAGS else "still stands"


def _package(key: str, release: Release) -> ReleasePackage:
    return next(package for package in release.packages if package.key == key)
