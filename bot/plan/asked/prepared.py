"""Releases that need no commit: what they would change is there already."""

from bot.packaging.problem import Problem
from bot.plan.listed import listed
from bot.plan.model import Plan
from bot.workflows.files import FOLDER
from bot.workflows.releasing import Start


def nothing_to_commit(plan: Plan, commit: str = "COMMIT") -> Problem | None:
    """Why a plan cannot be proposed: it changes no file, so there is nothing to review and no pull request to merge.

    What is left is a tag, and how it is made. A tag without a review is a person's to make.
    """
    if plan.edits:
        return None
    bumps = plan.bumps
    changelogs = [bump.package.changelog for bump in bumps if bump.package.changelog]
    manifests = [bump.package.manifest for bump in bumps if bump.package.sources.get("version") != "tags"]
    said = list(dict.fromkeys([*manifests, *changelogs]))
    named = listed([f"{bump.package.name} {bump.new}" for bump in bumps])
    verb = "say" if len(said) > 1 else "says"
    why = f"{listed(said)} {verb} it already" if said else "no file says it"
    what = f"{named} needs no commit, for {why}: there is nothing to review, so I open no pull request"
    tags = [bump.tag for bump in bumps]
    commands = listed([*(f"git tag {tag} {commit}" for tag in tags), f"git push origin {' '.join(tags)}"])
    workflows = dict.fromkeys(bump.package.workflow for bump in bumps if bump.package.workflow)
    names = listed(f"{FOLDER}{name}" for name in workflows)
    follows = f"{names} then publishes it." if workflows else "Then publish it."
    if any(bump.package.start is Start.RELEASE for bump in bumps):
        follows = f"Then publish the GitHub Release of {listed(tags)}: {names} waits for that."
    return Problem(bumps[0].package.manifest, what, f"Once CI is green on it, tag the commit: {commands}. {follows}")
