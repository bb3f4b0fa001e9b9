from dataclasses import replace

from bot.comments.pull_request import BODY_LIMIT, pull_request_body
from bot.defused import quiet_mentions
from bot.plan.model import Change, Plan
from tests.plan.trees import lamp, plan

CHANGES = {"pypi:lamp-py": [Change("feat: thank @octocat", 31)]}


def body(made: Plan | None = None) -> str:
    return pull_request_body(
        made or plan(lamp(), "0.5.0", "lamp-py 0.4.0", changes=CHANGES), requested_by="morgan", issue=12
    )


def test_the_body_shows_packages_files_sections_and_what_happens_next():
    text = body()
    assert "asked for this release in #12." in text
    assert "| **lamp** | 0.4.0 → **0.5.0** | `v0.5.0` | crates.io |" in text
    assert "| `lamp-py/Cargo.toml` | version and its requirement on lamp |" in text
    assert "### lamp 0.5.0\n\n#### Added\n\n- A dimmer." in text
    assert (
        "2. When CI is green on the merge commit, Shipmate puts the tags `v0.5.0` and `py-v0.4.0` on that very commit."
        in text
    )


def test_only_drafted_sections_are_marked_as_drafts():
    text = body()
    assert text.count("**Draft.**") == 1
    assert "Edit it in `lamp-py/CHANGELOG.md` on this pull request's branch" in text


def test_nobody_is_called():
    text = body()
    assert "@morgan" not in text and "@octocat" not in text
    assert "@\u200bmorgan" in text and "@\u200boctocat" in text


def test_code_keeps_its_at_signs():
    code = "`@a` and\n\n```py\n@decorator\n```\n\nand me@home.org"
    assert quiet_mentions(code) == code


def test_a_changelog_closes_nothing_and_skips_nothing_when_the_release_is_merged():
    made = plan(lamp(), "0.5.0")
    entry = "- A dimmer, fixes #31 [skip ci]\n\n```\ngit commit -m 'closes #2'\n```"
    text = body(replace(made, sections=(replace(made.sections[0], body=entry),), warnings=("Fixes #7.",)))
    assert "- A dimmer, fixes issue #31 (skip ci)\n\n```\ngit commit -m 'closes issue #2'\n```" in text
    assert "> - Fixes issue #7." in text


def test_a_changelog_that_only_closes_issues_still_fits():
    made = plan(lamp(), "0.5.0")
    assert len(body(replace(made, sections=(replace(made.sections[0], body="fix #1 " * 9000),)))) <= BODY_LIMIT


def test_warnings_are_set_apart():
    assert "> [!WARNING]\n> - lamp goes from 0.4.0 to 0.9.0 and skips 0.5.0." in body(plan(lamp(), "0.9.0"))


def test_a_long_changelog_is_cut_at_a_heading_and_the_rest_stays():
    made = plan(lamp(), "0.5.0")
    entries = "\n\n".join(f"### Part {number}\n\n- {'word ' * 200}" for number in range(200))
    text = body(replace(made, sections=(replace(made.sections[0], body=entries),)))
    assert len(text) <= BODY_LIMIT
    assert "word\n\n*The rest did not fit here; it is in the changed files.*\n\n## What happens next" in text
    assert text.rstrip().endswith("tells how far it is.")


def test_a_release_of_very_many_packages_still_fits():
    made = plan(lamp(), "0.5.0")
    text = body(replace(made, bumps=made.bumps * 500, edits=made.edits * 500, sections=made.sections * 500))
    assert len(text) <= BODY_LIMIT
    assert "… and 440 more packages." in text


def test_headings_in_code_are_not_moved():
    made = plan(lamp(), "0.5.0")
    section = replace(made.sections[0], body="### Added\n\n```sh\n# run\n```")
    assert "#### Added\n\n```sh\n# run\n```" in body(replace(made, sections=(section,)))
