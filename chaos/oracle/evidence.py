"""All that a hostile run is judged by: what the sandbox saw, what the bot kept, and how the release ended."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.model import Comment
from chaos.oracle.ledger import Ledger
from chaos.oracle.records import Asked, RefsMoved
from chaos.oracle.witness import Witness
from chaos.script import Deed, Script


@dataclass(frozen=True)
class Evidence:
    """All that the properties are judged by."""

    script: Script
    witness: Witness
    ledger: Ledger
    databases_lost: tuple[float, ...]
    failures: tuple[BaseException, ...]
    last_fault: float
    hangs: bool
    sleepers: tuple[str, ...] = ()
    """Open releases that had no next look at some moment."""

    def tag_pushes(self) -> Iterator[RefsMoved]:
        """Each time that the bot moved tags."""
        for moved in self.witness.moved:
            if moved.by == self.witness.app and any(ref.startswith("refs/tags/") for ref, _, _ in moved.changes):
                yield moved

    def subjects(self) -> dict[str, list[str]]:
        """The keys of what was said, by release."""
        found: dict[str, list[str]] = {}
        for said in self.witness.said:
            if said.subject.startswith("r"):
                found.setdefault(said.subject, []).append(said.key)
        return found

    def lost_since(self, at: float) -> bool:
        """Whether a database was lost at that time or later."""
        return any(lost >= at for lost in self.databases_lost)

    def has_nobody_to_tell(self) -> bool:
        """Nobody could ask; or the thread of a command is gone that had led to nothing yet, while the App could not
        read it or the database was lost with it.
        """
        witness = self.witness
        if not any(is_command(asked.body) for asked in witness.asked):
            return True
        gone = any(asked.issue not in witness.repository.issues for asked in witness.asked)
        unread = bool(self.databases_lost) or any(act.deed is Deed.SUSPEND for act in self.script.acts)
        return gone and unread and not witness.pull_requests()

    def ending(self) -> str:
        """In a word: what the bot said last of the release that was asked for first, and got somewhere."""
        said = self.subjects()
        keys = {subject: ["undone" if key.startswith("undone-") else key for key in said[subject]] for subject in said}
        ends = {"released": "released", "cancelled": "cancelled", "refused": "refused", "lost": "given up"}
        ends |= {"undone": "rolled back"}
        found = [ends[key] for spoken in keys.values() for key in spoken if key in ends]
        if "released" in found:
            return "released"
        blocked = [spoken for spoken in keys.values() if not set(spoken) & set(ends)]
        if any(_is_blocked(key) for spoken in blocked for key in spoken):
            return "blocked"
        if blocked:
            return "under way"
        if found:
            return found[-1]
        # Who had lost the right when the command was read is told so, and nothing is begun.
        return "declined" if any("needs the **" in said.body for said in self.witness.said) else "silent"


def is_command(body: str) -> bool:
    """Whether a comment holds one, as far as people in a run write them."""
    return re.search(r"^/release\b", body, re.MULTILINE) is not None


def reactions(witness: Witness, asked: Asked) -> set[str]:
    """What the bot has reacted to a command with."""
    return {each.content for each in asked.comment.reactions if each.user.login == witness.app}


def is_answered(witness: Witness, comment: Comment, issue: int) -> bool:
    """Whether the bot reacted to a comment with more than 👀, or answered it."""
    reactions = {reaction.content for reaction in comment.reactions if reaction.user.login == witness.app}
    if reactions - {"eyes"}:
        return True
    own = {f"r{comment.id}", f"c{comment.id}"}
    return any(said.subject in own for said in witness.said)


def _is_blocked(key: str) -> bool:
    return key.startswith(("blocked-", "broken-", "yank-wanted-")) or "-incomplete-" in key
