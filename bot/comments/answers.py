"""Answers to commands that lead to no release: mistakes, refusals, help, status."""

from datetime import datetime

from bot.commands import Command, CommandError, help_table
from bot.comments.markdown import code, fenced, plain
from bot.github.facts import Permission


def mistake(error: CommandError) -> str:
    """Where a command is wrong, and the nearest valid form."""
    parts = [f"😕 {error.message} Nothing was changed.", fenced(error.pointer)]
    if error.suggestion:
        parts.append(f"Did you mean {code(error.suggestion)}?")
    parts.append("`/release help` lists what I understand.")
    return "\n\n".join(parts)


def not_allowed(command: Command, by: str, role: Permission, needed: Permission) -> str:
    """Who may, and what this person has."""
    return (
        f"😕 {code(command.text)} needs the **{needed}** role on this repository; GitHub says that {code(by)} has "
        f"**{role}**. Nothing was changed."
    )


def dead_lettered(reason: str) -> str:
    """A command on which something failed again and again; `reason` is empty for an error of ours."""
    why = f"this failed again and again: {plain(reason).rstrip('.')}" if reason else "I ran into an error of my own"
    return f"😕 I give up what this comment asked for: {why}. Some of it may have been done. Say it again, please."


def helped() -> str:
    """The table of commands."""
    return f"I carry releases the whole way. What I understand:\n\n{help_table()}"


def nothing_open(command: Command) -> str:
    """There is no open release on this issue."""
    return f"😕 {code(command.text)}: no release is open on this issue. `/release 0.5.0` starts one."


def already_open(command: Command, issue: int, title: str) -> str:
    """One release at a time for one package and for one issue."""
    return (
        f"😕 {code(command.text)}: {title} is already under way on #{issue}. "
        "Let it end or `/release cancel` it there first. Nothing was changed."
    )


def already_tagged(command: Command, issue: int, title: str) -> str:
    """A release that is stuck behind its tags keeps its thread, for its retry; the next version gets another."""
    return (
        f"😕 {code(command.text)}: {plain(title)} is tagged and waits on #{issue} to be mended. Ask for the next "
        "version on another issue. Nothing was changed."
    )


def retrying(command: Command) -> str:
    """In the place of a 👍, where the issue takes none."""
    return f"👍 {code(command.text)}: I go on."


def too_late_to_cancel(command: Command) -> str:
    """A tag cannot be taken back by cancelling."""
    return (
        f"😕 {code(command.text)}: the tags are pushed, so this release can no longer be cancelled. "
        "What is published stays published; a fix is the next patch version. `/release rollback` with the exact "
        "versions takes back what can be taken back."
    )


def overtaken(by: str) -> str:
    """A cancel was accepted, and then a tag was seen to stand."""
    return (
        f"😕 The cancel by {code(by)} comes too late: a tag of this release stands on its commit, so it can no longer "
        "be cancelled and goes on. What is published stays published; a fix is the next patch version."
    )


def nothing_to_retry(command: Command) -> str:
    """A retry makes sense only for a blocked release."""
    return f"😕 {code(command.text)}: this release is not blocked, so there is nothing to run again."


def held_up(why: str) -> str:
    """GitHub or a registry refuses again and again; what it said, since that is what a person can mend."""
    return (
        f"⚠️ I cannot go on with this release: {plain(why)}\n\nI keep trying, and go on by myself once that is mended."
    )


def back(since: datetime, now: datetime) -> str:
    """The App was kept out, and is let in again."""
    return (
        f"👋 I had no access to this repository from {since:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} UTC (the App was "
        "uninstalled, suspended, or not given this repository). I go on where I stopped."
    )


def not_taken_up(why: str, merged_as: str | None) -> str:
    """Said on a pull request of ours that we know nothing of any more."""
    if merged_as is None:
        way_out = "Close this pull request, and ask for the release again."
    else:
        way_out = (
            f"It is merged as {merged_as}, and its GitHub Releases are not there: check its tags, its publish "
            "workflows and the registries by hand, or ask for the next version on an issue."
        )
    return f"⚠️ I lost my records of this release, and {why}, so I do not go on with it. {way_out}"


def broken(reference: str) -> str:
    """A fault of ours, said to the thread with the id that the operator's log has."""
    return (
        "⚠️ I ran into an error of my own while looking at this release and keep trying. If it does not resolve "
        f"itself, tell whoever runs me: error {code(reference)} in the log."
    )
