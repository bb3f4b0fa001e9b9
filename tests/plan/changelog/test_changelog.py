from collections.abc import Sequence

import pytest

from bot.packaging.problem import Problem
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.promote import Entry, Promoted, needs_draft, promoted
from tests.plan.trees import DAY

TITLE = "# Changelog\n\n"
OLD = "## [0.4.0] - 2026-01-01\n\n- Light.\n"
DRAFT = "### Changed\n\n- Drafted."


def read(text: str, names: Sequence[str] = ("lamp", "v")) -> Changelog:
    changelog = read_changelog("CHANGELOG.md", {"CHANGELOG.md": text.encode()}, [names[0]])
    assert isinstance(changelog, Changelog)
    return changelog


def release(text: str, version: str = "0.5.0", tag: str = "v0.5.0", names: tuple[str, ...] = ("lamp", "v")) -> Promoted:
    result = promoted(read(text, names), Entry(version, DAY, tag, names), DRAFT)
    assert isinstance(result, Promoted)
    return result


def made(text: str, version: str = "0.5.0", **more) -> str:
    return release(text, version, **more).content.decode()


def test_unreleased_becomes_the_version_and_an_empty_one_is_left():
    result = release(TITLE + "## [Unreleased]\n\n### Added\n\n- A dimmer.\n\n" + OLD)
    assert result.content.decode() == (
        TITLE + "## [Unreleased]\n\n## [0.5.0] - 2026-04-04\n\n### Added\n\n- A dimmer.\n\n" + OLD
    )
    assert (result.heading, result.body, result.drafted) == ("[0.5.0] - 2026-04-04", "### Added\n\n- A dimmer.", False)


def test_an_empty_unreleased_gets_the_draft_below_it():
    assert made(TITLE + "## [Unreleased]\n\n" + OLD) == (
        TITLE + "## [Unreleased]\n\n## [0.5.0] - 2026-04-04\n\n" + DRAFT + "\n\n" + OLD
    )


@pytest.mark.parametrize(
    "body", ["", "### Added\n\n### Fixed\n\n", "<!-- add here -->\n\n", "- Nothing yet.\n\n", "---\n\n", "_None_\n\n"]
)
def test_groups_comments_and_placeholders_say_nothing(body: str):
    text = TITLE + "## [Unreleased]\n\n" + body + OLD
    assert needs_draft(read(text), "0.5.0", ("lamp", "v"))
    assert made(text) == TITLE + "## [Unreleased]\n\n" + body + "## [0.5.0] - 2026-04-04\n\n" + DRAFT + "\n\n" + OLD


def test_without_unreleased_the_draft_goes_before_the_newest_version_and_none_is_invented():
    assert made(TITLE + OLD) == TITLE + "## [0.5.0] - 2026-04-04\n\n" + DRAFT + "\n\n" + OLD


def test_a_file_without_versions_gets_the_section_at_its_end():
    assert made("# Changelog\n\nAll changes.") == f"# Changelog\n\nAll changes.\n\n## [0.5.0] - 2026-04-04\n\n{DRAFT}\n"
    assert made("") == f"## [0.5.0] - 2026-04-04\n\n{DRAFT}\n"


def test_a_section_that_somebody_wrote_is_used_as_it_is():
    text = TITLE + "## [Unreleased]\n\n## [0.5.0] - 2026-04-01\n\n- By hand.\n\n" + OLD
    result = release(text)
    assert (result.content.decode(), result.body, result.existed, result.drafted) == (text, "- By hand.", True, False)


