"""What a checkout's history says of a package."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.checkout import Checkout, read_checkout
from bot.packaging.registry import Registry
from bot.plan.changelog.histories import History
from bot.plan.last_tag import released_versions
from bot.plan.model import Change, Package

LAMP = Package("lamp", Registry.CRATES_IO, ".", "Cargo.toml", "0.4.0", "v{version}", None, None)


class Lamp:
    """A repository in the making."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-qb", "main")

    def git(self, *args: str) -> None:
        person = ("-c", "user.name=Robin", "-c", "user.email=robin@example.org")
        subprocess.run(["git", "-C", str(self.root), *person, *args], check=True, capture_output=True)

    def commit(self, message: str, path: str = "src/lib.rs") -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a") as file:
            file.write("x\n")
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def changes(self, new: str = "0.5.0") -> tuple[Change, ...] | None:
        covers = lambda path: path.startswith("src/")  # noqa: E731 - a question of one line
        checkout = read_checkout(self.root)
        return checkout.changes(History((with_releases(LAMP, checkout),), new, covers))

    def titles(self, new: str = "0.5.0") -> list[str]:
        return [change.title for change in self.changes(new) or ()]


@pytest.fixture
def lamp(tmp_path: Path) -> Lamp:
    made = Lamp(tmp_path)
    made.commit("Begin")
    made.git("tag", "v0.4.0")
    return made


def test_only_what_touches_the_package_is_its_own(lamp: Lamp):
    lamp.commit("feat: dim (#3)")
    lamp.commit("ci: faster", ".github/workflows/ci.yml")
    assert lamp.changes() == (Change("feat: dim", 3, author="Robin", credit="Robin"),)


def test_a_footer_below_the_headline_is_read(lamp: Lamp):
    lamp.commit("refactor: rename (#31)\n\nMore.\n\nBREAKING CHANGE: it is called ignite")
    assert [change.breaking for change in lamp.changes() or ()] == [True]


def test_a_merge_speaks_for_its_branch_by_the_title_of_its_pull_request(lamp: Lamp):
    lamp.git("checkout", "-qb", "topic")
    lamp.commit("wip")
    lamp.commit("feat: squashed below it (#70)")
    lamp.commit("fix lint")
    lamp.git("checkout", "-q", "main")
    lamp.git("merge", "-q", "--no-ff", "topic", "-m", "Merge pull request #71 from morgan/topic", "-m", "Burn longer")
    assert lamp.titles() == ["Burn longer", "feat: squashed below it"]
    assert (lamp.changes() or ())[0].number == 71


def test_a_merge_that_touched_other_folders_only_is_not_the_packages(lamp: Lamp):
    lamp.git("checkout", "-qb", "topic")
    lamp.commit("wip", "py/a.py")
    lamp.git("checkout", "-q", "main")
    lamp.git("merge", "-q", "--no-ff", "topic", "-m", "Merge pull request #71 from morgan/topic", "-m", "Stubs")
    assert lamp.titles() == []


def test_commits_behind_a_merge_without_pull_request_are_told(lamp: Lamp):
    lamp.git("checkout", "-qb", "topic")
    lamp.commit("Burn longer")
    lamp.git("checkout", "-q", "main")
    lamp.git("merge", "-q", "--no-ff", "topic", "-m", "Merge branch 'topic'")
    assert "Burn longer" in lamp.titles()


def test_a_final_tells_what_its_prereleases_told(lamp: Lamp):
    lamp.commit("feat: x (#1)")
    lamp.git("tag", "v0.5.0-rc.1")
    lamp.commit("fix: y (#2)")
    checkout = read_checkout(lamp.root)
    at_rc = with_releases(replace(LAMP, version="0.5.0-rc.1"), checkout)
    told = {new: checkout.changes(History((at_rc,), new, lambda path: True)) or () for new in ("0.5.0", "0.5.0-rc.2")}
    assert {new: [change.number for change in changes] for new, changes in told.items()} == {
        "0.5.0": [2, 1],
        "0.5.0-rc.2": [2],
    }


def with_releases(package: Package, checkout: Checkout) -> Package:
    """As discovery makes it of the checkout's tags."""
    tags = [tag.name for tag in checkout.tags]
    found = released_versions(package.registry, package.tag, tags, package.version)
    return replace(package, releases=found)


def test_tags_of_other_branches_count(lamp: Lamp):
    lamp.git("checkout", "-qb", "release")
    lamp.commit("Release 0.4.1")
    lamp.git("tag", "v0.4.1")
    lamp.git("checkout", "-q", "main")
    assert "v0.4.1" in {tag.name for tag in read_checkout(lamp.root).tags}


def test_without_a_tag_a_short_history_is_told_and_that_of_years_is_unknown(lamp: Lamp):
    lamp.git("tag", "-d", "v0.4.0")
    assert lamp.titles() == ["Begin"]
    for number in range(60):
        lamp.commit(f"fix: {number}")
    assert lamp.changes() is None


def test_a_folder_without_git_knows_nothing(tmp_path: Path):
    (tmp_path / "Cargo.toml").write_text("")
    assert read_checkout(tmp_path).changes(History((LAMP,), "0.5.0", lambda path: True)) is None


def test_who_made_nothing_before_is_new(lamp: Lamp):
    lamp.commit("feat: x (#1)")
    lamp.git("commit", "-q", "--amend", "--no-edit", "--author=Dora <dora@example.org>")
    lamp.commit("fix: y (#2)")
    assert [(change.credit, change.newcomer) for change in lamp.changes() or ()] == [("Robin", False), ("Dora", True)]
