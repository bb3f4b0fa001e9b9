"""Why a release waits, and what a person can do: one entry for each answer that leaves it standing."""

from collections.abc import Mapping

from bot.comments.causes import in_words
from bot.comments.markdown import link, plain
from bot.comments.refusals import RETRY, STAYS, WHOSE_MATTER, Reason, reason_of_refusal
from bot.release.answers import Answer, Detail
from bot.release.model import Release
from bot.release.records import Refused
from bot.release.rollback.ladder import command_for
from bot.workflows.releasing import Start

REASONS: Mapping[Answer, Reason] = {
    Answer.HEAD_RUNNING: Reason("CI still runs on `{base}`; the pull request follows when it is green."),
    Answer.READY: Reason("Waiting for the pull request #{pull} to be reviewed and merged."),
    Answer.IN_REVIEW: Reason("Waiting for the pull request #{pull} to be reviewed and merged."),
    Answer.BASE_MOVED: Reason(
        "`{base}` moved, so the plan was made again on its newest commit and #{pull} follows it."
    ),
    Answer.EDITED: Reason(
        "`{base}` moved on, and the release branch holds commits that are not mine, so I leave it as it is.",
        "Merge `{base}` into the branch yourself, and I go on: what you merge in #{pull} is what is released, once its "
        "files say the planned versions. Or `/release cancel`, and ask again: then everything is planned anew.",
    ),
    Answer.PLAN_STALE: Reason(
        "`{base}` moved on, and this release cannot be planned on its newest commit.",
        f"Mend that on `{{base}}` (I look again by myself, at once when you {RETRY}), or `/release cancel`.",
    ),
    Answer.RETARGETED: Reason(
        "The pull request #{pull} no longer goes to `{base}`, which is what this release was planned for.",
        "Change its base branch back, or `/release cancel` and ask again.",
    ),
    Answer.BASE_GONE: Reason(
        "The branch `{base}`, which is released from, is gone.",
        f"Restore it and {RETRY}, or `/release cancel`.",
    ),
    Answer.CI_RUNNING: Reason("CI runs on the merge commit {merge}; the tags are pushed when it is green."),
    Answer.TREE_DISAGREES: Reason(
        "The merge commit {merge} does not say what was planned, so it is not tagged.",
        f"Correct the files on `{{base}}`, then {RETRY}: the release moves to the newest commit.",
    ),
    Answer.OFF_BASE: Reason(
        "The merge commit {merge} is no longer on `{base}`, so it is not tagged.",
        f"If it was taken off by mistake, put it back: the release goes on by itself. If `{{base}}` says the planned "
        f"versions without it, {RETRY}: the release moves to the newest commit. Otherwise `/release cancel`.",
    ),
    Answer.CI_RED: Reason(
        "CI failed on the merge commit {merge}, so nothing is tagged.",
        f"If the failure was a fluke, {RETRY}: the failed jobs run again. If it is real, fix it on `{{base}}` and do "
        "the same: the release moves to the newest commit. No version number is burnt yet.",
    ),
    Answer.CI_CANCELLED: Reason("A newer push cancelled CI on the merge commit {merge}; it runs once more."),
    Answer.CI_SILENT: Reason(
        "CI has not started on the merge commit {merge}, or nothing of it passed, so nothing is tagged.",
        "The release goes on by itself once it ran. Start by hand what has `workflow_dispatch`, while `{base}` ends in "
        f"this commit; or push a commit to `{{base}}` on which CI runs, and {RETRY}: the release moves to it. What has "
        "to run is said by `required` below `[release]` in `.github/release.toml`, where it is something else.",
    ),
    Answer.CI_UNTRIGGERED: Reason(
        "CI does not run for these files: no workflow starts for what the merge commit {merge} changes, so nothing is "
        "tagged.",
        "Start by hand a workflow that has `workflow_dispatch`, while `{base}` ends in this commit, and "
        f"{RETRY}. Or write `required = []` below `[release]` in `.github/release.toml` on the default branch and "
        "retry: then nothing is checked, and the card says so.",
    ),
    Answer.CI_UNREPORTED: Reason(
        "What ran on the merge commit {merge} is green, but something that is required reported neither there nor on "
        "#{pull}, so nothing is tagged.",
        "Write the line above into `.github/release.toml` on the default branch (what it names counts in place of the "
        f"branch's rules), and {RETRY}.",
    ),
    Answer.UNAUTHORISED: Reason(
        "The person who asked for this release may no longer release here, so nothing is tagged.",
        f"Somebody with the permission takes it over: {RETRY}; or `/release cancel` ends it.",
    ),
    Answer.TAG_ELSEWHERE: Reason(
        "A tag of this release is not on the release's commit. Tags are never moved, so the release stops.",
        "If nothing was published from that tag, delete it by hand and " + RETRY + ": it is pushed to the right "
        "commit. Otherwise ask for the next version on another issue.",
    ),
    Answer.ACT_REFUSED: WHOSE_MATTER[Refused.OTHER],
    Answer.WORKFLOWS_DIFFER: Reason(
        "GitHub refuses the tags, because no branch has the workflow files of {merge} any more.",
        f"Two ways out: grant the App the optional permission *Workflows: write* and {RETRY}, and {{merge}} is tagged. "
        f"Or {RETRY} without it: the release moves to the newest commit of `{{base}}`, once its files say the planned "
        "versions and its CI is green.",
    ),
    Answer.TAG_LOST: Reason(
        "Everything is on the registries, but a tag of this release is gone or was moved since.",
        "Put it back by hand: `git push --force origin {merge}:refs/tags/TAG`. The release goes on by itself.",
    ),
    Answer.RUN_AWAITED: Reason("The tags are pushed; waiting for the publish workflow to start."),
    Answer.RUN_LOST: Reason(
        "The tag is there, but its publish workflow never started.",
        "Check that the workflow's `on.push.tags` matches the tag, that it is on the tagged commit and that Actions "
        f"are enabled; start it by hand on the tag or on `{{base}}`, or delete the tag and {RETRY}.",
    ),
    Answer.UPLOAD_AWAITED: Reason(
        "The tag is there. I see no workflow that publishes it, and the registry has nothing yet.",
        "Publish it as you always do, from its tag. I look at the registry every half hour, and at once when "
        f"you {RETRY}.",
    ),
    Answer.START_AWAITED: Reason(
        "The tag is there. Its publish workflow runs only when somebody starts it by hand.",
        "Open it, choose *Run workflow* and the ref, and give its inputs for this tag. The release goes on by itself "
        "once it runs; what counts is what the registry has then.",
    ),
    Answer.PUBLISHING: Reason("Publishing is under way."),
    Answer.APPROVAL_AWAITED: Reason(
        "A publish workflow waits for a person's approval of its environment.",
        "Open the run and approve (or reject) the deployment; the release goes on by itself.",
    ),
    Answer.APPROVAL_REJECTED: Reason(
        "The deployment of a publish workflow was rejected, so nothing is published from it.",
        f"If it shall be published after all, {RETRY}: the job asks for its approval again. Otherwise leave it; what "
        "is tagged stays tagged, and the next version is asked for on another issue.",
    ),
    Answer.LANDING: Reason(
        "A publish job says that it failed, but its upload may have landed: the registry is asked before that is "
        "called a failure."
    ),
    Answer.PUBLISH_FAILED: Reason(
        "A publish workflow failed. The tags stay where they are.",
        f"When the cause is gone, {RETRY} to run the failed jobs again. Otherwise `{{undo}}` takes back what can be "
        "taken back (the tags, as long as nothing is published), and the next patch version is asked for on another "
        "issue.",
    ),
    Answer.UNREACHABLE: Reason("A registry cannot be asked at the moment; it is asked again."),
    Answer.REGISTRY_SILENT: Reason(
        "A registry has not answered for long, so nobody knows yet whether it has everything.",
        "See its status page. It is asked again by itself; at once when you " + RETRY + ".",
    ),
    Answer.PROPAGATING: Reason("Published; the registries' caches do not show everything yet."),
    Answer.INCOMPLETE: Reason(
        "The publish workflows ended, but the registries do not have everything that was promised.",
        f"What is missing can still be published: repair the publish job and {RETRY} (PyPI takes further files for a "
        "version for 14 days). What is there cannot be changed: `{undo}` takes it back, and the "
        "next patch version, asked for on another issue, replaces it.",
    ),
    Answer.ROLLBACK_UNREACHABLE: Reason(
        "A registry cannot be asked whether it has something of this release, so nothing is undone; it is asked again."
    ),
    Answer.ROLLBACK_UNAUTHORISED: Reason(
        "The person who asked for the rollback may no longer release here, so nothing more is undone.",
        f"Somebody with the permission takes it over: {RETRY}.",
    ),
    Answer.RUNS_GO_ON: Reason("The publish runs are being cancelled; the registries are asked when they have ended."),
    Answer.RUNS_HANG: Reason(
        "A publish run goes on although it was cancelled. It may still publish, so no tag is deleted.",
        "Open the run and cancel it by hand; the rollback goes on by itself.",
    ),
    Answer.TO_YANK: Reason("The crates are being yanked."),
    Answer.MAY_STILL_PUBLISH: Reason(
        "The registries have nothing, but a publish run may have appeared or ended too lately for them to show it. "
        "They are asked once more before a tag is deleted."
    ),
    Answer.TO_DELETE: Reason("Nothing is published; the tags and drafts are being deleted."),
    Answer.YANK_AWAITED: Reason(
        "What is published has to be yanked by one of its owners.",
        "Yank it as described above. I look every half hour for a week, and at once when you " + RETRY + ".",
    ),
}


