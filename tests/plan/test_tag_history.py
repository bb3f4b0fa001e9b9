"""Which of several tag formats is followed where a repository has a history: dates and versions of its tags tell."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.plan import discover
from bot.plan.model import Tag
from tests.plan.trees import crate, lamp, plan, pyproject, refusal, tree
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 4, 1, tzinfo=UTC)
MEMBERS = '[workspace]\nmembers = ["a", "b"]\n'


def tagged(*names: str, days: int = 0) -> list[Tag]:
    """Tags, the newest first, made some days ago and each a month after the next."""
    return [Tag(name, NOW - timedelta(days=days + 30 * at)) for at, name in enumerate(names)]


def found(files, *tags: Tag) -> dict[str, str]:
    return {package.key: package.tag for package in discover(files, tags).packages}


def workspace(a: str = "0.4.0", b: str = "0.4.0", more: str = ""):
    """Two crates with versions of their own; `more` stands in the second one's manifest."""
    return tree({"Cargo.toml": MEMBERS, "a/Cargo.toml": crate("a", a), "b/Cargo.toml": crate("b", b, more)})


def test_a_format_that_was_given_up_years_ago_is_not_followed_though_it_has_the_packages_name():
    files = tree({"Cargo.toml": crate("lamp", "0.9.0-dev")})
    tags = [*tagged("v0.8.0", "v0.7.0"), *tagged("lamp@0.4.0", "lamp@0.3.0", "lamp@0.2.0", days=900)]
    (package,) = discover(files, tags).packages
    assert package.tag == "v{version}"
    assert package.sources["tag"] == (
        "tags: v0.8.0 of 2026-04-01 and 1 before; lamp@{version} was used last for lamp@0.4.0 of 2023-10-14"
    )


def test_a_stale_tag_of_this_very_number_that_was_another_packages_counts_for_nothing():
    """`rust-v0.13.0` was the other crate's, years ago; that one is at 0.25.0 now."""
    tags = [*tagged("rust-v0.25.0", "rust-v0.24.0"), *tagged("rust-v0.13.0", days=900)]
    assert found(workspace("0.25.0", "0.13.0"), *tags) == {
        "crates.io:a": "rust-v{version}",
        "crates.io:b": "b-v{version}",
    }


def test_the_owner_of_tags_is_told_by_their_versions_and_not_by_its_place_in_the_tree():
    tags = tagged("rust-v0.25.0", "rust-v0.24.0")
    assert found(workspace("0.1.0", "0.25.0"), *tags)["crates.io:b"] == "rust-v{version}"
    assert found(workspace("0.1.0", "0.25.0"), *tags)["crates.io:a"] != "rust-v{version}"


def test_packages_that_moved_together_under_one_tag_share_it():
    assert set(found(workspace(), *tagged("v0.4.0", "v0.3.0")).values()) == {"v{version}"}


def test_they_share_it_also_in_a_trunk_that_says_the_next_version():
    assert set(found(workspace("0.5.0-dev", "0.5.0-dev"), *tagged("v0.4.0", "v0.3.0")).values()) == {"v{version}"}


def test_one_tag_of_one_number_is_no_habit():
    assert found(workspace(), *tagged("v0.4.0")) == {"crates.io:a": "v{version}", "crates.io:b": "b-v{version}"}


def test_an_exact_requirement_is_proof_that_two_move_together():
    exact = '\n[dependencies]\na = { path = "../a", version = "=0.4.0" }\n'
    assert set(found(workspace(more=exact)).values()) == {"v{version}"}
    assert found(workspace()) == {"crates.io:a": "v{version}", "crates.io:b": "b-v{version}"}


def test_an_exact_requirement_that_the_workspace_hands_down_is_proof_too():
    files = {
        **workspace(more="\n[dependencies]\na.workspace = true\n"),
        "Cargo.toml": f'{MEMBERS}[workspace.dependencies]\na = {{ path = "a", version = "=0.4.0" }}\n'.encode(),
    }
    assert set(found(files).values()) == {"v{version}"}


def test_one_that_is_required_exactly_may_be_behind_under_the_same_tags():
    files = tree(
        {
            "Cargo.toml": crate(
                "lamp",
                "0.4.6",
                '[dependencies]\nwick = { path = "wick", version = "=0.4.4" }\n' + '[workspace]\nmembers = ["wick"]\n',
            ),
            "wick/Cargo.toml": crate("wick", "0.4.4"),
        }
    )
    tags = tagged("v0.4.6", "v0.4.5", "v0.4.4")
    assert found(files, *tags) == {"crates.io:lamp": "v{version}", "crates.io:wick": "v{version}"}


def test_a_package_with_tags_of_its_own_does_not_share_anothers_of_its_number():
    tags = [*tagged("v0.4.0", "v0.3.0"), *tagged("b-v0.4.0", "b-v0.3.9")]
    assert found(workspace(), *tags) == {"crates.io:a": "v{version}", "crates.io:b": "b-v{version}"}


