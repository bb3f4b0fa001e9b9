"""What the rulesets of a repository forbid of a release, known before anything is changed."""

import pytest

from bot.github.facts import NamePattern, Rule, Ruleset
from bot.release.preflight.rulesets import about_branch, about_tags

URL = "https://github.com/octo/demo/rules/42"
TAGS = ("v0.5.0", "py-v0.4.0")
TITLE = "release: tidewater v0.5.0"


def ruleset(*rules: Rule, include: tuple[str, ...] = ("~ALL",), bypass: str = "never", **more: object) -> Ruleset:
    return Ruleset(42, "Tags", rules, include, bypass=bypass, url=URL, **more)  # type: ignore[arg-type] # by name


def tags(*rulesets: Ruleset) -> list[str]:
    return [f"{problem.where} {problem.what} {problem.fix}" for problem in about_tags(TAGS, rulesets).problems]


def branch(*rulesets: Ruleset) -> list[str]:
    found = about_branch("shipmate/v0.5.0", (TITLE, f"{TITLE}\n\nRequested by ann in #7."), rulesets)
    return [f"{problem.where} {problem.what} {problem.fix}" for problem in found.problems]


def test_a_ruleset_that_restricts_creations_is_named_with_act_refs_link_and_way_out():
    (said,) = tags(ruleset(Rule("creation")))
    assert "refs/tags/v0.5.0, refs/tags/py-v0.4.0" in said
    assert "ruleset “Tags”" in said and URL in said
    assert "bypass list" in said


def test_only_the_refs_that_a_ruleset_is_about_are_named():
    (said,) = tags(ruleset(Rule("creation"), include=("refs/tags/py-*",)))
    assert "refs/tags/py-v0.4.0" in said and "refs/tags/v0.5.0" not in said
    assert tags(ruleset(Rule("creation"), exclude=("refs/tags/**/*",))) == []
    assert tags(ruleset(Rule("creation"), include=("refs/tags/x*",))) == []


@pytest.mark.parametrize("bypass", ["always", "exempt", ""])
def test_an_app_that_can_bypass_or_of_which_nothing_is_told_is_not_held_up(bypass):
    assert tags(ruleset(Rule("creation"), bypass=bypass)) == []
    assert branch(ruleset(Rule("creation"), bypass=bypass)) == []


def test_who_can_bypass_in_pull_requests_only_cannot_push():
    assert tags(ruleset(Rule("creation"), bypass="pull_requests_only"))


@pytest.mark.parametrize("kind", ["update", "deletion", "required_signatures", "non_fast_forward"])
def test_a_rule_that_forbids_no_new_tag_is_none_of_a_releases(kind):
    assert tags(ruleset(Rule(kind))) == []


def test_a_tag_must_be_named_as_a_rule_says():
    (said,) = tags(ruleset(Rule("tag_name_pattern", NamePattern("starts_with", "v"))))
    assert "refs/tags/py-v0.4.0" in said and "refs/tags/v0.5.0" not in said
    assert "start with `v`" in said


def test_a_pattern_that_cannot_be_read_is_a_warning_and_no_refusal():
    found = about_tags(TAGS, [ruleset(Rule("tag_name_pattern", NamePattern("regex", "(?<")))])
    assert found.problems == ()
    assert "“Tags”" in found.warnings[0]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("creation", "restricts creations"),
        ("update", "restricts updates"),
        ("pull_request", "pull request"),
        ("required_status_checks", "status checks"),
        ("merge_queue", "merge queue"),
    ],
)
def test_what_forbids_the_release_branch_is_told_with_its_name(kind, words):
    (said,) = branch(ruleset(Rule(kind)))
    assert "refs/heads/shipmate/v0.5.0" in said
    assert words in said


@pytest.mark.parametrize("kind", ["deletion", "non_fast_forward", "required_signatures", "required_linear_history"])
def test_what_the_release_branch_keeps_to_anyway_is_not_told(kind):
    assert branch(ruleset(Rule(kind))) == []


def test_the_release_branch_and_its_commit_must_be_named_as_rules_say():
    assert branch(ruleset(Rule("branch_name_pattern", NamePattern("starts_with", "shipmate/")))) == []
    (said,) = branch(ruleset(Rule("branch_name_pattern", NamePattern("regex", "^(feat|fix)/"))))
    assert "match `^(feat|fix)/`" in said
    assert branch(ruleset(Rule("commit_message_pattern", NamePattern("starts_with", "release: ")))) == []
    (said,) = branch(ruleset(Rule("commit_message_pattern", NamePattern("contains", "JIRA-"))))
    assert f"`{TITLE}`" in said and "contain `JIRA-`" in said
    (said,) = branch(ruleset(Rule("commit_message_pattern", NamePattern("contains", "release", negate=True))))
    assert "not contain `release`" in said


def test_a_message_that_fulfils_a_rule_only_with_its_body_is_no_problem():
    assert branch(ruleset(Rule("commit_message_pattern", NamePattern("regex", r"#\d+")))) == []


def test_a_rule_that_wants_deployments_before_a_push_forbids_the_release_branch():
    (said,) = branch(ruleset(Rule("required_deployments")))
    assert "wants deployments of each commit before it is pushed" in said


@pytest.mark.parametrize(
    ("kind", "operator", "pattern", "negate", "forbids"),
    [
        ("committer_email_pattern", "ends_with", "@octo.example", False, True),
        ("committer_email_pattern", "ends_with", "@github.com", False, False),
        ("committer_email_pattern", "regex", r"^\S+@octo\.example$", False, True),
        ("commit_author_email_pattern", "ends_with", "@octo.example", False, True),
        ("commit_author_email_pattern", "ends_with", "@users.noreply.github.com", False, False),
        ("commit_author_email_pattern", "contains", "noreply", True, True),
        # What comes before its end is not known, so nothing is said
        ("commit_author_email_pattern", "starts_with", "ann", False, False),
        ("commit_author_email_pattern", "contains", "octo", False, False),
        ("commit_author_email_pattern", "regex", "octo", False, False),
    ],
)
def test_a_rule_about_addresses_is_told_where_it_is_certain(kind, operator, pattern, negate, forbids):
    said = branch(ruleset(Rule(kind, NamePattern(operator, pattern, negate))))
    assert bool(said) is forbids
    assert branch(ruleset(Rule(kind, NamePattern(operator, pattern, negate)), bypass="always")) == []


def test_a_rule_against_force_pushes_is_a_warning_since_the_branch_need_not_move():
    found = about_branch("shipmate/v0.5.0", (TITLE,), [ruleset(Rule("non_fast_forward"))])
    assert found.problems == ()
    (warning,) = found.warnings
    assert "blocks force pushes" in warning and "ruleset “Tags”" in warning
