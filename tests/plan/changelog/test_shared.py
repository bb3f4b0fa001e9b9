"""Changelogs that several packages share, and other names for Unreleased."""

import pytest

from bot.plan.changelog.notes import notes
from bot.plan.model import Change, Tree
from tests.plan.changelog.test_changelog import DRAFT, OLD, TITLE, made, read, release
from tests.plan.trees import after, crate, lamp, plan, pyproject, text, tree


@pytest.mark.parametrize(
    "called",
    ["Upcoming", "Next", "Next release", "[Next]", "main", "`master`", "HEAD", "In development", "Next (unreleased)"],
)
def test_the_first_heading_may_call_unreleased_something_else(called: str):
    found = TITLE + f"## {called}\n\n- A dimmer.\n\n" + OLD
    result = release(found)
    assert result.content.decode() == found.replace("- A dim", "## [0.5.0] - 2026-04-04\n\n- A dim")
    assert (result.body, result.drafted) == ("- A dimmer.", False)
    assert made(result.content.decode()) == result.content.decode()


@pytest.mark.parametrize("called", ["Next steps", "Main features", "Development notes", "Header"])
def test_other_first_headings_are_not_unreleased(called: str):
    assert read(TITLE + f"## {called}\n\n- A dimmer.\n\n" + OLD).unreleased is None


def test_what_is_called_next_below_a_release_is_not_unreleased():
    assert read(TITLE + OLD + "\n## Next\n\n- Plans.\n").unreleased is None


def test_the_link_of_what_is_called_next_is_repointed():
    found = made(TITLE + "## [Next]\n\n- A dimmer.\n\n" + OLD + "\n[Next]: https://x.y/compare/v0.4.0...HEAD\n")
    assert found.endswith("\n[Next]: https://x.y/compare/v0.5.0...HEAD\n[0.5.0]: https://x.y/compare/v0.4.0...v0.5.0\n")


@pytest.mark.parametrize("anchor", ['<a name="0.4.0"></a>', '<a id="0.4.0"></a>', "<A NAME='0.4.0'></A>"])
def test_an_anchor_above_a_heading_stays_with_it(anchor: str):
    assert made(TITLE + anchor + "\n" + OLD) == f"{TITLE}## [0.5.0] - 2026-04-04\n\n{DRAFT}\n\n{anchor}\n{OLD}"
    found = read(TITLE + "## Unreleased\n\n- A dimmer.\n\n" + anchor + "\n" + OLD)
    assert found.unreleased
    assert found.body(found.unreleased) == "- A dimmer."


def test_an_anchor_below_an_empty_unreleased_says_nothing():
    found = TITLE + '## Unreleased\n\n<a name="0.4.0"></a>\n' + OLD
    assert made(found) == found.replace("<a", f"## [0.5.0] - 2026-04-04\n\n{DRAFT}\n\n<a")


def shared(changelog: str, project: str = "lamp-py") -> Tree:
    """A crate and its bindings, which have one changelog."""
    files = lamp(**{"lamp-py/pyproject.toml": pyproject(project), "CHANGELOG.md": changelog})
    return {path: content for path, content in files.items() if path != "lamp-py/CHANGELOG.md"}


NOTES = "### Added\n\n- A dimmer.\n\n"


@pytest.mark.parametrize(
    ("old", "both", "one", "other"),
    [
        (
            "lamp 0.4.0 + lamp-py 0.3.0 — 2026-01-01",
            "lamp 0.5.0 + lamp-py 0.4.0 — 2026-04-04",
            "lamp 0.5.0 — 2026-04-04",
            "lamp-py 0.4.0 — 2026-04-04",
        ),
        (
            "[lamp 0.4.0, lamp-py 0.3.0] - 2026-01-01",
            "[lamp 0.5.0, lamp-py 0.4.0] - 2026-04-04",
            "[lamp 0.5.0] - 2026-04-04",
            "[lamp-py 0.4.0] - 2026-04-04",
        ),
        (
            "lamp-py 0.3.0 (Python package) and lamp v0.4.0 (Rust crate) (2026-01-01)",
            "lamp-py 0.4.0 (Python package) and lamp v0.5.0 (Rust crate) (2026-04-04)",
            "lamp v0.5.0 (Rust crate) (2026-04-04)",
            "lamp-py 0.4.0 (Python package) (2026-04-04)",
        ),
        ("v0.4.0 / py-v0.3.0", "v0.5.0 / py-v0.4.0", "v0.5.0", "py-v0.4.0"),
    ],
)
def test_one_heading_for_several_packages_gets_the_new_versions_of_those_released(
    old: str, both: str, one: str, other: str
):
    head, tail = TITLE + "## Unreleased\n\n", f"## {old}\n\n- Light.\n"
    files = shared(head + NOTES + tail)
    for asked, heading in (
        (("0.5.0", "lamp-py 0.4.0"), both),
        (("lamp 0.5.0",), one),
        (("lamp-py 0.4.0",), other),
    ):
        made_plan = plan(files, *asked, tags=["v0.4.0", "py-v0.3.0"])
        assert text(after(files, made_plan), "CHANGELOG.md") == f"{head}## {heading}\n\n{NOTES}{tail}"
        assert {section.heading for section in made_plan.sections} == {heading}
        assert {section.body for section in made_plan.sections} == {NOTES.strip()}
        assert not any(section.drafted for section in made_plan.sections)


