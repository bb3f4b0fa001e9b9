"""The ledger's wire format: release ids, and the marks by which GitHub's texts tell what was done. Pure.

GitHub is the ledger: a store that was lost is made again from the marks in what our own App wrote. So the words here
are a format, not names: they may be added to, and what was written once is read for ever. docs/ledger-format.md lists
them, and a test holds the page against this room. Nothing else in `bot` builds or parses any of this.
"""

from bot.ledger.elsewhere import Answered, Carried, Draft, PlanCheck, Promised, Proposes, Started, Taken, Yanked
from bot.ledger.keys import (
    BLOCKS,
    FORMS,
    Back,
    Block,
    Broken,
    Incomplete,
    IncompleteClosing,
    Key,
    Landed,
    Other,
    Overtaken,
    Reason,
    Recheck,
    RollbackBegun,
    StatusAnswer,
    TagsPushed,
    Undone,
    Verified,
    Word,
    YankWanted,
    key,
)
from bot.ledger.marks import Mark, known, mark, unmarked
from bot.ledger.subjects import SUBJECTS, CommentId, PullRequestId, ReleaseId, Subject, subject

__all__ = [
    "BLOCKS",
    "FORMS",
    "SUBJECTS",
    "Answered",
    "Back",
    "Block",
    "Broken",
    "Carried",
    "CommentId",
    "Draft",
    "Incomplete",
    "IncompleteClosing",
    "Key",
    "Landed",
    "Mark",
    "Other",
    "Overtaken",
    "PlanCheck",
    "Promised",
    "Proposes",
    "PullRequestId",
    "Reason",
    "Recheck",
    "ReleaseId",
    "RollbackBegun",
    "Started",
    "StatusAnswer",
    "Subject",
    "TagsPushed",
    "Taken",
    "Undone",
    "Verified",
    "Word",
    "YankWanted",
    "Yanked",
    "key",
    "known",
    "mark",
    "subject",
    "unmarked",
]