PUT_BACK = (
    "This release was tagged before, so it stays on {merge}: have `{base}` hold it again, and the release goes on by "
    "itself. Otherwise ask for the next version on another issue."
)
KEPT = (
    "This release was tagged before, so it stays on {merge}. Grant the App the optional permission *Workflows: write*, "
    f"or make a branch on that commit (`git push origin {{merge}}:refs/heads/NAME`), then {RETRY}."
)
WHERE_IT_STANDS: Mapping[Answer, str] = {
    **dict.fromkeys(
        (Answer.CI_RED, Answer.CI_SILENT, Answer.CI_UNTRIGGERED, Answer.CI_UNREPORTED, Answer.TREE_DISAGREES), STAYS
    ),
    **dict.fromkeys((Answer.OFF_BASE, Answer.BASE_GONE), PUT_BACK),
    Answer.WORKFLOWS_DIFFER: KEPT,
}
"""Ways out for a release that may no longer move to a newer commit, for something may be published from its tags."""


BY_A_RELEASE: Mapping[Answer, Reason] = {
    Answer.RUN_LOST: Reason(
        "The tag and its GitHub Release are there, but the publish workflow that this starts never ran.",
        "Check that the workflow is on the tagged commit, that its `on.release.types` has `published` and that Actions "
        f"are enabled; then delete the GitHub Release (not the tag) and {RETRY}: I publish it again.",
    ),
    Answer.START_AWAITED: Reason(
        "The tag is there. Its GitHub Release, which starts the publish workflow, is a draft that is not mine.",
        "Publish it when it is ready. The release goes on by itself once the workflow runs.",
    ),
}
"""Where a GitHub Release starts the publish workflow."""