def test_promoting_twice_changes_nothing_more():
    once = made(TITLE + "## [Unreleased]\n\n- A dimmer.\n\n" + OLD)
    assert made(once) == once


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## [0.4.0] - 2026-01-01", "## [0.5.0] - 2026-04-04"),
        ("## 0.4.0 (2026-01-01)", "## 0.5.0 (2026-04-04)"),
        ("## v0.4.0 — 2026-01-01", "## v0.5.0 — 2026-04-04"),
        ("## [v0.4.0] – 2026/01/01", "## [v0.5.0] – 2026/04/04"),
        ("### Version 0.4.0 - 01.01.2026", "### Version 0.5.0 - 04.04.2026"),
        ("## 0.4.0", "## 0.5.0"),
        ("## lamp 0.4.0 (January 1, 2026)", "## lamp 0.5.0 (April 4, 2026)"),
        ("## 0.4.0, 1 Jan 2026", "## 0.5.0, 4 Apr 2026"),
        ("## [0.4.0] - 2026-01-01 [YANKED]", "## [0.5.0] - 2026-04-04"),
        ('## [0.4.0] "Moonlight" - 2026-01-01', "## [0.5.0] - 2026-04-04"),
        (
            "## [0.4.0](https://x.y/compare/v0.3.0...v0.4.0) (2026-01-01)",
            "## [0.5.0](https://x.y/compare/v0.4.0...v0.5.0) (2026-04-04)",
        ),
        (
            "## [rust-v0.4.0](https://x.y/tree/rust-v0.4.0) (2026-01-01)",
            "## [rust-v0.5.0](https://x.y/tree/rust-v0.5.0) (2026-04-04)",
        ),
        ("## 2026-01-01, Version 0.4.0", "## 2026-04-04, Version 0.5.0"),
        ("##  [0.4.0]  -  2026-01-01", "##  [0.5.0]  -  2026-04-04"),
    ],
)
def test_headings_follow_the_house_style(old: str, new: str):
    assert made(f"# Log\n\n{old}\n\n- x\n") == f"# Log\n\n{new}\n\n{DRAFT}\n\n{old}\n\n- x\n"


def test_underlined_headings_are_underlined():
    old = "0.4.0 (2026-01-01)\n------------------\n\n- x\n"
    assert made(f"Log\n===\n\n{old}") == f"Log\n===\n\n0.5.0 (2026-04-04)\n------------------\n\n{DRAFT}\n\n{old}"


def test_a_date_below_the_heading_stays_there():
    text = "# Log\n\n## Unreleased\n\n- New.\n\n## 0.4.0\n\n_Released 2026-01-01_\n\n- x\n"
    assert "## Unreleased\n\n## 0.5.0\n\n_Released 2026-04-04_\n\n- New.\n\n## 0.4.0" in made(text)


def test_link_references_are_repointed_and_added():
    links = "[unreleased]: https://x.y/compare/v0.4.0...HEAD\n[0.4.0]: https://x.y/compare/v0.3.0...v0.4.0\n"
    text = TITLE + "## [Unreleased]\n\n- New.\n\n" + OLD + "\n" + links
    assert made(text).endswith(
        "\n[unreleased]: https://x.y/compare/v0.5.0...HEAD\n[0.5.0]: https://x.y/compare/v0.4.0...v0.5.0\n"
        "[0.4.0]: https://x.y/compare/v0.3.0...v0.4.0\n"
    )


def test_link_references_follow_tags_without_unreleased_and_in_rising_order():
    links = "[v0.3.0]: https://x.y/releases/tag/v0.3.0\n[v0.4.0]: https://x.y/releases/tag/v0.4.0"
    text = "# Log\n\n## [v0.4.0] - 2026-01-01\n\n- x\n\n## [v0.3.0] - 2025-01-01\n\n- x\n\n" + links
    assert made(text).endswith(
        "/tag/v0.3.0\n[v0.4.0]: https://x.y/releases/tag/v0.4.0\n[v0.5.0]: https://x.y/releases/tag/v0.5.0"
    )


def test_a_file_whose_newest_version_has_no_link_gets_none():
    text = TITLE + OLD + "\n## [0.2.0] - 2025-01-01\n\n- x\n\n[0.2.0]: https://x.y/releases/tag/v0.2.0\n"
    assert made(text).count("]: https://") == 1


def test_the_link_in_the_unreleased_heading_is_repointed():
    text = "# Log\n\n## [Unreleased](https://x.y/compare/v0.4.0...main)\n\n- New.\n\n" + OLD
    assert "## [Unreleased](https://x.y/compare/v0.5.0...main)\n" in made(text)


def test_headings_in_code_comments_and_quotes_are_none():
    fake = "```\n## [Unreleased]\n```\n\n<!--\n## [Unreleased]\n-->\n\n> ## [Unreleased]\n\n- ## [Unreleased]\n\n"
    assert made(TITLE + fake + OLD) == TITLE + fake + "## [0.5.0] - 2026-04-04\n\n" + DRAFT + "\n\n" + OLD


