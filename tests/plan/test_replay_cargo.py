"""Cargo's own word on the replayed releases: the planned locks hold, and without their edit they do not."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.plan.model import Plan, Tree
from tests.plan.manifests.test_cargo_accepts import cargo
from tests.plan.test_replay import CASES, HISTORY, REFUSED, replay
from tests.plan.trees import after, folder
from tests.plan.vendored import put_targets, vendor
from tests.shared import needs_shared

LOCKS = [
    (case, path.relative_to(HISTORY / case / "before").as_posix())
    for case in CASES
    if case not in REFUSED
    for path in sorted((HISTORY / case / "before").rglob("Cargo.lock"))
    if (path.parent / "Cargo.toml").is_file()
]
ABANDONED = "its external crates are behind what the manifests of that commit require, so no release makes it right"
UNUSABLE = {
    **{(case, "delta-inspect/Cargo.lock"): ABANDONED for case in CASES if case.startswith("delta-rs/")},
    ("jiter/2024-01-17-71df64ad", "fuzz/Cargo.lock"): ABANDONED,
    ("jiter/2024-03-12-0897da43", "fuzz/Cargo.lock"): ABANDONED,
    ("jiter/2024-03-20-4dd0c35f", "fuzz/Cargo.lock"): ABANDONED,
}

pytestmark = [
    pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed"),
    needs_shared,
]


@pytest.mark.parametrize(("case", "lock"), [found for found in LOCKS if found not in UNUSABLE])
def test_cargo_takes_the_replayed_release_and_not_without_its_lock(case: str, lock: str, tmp_path: Path):
    before = folder(HISTORY / case / "before")
    made = replay(case, before)
    assert isinstance(made, Plan)
    planned = after(before, made)
    put(tmp_path, planned, before[lock])
    beside = (tmp_path / lock).parent
    answer = cargo(beside, "metadata", "--locked", "--format-version=1")
    assert answer.returncode == 0, answer.stderr
    (tmp_path / lock).write_bytes(before[lock])
    left_out = cargo(beside, "metadata", "--locked", "--format-version=1").returncode != 0
    assert left_out == (planned[lock] != before[lock])  # a lock that does not hold the released crate has no edit


def put(where: Path, files: Mapping[str, bytes], lock: bytes) -> None:
    manifests: Tree = {path: content for path, content in files.items() if path.endswith("Cargo.toml")}
    for path, content in files.items():
        (where / path).parent.mkdir(parents=True, exist_ok=True)
        (where / path).write_bytes(content)
    for path, content in manifests.items():
        put_targets((where / path).parent, content)
    vendor(where, lock, manifests)
