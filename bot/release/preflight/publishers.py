"""The jobs that publish a release's tags, and what would keep them from it: environments, and names that are new.

https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.github.facts import DeploymentPolicy
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.model import Bump
from bot.release.preflight.judgement import Judgement
from bot.release.preflight.patterns import matches
from bot.workflows.events import push_of_tag
from bot.workflows.files import Workflow
from bot.workflows.publishing import publishes, registries
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import starts


@dataclass(frozen=True, slots=True)
class Publisher:
    """A job that runs, or may run, when a tag is pushed, and publishes its package, or may."""

    bump: Bump
    file: str
    """Path of the workflow that the tag starts."""
    job: RunJob

    @property
    def environment(self) -> str:
        """Its environment; empty when it has none, or which one only a run can tell."""
        name = self.job.environment or ""
        return "" if "${{" in name else name

    @property
    def trusted(self) -> bool:
        """Whether all that it uploads to the package's registry is uploaded as a trusted publisher."""
        here = [upload for upload in publishes(self.job) if upload.registry is self.bump.package.registry]
        return bool(here) and all(upload.trusted for upload in here)


def publishers(bumps: Iterable[Bump], files: Mapping[str, Workflow]) -> tuple[Publisher, ...]:
    """The publishing jobs of a release; `files` are the workflows of its tree by path."""
    found = []
    for bump in bumps:
        for path, workflow in files.items():
            event = push_of_tag(bump.tag)
            if workflow.file != bump.package.workflow or workflow.problem or starts(workflow.triggers, event) is False:
                continue
            jobs = run_of(workflow, event, files)
            found += [
                Publisher(bump, path, job)
                for job in jobs
                if job.runs is not False and bump.package.registry in registries([job])
            ]
    return tuple(found)


def environments(found: Sequence[Publisher]) -> tuple[str, ...]:
    """The environments that publishing jobs name."""
    return tuple(dict.fromkeys(filter(None, (publisher.environment for publisher in found))))


def about_environments(found: Sequence[Publisher], policies: Iterable[DeploymentPolicy]) -> Judgement:
    """Tags that may not deploy to the environment of the job that publishes them."""
    by_name = {policy.environment.lower(): policy for policy in policies}  # GitHub has no regard to case here
    judged = Judgement()
    for publisher in found:
        policy = by_name.get(publisher.environment.lower())
        if policy is not None and not _may_deploy(publisher.bump.tag, policy):
            judged += _kept_out(publisher, policy)
    return judged


def about_first_publish(found: Sequence[Publisher], new: Collection[str]) -> Judgement:
    """What the first publish of a name takes; `new` are keys of packages that are not on their registry at all."""
    trusted: dict[str, list[Publisher]] = {}
    others = {each.bump.package.key for each in found if not each.trusted}
    for publisher in found:
        if publisher.bump.package.key in new and publisher.bump.package.key not in others:
            trusted.setdefault(publisher.bump.package.key, []).append(publisher)
    return Judgement(warnings=tuple(_first_publish(publishers[0]) for publishers in trusted.values()))


def about_tokens(found: Sequence[Publisher], closed: Collection[str]) -> Judgement:
    """Uploads with a token to where trusted publishers alone may; `closed` are the keys of such packages."""
    with_tokens = {each.bump.package.key: each for each in found if not each.trusted}
    return Judgement(warnings=tuple(_with_a_token(with_tokens[key]) for key in with_tokens if key in closed))


def _may_deploy(tag: str, policy: DeploymentPolicy) -> bool:
    return not policy.protected_branches and any(matches(pattern, tag) for pattern in policy.tags)


def _kept_out(publisher: Publisher, policy: DeploymentPolicy) -> Judgement:
    tag, name = publisher.bump.tag, policy.environment
    lets = ", ".join(f"`{pattern}`" for pattern in policy.tags) or "no tag"
    only = "only protected branches may" if policy.protected_branches else f"its rules let {lets} deploy"
    what = (
        f"the environment `{name}` does not let the tag {tag} deploy, which the job {publisher.job.name} needs: {only}"
    )
    fix = f"Add a tag rule that matches {tag} to the environment (Settings → Environments), then ask again."
    if publisher.job.runs is True:
        return Judgement((Problem(publisher.file, what, fix),))
    return Judgement(warnings=(f"{publisher.file}: {what}. {fix}",))


def _with_a_token(publisher: Publisher) -> str:
    package = publisher.bump.package
    return (
        f"{package.name} takes new versions from trusted publishers alone, says {package.registry.label}, but "
        f"{package.workflow} seems to publish with a token: have it get one by trusted publishing."
    )


def _first_publish(publisher: Publisher) -> str:
    package = publisher.bump.package
    file, where = package.workflow, f" and the environment `{publisher.environment}`" if publisher.environment else ""
    if package.registry is Registry.CRATES_IO:
        # https://github.com/spacedevin/deck/pull/5
        return (
            f"{package.name} is not on crates.io yet, and a trusted publisher can be set only for a crate that is: its "
            f"first version has to be published with a token, but {file} publishes as a trusted publisher."
        )
    # https://docs.pypi.org/trusted-publishers/creating-a-project-through-oidc/
    return (
        f"{package.name} is not on {package.registry.label} yet: before it can be published, its name needs a pending "
        f"publisher there, for {file}{where}."
    )
