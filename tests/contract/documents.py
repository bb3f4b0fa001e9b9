"""Every GraphQL document that the bot sends, for tests that hold them against a schema."""

from bot.github.documents import (
    BASE,
    BEFORE_FOLLOWING,
    BEFORE_OPENING,
    BOARD,
    CHECKS,
    COMMENT_STATES,
    COMMIT,
    DOWNSTREAM,
    HISTORY,
    OWN_PULL_REQUESTS,
    START_DISCUSSION,
    Find,
    Step,
    authors_document,
    changes_document,
    files_document,
    opening_document,
    snapshot_document,
)


def every_document() -> dict[str, str]:
    """All of them by a name, the built ones with sample counts: for tests that hold them against a schema."""
    return {
        "base": BASE,
        "authors": authors_document(2),
        "changes of one path": changes_document(1),
        "changes of three paths": changes_document(3),
        "checks": CHECKS,
        "before opening": BEFORE_OPENING,
        "commit": COMMIT,
        "history": HISTORY,
        "ledger": OWN_PULL_REQUESTS,
        "before following": BEFORE_FOLLOWING,
        "neighbour": DOWNSTREAM,
        "board": BOARD,
        "start discussion": START_DISCUSSION,
        "standings": COMMENT_STATES,
        "one file": files_document(1),
        "three files": files_document(3),
        "snapshot by number": snapshot_document(2, Find.BY_NUMBER),
        "snapshot by branch": snapshot_document(1, Find.BY_BRANCH),
        "snapshot without tags": snapshot_document(0, Find.BY_BRANCH),
        "open all": opening_document((Step.REF, Step.COMMIT, Step.PULL)),
        "open the rest": opening_document((Step.COMMIT, Step.PULL)),
        "open the pull request": opening_document((Step.PULL,)),
    }