COMBINED = "## lamp 0.4.0 + lamp-py 0.3.0 - 2026-01-01\n\n- Light.\n"
BOTH = ("0.5.0", "lamp-py 0.4.0")


def test_the_notes_of_a_shared_section_are_found_for_both_and_a_second_plan_leaves_the_file():
    files = shared(TITLE + "## Unreleased\n\n" + NOTES + COMBINED)
    done = after(files, plan(files, *BOTH))
    assert notes(done, {"crates.io:lamp": "0.5.0", "pypi:lamp-py": "0.4.0"}) == {
        "crates.io:lamp": NOTES.strip(),
        "pypi:lamp-py": NOTES.strip(),
    }
    again = plan({**files, "CHANGELOG.md": done["CHANGELOG.md"]}, *BOTH)
    assert not any(edit.path == "CHANGELOG.md" for edit in again.edits)
    assert [section.body for section in again.sections] == [NOTES.strip()] * 2


def test_a_shared_section_is_drafted_once_from_what_was_merged_for_both_when_nothing_is_written():
    files = shared(TITLE + "## Unreleased\n\n" + COMBINED)
    light, wheel = Change("Add a light", 7), Change("Add a wheel", 8)
    made_plan = plan(files, *BOTH, changes={"crates.io:lamp": [light], "pypi:lamp-py": [light, wheel]})
    written = "- Add a light (#7)\n- Add a wheel (#8)\n\n"
    assert text(after(files, made_plan), "CHANGELOG.md") == (
        f"{TITLE}## Unreleased\n\n## lamp 0.5.0 + lamp-py 0.4.0 - 2026-04-04\n\n{written}{COMBINED}"
    )
    assert [section.drafted for section in made_plan.sections] == [True, True]


@pytest.mark.parametrize("waiting", [NOTES, ""])
@pytest.mark.parametrize("heading", ["[0.4.0]", "0.4.0", "lamp 0.4.0 + lamp-py 0.4.0"])
def test_a_prerelease_has_one_section_whatever_its_spelling(waiting: str, heading: str):
    files = tree(
        {
            "Cargo.toml": '[workspace]\nmembers = ["lamp"]\n',
            "lamp/Cargo.toml": crate(),
            "lamp-py/pyproject.toml": pyproject(version="0.4.0", backend="hatchling"),
            "CHANGELOG.md": f"{TITLE}## Unreleased\n\n{waiting}## {heading} - 2026-01-01\n\n- Light.\n",
        }
    )
    made_plan = plan(files, "lamp 0.5.0-alpha.1", "lamp-py 0.5.0a1")
    done = text(after(files, made_plan), "CHANGELOG.md")
    assert done.count("\n## ") == 3
    assert len({section.heading for section in made_plan.sections}) == 1
    assert len({section.body for section in made_plan.sections}) == 1
    assert notes(after(files, made_plan), {"crates.io:lamp": "0.5.0-alpha.1", "pypi:lamp-py": "0.5.0a1"}).keys() == {
        "crates.io:lamp",
        "pypi:lamp-py",
    }


def test_packages_of_one_name_are_told_apart_by_what_the_heading_says_they_are():
    old = "## lamp 0.4.0 (Python package) + lamp 0.3.0 (Rust crate) — 2026-01-01\n\n- Light.\n"
    found = read(TITLE + old, ("lamp",))
    assert found.release("0.4.0", ("lamp",), "crates.io") is None
    assert found.release("0.4.0", ("lamp",), "pypi")
    files = {**shared(TITLE + "## Unreleased\n\n" + NOTES + old, "lamp")}
    files["lamp-py/Cargo.toml"] = files["lamp-py/Cargo.toml"].replace(b'"0.3.0"', b'"0.3.0"\npublish = false')
    made_plan = plan(files, "crates.io:lamp 0.5.0", "pypi:lamp 0.6.0")
    heading = "lamp 0.6.0 (Python package) + lamp 0.5.0 (Rust crate) — 2026-04-04"
    assert f"## {heading}\n\n{NOTES}{old}" in text(after(files, made_plan), "CHANGELOG.md")
    assert {section.body for section in made_plan.sections} == {NOTES.strip()}


SEPARATE = "## lamp-py 0.3.0 - 2026-02-02\n\n- Wheel.\n\n## lamp 0.4.0 - 2026-01-01\n\n- Light.\n"


