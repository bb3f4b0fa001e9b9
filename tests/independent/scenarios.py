"""What each scenario of the oracle's README switches on, what people do in it, and how it ends when it ends right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.release.model import Phase, Release
from tests.independent.courses import (
    a_queue_merges,
    ci_is_superseded,
    merged_at_once,
    publishing_is_approved,
    publishing_is_retried,
    status_is_asked,
    the_app_is_suspended,
    the_base_is_renamed,
    the_key_is_refused,
    the_retry_is_lost,
    wheels_are_published_by_hand,
    wheels_are_published_on_release,
    workflows_change_after_the_tags,
)
from tests.independent.stage import MAIN, MAINTAINER, TAGS, Stage

PUBLISH = ".github/workflows/publish.yml"

Course = Callable[[Stage], Awaitable[None]]
Right = Callable[[Stage, Release | None], None]


def released(on: Stage, release: Release | None) -> None:
    """Both tags on the merge commit, both GitHub Releases, one pull request."""
    assert release, "no release was started"
    assert release.phase is Phase.RELEASED, f"{release.phase}, {release.blocked}"
    commit = on.mini.git.resolve(MAIN)
    assert {on.mini.git.resolve(f"refs/tags/{tag}") for tag in TAGS} == {on.tagged[TAGS[0]][0]}
    assert on.mini.git("merge-base", commit, on.tagged[TAGS[0]][0]).decode().strip() == on.tagged[TAGS[0]][0]
    assert sorted(each["tag"] for each in on.mini.releases.values()) == sorted(TAGS)
    assert not any(each["draft"] for each in on.mini.releases.values())
    assert len(on.mini.pulls) == 1


def stopped(*words: str) -> Right:
    """It has come to rest unreleased, and each of these words (or one of several, parted by `|`) is said."""

    def right(on: Stage, release: Release | None) -> None:
        assert release is None or release.phase is not Phase.RELEASED
        assert release is None or release.phase.is_end or release.blocked, f"it goes on for ever in {release.phase}"
        _says(on, *words)

    return right


def untagged(*words: str) -> Right:
    """As `stopped`, and no tag was pushed."""

    def right(on: Stage, release: Release | None) -> None:
        assert not on.tagged
        stopped(*words)(on, release)

    return right


def either(*endings: Right) -> Right:
    """One of these."""

    def right(on: Stage, release: Release | None) -> None:
        failures = []
        for ending in endings:
            try:
                return ending(on, release)
            except AssertionError as failure:
                failures.append(str(failure).partition("\n")[0])
        raise AssertionError(" and ".join(failures))

    return right


@dataclass(frozen=True)
class Scenario:
    """One row of the README's table."""

    switches: Callable[[ModuleType], dict[str, Any]] = lambda oracle: {}
    course: Course = merged_at_once
    right: Right = released
    middlewares: Callable[[], tuple[Middleware, ...]] = tuple
    wrong: str = ""
    """How it ends today, where that is not right."""


def on(**switches: Any) -> Callable[[ModuleType], dict[str, Any]]:
    """Switches that need nothing of the oracle's."""
    return lambda oracle: dict(switches)


def faults(kind: str, match: str, **more: Any) -> Callable[[ModuleType], dict[str, Any]]:
    """One fault of the oracle's."""
    return lambda oracle: {"faults": [oracle.Fault(kind, match, **more)]}


def everywhere(oracle: ModuleType) -> dict[str, Any]:
    """Every seventh request, in turn before and after it was done."""
    kinds = ("502 before", "502 after")
    return {"faults": [oracle.Fault(kinds[n % 2], after=n) for n in range(4, 200, 7)]}


def tag_push(*, happens: bool) -> Callable[[], tuple[Middleware, ...]]:
    """502 to the first push of the tags, however that is asked for; `happens` when it was done all the same."""

    def middlewares() -> tuple[Middleware, ...]:
        struck: list[str] = []

        @web.middleware
        async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            writes = b"mutation" in body or request.path.endswith(("/git-receive-pack", "/git/refs"))
            if struck or not writes or f"refs/tags/{TAGS[0]}".encode() not in body:
                return await handler(request)
            struck.append(request.path)
            if happens:
                await handler(request)
            return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")

        return (strike,)

    return middlewares


def _says(on: Stage, *words: str) -> None:
    text = on.text().lower()
    for alternatives in words:
        assert any(word.lower() in text for word in alternatives.split("|")), f"{alternatives!r} is not said"


def released_and_said(*words: str) -> Right:
    def right(on: Stage, release: Release | None) -> None:
        released(on, release)
        _says(on, *words)

    return right


def released_without_a_word_of_access(on: Stage, release: Release | None) -> None:
    released(on, release)
    assert "access to this repository" not in on.text(), "an App whose key is refused is told as uninstalled"


