"""The commands that there are, and what becomes of one: COMMANDS is the only list of them."""

from dataclasses import dataclass
from enum import StrEnum

from bot.github.facts import Permission
from bot.plan.model import EVERY_GROUP, Wanted

PREFIX = "/release"


class Verb(StrEnum):
    """What a command does; the value is the word that is typed (`release` itself has none)."""

    RELEASE = "release"
    STATUS = "status"
    CANCEL = "cancel"
    RETRY = "retry"
    ROLLBACK = "rollback"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the table."""

    name: Verb
    usage: str
    """The form that is typed."""
    permission: Permission
    """Least repository role; for those that release, a repository's configuration may say another."""
    effect: str
    """What it does, for the help."""


COMMANDS: tuple[Spec, ...] = (
    Spec(
        Verb.RELEASE,
        "/release VERSION",
        Permission.MAINTAIN,
        "Release the primary package, and what one tag releases with it. VERSION is a version such as `0.5.0`, or a "
        "level, counted from the current version: `major`, `minor`, `patch`, a prerelease (`alpha`, `beta`, `rc`, "
        "`dev`; `patch rc` begins one of the next patch), `post` on PyPI, or `stable`, which ends a prerelease.",
    ),
    Spec(
        Verb.RELEASE,
        "/release NAME VERSION [NAME VERSION …]",
        Permission.MAINTAIN,
        "Release the named packages, and what shares their tags. `NAME@VERSION` and `NAME=VERSION` mean the same; "
        "`crates.io:NAME` and `pypi:NAME` tell two packages of one name apart.",
    ),
    Spec(
        Verb.RELEASE,
        f"/release {EVERY_GROUP} VERSION",
        Permission.MAINTAIN,
        "Release every package of the repository; a level is counted from each one's own version.",
    ),
    Spec(
        Verb.RELEASE,
        "/release NAME VERSION from BRANCH",
        Permission.MAINTAIN,
        "The same from a maintenance branch, by its own packages and checks: `/release 0.4.1 from release/0.4`.",
    ),
    Spec(Verb.STATUS, "/release status", Permission.READ, "Where the release on this issue is, and why it waits."),
    Spec(Verb.CANCEL, "/release cancel", Permission.MAINTAIN, "Close the pull request and its branch, before tagging."),
    Spec(
        Verb.RETRY,
        "/release retry",
        Permission.MAINTAIN,
        "Go on with a blocked release: what failed runs again, or, where the branch was mended before tagging, "
        "the release moves to its newest commit.",
    ),
    Spec(
        Verb.ROLLBACK,
        "/release rollback NAME VERSION [NAME VERSION …]",
        Permission.MAINTAIN,
        "Take back what can be taken back of a tagged release, confirmed by its exact versions (`VERSION` alone where "
        "its packages share it): before anything is published, cancel the publish runs and delete the tags; then yank.",
    ),
    Spec(Verb.HELP, "/release help", Permission.READ, "This table."),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command that can be carried out."""

    spec: Spec
    wanted: tuple[Wanted, ...]
    """What to release, or to roll back; empty for every other command, and for a rollback that names nothing."""
    text: str
    """The line as typed."""
    branch: str | None = None
    """The maintenance branch to release from; None for the one that releases always come from."""


@dataclass(frozen=True, slots=True)
class CommandError:
    """One command that cannot be understood; nothing is done because of it."""

    text: str
    """The line as typed, made printable and cut to a bearable length."""
    column: int
    """Where in `text` the mistake is, counted from 0; `len(text)` when something is missing at the end."""
    length: int
    """How many characters the mistake has, at least 1."""
    message: str
    """One or more sentences: what is wrong and what was expected."""
    suggestion: str | None = None
    """The nearest command that would be right."""

    @property
    def pointer(self) -> str:
        """The line, and below it carets under the mistake; for a code block."""
        return f"{self.text}\n{' ' * self.column}{'^' * self.length}"


def help_table() -> str:
    """COMMANDS as a Markdown table."""
    rows = [f"| `{spec.usage}` | {spec.permission} | {spec.effect} |" for spec in COMMANDS]
    return "\n".join(["| command | who | effect |", "| --- | --- | --- |", *rows])
