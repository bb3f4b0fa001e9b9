"""What one look can find: the answers to the question that each phase asks, and what is named to a person with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.ledger import Reason
from bot.release.publishing.causes import Cause


class Answer(StrEnum):
    """What one look can find; each phase asks one question, and these are the answers. The value is the sentence
    that stands beside the arrow in the diagram.
    """

    # requested: can this be released?
    UNPLANNABLE = "preflight finds a problem"
    HEAD_RED = "the branch to release from is red"
    HEAD_SILENT = "CI has not started on the branch to release from"
    HEAD_UNTRIGGERED = "no workflow runs on pushes to the branch to release from"
    HEAD_RUNNING = "CI still runs on the branch to release from"
    READY = "preflight passes"
    OPENED = "the pull request was opened by a look that ended there"
    # proposed: what became of the pull request?
    IN_REVIEW = "the pull request is open"
    BASE_MOVED = "the base branch moved and the plan with it"
    EDITED = "the base branch moved, and the release branch holds a person's commits"
    PLAN_STALE = "the base branch moved and the release can no longer be planned"
    RETARGETED = "the pull request goes to another branch now"
    BASE_GONE = "the base branch is gone"
    CLOSED = "the pull request is closed unmerged"
    PULL_GONE = "the pull request is gone"
    MERGED_ELSEWHERE = "the pull request was merged into another branch"
    CANCEL_ASKED = "a maintainer cancels"
    MERGED = "the pull request is merged"
    # merged: is the merge commit the plan, and green?
    TREE_DISAGREES = "the merge commit does not say the planned versions"
    CI_RUNNING = "CI runs on the merge commit"
    CI_RED = "CI fails on the merge commit"
    CI_CANCELLED = "a newer push cancelled CI on the merge commit"
    CI_SILENT = "CI has not started on the merge commit"
    CI_UNTRIGGERED = "no workflow runs for what the merge commit changes"
    CI_UNREPORTED = "a rule requires what nothing on pushes reports"
    CI_GREEN = "CI is green on the merge commit"
    OFF_BASE = "the base branch does not hold the merge commit"
    MOVED_ON = "a maintainer retries and the branch has a newer commit"
    # green: may the tags be pushed, now?
    NO_LONGER_GREEN = "CI is no longer green"
    UNAUTHORISED = "the requester may no longer release"
    TAG_ELSEWHERE = "a tag stands on another commit"
    WORKFLOWS_DIFFER = "no branch has the workflow files of the merge commit any more"
    UNTAGGED = "the requester may release and CI is green"
    TAGGED = "the tags stand on the merge commit"
    # tagged: how did publishing end?
    TAG_GONE = "a maintainer retries and a tag was deleted"
    RUN_AWAITED = "a publish workflow has not started yet"
    RUN_LOST = "a publish workflow never started"
    START_AWAITED = "a publish workflow waits for a person to start it"
    UPLOAD_AWAITED = "no workflow is seen to publish, and the registry has nothing yet"
    PUBLISHING = "publish workflows run"
    APPROVAL_AWAITED = "a publish workflow waits for an approval"
    APPROVAL_REJECTED = "the approval of a publish workflow is refused"
    PUBLISH_FAILED = "a publish workflow fails"
    LANDING = "a publish workflow fails, and its upload may have landed"
    LANDED = "a publish workflow fails, and everything is on the registry all the same"
    PUBLISHED = "every publish workflow ended well"
    # published: is everything on the registries?
    UNREACHABLE = "a registry cannot be asked"
    REGISTRY_SILENT = "a registry has not answered for long"
    PROPAGATING = "a registry does not show everything yet"
    JOBS_LEFT = "a maintainer retries and a job that may fail had failed"
    INCOMPLETE = "something is missing on a registry"
    STAGE_COMPLETE = "this stage is on its registry, the next may be tagged"
    COMPLETE = "everything is on the registries"
    # verified: does each tag have its GitHub Release?
    TAG_LOST = "a tag was deleted or moved after it was published"
    WITHOUT_RELEASES = "GitHub Releases are missing"
    WITH_RELEASES = "every tag has its GitHub Release"
    # anywhere: was what comes next refused?
    ACT_REFUSED = "GitHub refuses for good what comes next"
    # rolling back: what is left to undo?
    ROLLBACK_UNREACHABLE = "a registry cannot be asked whether something is published"
    ROLLBACK_UNAUTHORISED = "who asked for the rollback may no longer release"
    RUNS_GO_ON = "publish workflows run and are cancelled"
    RUNS_HANG = "publish workflows cannot be cancelled"
    TO_YANK = "crates can be yanked"
    MAY_STILL_PUBLISH = "a registry may not show yet what was published"
    TO_DELETE = "nothing is published and tags or drafts of this release stand"
    YANK_AWAITED = "a person has to yank what is published"
    UNDONE = "nothing is left that can be undone"


LEDGER_REASONS: Mapping[Answer, Reason] = {
    Answer.EDITED: Reason.EDITED,
    Answer.PLAN_STALE: Reason.PLAN_STALE,
    Answer.RETARGETED: Reason.RETARGETED,
    Answer.BASE_GONE: Reason.BASE_GONE,
    Answer.TAG_ELSEWHERE: Reason.TAG_ELSEWHERE,
    Answer.OFF_BASE: Reason.OFF_BASE,
    Answer.TREE_DISAGREES: Reason.TREE_DISAGREES,
    Answer.CI_RED: Reason.CI_RED,
    Answer.CI_SILENT: Reason.CI_SILENT,
    Answer.CI_UNTRIGGERED: Reason.CI_UNTRIGGERED,
    Answer.CI_UNREPORTED: Reason.CI_UNREPORTED,
    Answer.UNAUTHORISED: Reason.UNAUTHORISED,
    Answer.ACT_REFUSED: Reason.ACT_REFUSED,
    Answer.WORKFLOWS_DIFFER: Reason.WORKFLOWS_DIFFER,
    Answer.RUN_LOST: Reason.RUN_LOST,
    Answer.START_AWAITED: Reason.START_AWAITED,
    Answer.UPLOAD_AWAITED: Reason.UPLOAD_AWAITED,
    Answer.APPROVAL_AWAITED: Reason.APPROVAL_AWAITED,
    Answer.APPROVAL_REJECTED: Reason.APPROVAL_REJECTED,
    Answer.PUBLISH_FAILED: Reason.PUBLISH_FAILED,
    Answer.REGISTRY_SILENT: Reason.REGISTRY_SILENT,
    Answer.TAG_LOST: Reason.TAG_LOST,
    Answer.ROLLBACK_UNAUTHORISED: Reason.ROLLBACK_UNAUTHORISED,
    Answer.RUNS_HANG: Reason.RUNS_HANG,
}
"""What the ledger calls each answer that blocks a release and is told by the comment of a block."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing to name to a person, with where to look."""

    text: str
    url: str | None = None
    cause: Cause | None = None
    """Why it failed, where that is known."""


Finding: TypeAlias = tuple[Answer, tuple[Detail, ...]]
"""An answer, and what to name to a person with it."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a release waits for a person; the sentences for it are made in `bot.comments`."""

    why: Answer
    details: tuple[Detail, ...] = ()