def too_old(on: Stage, release: Release | None) -> None:
    stopped("month", "/release|by hand|workflow")(on, release)
    assert on.asked("rerun") <= 2, f"asked {on.asked('rerun')} times"


ENVIRONMENT = "crates-io"
NO_CI = ("ever ran|has not started|did not start|no workflow",)

SCENARIOS = {
    "calm": Scenario(),
    "late-ci": Scenario(
        on(first_check=("DCO",), ci_after=90.0),
    ),
    "no-ci-but-dco": Scenario(
        on(first_check=("DCO",), ci_never=True),
        right=untagged(*NO_CI),
    ),
    "no-ci-but-dependabot": Scenario(on(dependabot="success", ci_never=True), right=untagged(*NO_CI)),
    "dependabot-red": Scenario(on(dependabot="failure")),
    "dependabot-runs": Scenario(on(dependabot="running")),
    "codeql-red": Scenario(on(codeql="failure"), right=untagged("CodeQL")),
    "required-on-pulls-only": Scenario(on(required=("DCO",), pull_only=("DCO",))),
    "tag-ruleset": Scenario(
        on(refused_refs=("refs/tags/*",)),
        right=untagged("v0.5.0", "ruleset|rule violation"),
    ),
    "tag-ruleset-status": Scenario(
        on(refused_refs=("refs/tags/*",)),
        status_is_asked,
        right=untagged("v0.5.0", "ruleset|rule violation"),
    ),
    "branch-ruleset": Scenario(
        on(refused_refs=("refs/heads/release/*", "refs/heads/shipmate/*")),
        right=untagged("shipmate/v0.5.0", "ruleset|rule violation"),
    ),
    "private-free": Scenario(on(private_free=True)),
    "workflow-changes-after-tag": Scenario(course=workflows_change_after_the_tags),
    "ci-superseded": Scenario(
        on(concurrency=True),
        ci_is_superseded,
        either(released, stopped("newer")),
    ),
    "retry": Scenario(on(fail={PUBLISH: 1}), publishing_is_retried),
    "retry-too-old": Scenario(
        on(fail={PUBLISH: 1}, rerun_refused="old"),
        publishing_is_retried,
        too_old,
    ),
    "merge-queue": Scenario(on(merge_queue=True), a_queue_merges),
    "on-release": Scenario(
        course=wheels_are_published_on_release,
        right=either(released, untagged("python-publish.yml", "release")),
    ),
    "on-dispatch": Scenario(
        course=wheels_are_published_by_hand,
        right=either(released, untagged("python-publish.yml", "workflow_dispatch|by hand")),
    ),
    "approval": Scenario(
        lambda oracle: {"environments": {ENVIRONMENT: oracle.Environment(reviewers=(MAINTAINER,))}},
        publishing_is_approved,
    ),
    "environment-refuses-tag": Scenario(
        lambda oracle: {"environments": {ENVIRONMENT: oracle.Environment(tags=("release-*",))}},
        right=stopped(ENVIRONMENT, "not allowed to deploy|may not deploy|does not let"),
    ),
    "immutable": Scenario(on(immutable=True)),
    "base-renamed": Scenario(course=the_base_is_renamed, right=untagged("gone|renamed")),
    "502-before-tags": Scenario(middlewares=tag_push(happens=False)),
    "502-after-tags": Scenario(middlewares=tag_push(happens=True)),
    "502-after-open": Scenario(faults("502 after", "mutation Open")),
    "502-after-releases": Scenario(faults("502 after", r"^(POST|PATCH) \S+/releases", times=2)),
    "502-everywhere": Scenario(everywhere),
    "secondary-limit": Scenario(faults("secondary", "mutation|POST .*comments", times=3, retry_after=90)),
    "something-went-wrong": Scenario(faults("something went wrong", "/graphql", after=4, times=3)),
    "webhooks-lost": Scenario(on(webhooks={"*": "lost"})),
    "webhooks-doubled": Scenario(on(webhooks={"*": "doubled"})),
    "webhooks-late": Scenario(on(webhooks={"*": "late"}, webhook_delay=120.0)),
    "command-lost": Scenario(on(webhooks={"issue_comment": "lost"})),
    "retry-lost": Scenario(on(fail={PUBLISH: 1}), the_retry_is_lost),
    "comments-lag": Scenario(on(comments_lag=20.0)),
    "suspended": Scenario(course=the_app_is_suspended, right=released_and_said("access to this repository")),
    "app-refused": Scenario(course=the_key_is_refused, right=released_without_a_word_of_access),
    "first-pull-request-too-early": Scenario(on(lag=1.0)),
}
