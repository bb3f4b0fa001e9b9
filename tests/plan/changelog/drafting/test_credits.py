"""`contributors = true`: a section ends with who made the changes."""

from bot.plan.changelog.drafting.credits import credited
from bot.plan.changelog.drafting.draft import Style
from bot.plan.model import Change
from tests.plan.trees import lamp, plan

ANN = Change("feat: x", 1, credit="@ann")
BOB = Change("fix: y", 2, credit="@bob", newcomer=True)
CONFIG = {".github/release.toml": "[release]\ncontributors = true\n"}


def test_each_is_named_once_and_newcomers_last():
    told = credited([BOB, ANN, Change("fix: z", 3, credit="@ann")], Style())
    assert told == "### Contributors\n\n- @ann\n- @bob, for the first time"


def test_robots_noise_and_who_is_not_known_are_not_named():
    changes = [Change("Bump x", 1, bot=True, credit="@robot"), Change("ci: x", 2, credit="@ann"), Change("feat: y", 3)]
    assert credited(changes, Style()) == ""


def test_a_house_without_groups_gets_one_line():
    style = Style(grouped=False, bullet="*")
    assert credited([ANN, BOB], style) == "* Contributors: @ann, @bob (for the first time)."


def test_a_draft_ends_with_them_where_the_configuration_says_so():
    files = lamp(**CONFIG, **{"CHANGELOG.md": "## [Unreleased]\n\n## [0.4.0]\n\n### Added\n\n- Light.\n"})
    body = plan(files, "0.5.0", changes={"crates.io:lamp": [ANN, BOB]}).sections[0].body
    assert body.endswith("- Y (#2)\n\n### Contributors\n\n- @ann\n- @bob, for the first time")
    files = lamp(**{"CHANGELOG.md": "## [Unreleased]\n\n## [0.4.0]\n\n### Added\n\n- Light.\n"})
    assert "@ann" not in plan(files, "0.5.0", changes={"crates.io:lamp": [ANN, BOB]}).sections[0].body


def test_so_does_what_a_person_wrote():
    old = "## [0.4.0]\n\n### Added\n\n- Light.\n"
    files = lamp(**CONFIG, **{"CHANGELOG.md": f"## [Unreleased]\n\n### Fixed\n\n- Smoke (#1, #2)\n\n{old}"})
    made = plan(files, "0.5.0", changes={"crates.io:lamp": [ANN]})
    edit = next(edit for edit in made.edits if edit.path == "CHANGELOG.md")
    assert (edit.after or b"").decode() == (
        "## [Unreleased]\n\n## [0.5.0]\n\n### Fixed\n\n- Smoke (#1, #2)\n\n### Contributors\n\n- @ann\n\n" + old
    )
    files = lamp(**CONFIG, **{"CHANGELOG.md": "## [Unreleased]\n\n### Fixed\n\n- Smoke (#1)"})
    made = plan(files, "0.5.0", changes={"crates.io:lamp": [ANN]})
    assert made.sections[0].body == "### Fixed\n\n- Smoke (#1)\n\n### Contributors\n\n- @ann"
