"""A shared changelog is long, and Markdown takes its time: it is parsed once, however many packages share it."""

from datetime import date

import pytest

from bot.plan import discover, histories_needed, make_plan
from bot.plan.changelog import parse
from bot.plan.model import Plan, Tree, Wanted
from tests.plan.trees import tree

MANY = 40


def workspace(*, inherits: bool) -> Tree:
    version = "version.workspace = true" if inherits else 'version = "0.5.0"'
    crates = {
        f"crates/lamp-{number}/Cargo.toml": (
            f'[package]\nname = "lamp-{number}"\n{version}\ndescription = "x"\nlicense = "MIT"\n'
        )
        for number in range(MANY)
    }
    sections = "".join(f"\n## [0.{minor}.0] - 2026-01-02\n\n- Wick {minor}.\n" for minor in range(5, 0, -1))
    root = '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nversion = "0.5.0"\n'
    return tree({"Cargo.toml": root, "CHANGELOG.md": f"# Changelog\n\n## [Unreleased]\n{sections}", **crates})


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    lengths: list[int] = []
    real = parse._MARKDOWN.parse

    def counted(text: str, environment: object = None) -> object:
        lengths.append(len(text))
        return real(text, environment)  # type: ignore[arg-type] # as the library takes it

    monkeypatch.setattr(parse._MARKDOWN, "parse", counted)
    parse._changelog.cache_clear()
    parse.parsed.cache_clear()
    return lengths


@pytest.mark.parametrize("inherits", [True, False])
def test_a_changelog_of_many_packages_is_parsed_once_before_and_once_after_the_edit(parses: list[int], inherits: bool):
    files = workspace(inherits=inherits)
    discovery = discover(files, ["v0.5.0"])
    wanted = [Wanted(package.key, "0.6.0") for package in discovery.packages][: 1 if inherits else None]
    histories_needed(files, discovery, wanted)
    plan = make_plan(files, discovery, wanted, date=date(2026, 4, 4), changes={})
    assert isinstance(plan, Plan)
    assert len(plan.bumps) == MANY
    assert len(parses) == 2
