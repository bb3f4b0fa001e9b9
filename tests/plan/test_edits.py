from collections.abc import Mapping

import pytest

from bot.plan.manifests.toml import TomlFile, read_toml
from bot.plan.model import Plan, Tree
from tests.plan.trees import after, bindings, changed_lines, crate, lamp, lock, plan, pyproject, refusal, text, tree

WORKSPACE = '[workspace]\nmembers = ["lamp", "user"]\n'


def required(entry: str, new: str = "0.5.0") -> str:
    """What becomes of a dependency entry of `user` on `lamp`, when `lamp` 0.4.0 is released."""
    files = tree(
        {
            "Cargo.toml": WORKSPACE,
            "lamp/Cargo.toml": crate("lamp"),
            "user/Cargo.toml": crate("user", more=f"\n{entry}\n"),
        }
    )
    return text(after(files, plan(files, f"lamp {new}")), "user/Cargo.toml").partition("\n\n")[2].strip()


def edit_of(made: Plan, path: str):
    return next(edit for edit in made.edits if edit.path == path)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('[dependencies]\nlamp = { version = "0.4.0", path = "../lamp" } # light', "0.5.0"),
        ("[dependencies]\nlamp = {path='../lamp',version='0.4'}", "0.5"),
        ('[dev-dependencies.lamp]\npath = "../lamp"\nversion = "=0.4.0"', "=0.5.0"),
        ('[build-dependencies]\nlamp.path = "../lamp"\nlamp.version = "0.4.0"', "0.5.0"),
        (
            '[target.\'cfg(unix)\'.dependencies]\nlight = { package = "lamp", path = "../lamp", version = "~0.4" }',
            "~0.5",
        ),
        (
            '[dependencies]\nlamp = { path = "../lamp/../lamp/", version = "0.4.0", features = [\n  "a", # b\n] }',
            "0.5.0",
        ),
    ],
)
def test_requirements_by_path_move_wherever_they_stand(entry: str, expected: str):
    old = next(version for version in ("=0.4.0", "~0.4", "0.4.0", "0.4") if version in entry)
    assert required(entry) == entry.replace(old, expected)


@pytest.mark.parametrize(
    "entry",
    [
        '[dependencies]\nlamp = { path = "../lamp" }',
        '[dependencies]\nlamp = "0.4.0"',
        '[dependencies]\nlamp = { version = "0.4.0", git = "https://x.y/lamp" }',
        '[dependencies]\nlamp = { version = "0.4.0", path = "../other" }',
        '[dependencies]\nother = { package = "lamp", version = "0.4.0" }',
        '[dependencies]\nlamp = { version = "*", path = "../lamp" }',
        "[package.metadata.x]\nlamp = { version = '0.4.0', path = '../lamp' }",
    ],
)
def test_what_is_not_a_requirement_on_our_crate_stays(entry: str):
    assert required(entry) == entry


def test_a_workspace_table_is_moved_once_for_all():
    files = tree(
        {
            "Cargo.toml": WORKSPACE + '[workspace.dependencies]\nlamp = { path = "lamp", version = "0.4.0" }\n',
            "lamp/Cargo.toml": crate("lamp"),
            "user/Cargo.toml": crate("user", more="\n[dependencies]\nlamp.workspace = true\n"),
        }
    )
    made = plan(files, "lamp 0.5.0")
    assert [edit.path for edit in made.edits] == ["Cargo.toml", "lamp/Cargo.toml"]
    assert edit_of(made, "Cargo.toml").changes == ("workspace.dependencies.lamp: 0.4.0 → 0.5.0",)


def test_a_plain_requirement_that_the_workspace_patches_to_our_crate_moves():
    patch = "[patch.crates-io]\nlamp = { path = 'lamp' }\n"
    files = tree(
        {
            "Cargo.toml": WORKSPACE + patch,
            "lamp/Cargo.toml": crate("lamp"),
            "user/Cargo.toml": crate("user", more='\n[dependencies]\nlamp = "0.4"\n'),
        }
    )
    made = after(files, plan(files, "lamp 0.5.0"))
    assert 'lamp = "0.5"' in text(made, "user/Cargo.toml")
    assert text(made, "Cargo.toml") == WORKSPACE + patch


