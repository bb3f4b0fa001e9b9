"""`live-check`, whole, against the sandbox: every step is tried, and what it made is gone."""

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from rich.console import Console

from bot.cli.live_check.files import FILES, WORKFLOW
from bot.cli.live_check.run import Refused, Trial, check, prepare
from bot.cli.live_check.steps import LIVE_STEPS
from bot.cli.live_check.verdicts import Outcome
from bot.sandbox import Sandbox
from bot.sandbox.actions.scenario import Outcome as Ending
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.http_server import serving
from bot.sandbox.model import Repository
from bot.settings import AppKey, Secret
from tests.play import registered
from tests.virtual_time import VirtualClock

NAME = "ann/throw-away"
CODEQL = ("dynamic/github-code-scanning/codeql", "CodeQL")


@dataclass
class Stage:
    """A sandbox with the throw-away repository, and the person who is asked."""

    sandbox: Sandbox
    repository: Repository
    folder: Path
    shown: io.StringIO
    asked: list[str]

    async def person(self, what: str) -> bool:
        """Does what is asked."""
        self.asked.append(what)
        world, repository = self.sandbox.world, self.repository
        if "Merge #" in what:
            await world.merge(repository, int(re.findall(r"#(\d+)", what)[0]), by="ann")
        elif "ruleset" in what:
            world.restrict(repository, "refs/tags/live-check-kept")
        else:
            self.sandbox.actions.start_dynamic(repository, *CODEQL, await world.head(repository))
            await self.sandbox.actions.idle()
        return True

    async def tried(self, *only: str, ask: bool = True, know: bool = False) -> dict[str, tuple[Outcome, str]]:
        """Outcome and words by step."""
        steps = [step for step in LIVE_STEPS if not only or step.name in only]

        async def nobody(what: str) -> bool:
            return False

        key = AppKey(self.sandbox.app_id, Secret(self.sandbox.private_key_pem), self.sandbox.github_url)
        trial = Trial(
            self.person if ask else nobody,
            steps,
            know,
            pause=0.5,
            patience=20.0,
            clock=VirtualClock(),
            console=Console(file=self.shown, width=200),
        )
        verdicts = await check(key, NAME, self.folder, trial)
        return {step.name: (each.outcome, each.said) for step, each in zip(steps, verdicts, strict=True)}


@asynccontextmanager
async def stage(tmp_path: Path, files: dict[str, str] | None = None, *, private: bool = False) -> AsyncIterator[Stage]:
    async def taken(request: web.Request) -> web.Response:
        return web.Response(status=202)

    def ends(run, job, attempt):
        fails = run.head_branch.startswith("live-check-fails") and job.name == "fails" and attempt == 1
        return Ending("failure", failed_step="Second") if fails else None

    source, answers = tmp_path / "source", tmp_path / "answers"
    answers.mkdir()
    prepare(source)
    if files is not None:
        for path, text in files.items():
            (source / path).write_text(text)
    site = web.Application()
    site.router.add_post("/webhook", taken)
    async with (
        serving(site) as door,
        Sandbox.open(
            scenario=Scenario(script=ends), clock=VirtualClock(), folder=tmp_path / "sandbox", app=registered()
        ) as sandbox,
    ):
        sandbox.world.app.webhook_url = f"{door}/webhook"
        repository = await sandbox.world.create_repository(NAME, source=source, private=private)
        newer = {WORKFLOW: f"{FILES[WORKFLOW]}# newer\n"}
        await sandbox.world.push(repository, "main", newer, "Newer workflows", by="ann")
        await sandbox.actions.idle()
        yield Stage(sandbox, repository, answers, io.StringIO(), [])


async def test_every_step_is_tried_and_what_it_made_is_gone(tmp_path):
    async with stage(tmp_path) as on:
        before = await on.sandbox.world.git(on.repository).refs("refs/")
        found = await on.tried()
        wrong = {name: said for name, (outcome, said) in found.items() if outcome is not Outcome.AS_BELIEVED}
        assert wrong == {}, on.shown.getvalue()
        after = await on.sandbox.world.git(on.repository).refs("refs/")
        assert after.keys() == before.keys()
        assert len(on.asked) == 3


async def test_github_s_answers_are_recordings_without_a_secret(tmp_path):
    async with stage(tmp_path) as on:
        await on.tried("file-mode", "one-tag", "stale")
        files = sorted(on.folder.iterdir())
        kept = [json.loads(file.read_text("utf-8")) for file in files]
        assert {"source", "licence", "recorded", "note", "request", "status", "headers", "body"} == set(kept[0])
        names = {re.sub(r"^\d+-|-\d+\.json$", "", file.name) for file in files}
        assert names == {"before", "file-mode", "one-tag", "stale", "after"}
        minted = [each for each in kept if each["request"]["path"].endswith("/access_tokens")]
        assert {each["body"]["token"] for each in minted} == {"(removed)"}
        whole = "\n".join(file.read_text("utf-8") for file in files)
        assert not [token for token in on.sandbox.world.tokens if token in whole]
        assert "PRIVATE KEY" not in whole and "eyJ" not in whole
        pushes = [each for each in kept if each["request"]["path"].endswith("git-receive-pack")]
        assert "refs/tags/live-check-one" in pushes[0]["request"]["body"] and "unpack ok" in pushes[0]["body"]


async def test_the_log_that_another_host_keeps_is_among_the_answers(tmp_path):
    async with stage(tmp_path) as on:
        assert (await on.tried("log-delay"))["log-delay"][0] is Outcome.AS_BELIEVED
        kept = [json.loads(file.read_text("utf-8"))["body"] for file in on.folder.glob("*-log-delay-200.json")]
        assert [body for body in kept if isinstance(body, str) and "this is the second step" in body]


async def test_a_repository_that_is_not_evidently_a_throw_away_one_is_refused_untouched(tmp_path):
    async with stage(tmp_path, {"src.py": "print()"}) as on:
        with pytest.raises(Refused, match="not evidently a throw-away"):
            await on.tried("one-tag")
        assert not [call for call in on.sandbox.world.calls if "git-receive-pack" in call.path]
        found = await on.tried("one-tag", know=True)
        assert found["one-tag"][0] is Outcome.AS_BELIEVED


async def test_what_needs_a_person_is_not_tried_where_nobody_is_asked(tmp_path):
    async with stage(tmp_path) as on:
        found = await on.tried("file-mode", "ruleset", "dynamic", "merge", ask=False)
        untried = {name for name, (outcome, _) in found.items() if outcome is Outcome.NOT_TRIED}
        assert untried == {"ruleset", "dynamic", "merge"}
        assert "could not be tried" in on.shown.getvalue()


async def test_a_private_repository_without_rules_is_as_believed(tmp_path):
    async with stage(tmp_path, private=True) as on:
        on.repository.has_rules = False
        outcome, said = (await on.tried("rulesets"))["rulesets"]
        assert outcome is Outcome.AS_BELIEVED and "Upgrade" in said


async def test_what_is_otherwise_is_told_and_cleaned_all_the_same(tmp_path):
    async with stage(tmp_path) as on:
        on.sandbox.world.on_push.clear()  # nothing hears of a push any more
        found = await on.tried("one-tag", "four-tags")
        assert found["one-tag"] == (Outcome.OTHERWISE, "no workflow started for live-check-one")
        assert found["four-tags"][0] is Outcome.AS_BELIEVED
        assert await on.sandbox.world.tags(on.repository) == {}
