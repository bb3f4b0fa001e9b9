from hypothesis import given
from hypothesis import strategies as st

from bot.plan import discover
from bot.plan.changelog.drafting.scope import MOST_COVERING, Scope, covering, scope_of, together
from bot.plan.discovery import sources_of
from bot.plan.repository import Repository
from tests.plan.trees import bindings, crate, lamp, pyproject, tree


def scope(files, key: str) -> Scope:
    repository, packages = Repository(files), discover(files).packages
    package = next(package for package in packages if package.key == key)
    return scope_of(repository, sources_of(repository, packages), package)


def test_a_root_package_has_neither_the_folders_of_others_nor_what_ships_in_none():
    own = scope(lamp(), "crates.io:lamp")
    assert [path for path in ("src/lib.rs", "Cargo.toml", "README.md", "build.rs") if not own.covers(path)] == []
    others = ("lamp-py/src/lib.rs", ".github/workflows/ci.yml", "tests/a.rs", "docs/x.md", "CHANGELOG.md", ".gitignore")
    assert [path for path in (*others, "noxfile.py", "benches/b.rs") if own.covers(path)] == []


def test_a_module_that_is_called_as_a_test_folder_is_part_of_the_package():
    assert scope(lamp(), "crates.io:lamp").covers("src/testing/mod.rs")


def test_what_a_package_is_built_from_by_path_and_is_not_released_by_itself_is_its_own():
    private = 'publish = false\n[dependencies]\nutil = { path = "../util" }\n'
    files = tree(
        {
            "Cargo.toml": '[workspace]\nmembers = ["crates/*", "py"]\n',
            "crates/core/Cargo.toml": f'[package]\nname = "core"\nversion = "0.0.0"\n{private}',
            "crates/util/Cargo.toml": '[package]\nname = "util"\nversion = "0.0.0"\npublish = false\n',
            "crates/open/Cargo.toml": crate("open", more='[dev-dependencies]\nutil = { path = "../util" }\n'),
            "crates/task/Cargo.toml": '[package]\nname = "task"\nversion = "0.0.0"\npublish = false\n',
            "py/Cargo.toml": bindings("lamp-py").replace(
                "[dependencies]",
                '[dependencies]\ncore = { path = "../crates/core" }\nopen = { path = "../crates/open" }',
            ),
            "py/pyproject.toml": pyproject(),
        }
    )
    own = scope(files, "pypi:lamp-py")
    assert own.covers("crates/core/src/lib.rs")
    assert own.covers("crates/util/src/lib.rs")
    assert own.covers("py/src/lib.rs")
    assert not own.covers("crates/open/src/lib.rs")
    assert not own.covers("crates/task/src/main.rs")
    assert not own.covers("crates/core/tests/x.rs")
    assert not scope(files, "crates.io:open").covers("crates/util/src/lib.rs")


def test_the_configuration_adds_and_takes_away():
    config = '[[package]]\nname = "lamp"\ninclude = ["proto", "docs/*.md"]\nexclude = ["src/generated/**"]\n'
    files = lamp(**{".github/release.toml": config})
    assert discover(files).problems == ()
    own = scope(files, "crates.io:lamp")
    assert own.covers("proto/a.proto")
    assert own.covers("docs/x.md")
    assert not own.covers("src/generated/a.rs")
    assert together([own, Scope(frozenset({"lamp-py"}))])("lamp-py/a")


def test_the_fewest_paths_hold_what_is_covered():
    paths = ["src/a.rs", "src/b/c.rs", "tests/x.rs", "Cargo.toml", "py/src/lib.rs", "py/tests/t.py"]
    own = Scope(frozenset({"."}), frozenset({"py"}))
    assert covering(paths, own.covers) == ("Cargo.toml", "src")
    assert covering(paths, lambda path: True) == (".",)
    assert covering(paths, lambda path: False) == ()


@given(st.sets(st.from_regex(r"[a-c](/[a-d]){0,4}\.x", fullmatch=True), max_size=60), st.randoms(use_true_random=False))
def test_whatever_is_covered_lies_below_the_paths_and_there_are_never_many(paths, random):
    chosen = {path for path in paths if random.random() < 0.5}
    found = covering(paths, chosen.__contains__)
    assert len(found) <= MOST_COVERING
    assert all(any(each in (".", path) or path.startswith(f"{each}/") for each in found) for path in chosen)
    if len(found) < MOST_COVERING // 2:
        assert chosen or not found
