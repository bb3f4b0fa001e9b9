"""Real releases planned again: the same values change as the maintainers changed, or the table says why not."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from bot.plan import disagreements, discover, make_plan
from bot.plan.model import Plan, Refusal, Tree, Wanted
from tests.plan.trees import after, folder
from tests.shared import SHARED, needs_shared

HISTORY = SHARED / "data/history"
CASES = sorted(path.parent.relative_to(HISTORY).as_posix() for path in HISTORY.glob("*/*/case.json"))

STALE_LOCK = "the maintainers left this lock file behind, so `cargo --locked` failed beside it"
STALE_PIN = "the maintainers left the pin behind: it kept admitting crates that the bindings were never built against"
LIFTED = "the maintainers lifted a pin that still held, in bindings that were not released; mostly they leave such pins"
STALE_CRATE = "the maintainers left the bindings' Cargo.toml behind and repaired it in a commit of its own (04c240f9)"
PRECISION = "written with as many parts as before; the maintainers lengthened this one by hand, which means the same"
UNPUBLISHED = "a crate with `publish = false` has no release; the maintainers bumped it along"
DEPENDENCY = "the maintainers changed the dependency itself in the same commit, which is not part of the bump"

DIFFERENCES: dict[str, dict[str, str]] = {
    "delta-rs/2025-01-15-af3102e9": {
        "crates/catalog-unity/Cargo.toml dependencies.deltalake-core": PRECISION,
        "crates/test/Cargo.toml package": UNPUBLISHED,
    },
    "edgequake-llm/2026-02-20-2b08e301": {
        "Cargo.lock edgequake-litellm": STALE_LOCK,
        "edgequake-litellm/Cargo.toml package": STALE_CRATE,
    },
    "edgequake-llm/2026-03-01-9de03485": {"edgequake-litellm/Cargo.toml dependencies.edgequake-llm": LIFTED},
    "jiter/2023-09-18-e21984bc": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2023-11-02-ff99efd1": {"Cargo.lock jiter": STALE_LOCK, "fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2023-11-03-279a799e": {"Cargo.lock jiter": STALE_LOCK, "fuzz/Cargo.lock jiter": STALE_LOCK},
    "edgequake-llm/2026-02-20-04c240f9": {"Cargo.lock edgequake-litellm": STALE_LOCK},
    "jiter/2023-11-23-f9dc59e3": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2023-11-27-9702cd9a": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2024-01-17-71df64ad": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2024-03-12-0897da43": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2024-03-20-4dd0c35f": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2024-03-25-209e8541": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "jiter/2024-04-02-c31fc7d7": {"fuzz/Cargo.lock jiter": STALE_LOCK},
    "safetensors/2023-08-08-ecb3cee6": {"bindings/python/Cargo.toml package": UNPUBLISHED},
    "safetensors/2023-08-23-e8d1f09f": {"bindings/python/Cargo.toml package": UNPUBLISHED},
    "safetensors/2023-11-27-08dd5f26": {"bindings/python/Cargo.toml dependencies.safetensors": STALE_PIN},
    "safetensors/2024-01-23-08db3409": {"bindings/python/Cargo.toml dependencies.safetensors": STALE_PIN},
    "safetensors/2024-08-05-77dfa5c2": {"bindings/python/Cargo.toml dependencies.safetensors": DEPENDENCY},
}

REFUSED = {
    "jiter/2023-09-08-aab2230f": "there is no package",  # renames the crate
    "jiter/2023-11-27-4da99fd4": "older",  # takes a version back
    "safetensors/2023-08-25-73db0c85": "older",  # goes from a release to its own prerelease
}

Values = dict[str, Any]


@needs_shared
@pytest.mark.parametrize("case", [case for case in CASES if case not in REFUSED])
def test_the_same_values_change_as_in_the_real_release(case: str):
    before, theirs = folder(HISTORY / case / "before"), folder(HISTORY / case / "after")
    made = replay(case, before)
    assert isinstance(made, Plan), made
    ours, names = after(before, made), {crate for tree in (before, theirs) for crate in own_names(tree)}
    was, expected, got = (dict(versions(tree, names)) for tree in (before, theirs, ours))
    differing = {place for place in {*expected, *got} if expected.get(place) != got.get(place)}
    assert differing == set(DIFFERENCES.get(case, {}))
    assert {place: got.get(place) for place in was if place not in expected and place not in differing} == {}
    assert disagreements(ours, {bump.package.key: bump.new for bump in made.bumps}) == ()


@needs_shared
@pytest.mark.parametrize("case", [case for case in CASES if case not in REFUSED])
def test_nothing_changes_but_versions_and_changelogs(case: str):
    before = folder(HISTORY / case / "before")
    made = replay(case, before)
    assert isinstance(made, Plan)
    names = set(own_names(before))
    for edit in made.edits:
        if edit.path.endswith((".toml", ".lock")):
            old, new = tomllib.loads((edit.before or b"").decode()), tomllib.loads(edit.after.decode())
            for place, _ in versions({edit.path: edit.before or b""}, names):
                forget(old, place)
                forget(new, place)
            assert old == new
        else:
            assert set((edit.before or b"").decode().splitlines()) <= set(edit.after.decode().splitlines())


@needs_shared
@pytest.mark.parametrize("case", REFUSED)
def test_what_was_no_release_is_refused(case: str):
    answer = replay(case, folder(HISTORY / case / "before"))
    assert isinstance(answer, Refusal)
    assert all(REFUSED[case] in problem.what for problem in answer.problems)


def replay(case: str, before: Tree) -> Plan | Refusal:
    """The plan for the packages of a case; what is not published (bindings crates, private crates) is not asked for."""
    told = json.loads((HISTORY / case / "case.json").read_text())
    discovery = discover(before)
    known = {package.key for package in discovery.packages}
    wanted = []
    for package in told["packages"]:
        key = f"{'crates.io' if package['ecosystem'] == 'cargo' else 'pypi'}:{package['name']}"
        if key in known:
            wanted.append(Wanted(key, package["new"]))
        elif package["name"] not in ("deltalake-test", "safetensors-python"):
            wanted.append(Wanted(package["name"], package["new"]))
    return make_plan(before, discovery, wanted, date=date.fromisoformat(told["date"]), changes={})


def own_names(tree: Tree) -> Iterator[str]:
    for path, content in tree.items():
        if path.endswith("Cargo.toml") and "package" in (data := tomllib.loads(content.decode())):
            yield data["package"]["name"]


def versions(tree: Mapping[str, bytes], names: set[str]) -> Iterator[tuple[str, Any]]:
    """Everything in a tree that says a version of one of its own packages, by a readable place."""
    for path, content in tree.items():
        if not path.endswith((".toml", ".lock")):
            continue
        data = tomllib.loads(content.decode())
        if path.endswith("Cargo.lock"):
            own = (entry for entry in data.get("package", ()) if entry["name"] in names and "source" not in entry)
            yield from ((f"{path} {entry['name']}", entry["version"]) for entry in own)
            continue
        for table in ("package", "project"):
            if "version" in data.get(table, {}):
                yield f"{path} {table}", data[table]["version"]
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, entry in data.get(kind, {}).items():
                if name in names and isinstance(entry, dict) and "version" in entry:
                    yield f"{path} {kind}.{name}", entry["version"]


def forget(data: dict[str, Any], place: str) -> None:
    """Take one version out of a parsed file."""
    path, _, keys = place.rpartition(" ")
    if path.endswith("Cargo.lock"):
        entries = (entry for entry in data["package"] if entry["name"] == keys and "source" not in entry)
        for entry in entries:
            entry.pop("version", None)
        return
    for key in keys.split("."):
        data = data[key]
    data.pop("version", None)
