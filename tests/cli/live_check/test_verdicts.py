"""What a step found is judged without asking anybody."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import main
from bot.cli.live_check.files import CALLED, FILES, SCRIPT, WORKFLOW
from bot.cli.live_check.recording import recording
from bot.cli.live_check.steps import LIVE_STEPS
from bot.cli.live_check.verdicts import (
    Outcome,
    as_believed,
    exit_code,
    is_throw_away,
    judge_allowed,
    judge_behind,
    judge_delay,
    judge_log,
    judge_mode,
    judge_refusal,
    judge_started,
    not_tried,
    otherwise,
)
from bot.github.errors import AlreadyExists, Forbidden, StaleData
from bot.github.transport.wire import Exchange
from tests.release.builders import run

SO, NOT = Outcome.AS_BELIEVED, Outcome.OTHERWISE
DOC = (Path(__file__).parents[3] / "docs/live-check.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([as_believed("")], 0),
        ([as_believed(""), not_tried("")], 3),
        ([as_believed(""), not_tried(""), otherwise("")], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst_outcome(verdicts, code):
    assert exit_code(verdicts) == code


@pytest.mark.parametrize(
    ("paths", "so"),
    [
        ([WORKFLOW, CALLED, SCRIPT], True),
        ([WORKFLOW, CALLED, SCRIPT, "README.md", "LICENSE", "live-check.txt"], True),
        ([WORKFLOW, "src/lib.rs"], False),
        (["README.md"], False),
        ([], False),
    ],
)
def test_a_throw_away_repository_holds_our_files_and_nothing_to_miss(paths, so):
    assert is_throw_away(paths) is so


def test_each_tag_must_have_started_a_run_of_its_push():
    one = replace(run(), head_branch="a", event="push")
    assert judge_started(("a",), [one]).outcome is SO
    assert judge_started(("a", "b"), [one]).said == "no workflow started for b"
    assert judge_started(("a",), [replace(one, event="workflow_dispatch")]).outcome is NOT
    assert judge_started(("a",), [one], believed=False).outcome is NOT
    assert judge_started(("a",), [], believed=False).outcome is SO


def test_other_findings_are_judged_by_what_is_believed():
    assert judge_refusal(None, StaleData).outcome is NOT
    assert judge_refusal(AlreadyExists("x"), StaleData).outcome is NOT
    assert judge_refusal(StaleData("x"), StaleData).outcome is SO
    assert judge_allowed(Forbidden("created over a month ago")).said == "created over a month ago."
    assert judge_allowed(None).outcome is SO
    assert [judge_delay(seconds, 10, "it").outcome for seconds in (10.0, 10.1, None)] == [SO, NOT, NOT]
    assert [judge_mode(mode).outcome for mode in ("100755", "100644", None)] == [SO, NOT, NOT]
    assert [judge_behind(each).outcome for each in ("success", "skipped", None)] == [SO, NOT, NOT]
    log = "this is the second step\nError: Process completed with exit code 1."
    assert [judge_log(each).outcome for each in (log, f"this is the first step\n{log}", "")] == [SO, NOT, NOT]


def test_each_step_has_a_name_of_its_own_and_a_section_that_is_there():
    names = [step.name for step in LIVE_STEPS]
    assert len(set(names)) == len(names)
    assert not [step.name for step in LIVE_STEPS if step.about and f"\n## {step.about}\n" not in DOC]
    assert not [name for name in names if f"`{name}`" not in DOC], "docs/live-check.md names each step"


def test_no_secret_is_kept_of_an_exchange():
    token, jwt = "ghs_16C7e42F292c6912E7710c838347Ae178B4a", "eyJhbGciOi.eyJpc3MiOiI.c2lnbmF0dXJl"
    sent = f'{{"a": "{jwt}", "secret": "s"}}'.encode()
    received = f'{{"token": "x", "said": ["{token} and so on"]}}'.encode()
    headers = {"Location": "https://elsewhere/log?sig=abc", "Set-Cookie": "session=1", "X-RateLimit-Limit": "5000"}
    kept = recording(Exchange("GET", f"https://h/a?t={token}", sent, 200, headers, received), "here", "why", 2026)
    assert kept["request"] == {
        "method": "GET",
        "path": "/a",
        "query": "t=(removed)",
        "body": {"a": "(removed)", "secret": "(removed)"},
    }
    assert kept["body"] == {"token": "(removed)", "said": ["(removed) and so on"]}
    assert kept["headers"] == {"location": "https://elsewhere/log", "x-ratelimit-limit": "5000"}


def test_a_push_is_kept_as_text_without_its_pack():
    body = b"0094" + b"0" * 40 + b" refs/tags/v1\0 report-status0000PACK\x00\x00\xff"
    kept = recording(Exchange("POST", "https://h/a.git/git-receive-pack", body, 200, {}, b"unpack ok\n"), "", "", 2026)
    assert "refs/tags/v1  report-status0000" in kept["request"]["body"]
    assert "PACK" not in kept["request"]["body"]


def test_prepare_writes_files_that_are_workflows_and_an_executable_script(tmp_path):
    folder = tmp_path / "new"
    done = CliRunner().invoke(main, ["live-check", "--prepare", str(folder)])
    assert done.exit_code == 0, done.output
    assert {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()} == FILES.keys()
    assert (folder / SCRIPT).stat().st_mode & 0o111
    assert all(yaml.safe_load((folder / path).read_text())["jobs"] for path in (WORKFLOW, CALLED))
    assert CliRunner().invoke(main, ["live-check", "--prepare", str(folder)]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "It takes OWNER/REPO and --record"),
        (["a/b"], 2, "It takes OWNER/REPO and --record"),
        (["a/b", "--record", "there", "--only", "nonsense"], 2, "no such step: nonsense"),
        (["a/b", "--record", "there"], 1, "GITHUB_APP_ID"),
    ],
)
def test_what_is_missing_is_said(arguments, code, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_APP_ID", raising=False)
    done = CliRunner().invoke(main, ["live-check", *arguments])
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert list(tmp_path.iterdir()) == []
