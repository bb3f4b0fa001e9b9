"""What a maintenance branch released is told by the default branch's changelog, in its place."""

from bot.plan.changelog.carried import carried
from bot.plan.model import Tree

CARGO = b'[package]\nname = "lamp"\nversion = "0.4.1"\ndescription = "d"\nlicense = "MIT"\n'
LINE = """# Changelog

## [0.4.1] - 2026-11-29

### Fixed

- A leak

## [0.4.0] - 2026-01-01

- First

[0.4.1]: https://e.x/compare/v0.4.0...v0.4.1
[0.4.0]: https://e.x/tag/v0.4.0
"""
MAIN = """# Changelog

## [Unreleased]

## [0.6.0] - 2026-10-01

- Sixth

## [0.4.0] - 2026-01-01

- First

[0.6.0]: https://e.x/compare/v0.4.0...v0.6.0
[0.4.0]: https://e.x/tag/v0.4.0
"""


def trees(line: str, main: str) -> tuple[Tree, Tree]:
    return {"Cargo.toml": CARGO, "CHANGELOG.md": line.encode()}, {"Cargo.toml": CARGO, "CHANGELOG.md": main.encode()}


def told(line: str = LINE, main: str = MAIN) -> str:
    return carried(*trees(line, main), {"crates.io:lamp": "0.4.1"})["CHANGELOG.md"].decode()


def test_the_section_stands_before_the_first_of_an_earlier_version_with_its_link():
    head, tail = MAIN.split("## [0.4.0]", 1)
    section = "## [0.4.1] - 2026-11-29\n\n### Fixed\n\n- A leak\n\n"
    expected = f"{head}{section}## [0.4.0]{tail}".replace(
        "[0.4.0]: ", "[0.4.1]: https://e.x/compare/v0.4.0...v0.4.1\n[0.4.0]: "
    )
    assert told() == expected


def test_line_ends_are_the_default_branch_s():
    assert "\n" not in told(main=MAIN.replace("\n", "\r\n")).replace("\r\n", "")


def test_where_nothing_earlier_is_there_it_stands_last():
    main = "# Changelog\n\n## 0.6.0\n\n- Sixth\n"
    assert told(main=main).startswith(f"{main}\n## [0.4.1] - 2026-11-29")


def test_what_is_told_already_or_has_no_changelog_is_left_alone():
    versions = {"crates.io:lamp": "0.4.1"}
    assert carried(*trees(LINE, LINE), versions) == {}
    line, main = trees(LINE, MAIN)
    assert carried(line, {"Cargo.toml": CARGO}, versions) == {}
    assert carried(line, main, {"crates.io:other": "0.4.1"}) == {}