def test_what_nobody_parted_is_about_all_that_are_released_together():
    files = shared(TITLE + "## Unreleased\n\n" + NOTES + SEPARATE)
    made_plan = plan(files, *BOTH)
    heading = "## lamp-py 0.4.0 + lamp 0.5.0 - 2026-04-04\n\n"
    assert text(after(files, made_plan), "CHANGELOG.md") == f"{TITLE}## Unreleased\n\n{heading}{NOTES}{SEPARATE}"
    assert [(section.body, section.drafted) for section in made_plan.sections] == [(NOTES.strip(), False)] * 2


CORE = "### lamp\n\n#### Added\n\n- A dimmer.\n\n"
WHEEL = "### lamp-py\n\n#### Fixed\n\n- A wheel.\n\n"


@pytest.mark.parametrize("old", [COMBINED, SEPARATE])
def test_the_part_of_a_package_that_is_not_released_stays_under_unreleased(old: str):
    head = TITLE + "## Unreleased\n\n"
    for first, second in ((CORE, WHEEL), (WHEEL, CORE)):
        files = shared(head + first + second + old)
        core = after(files, plan(files, "lamp 0.5.0"))
        assert text(core, "CHANGELOG.md") == f"{head}{WHEEL}## lamp 0.5.0 - 2026-04-04\n\n{CORE}{old}"
        wheel = after(files, plan(files, "lamp-py 0.4.0"))
        assert text(wheel, "CHANGELOG.md") == f"{head}{CORE}## lamp-py 0.4.0 - 2026-04-04\n\n{WHEEL}{old}"
        again = plan({**files, "CHANGELOG.md": core["CHANGELOG.md"]}, "lamp 0.5.0")
        assert not again.sections[0].drafted and again.sections[0].body == CORE.strip()
        assert not any(edit.path == "CHANGELOG.md" for edit in again.edits)


def test_a_package_without_a_part_of_its_own_gets_a_draft_and_the_others_part_stays():
    head = TITLE + "## Unreleased\n\n" + WHEEL
    files = shared(head + SEPARATE)
    made_plan = plan(files, "lamp 0.5.0")
    assert made_plan.sections[0].drafted
    assert text(after(files, made_plan), "CHANGELOG.md").startswith(head + "## lamp 0.5.0 - 2026-04-04\n\n")


def test_all_parts_go_when_all_packages_are_released():
    head = TITLE + "## Unreleased\n\n"
    files = shared(head + CORE + WHEEL + COMBINED)
    assert text(after(files, plan(files, *BOTH)), "CHANGELOG.md") == (
        f"{head}## lamp 0.5.0 + lamp-py 0.4.0 - 2026-04-04\n\n{CORE}{WHEEL}{COMBINED}"
    )
    files = shared(head + CORE + WHEEL + SEPARATE)
    made_plan = plan(files, *BOTH)
    assert {section.body for section in made_plan.sections} == {CORE.strip(), WHEEL.strip()}
    assert text(after(files, made_plan), "CHANGELOG.md").startswith(head + "## lamp")


@pytest.mark.parametrize("written", ["lamp 0.5.0, lamp-py 0.4.0", "lamp 0.4.1, lamp-py 0.3.1"])
def test_a_shared_section_that_waits_for_its_day_gets_it_and_the_versions_of_both(written: str):
    old = "## lamp 0.4.0, lamp-py 0.3.0 (2026-01-01)\n\n- Light.\n"
    made_plan = plan(shared(f"{TITLE}## {written} (unreleased)\n\n{NOTES}{old}"), *BOTH)
    done = text(after(shared(""), made_plan), "CHANGELOG.md")
    assert done == f"{TITLE}## lamp 0.5.0, lamp-py 0.4.0 (2026-04-04)\n\n{NOTES}{old}"
    assert [(section.body, section.drafted) for section in made_plan.sections] == [(NOTES.strip(), False)] * 2


def test_the_day_below_a_shared_heading_stays_there():
    old = "## lamp 0.4.0 & lamp-py 0.3.0\n\n_2026-01-01_\n\n- Light.\n"
    done = after(files := shared(TITLE + "## Unreleased\n\n" + NOTES + old), plan(files, *BOTH))
    assert f"## lamp 0.5.0 & lamp-py 0.4.0\n\n_2026-04-04_\n\n{NOTES}{old}" in text(done, "CHANGELOG.md")


def test_parts_are_moved_with_the_line_ends_of_the_file_and_below_the_comment_that_guides_writers():
    head = TITLE + "## Unreleased\n\n<!-- Write here. -->\n\n"
    files = shared((head + CORE + WHEEL + COMBINED).replace("\n", "\r\n"))
    done = after(files, plan(files, "lamp 0.5.0"))["CHANGELOG.md"].decode()
    assert done == f"{head}{WHEEL}## lamp 0.5.0 - 2026-04-04\n\n{CORE}{COMBINED}".replace("\n", "\r\n")
