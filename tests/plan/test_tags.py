from bot.plan import discover
from tests.plan.trees import crate, lamp, tree

CARGO_PUBLISH = "on: {{push: {{tags: ['{}']}}}}\njobs:\n  x:\n    runs-on: x\n    steps:\n      - run: cargo publish\n"


def formats(files, tags=()) -> list[str]:
    return [package.tag for package in discover(files, tags).packages]


def test_without_tags_the_bindings_get_a_prefix():
    assert formats(lamp()) == ["v{version}", "py-v{version}"]


def test_existing_tags_are_followed():
    assert formats(lamp(), ["rust-v0.4.0", "python-v0.3.0"]) == ["rust-v{version}", "python-v{version}"]
    assert formats(lamp(), ["0.4.0", "lamp-py/0.3.0"]) == ["{version}", "lamp-py/{version}"]


def test_the_crates_old_tags_are_not_taken_for_the_bindings():
    assert formats(lamp(), ["v0.4.0", "v0.3.0", "v0.2.0"]) == ["v{version}", "py-v{version}"]


def test_older_tags_count_when_the_current_version_has_none():
    assert formats(lamp(), ["rust-v0.3.9", "wheels-v0.2.9"]) == ["rust-v{version}", "wheels-v{version}"]


def test_a_version_is_not_found_inside_a_longer_one():
    assert formats(lamp(), ["v10.4.0"])[0] == "v{version}"


def test_the_workflows_pattern_decides_where_there_are_no_tags():
    files = {**lamp(), ".github/workflows/publish.yml": CARGO_PUBLISH.format("crate-v*").encode()}
    assert formats(files)[0] == "crate-v{version}"


def test_members_with_versions_of_their_own_get_tags_with_their_names():
    root = '[workspace]\nmembers = ["a", "b"]\n'
    files = tree({"Cargo.toml": root, "a/Cargo.toml": crate("a"), "b/Cargo.toml": crate("b")})
    assert formats(files) == ["v{version}", "b-v{version}"]
    assert formats(files, ["a-v0.4.0", "b-v0.4.0"]) == ["a-v{version}", "b-v{version}"]


def test_members_of_one_version_share_one_tag():
    root = '[workspace]\nmembers = ["a", "b"]\n[workspace.package]\nversion = "0.4.0"\n'
    member = "[package]\nname = '{}'\nversion.workspace = true\n"
    files = tree({"Cargo.toml": root, "a/Cargo.toml": member.format("a"), "b/Cargo.toml": member.format("b")})
    assert formats(files) == ["v{version}", "v{version}"]


def test_two_tags_for_one_version_are_a_problem_and_not_a_guess():
    problems = discover(lamp(), ["v0.4.0", "0.4.0", "py-v0.3.0"]).problems
    assert len(problems) == 1
    assert "v0.4.0" in problems[0].what and ".github/release.toml" in problems[0].fix