def test_packages_are_tagged_with_another_ones_name_where_they_are_built_on_it():
    built = '\n[dependencies]\na = { path = "../a", version = "0.4" }\n'
    tags = tagged("a-v0.4.0", "a-v0.3.0")
    assert set(found(workspace(more=built), *tags).values()) == {"a-v{version}"}
    assert found(workspace(), *tags)["crates.io:b"] == "b-v{version}"


def test_prereleases_of_one_format_do_not_hide_finals_of_another():
    files = tree({"Cargo.toml": crate("lamp", "0.5.0-dev")})
    tags = [*tagged("0.5.0-beta.2", "0.5.0-beta.1"), *tagged("v0.4.0", "v0.3.0", days=90)]
    assert found(files, *tags) == {"crates.io:lamp": "v{version}"}


def test_a_bare_version_is_not_read_out_of_a_tag_with_a_v():
    """PEP 440 takes `v2.10.0` for a version; the format is `v{version}` all the same, however many bare ones were."""
    files = tree({"pyproject.toml": pyproject("lamp", "2.11.0.dev1", backend="hatchling")})
    tags = [*tagged("v2.10.0", "v2.9.0"), *tagged("1.2", "1.1", "1.0", days=3000)]
    assert found(files, *tags) == {"pypi:lamp": "v{version}"}


def test_a_new_package_is_tagged_as_its_siblings_are():
    tags = tagged("rust/a@0.4.0", "rust/a@0.3.0")
    assert found(workspace(b="0.1.0"), *tags)["crates.io:b"] == "rust/b@{version}"


def test_two_formats_of_one_version_are_a_question_only_while_nothing_tells_them_apart():
    both = [Tag("v0.4.0", NOW), Tag("0.4.0", NOW)]
    assert [problem.where for problem in discover(lamp(), [*both, Tag("py-v0.3.0", NOW)]).problems] == ["tags"]
    habit = [*both, *tagged("v0.3.0", "v0.2.0", "v0.1.0", days=60)]
    assert discover(lamp(), [*habit, Tag("py-v0.3.0", NOW)]).problems == ()


def test_a_package_that_is_heard_only_under_the_shared_tag_shares_it_though_nothing_was_tagged_yet():
    workflow = (
        b"on: {push: {tags: ['v*']}}\njobs:\n  x:\n    runs-on: x\n    steps:\n"
        b"      - run: cargo publish -p a\n      - run: cargo publish -p b\n"
    )
    files = {**workspace(), ".github/workflows/publish.yml": workflow}
    assert set(found(files).values()) == {"v{version}"}


def heard(pattern: str, version: str = "0.4.0"):
    workflow = f"on: {{push: {{tags: ['{pattern}']}}}}\njobs: {{x: {{runs-on: x, steps: [{{run: cargo publish}}]}}}}\n"
    return {**tree({"Cargo.toml": crate("lamp", version)}), ".github/workflows/publish.yml": workflow.encode()}


def test_a_format_that_the_publish_workflow_does_not_hear_is_refused_with_both_facts():
    tags = tagged("0.4.0", "0.3.0")
    said = refusal(heard("[0-9].[0-4].*"), "0.5.0", tags=tags)
    assert "publish.yml: does not run for the tag 0.5.0: `on.push.tags` is [0-9].[0-4].*" in said
    assert "the last tag of that form was 0.4.0" in said


def test_it_is_only_warned_about_where_the_last_release_was_not_heard_either():
    made = plan(heard("[0-9].*", "2026.4.1"), "2026.5.0", tags=tagged("2026.4.1", "2026.4.0"))
    assert [bump.tag for bump in made.bumps] == ["2026.5.0"]
    assert [warning for warning in made.warnings if "Nor does it for 2026.4.1" in warning]


def test_a_pattern_for_candidates_only_does_not_undo_the_format_of_all_tags_before():
    made = plan(heard("*-rc*"), "0.5.0", tags=tagged("0.4.0", "0.4.0-rc.1", "0.3.0"))
    assert [bump.tag for bump in made.bumps] == ["0.5.0"]


@needs_shared
@pytest.mark.parametrize("name", sorted(each.name for each in (SHARED / "data/repositories").glob("*/")))
def test_each_real_repositorys_packages_get_the_tags_that_they_always_got(name):
    """Those that discovery does not know are another test's; a format that is null is one that nothing tells."""
    folder = SHARED / "data/repositories" / name
    case = json.loads((folder / "case.json").read_text("utf-8"))
    files = {
        path.relative_to(folder / "tree").as_posix(): path.read_bytes()
        for path in (folder / "tree").rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    dated = [Tag(tag["name"], datetime.fromisoformat(tag["date"])) for tag in case["tags"]]
    tags = [*dated, *(Tag(tag) for tag in case["older_tags"])]
    told, expected = case["expected"]["tag_format"], dict(case["expected"].get("other_packages", {}))
    for package in case["expected"]["packages"]:
        key = f"{package['registry']}:{package['name']}"
        expected[key] = told[key] if isinstance(told, dict) else told
    known = found(files, *tags)
    wrong = {key: known[key] for key, tag in expected.items() if tag and known.get(key, tag) != tag}
    assert wrong == {}
