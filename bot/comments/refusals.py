"""Why an act is refused by GitHub for good, and what a person can do about it: one entry for each cause."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.release.model import Phase, Release
from bot.release.records import Refused


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, and for a block the way out."""

    sentence: str
    remedy: str = ""


RETRY = "comment `/release retry` here"

STAYS = (
    f"This release was tagged before, so it stays on {{merge}}: if that can pass there, {RETRY}. "
    "Otherwise ask for the next version on another issue."
)


WHOSE_MATTER: Mapping[Refused, Reason] = {
    Refused.RULE: Reason(
        "GitHub refuses what comes next, because a rule of this repository forbids it.",
        "In *Settings → Rules*, let me past that rule (add the App to the ruleset's bypass list) or change it, then "
        + RETRY,
    ),
    Refused.WORKFLOWS: Reason(
        "GitHub refuses what comes next, because it would bring workflow files that no branch has.",
        f"Grant the App the optional permission *Workflows: write* and {RETRY}",
    ),
    Refused.PERMISSION: Reason(
        "GitHub refuses what comes next, because I lack a permission for it.",
        f"Grant it to the App, have the installation's owner accept it (an e-mail asks for that), and {RETRY}",
    ),
    Refused.READ_ONLY: Reason(
        "GitHub refuses what comes next, because this repository is archived.",
        f"Unarchive it in *Settings → General*, then {RETRY}",
    ),
    Refused.TOO_OLD: Reason(
        "GitHub does not run again what had failed: that is too old by now, or ran too often.",
    ),
    Refused.OTHER: Reason(
        "GitHub refuses what comes next, and will until somebody changes something.", f"Change that, then {RETRY}"
    ),
}
NOT_BEFORE = ". I do not ask GitHub again before."
ANEW = (
    f"Push a commit to `{{base}}` on which CI runs, and {RETRY}: the release moves to it. Or start by hand what has "
    "`workflow_dispatch`, while `{base}` ends in {merge}."
)
STARTED_BY_HAND = (
    "Start the workflow by hand on the tag, if it has `workflow_dispatch`: the release goes on by itself. Or, as long "
    f"as nothing is published from the tag, delete the tag and {RETRY}: it is pushed again, which starts the workflow "
    "anew. Otherwise `{undo}` takes back what can be taken back, and the next patch version is asked for on another "
    "issue."
)


def reason_of_refusal(release: Release, of: Refused) -> Reason:
    """The entry of its cause."""
    reason = WHOSE_MATTER[of]
    if of is Refused.TOO_OLD:
        return replace(reason, remedy=_instead_of_a_rerun(release))
    return replace(reason, remedy=reason.remedy + NOT_BEFORE)


def _instead_of_a_rerun(release: Release) -> str:
    if release.phase is not Phase.MERGED:
        return STARTED_BY_HAND
    return STAYS if release.publishing.is_tagged else ANEW
