"""A look at publishing asks for what its runs call for, and for no more."""

from datetime import timedelta
from typing import Any, cast

import pytest

from bot.reconcile.publishing import LOG_APPEARS, publishing
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Phase
from tests.release.builders import NOW, crate, facts, job, publish_run, release, run


class Asked:
    """A reader and the registries at once, which keep what they are asked for."""

    def __init__(self, *runs, log=None):
        self._runs, self._log = runs, log
        self.asked: list[str] = []

    async def runs(self, commit):
        return self._runs

    async def jobs(self, run_id):
        self.asked.append(f"jobs of {run_id}")
        return (job("Upload", "failure", "cargo publish"),)

    async def log(self, job_id):
        self.asked.append(f"log of {job_id}")
        return self._log

    async def pending_approvals(self, run_id):
        self.asked.append(f"approvals of {run_id}")
        return ()

    async def look(self, package):
        self.asked.append(package.key)
        return crate()


async def look(asked):
    return await publishing(cast(Any, asked), cast(Any, asked), release(Phase.TAGGED), facts())


async def test_runs_that_publish_or_published_need_nothing_more():
    asked = Asked(publish_run(status="in_progress", conclusion=None), run(conclusion="failure"))
    await look(asked)
    assert asked.asked == []


async def test_a_run_that_waits_is_asked_what_for():
    asked = Asked(publish_run(status="waiting", conclusion=None))
    await look(asked)
    assert asked.asked == ["approvals of 9"]


async def test_a_failed_run_is_asked_for_its_jobs_and_their_logs():
    asked = Asked(publish_run(conclusion="failure"), log="error: no token found")
    found = await look(asked)
    assert asked.asked == ["jobs of 9", "log of 3"]
    assert found.checks.logs == {3: "error: no token found"}


async def test_the_registry_is_asked_before_an_upload_that_exists_is_called_a_failure():
    asked = Asked(publish_run(conclusion="failure"), log="crate version `0.5.0` is already uploaded")
    found = await look(asked)
    assert asked.asked[-1] == "crates.io:tidewater"
    assert found.registries == {"crates.io:tidewater": crate()}


async def test_a_log_that_is_not_there_yet_is_waited_for_but_not_for_long():
    just_ended = publish_run(conclusion="failure", updated_at=NOW - timedelta(seconds=1))
    with pytest.raises(Unsettled):
        await look(Asked(just_ended))
    a_while_ago = publish_run(conclusion="failure", updated_at=NOW - LOG_APPEARS)
    assert (await look(Asked(a_while_ago))).checks.logs == {}
