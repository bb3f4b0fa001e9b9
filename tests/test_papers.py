"""The papers for those who carry on name what is there."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ADRS = sorted((ROOT / "docs/adr").glob("0*.md"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_status_date_and_alternatives(path: Path):
    text = path.read_text("utf-8")
    number, status = int(path.name[:4]), r".*([Aa]ccepted|[Rr]eplaced by \d+).* \d{4}-\d\d-\d\d\..*"
    assert re.match(rf"# {number}\. .+\n\n{status}\n\n", text)
    assert re.search(r"^(\*\*Alternatives\b.*|## Alternatives)", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md", "tests/contract/README.md", ".github/SECURITY.md"])
def test_a_page_links_and_commands_what_is_there(name: str):
    page = ROOT / name
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_its_actions_and_keeps_no_credentials(path: Path):
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for line in re.findall(r"uses: .*", text):
        assert re.fullmatch(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    for job in workflow["jobs"].values():
        checkouts = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_ci_runs_on_every_python_that_is_supported():
    (ci,) = [path for path in WORKFLOWS if path.name == "ci.yml"]
    pythons = yaml.safe_load(ci.read_text("utf-8"))["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert (ROOT / ".python-version").read_text("utf-8").strip() == pythons[0]


def test_the_hooks_of_pre_commit_are_the_checks_of_make():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    checks = MAKEFILE.split("\ncheck:")[1].split("\n\n")[0]
    hooks = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in repo["hooks"]}
    assert repo["repo"] == "local"
    assert all(hook["entry"].startswith(".venv/bin/") and hook["language"] == "system" for hook in repo["hooks"])
    assert hooks == set(re.findall(r"\$\(BIN\)/(\S+)", checks))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_something_of_whoever_fills_it_in(path: Path):
    form = yaml.safe_load(path.read_text("utf-8"))
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
