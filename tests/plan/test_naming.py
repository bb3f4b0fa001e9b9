"""What a release calls its branch, its commit and its pull request, and how the name is read again."""

import pytest

from bot.plan.model import Plan
from bot.plan.naming import branch_of, prefix_of, prefix_told, tags_of, titled
from bot.plan.policy import TITLE
from tests.plan.trees import lamp, plan

MANY = [f"a-package-with-a-long-name-{number}-v1.0.0" for number in range(9)]


def both() -> Plan:
    return plan(lamp(), "lamp 0.5.0", "lamp-py 0.4.0")


@pytest.mark.parametrize("prefix", ["shipmate/", "release/", "ship-", "a/b/", "a+b/"])
@pytest.mark.parametrize("tags", [["v1.0.0"], ["v1.0.0", "py-v0.4.0"], ["crates/lamp/v1.0.0", "py/v1"]])
def test_prefix_and_tags_are_read_from_a_branch_as_they_were_written(prefix, tags):
    branch = branch_of(prefix, tags)
    assert branch.startswith(prefix)
    assert (prefix_of(branch, tags), tags_of(branch, prefix)) == (prefix, tags)


def test_a_branch_of_very_many_tags_names_the_first():
    branch = branch_of("shipmate/", MANY)
    assert branch == f"shipmate/{MANY[0]}+8-more"
    assert prefix_of(branch, MANY) == "shipmate/"
    assert tags_of(branch, "shipmate/")[0] == MANY[0]


def test_packages_that_share_a_tag_are_named_once():
    assert branch_of("shipmate/", ["v1.0.0", "v1.0.0"]) == "shipmate/v1.0.0"


@pytest.mark.parametrize(
    ("branch", "told", "prefix"),
    [
        ("shipmate/v1", None, "shipmate/"),
        ("release/v1", None, "release/"),
        ("shipmate/rel-v1", "shipmate/rel-", "shipmate/rel-"),
        ("mine/v1", "mine/", "mine/"),
        ("mine/v1", None, ""),
    ],
)
def test_a_branch_of_before_needs_nothing_told_of_its_prefix(branch, told, prefix):
    assert prefix_told(branch, told) == prefix


def test_the_release_branch_is_named_after_the_app_and_its_tags():
    assert both().branch == "shipmate/v0.5.0+py-v0.4.0"


def test_a_configured_prefix_takes_the_place_of_ours():
    files = {**lamp(), ".github/release.toml": b'[release]\nbranch-prefix = "ship-it/"\n'}
    assert plan(files, "0.5.0").branch == "ship-it/v0.5.0"


def test_a_title_without_configuration_names_packages_and_versions():
    assert titled(TITLE, both().bumps) == "release: lamp v0.5.0 + lamp-py v0.4.0"


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("chore: release {versions}", "chore: release 0.5.0 + 0.4.0"),
        ("Release {tags} ({packages})", "Release v0.5.0 + py-v0.4.0 (lamp v0.5.0 + lamp-py v0.4.0)"),
    ],
)
def test_a_configured_title_has_its_placeholders_filled_in(template, title):
    assert titled(template, both().bumps) == title


def test_commit_message_and_pull_request_title_are_configured_apart():
    config = b'[release]\ncommit-message = "chore: release {versions}"\npull-request-title = "Release {tags}"\n'
    made = plan({**lamp(), ".github/release.toml": config}, "0.5.0")
    assert (made.headline, made.title) == ("chore: release 0.5.0", "Release v0.5.0")


def test_a_title_of_very_many_packages_names_the_first():
    bumps = [bump for bump in both().bumps for _ in range(20)]
    assert titled(TITLE, bumps).endswith(" and 39 more packages")
    assert len(titled("{packages} {tags} {versions}" * 4, bumps)) == 200