def test_a_requirement_that_cannot_be_read_is_a_problem_with_its_line():
    files = {**lamp(), "lamp-py/Cargo.toml": bindings(requires='lamp = { path = "..", version = "four" }').encode()}
    assert "lamp-py/Cargo.toml:10: the requirement `four` on lamp cannot be read" in refusal(files, "0.5.0")


def test_bindings_that_are_not_released_still_get_the_new_requirement():
    made = plan(lamp(), "0.5.0")
    edit = edit_of(made, "lamp-py/Cargo.toml")
    assert edit.changes == ("dependencies.lamp: 0.4.0 → 0.5.0",)
    assert edit.why == "requirement on lamp; lamp-py itself is not released"
    assert [line for line, _ in changed_lines(lamp()["Cargo.lock"], edit_of(made, "Cargo.lock").after)] == [
        'version = "0.4.0"\n'
    ]


def test_the_bindings_crate_moves_with_its_pyproject_also_from_another_version():
    files = {**lamp(), "lamp-py/Cargo.toml": bindings(version="0.2.0").encode()}
    made = plan(files, "lamp-py 0.4.0")
    assert 'version = "0.4.0"' in text(after(files, made), "lamp-py/Cargo.toml")
    assert any("said 0.2.0 while lamp-py/pyproject.toml said 0.3.0" in warning for warning in made.warnings)


def test_a_version_that_bindings_inherit_from_released_crates_is_not_theirs_to_move():
    files = tree(
        {
            "Cargo.toml": '[workspace]\nmembers = ["a", "py"]\n[workspace.package]\nversion = "0.4.0"\n',
            "a/Cargo.toml": "[package]\nname = 'a'\nversion.workspace = true\n",
            "py/Cargo.toml": "[package]\nname = 'py'\nversion.workspace = true\n[lib]\ncrate-type = ['cdylib']\n",
            "py/pyproject.toml": pyproject("py"),
        }
    )
    assert [edit.path for edit in plan(files, "py 0.5.0").edits] == ["py/pyproject.toml"]


def test_only_our_own_lock_entries_change_also_when_a_name_occurs_twice():
    entries = (
        "app 1.0.0: lamp 0.3.0, lamp 0.4.0",
        "lamp 0.3.0 registry",
        "lamp 0.4.0: lamp 0.3.0",
        "other 0.4.0 registry",
    )
    files = tree(
        {"Cargo.toml": WORKSPACE.replace("user", "app"), "lamp/Cargo.toml": crate("lamp"), "Cargo.lock": lock(*entries)}
    )
    files = {**files, "app/Cargo.toml": crate("app", "1.0.0", '[dependencies]\nlamp = { path = "../lamp" }\n').encode()}
    edit = edit_of(plan(files, "lamp 0.5.0"), "Cargo.lock")
    expected = lock(
        "app 1.0.0: lamp 0.3.0, lamp 0.5.0", "lamp 0.3.0 registry", "lamp 0.5.0: lamp 0.3.0", "other 0.4.0 registry"
    )
    assert edit.after.decode() == expected
    assert edit.changes == ("lamp: 0.4.0 → 0.5.0", "app: reference: lamp 0.4.0 → lamp 0.5.0")


def test_every_lock_file_that_holds_the_crate_is_kept_right_and_no_other():
    files = lamp(
        **{
            "fuzz/Cargo.toml": crate("fuzz", "0.0.0", '[dependencies]\nlamp = { path = ".." }\n[workspace]\n'),
            "fuzz/Cargo.lock": lock("fuzz 0.0.0: lamp", "lamp 0.2.0"),
            "lamp-py/Cargo.lock": lock("lamp 0.4.0", "lamp-py 0.3.0: lamp"),
            "other/Cargo.toml": crate("other", more="[workspace]\n"),
            "other/Cargo.lock": lock("lamp 0.4.0 registry", "other 0.4.0: lamp"),
        },
    )
    locks = {edit.path: edit for edit in plan(files, "0.5.0").edits if edit.path.endswith("lock")}
    assert set(locks) == {"Cargo.lock", "fuzz/Cargo.lock"}
    assert locks["fuzz/Cargo.lock"].changes == ("lamp: 0.2.0 → 0.5.0",)


