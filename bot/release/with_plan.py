"""What a release keeps of the plan it was given: all that must survive until the end."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from bot.plan.model import Plan, Section
from bot.release.facts import Preflight
from bot.release.model import Release, ReleasePackage
from bot.release.records import Planned


def with_plan(release: Release, preflight: Preflight) -> Release:
    """The release with what preflight found: the base, and the plan when there is one.

    Once its pull request may be there, branch and commit go by the names that they have.
    """
    plan = preflight.plan
    if plan is None:
        found = replace(release.plan, base=preflight.branch, base_commit=preflight.base_commit)
        return replace(release, plan=found)
    notes: Mapping[str, Section] = {section.package: section for section in plan.sections}
    packages = tuple(
        ReleasePackage(
            name=bump.package.name,
            registry=bump.package.registry,
            path=bump.package.path,
            manifest=bump.package.manifest,
            old=bump.old,
            new=bump.new,
            tag=bump.tag,
            workflow=bump.package.workflow,
            files=bump.package.files,
            notes=notes[bump.package.key].body if bump.package.key in notes else "",
            drafted=bump.package.key in notes and notes[bump.package.key].drafted,
            after=bump.package.after,
            promises=bump.package.promises,
            start=bump.package.start,
            asks=bump.package.asks,
            dispatch=bump.package.dispatch,
        )
        for bump in plan.bumps
    )
    stays = _is_named(release, plan)
    return replace(
        release,
        packages=packages,
        plan=Planned(
            title=plan.title,
            headline=release.plan.commit_headline if stays else plan.headline,
            primary=preflight.primary,
            policy=plan.policy,
            downstream=plan.downstream,
            warnings=plan.warnings,
            offer=plan.offer,
            base=preflight.branch,
            base_commit=preflight.base_commit,
            compared_with=preflight.base_commit,
            digest=digest_of(plan),
        ),
        review=replace(release.review, branch=release.review.branch if stays else plan.branch),
    )


def _is_named(release: Release, plan: Plan) -> bool:
    """Whether branch and commit of these versions may be there already."""
    if release.review.pull_request is not None:
        return True
    same = [package.tag for package in release.packages] == [bump.tag for bump in plan.bumps]
    return release.review.opening_at is not None and same


def digest_of(plan: Plan) -> str:
    """What tells two plans apart: each file, before and after."""
    hashed = hashlib.sha256()
    for edit in sorted(plan.edits, key=lambda edit: edit.path):
        for part in (edit.path.encode(), edit.before or b"", edit.after or b""):
            hashed.update(b"%d:%b" % (len(part), part))
        hashed.update(b"deleted" if edit.after is None else b"")
    return hashed.hexdigest()


def is_same_plan(release: Release, preflight: Preflight) -> bool:
    """Whether a plan that was made anew changes every file as the release's pull request does."""
    return preflight.plan is not None and digest_of(preflight.plan) == release.plan.digest


def with_notes(release: Release, notes: Mapping[str, str]) -> Release:
    """The release with the changelog sections as they were merged, by package key; the draft may have been edited."""
    packages = tuple(replace(package, notes=notes.get(package.key, package.notes)) for package in release.packages)
    return replace(release, packages=packages)