def _reason_of(answer: Answer, release: Release) -> Reason | None:
    """The entry of an answer; of a refusal, that of its cause; of a run, that of what starts it."""
    if answer in BY_A_RELEASE and any(package.start is Start.RELEASE for package in release.current):
        return BY_A_RELEASE[answer]
    if answer is Answer.ACT_REFUSED and release.refused is not None:
        return reason_of_refusal(release, release.refused.of)
    return REASONS.get(answer)


def sentence(answer: Answer, release: Release) -> str:
    """Why it waits, in one sentence."""
    reason = _reason_of(answer, release)
    return _fill(reason.sentence, release) if reason else ""


def sign(answer: Answer) -> str:
    """What stands before a block: a hand where all is well and somebody only has to say yes."""
    return "✋" if answer in (Answer.APPROVAL_AWAITED, Answer.START_AWAITED) else "🛑"


def remedy(answer: Answer, release: Release) -> str:
    """What a person can do about it; empty when nobody has to."""
    if release.publishing.is_tagged and answer in WHERE_IT_STANDS:
        return _fill(WHERE_IT_STANDS[answer], release)
    reason = _reason_of(answer, release)
    return _fill(reason.remedy, release) if reason else ""


def bullets(details: tuple[Detail, ...]) -> str:
    """The named things as a list, each linked where there is something to look at, with the cause that is known."""
    return "\n".join(
        f"- {link(plain(detail.text), detail.url)}" + (f"\n  → {in_words(detail.cause)}" if detail.cause else "")
        for detail in details
    )


def bare(details: tuple[Detail, ...]) -> str:
    """The named things in a sentence."""
    return "; ".join(link(plain(detail.text), detail.url) for detail in details)


def _fill(text: str, release: Release) -> str:
    undo = command_for(release)
    return text.format(base=release.plan.base, pull=release.review.pull_request, merge=release.merge.commit, undo=undo)