def test_a_lock_file_that_is_behind_for_others_is_warned_about():
    files = lamp(**{"Cargo.lock": lock("lamp 0.4.0", "lamp-py 0.2.9: lamp")})
    assert (
        "Cargo.lock says lamp-py 0.2.9, but lamp-py/Cargo.toml says 0.3.0: `--locked` fails."
        in plan(files, "0.5.0").warnings
    )


def test_python_lock_files_and_repeated_versions_follow():
    files = tree(
        {
            "pyproject.toml": pyproject(
                "lamp", "0.4.0", 'optional-dependencies = {all = ["lamp[dim]==0.4.0"]}\n', "hatchling"
            ),
            "uv.lock": 'version = 1\n\n[[package]]\nname = "lamp"\nversion = "0.4.0"\nsource = { editable = "." }\n\n'
            '[[package]]\nname = "lamp-old"\nversion = "0.4.0"\nsource = { registry = "x" }\n',
            "src/lamp/__init__.py": '__version__ = "0.4.0"\n',
            "src/lamp/_version.py": '__version__ = "9.9.9"\n',
        }
    )
    made = plan(files, "0.5.0")
    assert [edit.path for edit in made.edits] == ["pyproject.toml", "src/lamp/__init__.py", "uv.lock"]
    assert b'"lamp[dim]==0.5.0"' in edit_of(made, "pyproject.toml").after
    assert edit_of(made, "uv.lock").after.count(b"0.5.0") == 1


def test_a_version_decided_by_tags_needs_no_edit_and_says_so():
    files = tree({"pyproject.toml": pyproject("lamp", None, "[tool.setuptools_scm]\n", "setuptools")})
    answer = plan(files, "0.5.0", tags=["v0.4.0"])
    assert answer.edits == ()
    assert answer.warnings[0] == "lamp takes its version from the tag; no file says it."
    assert "needs no commit, for no file says it" in answer.warnings[-1]


@pytest.mark.parametrize(
    "content",
    [
        '\ufeff[package]\nname = "lamp"\nversion = "0.4.0"',
        '[package]\r\nname = "lamp" # x\r\nversion = "0.4.0" # keep\r\n',
        '[[bin]]\nname = "a"\n\n[ package ]\n\tname="lamp"\n\tversion\t=\t\'0.4.0\'  # keep\n\n[[bin]]\nname = "b"\n',
        'package.name = "lamp"\npackage.version = """0.4.0"""\n',
        'package = { name = "lamp", version = "0.4.0" }   \n\n\n',
        '[package]\n"name" = "lamp"\n"version" = "0.4.0"\n[package.metadata]\nversion = "0.4.0"\n',
        '[package]\nname = "lamp"\ndescription = """\n[package]\nversion = "0.4.0"\n"""\nversion = "0.4.0"\n',
        '[package]\nname = "lamp"\nkeywords = ["version = \\"0.4.0\\"", \'\'\'x\'\'\']\nversion = "0.4.0" # "0.4.0"\n',
    ],
)
def test_every_byte_around_a_version_stays(content: str):
    before = content.encode()
    made = after({"Cargo.toml": before}, plan({"Cargo.toml": before}, "0.5.0"))["Cargo.toml"]
    assert made != before
    assert _is_before_with_one_version_changed(before, made)


def _is_before_with_one_version_changed(before: bytes, made: bytes) -> bool:
    places = [place for place in range(len(before)) if before.startswith(b"0.4.0", place)]
    return made in [before[:place] + b"0.5.0" + before[place + 5 :] for place in places]


def test_a_file_says_on_which_line_a_value_stands():
    file = read_toml("x.toml", tree({"x.toml": "a = 1\n[b]\nc = [\n  {d = 2},\n]\n"}))
    assert isinstance(file, TomlFile)
    assert [file.line(path) for path in (("a",), ("b", "c"), ("b", "c", 0, "d"), ("b", "nothing"), ("z",))] == [
        1,
        3,
        4,
        2,
        None,
    ]


def test_planning_again_after_the_release_changes_nothing():
    made = plan(lamp(), "0.5.0", "lamp-py 0.4.0")
    again = plan(after(lamp(), made), "0.5.0", "lamp-py 0.4.0")
    assert again.edits == ()
    assert "say it already" in again.warnings[-1]


def test_the_request_is_not_written_into_the_tree_it_was_given():
    files: Tree = lamp()
    copy: Mapping[str, bytes] = dict(files)
    plan(files, "0.5.0")
    assert files == copy
