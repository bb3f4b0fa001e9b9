"""Which files of a commit are fetched to plan a release."""

from collections.abc import Sequence
from typing import cast

from bot.github import Reader
from bot.plan.elsewhere.looked_at import MOST_LOOKED_AT
from bot.plan.model import Tree
from bot.reconcile.planning import read_for_plan
from tests.plan.trees import crate

CONFIG = b'[[package]]\nname = "lamp"\nalso = [{ path = "src/main.c", search = "v{version}" }]\n'


class Commit:
    """A commit as a reader shows it, which counts what is asked for."""

    def __init__(self, files: Tree) -> None:
        self._files = files
        self.asked: list[str] = []

    async def paths(self, commit: str) -> tuple[str, ...]:
        return tuple(self._files)

    async def files(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        self.asked += paths
        return {path: self._files[path] for path in paths if path in self._files}


def as_reader(commit: Commit) -> Reader:
    """It has the two methods that are used."""
    return cast("Reader", commit)


async def test_manifests_a_bounded_number_of_other_texts_and_what_is_declared_are_fetched_once():
    files = {"Cargo.toml": crate().encode(), ".github/release.toml": CONFIG, "src/main.c": b"v0.4.0", "src/x.c": b""}
    many = {f"docs/{number}.md": b"x" for number in range(2 * MOST_LOOKED_AT)}
    commit = Commit({**files, **many})
    tree = await read_for_plan(as_reader(commit), "head")
    assert {path for path in tree if not path.startswith("docs/")} == {
        "Cargo.toml",
        ".github/release.toml",
        "src/main.c",
    }
    assert len(tree) == 3 + MOST_LOOKED_AT
    assert len(commit.asked) == len(set(commit.asked))


async def test_what_the_default_branch_declares_is_fetched_from_another_branch():
    commit = Commit({"Cargo.toml": crate().encode(), "src/main.c": b"v0.4.0"})
    assert "src/main.c" not in await read_for_plan(as_reader(commit), "head")
    assert "src/main.c" in await read_for_plan(as_reader(commit), "head", {".github/release.toml": CONFIG})
