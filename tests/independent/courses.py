"""What people do in a release on the independent GitHub."""

import asyncio

from tests.independent.stage import MAIN, MAINTAINER, TAGS, Stage

PYTHON_PUBLISH = ".github/workflows/python-publish.yml"
A_WHILE = 600.0


async def merged_at_once(on: Stage) -> None:
    await on.ask()
    if await on.proposed():
        await on.merge()
    await on.rest()


async def status_is_asked(on: Stage) -> None:
    await merged_at_once(on)
    before = len(on.said())
    await on.ask("/release status")
    await asyncio.sleep(A_WHILE)
    assert len(on.said()) > before, "/release status was not answered"


async def workflows_change_after_the_tags(on: Stage) -> None:
    await on.ask()
    await on.proposed()
    await on.merge()
    if await on.first(lambda: len(on.tagged) == len(TAGS)):
        await on.edit_workflow("ci.yml", "cargo test", "cargo nextest")
    await on.rest()


async def ci_is_superseded(on: Stage) -> None:
    for name in ("ci.yml", "python-ci.yml"):
        group = "concurrency:\n  group: ci-${{ github.workflow }}\n  cancel-in-progress: true\n\npermissions:"
        await on.edit_workflow(name, "permissions:", group)
    await on.ask()
    await on.proposed()
    await on.merge()
    await asyncio.sleep(5)
    await on.mini.push(MAIN, {"NOTES.md": "A note.\n"}, "Add a note", MAINTAINER)
    await on.rest()


async def publishing_is_retried(on: Stage) -> None:
    await merged_at_once(on)
    await on.ask("/release retry")
    await on.rest()


async def the_retry_is_lost(on: Stage) -> None:
    await merged_at_once(on)
    on.mini.on.webhooks = {"issue_comment": "lost"}
    await on.ask("/release retry")
    await on.rest()


async def a_queue_merges(on: Stage) -> None:
    for name in ("ci.yml", "python-ci.yml"):
        await on.edit_workflow(name, "  pull_request:\n", "  pull_request:\n  merge_group:\n")
    await on.ask()
    pull = await on.proposed()
    assert pull, "no pull request"
    await asyncio.sleep(60)
    assert await on.mini.enqueue(pull["number"], MAINTAINER)
    await on.rest()


async def wheels_are_published_on_release(on: Stage) -> None:
    await on.edit_workflow(
        "python-publish.yml", '  push:\n    tags: ["py-v*"]\n', "  release:\n    types: [published]\n"
    )
    await merged_at_once(on)


async def wheels_are_published_by_hand(on: Stage) -> None:
    inputs = "  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n"
    await on.edit_workflow("python-publish.yml", '  push:\n    tags: ["py-v*"]\n', inputs)
    await on.ask()
    if await on.proposed():
        await on.merge()
        if await on.first(lambda: len(on.tagged) == len(TAGS)):
            await asyncio.sleep(60)
            await on.mini.dispatch(PYTHON_PUBLISH, "main", MAINTAINER, {"tag": TAGS[1]})
    await on.rest()


async def publishing_is_approved(on: Stage) -> None:
    await on.ask()
    await on.proposed()
    await on.merge()
    run = await on.first(lambda: next((run for run in on.mini.runs.values() if run["waiting"]), None))
    assert run, "nothing waits"
    await asyncio.sleep(60)
    assert "approv" in on.text()
    await on.mini.review(run["id"], "crates-io", "approved", MAINTAINER)
    await on.rest()


async def the_base_is_renamed(on: Stage) -> None:
    await on.ask()
    await on.proposed()
    await on.mini.rename_branch("main", "trunk", MAINTAINER)
    await on.rest()


async def the_app_is_suspended(on: Stage) -> None:
    await on.ask()
    await on.proposed()
    await on.mini.suspend()
    hook, on.mini.hook = on.mini.hook, None  # nobody tells a suspended App anything
    await on.merge()
    await asyncio.sleep(A_WHILE)
    on.mini.hook = hook
    await on.mini.suspend(False)
    await on.rest()


async def the_key_is_refused(on: Stage) -> None:
    await on.ask()
    await on.proposed()
    on.mini.on.app_refused = True
    on.mini.tokens.clear()
    await on.merge()
    await asyncio.sleep(2 * A_WHILE)
    on.mini.on.app_refused = False
    await on.rest()