def test_subheadings_that_look_like_versions_are_no_releases():
    text = TITLE + "## [Unreleased]\n\n### lamp-py 0.3.0\n\n- Both.\n\n" + OLD
    assert release(text).body == "### lamp-py 0.3.0\n\n- Both."
    assert [found.version for found in read(TITLE + "## Rust 1.83 support\n\n" + OLD).releases] == ["0.4.0"]


def test_a_comment_that_guides_writers_stays_with_unreleased():
    text = TITLE + "## [Unreleased]\n<!-- next-header -->\n\n- New.\n\n" + OLD
    assert "## [Unreleased]\n<!-- next-header -->\n\n## [0.5.0] - 2026-04-04\n\n- New.\n" in made(text)


def test_line_ends_and_the_byte_order_mark_stay():
    text = "\ufeff" + (TITLE + "## [Unreleased]\n\n- New.\n\n" + OLD).replace("\n", "\r\n")
    result = made(text)
    assert result.startswith("\ufeff#")
    assert result.count("\n") == result.count("\r\n")
    assert "## [Unreleased]\r\n\r\n## [0.5.0] - 2026-04-04\r\n\r\n- New.\r\n" in result


def test_the_body_ends_before_the_rule_and_the_links():
    text = (
        TITLE
        + "## [0.4.0] - 2026-01-01\n\n- Light.\n\n---\n\n## [0.3.0] - 2025-01-01\n\n- Dark.\n\n[0.4.0]: https://x.y\n"
    )
    found = read(text)
    assert [found.body(release.heading) for release in found.releases] == ["- Light.", "- Dark."]


def test_a_shared_changelog_is_continued_in_the_packages_own_sections():
    text = "# Log\n\n## lamp-py 0.3.0 - 2026-02-02\n\n- x\n\n## lamp 0.4.0 - 2026-01-01\n\n- y\n"
    result = made(text, names=("lamp", "v"))
    assert result == text.replace("## lamp 0.4.0", f"## lamp 0.5.0 - 2026-04-04\n\n{DRAFT}\n\n## lamp 0.4.0")


def test_other_prefixes_of_the_same_number_are_other_releases():
    text = "# Log\n\n## py-v0.5.0\n\n- x\n\n## v0.4.0\n\n- y\n"
    assert not release(text).existed
    assert release(text, names=("lamp-py", "py-v")).existed


def test_a_section_that_would_vanish_in_an_open_comment_is_a_problem():
    entry = Entry("0.5.0", DAY, "v0.5.0", ("lamp", "v"))
    assert isinstance(promoted(read("# Log\n\n<!-- open"), entry, DRAFT), Problem)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * 5_000_001])
def test_a_changelog_that_cannot_be_read_is_a_problem(content: bytes):
    assert not isinstance(read_changelog("CHANGELOG.md", {"CHANGELOG.md": content}), Changelog)


@pytest.mark.parametrize(
    ("written", "dated"),
    [
        ("## 0.5.0 (unreleased)", "## 0.5.0 (2026-04-04)"),
        ("## [0.5.0] - Unreleased", "## [0.5.0] - 2026-04-04"),
        ("## v0.5.0 — TBD", "## v0.5.0 — 2026-04-04"),
        ("## 0.5.0 - YYYY-MM-DD", "## 0.5.0 - 2026-04-04"),
        ("0.5.0 (not yet released)\n----", "0.5.0 (2026-04-04)\n----"),
        ("## 0.5.0 - 2026-03-31", "## 0.5.0 - 2026-03-31"),
        ("## 0.5.0 - The unreleased one - 2026-03-31", "## 0.5.0 - The unreleased one - 2026-03-31"),
    ],
)
def test_a_section_that_waits_for_its_day_gets_it_and_nothing_else_changes(written: str, dated: str):
    result = release(f"{TITLE}{written}\n\n- A dimmer.\n\n{OLD}")
    assert result.content.decode() == f"{TITLE}{dated}\n\n- A dimmer.\n\n{OLD}"
    assert (result.body, result.drafted, result.existed) == ("- A dimmer.", False, True)


def test_a_section_that_waits_under_another_version_is_renamed():
    text = f"{TITLE}## 0.4.1 (unreleased)\n\n- A dimmer.\n\n## 0.4.0 (2026-01-01)\n\n- Light.\n"
    assert made(text) == text.replace("0.4.1 (unreleased)", "0.5.0 (2026-04-04)")
    assert not needs_draft(read(text), "0.5.0", ("lamp", "v"))
