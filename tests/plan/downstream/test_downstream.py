"""How another repository's files move with a release."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.packaging.registry import Registry
from bot.plan.downstream.lock import IndexedNeed, IndexedVersion
from bot.plan.downstream.planner import Released, plan_downstream, wants_downstream

CRATE = Released("tidewater", Registry.CRATES_IO, "0.4.0", "0.5.0")
WHEEL = Released("tidewater-py", Registry.PYPI, "0.3.0", "0.4.0")
INDEX = "registry+https://github.com/rust-lang/crates.io-index"


def cargo(text: str, released: Released = CRATE, more: dict[str, str] | None = None):
    tree = {"Cargo.toml": f'[package]\nname = "boat"\n\n{text}\n'} | (more or {})
    return plan_downstream({path: content.encode() for path, content in tree.items()}, released, {})


def after(plan, path: str = "Cargo.toml") -> str:
    return next(edit.after.decode() for edit in plan.edits if edit.path == path)


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ('[dependencies]\ntidewater = "0.4"', 'tidewater = "0.5"'),
        ('[dependencies]\ntidewater = "=0.2.1"', 'tidewater = "=0.5.0"'),
        ('[dependencies]\ntidewater = ">=0.2, <0.4"', 'tidewater = ">=0.5, <0.6"'),
        ('[dev-dependencies]\nsea = { package = "tidewater", version = "0.4.0" } # a', 'version = "0.5.0" } # a'),
        ('[dependencies]\ntidewater = { git = "https://x.test", branch = "main" }', 'tidewater = "0.5.0"'),
        (
            '[dependencies]\ntidewater = { features = ["a"], git = "https://x.test", rev = "1" }',
            'tidewater = { version = "0.5.0", features = ["a"] }',
        ),
        ('[dependencies]\ntidewater = { path = "../tidewater", version = "0.4" }', 'tidewater = "0.5.0"'),
        (
            '[dependencies.tidewater]\ngit = "https://x.test" # now\ntag = "v0.4.0"\nfeatures = ["a"]',
            '[dependencies.tidewater]\nversion = "0.5.0" # now\nfeatures = ["a"]',
        ),
        ('[dependencies]\ntidewater.git = "https://x.test"\ntidewater.branch = "m"', 'tidewater.version = "0.5.0"\n'),
        ('[workspace.dependencies]\ntidewater = "0.4"', 'tidewater = "0.5"'),
    ],
)
def test_a_cargo_requirement_moves_and_keeps_its_form(before, wanted):
    plan = cargo(before)
    assert wanted in after(plan)
    assert not plan.left
    assert "x.test" not in after(plan)
    tomllib.loads(after(plan))


def test_a_requirement_that_accepts_the_new_version_is_left_and_named():
    plan = cargo('[dependencies]\ntidewater = ">=0.4"')
    assert (plan.edits, plan.satisfied) == ((), ("Cargo.toml:5",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('tidewater = "0.6"', "newer"),
        ('tidewater = { version = "0.4", registry = "ours" }', "another registry"),
        ('tidewater = "what"', "cannot be read"),
        ("tidewater = {}", "names no version"),
    ],
)
def test_what_is_not_clear_is_left_to_a_person(text, why):
    plan = cargo(f"[dependencies]\n{text}")
    assert not plan.edits
    assert why in plan.left[0].what
    assert plan.left[0].where == "Cargo.toml:5"


def test_a_copy_of_the_crate_in_that_repository_is_not_replaced():
    copy = {"vendor-tidewater/Cargo.toml": '[package]\nname = "tidewater"\nversion = "0.4.0"\n'}
    plan = cargo('[dependencies]\ntidewater = { path = "vendor-tidewater" }', more=copy)
    assert not plan.edits
    assert "a copy" in plan.left[0].what


def pyproject(text: str, **more: str):
    tree = {"pyproject.toml": text} | more
    return plan_downstream({path: content.encode() for path, content in tree.items()}, WHEEL, {})


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ('[project]\ndependencies = ["Tidewater_Py==0.3.0"]', '"Tidewater_Py==0.4.0"'),
        ('[project]\ndependencies = ["tidewater-py[x]~=0.2.0"]', '"tidewater-py[x]~=0.4.0"'),
        ('[project]\ndependencies = ["tidewater-py @ git+https://x.test"]', '"tidewater-py>=0.4.0"'),
        ('[dependency-groups]\ndev = ["tidewater-py>=0.2,<0.4"]', '"tidewater-py>=0.2,<0.5"'),
        ('[tool.poetry.dependencies]\ntidewater-py = "^0.3"', 'tidewater-py = "^0.4"'),
        ('[tool.poetry.dependencies]\ntidewater-py = {git = "https://x.test"}', 'tidewater-py = "^0.4.0"'),
        (
            '[project]\ndependencies = ["tidewater-py"]\n[tool.uv.sources]\ntidewater-py = { git = "x.test" }\n',
            "[tool.uv.sources]\n",
        ),
    ],
)
def test_a_python_requirement_moves_in_each_way_of_writing_it(before, wanted):
    plan = pyproject(before)
    assert wanted in after(plan, "pyproject.toml")
    assert "x.test" not in after(plan, "pyproject.toml")


def test_a_python_lock_file_is_brought_along_by_a_command():
    locks = {"uv.lock": 'version = 1\n[[package]]\nname = "tidewater-py"\nversion = "0.3.0"\n'}
    plan = pyproject('[project]\ndependencies = ["tidewater-py==0.3.0"]', **locks)
    assert plan.commands == ("uv lock --upgrade-package tidewater-py",)


def test_a_python_requirement_that_asks_for_more_stays():
    assert not pyproject('[project]\ndependencies = ["tidewater-py>=0.6"]').edits


def entry(version: str, *needs: IndexedNeed, features: str = "{}") -> IndexedVersion:
    return IndexedVersion(version, version.replace(".", "")[0] * 64, False, needs, features)


def locked(index, source: str = INDEX, more: str = ""):
    lock = (
        'version = 4\n\n[[package]]\nname = "boat"\nversion = "1.0.0"\ndependencies = [\n "tidewater",\n]\n\n'
        '[[package]]\nname = "serde"\nversion = "1.0.200"\n\n'
        f'[[package]]\nname = "tidewater"\nversion = "0.4.0"\nsource = "{source}"\nchecksum = "{"0" * 64}"\n'
        f'dependencies = [\n "serde",\n]\n{more}'
    )
    tree = {"Cargo.toml": b'[dependencies]\ntidewater = "0.4"\n', "Cargo.lock": lock.encode()}
    return plan_downstream(tree, CRATE, {each.version: each for each in index})


SERDE = IndexedNeed("serde", "^1", "normal")


def test_a_lock_file_gets_the_version_and_the_checksum_of_the_index():
    plan = locked([entry("0.4.0", SERDE), replaced("0.5.0", SERDE)])
    (locked_crate,) = [p for p in tomllib.loads(after(plan, "Cargo.lock"))["package"] if p["name"] == "tidewater"]
    assert (locked_crate["version"], locked_crate["checksum"]) == ("0.5.0", "5" * 64)
    assert not plan.commands


def replaced(version: str, *needs: IndexedNeed, features: str = "{}", yanked: bool = False) -> IndexedVersion:
    return IndexedVersion(version, "5" * 64, yanked, needs, features)


@pytest.mark.parametrize(
    "plan",
    [
        lambda: locked([]),
        lambda: locked([entry("0.4.0", SERDE), replaced("0.5.0")]),
        lambda: locked([entry("0.4.0", SERDE), replaced("0.5.0", IndexedNeed("serde", "^2", "normal"))]),
        lambda: locked([entry("0.4.0", SERDE), replaced("0.5.0", SERDE, features='{"a":[]}')]),
        lambda: locked([entry("0.4.0", SERDE), replaced("0.5.0", SERDE, yanked=True)]),
        lambda: locked([entry("0.4.0", SERDE), replaced("0.5.0", SERDE)], source="git+https://x.test#1"),
        lambda: locked(
            [entry("0.4.0", SERDE), replaced("0.5.0", SERDE)],
            more=f'\n[[package]]\nname = "third"\nversion = "1.0.0"\nsource = "{INDEX}"\ndependencies = ["tidewater"]',
        ),
    ],
    ids=["no index", "other needs", "does not fit", "other features", "yanked", "from git", "needed by others"],
)
def test_a_lock_file_that_only_cargo_can_resolve_is_left_with_the_command(plan):
    made = plan()
    assert [edit.path for edit in made.edits] == ["Cargo.toml"]
    assert made.commands == ("cargo update -p tidewater --precise 0.5.0",)


def test_a_need_that_changed_but_is_locked_well_enough_holds_nothing_up():
    plan = locked([entry("0.4.0", SERDE), replaced("0.5.0", IndexedNeed("serde", "^1.0.100", "normal"))])
    assert [edit.path for edit in plan.edits] == ["Cargo.toml", "Cargo.lock"]


def test_only_what_the_plan_reads_is_asked_for():
    assert wants_downstream("a/Cargo.toml", Registry.CRATES_IO)
    assert not wants_downstream("a/pyproject.toml", Registry.CRATES_IO)
    assert not wants_downstream("node_modules/a/Cargo.toml", Registry.CRATES_IO)


def test_a_file_that_cannot_be_read_counts_only_if_it_names_the_package():
    broken = {"a/Cargo.toml": b"tidewater = {", "b/Cargo.toml": b"serde = {"}
    plan = plan_downstream(broken, CRATE, {})
    assert [problem.where for problem in plan.left] == ["a/Cargo.toml"]


VERSIONS = st.builds("{}.{}.{}".format, *[st.integers(0, 30)] * 3)
OPERATORS = st.sampled_from(["", "^", "~", "=", ">=", ">", "<", "<="])


@given(st.lists(st.tuples(OPERATORS, VERSIONS), min_size=1, max_size=3), VERSIONS, VERSIONS)
def test_whatever_is_required_the_edit_accepts_the_new_version_and_nothing_is_moved_back(parts, old, new):
    requirement = ", ".join(f"{operator}{version}" for operator, version in parts)
    released = Released("tidewater", Registry.CRATES_IO, old, new)
    plan = cargo(f"[dependencies]\ntidewater = {json.dumps(requirement)}", released)
    assert len(plan.edits) + len(plan.satisfied) + len(plan.left) == 1
    if plan.edits:
        again = plan_downstream({"Cargo.toml": plan.edits[0].after}, released, {})
        assert again.satisfied
        assert json.dumps(requirement) not in after(plan)


@given(st.text(max_size=120))
def test_whatever_the_file_says_the_plan_is_made_or_refused(text):
    for released, path in ((CRATE, "Cargo.toml"), (WHEEL, "pyproject.toml")):
        plan_downstream({path: text.encode("utf-8", "replace")}, released, {})


@given(
    st.lists(
        st.sampled_from(
            ['git = "https://x.test"', 'branch = "m"', 'features = ["a", "b"]', "optional = true", 'path = "../x"']
        ),
        min_size=1,
        unique=True,
    ),
    st.sampled_from(["inline", "table", "dotted"]),
)
def test_a_source_is_exchanged_without_touching_what_stands_beside_it(members, form):
    shapes = {
        "inline": f'[dependencies]\nsea = "1"\ntidewater = {{ {", ".join(members)} }} # why\n',
        "table": "[dependencies.tidewater] # why\n" + "\n".join(members) + '\n\n[features]\na = ["b"]\n',
        "dotted": "[dependencies]\n" + "\n".join(f"tidewater.{each}" for each in members) + "\n",
    }
    plan = cargo(shapes[form])
    if not any(each.startswith(("git", "path")) for each in members):
        assert plan.left
        return
    entry = tomllib.loads(after(plan))["dependencies"]["tidewater"]
    kept = {each.partition(" ")[0] for each in members} & {"features", "optional"}
    assert entry == "0.5.0" or set(entry) == {"version", *kept}
    assert ("# why" in after(plan)) == ("# why" in shapes[form])


PYTHON_OPERATORS = st.sampled_from(["==", "~=", ">=", ">", "<", "<=", "!="])


@given(st.lists(st.tuples(PYTHON_OPERATORS, VERSIONS), min_size=1, max_size=3), VERSIONS, VERSIONS, st.booleans())
def test_whatever_python_requires_the_edit_accepts_the_new_version_and_nothing_is_moved_back(parts, old, new, poetry):
    requirement = ",".join(f"{operator}{version}" for operator, version in parts)
    released = Released("tidewater-py", Registry.PYPI, old, new)
    listed = f"[project]\ndependencies = {json.dumps([f'tidewater-py{requirement}'])}\n"
    named = f"[tool.poetry.dependencies]\ntidewater-py = {json.dumps(requirement)}\n"
    plan = plan_downstream({"pyproject.toml": (named if poetry else listed).encode()}, released, {})
    assert len(plan.edits) + len(plan.satisfied) + len(plan.left) == 1
    if plan.edits:
        assert plan_downstream({"pyproject.toml": plan.edits[0].after or b""}, released, {}).satisfied


@given(VERSIONS, VERSIONS)
def test_no_requirement_on_exactly_a_newer_version_is_moved_back(one, other):
    older, newer = sorted((one, other), key=lambda version: [int(part) for part in version.split(".")])
    if older == newer:
        return
    crate = Released("tidewater", Registry.CRATES_IO, "0.0.1", older)
    assert not cargo(f'[dependencies]\ntidewater = "={newer}"', crate).edits
    wheel = Released("tidewater-py", Registry.PYPI, "0.0.1", older)
    tree = {"pyproject.toml": f'[project]\ndependencies = ["tidewater-py=={newer}"]\n'.encode()}
    assert not plan_downstream(tree, wheel, {}).edits
