"""A third registry, written here and carried from the plan to the rollback: no line of the bot is changed for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from click.testing import CliRunner

from bot import registries as adapters
from bot.cli import main
from bot.commands import Command, parse
from bot.comments.downstream import passed_on
from bot.comments.milestones import MILESTONES
from bot.comments.rollback import by_hand
from bot.comments.status import status_comment
from bot.github.facts import Permission, RepositoryRef
from bot.packaging.registry import REGISTRIES, Registry, Scheme
from bot.plan import discover
from bot.plan import repository as finding
from bot.plan.manifests.text_versions import TextPlace
from bot.plan.model import Downstream, Wanted
from bot.plan.paths import parent
from bot.plan.repository import Repository, Source
from bot.reconcile.effects.downstream import DownstreamRepositories
from bot.reconcile.effects.rollback import undo
from bot.reconcile.observe import Observer
from bot.registries import Access, Registries
from bot.registries.adapter import Adapter, Refused
from bot.release.actions import PostComment, Yank
from bot.release.downstream_outcome import Outcome
from bot.release.facts import Facts, Preflight
from bot.release.found import Found, Unreachable
from bot.release.model import Phase, ReleasePackage
from bot.release.rollback.ladder import command_for
from bot.release.rollback.model import OnRegistry, Rollback
from bot.release.table import decide
from bot.release.verification.verdict import Circumstances, Line, Mark
from bot.release.with_plan import with_plan
from bot.store import rows
from tests.plan.trees import FIRST, after, plan, refusal, tree
from tests.registries.conftest import StillClock
from tests.release.builders import LONG_AGO, MERGE, NOW, TIMEOUTS, changed, checks, facts, release, tag
from tests.store.builders import held

PUBLISH = """\
on: {push: {tags: ['v*']}}
jobs: {publish: {runs-on: ubuntu-latest, steps: [{run: harbour publish}]}}
"""


class _Harbour(Registry):
    word, label, noun = "harbour", "Harbour", "a boat"
    names, name_rule = re.compile(r"[a-z]+"), "must be in small letters"
    scheme = Scheme.SEMVER
    manifest = "harbour.txt"
    tag_prefix = "boat"
    requirement = '[boats]\n{name} = "{version}"'
    update = "harbour fetch {name} {version}"
    yank_command = "harbour sink {name} {version}"


HARBOUR = _Harbour()


@dataclass(frozen=True, slots=True)
class Berth(Found):
    """A version in the harbour, and how it is judged: it must be moored."""

    version: str
    presence: OnRegistry
    page: str = "https://harbour.example/dinghy"
    uploads: tuple[Any, ...] = ()

    def lines(self, package: ReleasePackage, circumstances: Circumstances) -> Iterator[Line]:
        if self.presence is OnRegistry.PUBLISHED:
            yield Line(Mark.OK, f"{package.name} {self.version} is moored", self.page)
        else:
            yield Line(circumstances.missing, f"the berth of {self.version} is empty", self.page, "Send it again.")


class Harbourmaster(Adapter):
    """Asks no network: the harbour is a table of the test."""

    berths: ClassVar[dict[str, Berth]] = {}
    can_yank = True

    def __init__(self, access: Access) -> None:
        self.access = access

    async def look(self, name: str, version: str) -> Berth | Unreachable:
        return self.berths.get(version, Berth(version, OnRegistry.NOTHING))

    async def exists(self, name: str, version: str) -> bool | Unreachable:
        return version in self.berths

    async def knows(self, name: str) -> bool | Unreachable:
        return bool(self.berths)

    async def yank(self, name: str, version: str, message: str) -> Refused | Unreachable | None:
        self.berths[version] = replace(self.berths[version], presence=OnRegistry.YANKED)
        return None


def boats(repository: Repository) -> Iterator[Source]:
    """The packages of a tree: each harbour.txt says a name and a version."""
    for path in repository.paths:
        found = re.search(r"boat (?P<name>\w+) (?P<version>\S+)", repository.tree[path].decode())
        if path.endswith("harbour.txt") and found:
            place = TextPlace(path, *found.span("version"), found["version"])
            yield Source(HARBOUR, found["name"], parent(path), path, found["version"], place, None, None)


@pytest.fixture(autouse=True)
def harbour(monkeypatch):
    monkeypatch.setitem(REGISTRIES, "harbour", HARBOUR)
    monkeypatch.setitem(finding.FINDERS, HARBOUR, boats)
    monkeypatch.setitem(adapters.ADAPTERS, HARBOUR, Harbourmaster)
    monkeypatch.setattr(Harbourmaster, "berths", {"0.4.0": Berth("0.4.0", OnRegistry.PUBLISHED)})


TREE = tree(
    {
        "harbour.txt": "boat dinghy 0.4.0\n",
        "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- A sail.\n\n" + FIRST.format("0.4.0"),
        ".github/workflows/publish.yml": PUBLISH,
        # Nothing here knows how one publishes in a harbour.
        ".github/release.toml": '[[package]]\nname = "dinghy"\npublish = "publish.yml"\n',
    }
)


def planned(*asked):
    return plan(TREE, *asked, tags=["v0.4.0"])


def released(phase, **changes):
    """The release that comes of the plan, in a phase."""
    preflight = Preflight(planned("0.5.0"), (), "main", "b" * 40, primary="harbour:dinghy")
    asked = release(phase, packages=(), review_branch="", plan_title="")
    return changed(with_plan(asked, preflight), **changes)


def asking():
    return Registries(Access(cast(Any, None), user_agent="here", clock=StillClock()))


def moored():
    Harbourmaster.berths["0.5.0"] = Berth("0.5.0", OnRegistry.PUBLISHED)


async def observed(whole):
    """The facts of a look at a published release: only the registries are asked."""
    github = cast(Any, SimpleNamespace(reader=lambda repository: None))
    observer = Observer(github, asking(), cast(Any, None), StillClock(), 0)
    found = await observer.look(RepositoryRef(1, "R_1", "o/r", 10), whole, ())
    return replace(found, now=NOW)


def said(decision):
    told = [action for action in decision.actions if isinstance(action, PostComment)]
    return "\n\n".join(MILESTONES[action.milestone](decision.release, decision, ()) for action in told)


def test_a_third_registry_has_a_word_in_commands():
    (command,) = parse("/release Harbour:dinghy minor")
    assert isinstance(command, Command)
    assert command.wanted == (Wanted("harbour:dinghy", "minor"),)
    (mistake,) = parse("/release port:dinghy minor")
    assert "crates.io and pypi and harbour are" in mistake.message


def test_a_third_registrys_package_is_found_and_its_release_planned():
    made = planned("harbour:dinghy 0.5.0-rc.1")
    assert [(bump.package.key, bump.new, bump.tag) for bump in made.bumps] == [
        ("harbour:dinghy", "0.5.0-rc.1", "v0.5.0-rc.1")
    ]
    assert after(TREE, made)["harbour.txt"] == b"boat dinghy 0.5.0-rc.1\n"
    assert made.bumps[0].package.workflow == "publish.yml"


def test_a_third_registrys_versions_are_those_of_its_scheme():
    assert "`0.5` is not a version that Harbour accepts" in refusal(TREE, "0.5")
    assert "Cargo.toml, pyproject.toml and harbour.txt" in refusal(tree({"README.md": ""}), "0.5.0")


def test_a_third_registry_can_be_configured():
    config = '[[package]]\nname = "dinghy"\nregistry = "harbour"\ntag = "boat-{version}"\n'
    (package,) = discover({**TREE, ".github/release.toml": config.encode()}).packages
    assert (package.registry, package.tag) == (HARBOUR, "boat-{version}")


def test_a_release_to_a_third_registry_is_stored_by_its_word():
    whole = released(Phase.MERGED)
    assert '"registry":"harbour"' in rows.release_text(whole)
    assert rows.release(rows.release_text(whole)) == whole
    assert "| **dinghy** | 0.4.0 → **0.5.0** | `v0.5.0` | Harbour |" in status_comment(whole, None)


async def test_preflight_asks_the_third_registry_whether_the_version_is_used_up():
    assert await asking().exists(HARBOUR, "dinghy", "0.4.0")
    assert not await asking().exists(HARBOUR, "dinghy", "0.5.0")


async def test_verification_says_the_third_registrys_own_lines():
    whole = released(Phase.PUBLISHED)
    incomplete = decide(whole, await observed(whole), TIMEOUTS)
    assert "**dinghy v0.5.0** on Harbour\n- ❌ [the berth of 0.5.0 is empty]" in said(incomplete)
    moored()
    complete = decide(whole, await observed(whole), TIMEOUTS)
    assert complete.release.phase is Phase.VERIFIED
    assert "**dinghy v0.5.0** on Harbour\n- ✅ [dinghy 0.5.0 is moored]" in said(complete)


def going_back(**changes):
    asked = Rollback("robin", 200, LONG_AGO, ("harbour:dinghy",), begun=True, **changes)
    return released(
        Phase.ROLLING_BACK, rollback=asked, publishing_pushed=("v0.5.0",), publishing_tagged_at=NOW - timedelta(days=1)
    )


async def looked_back(whole, **known) -> Facts:
    found = {package.key: await asking().look(package) for package in whole.packages}
    known = {"authority": Permission.MAINTAIN, "checks": checks(), "tags": (tag(MERGE),), **known}
    return facts(registries=found, **known)


async def test_a_rollback_on_a_third_registry_says_how_a_person_yanks():
    moored()
    whole = going_back()
    assert command_for(whole) == "/release rollback dinghy 0.5.0"
    wanted = said(decide(whole, await looked_back(whole), TIMEOUTS))
    assert "**dinghy v0.5.0** on Harbour: Run\n\n```\nharbour sink dinghy 0.5.0\n```" in wanted
    refused = going_back(yank_refused="not yours")
    assert "Harbour refuses my token (not yours)" in said(decide(refused, await looked_back(refused), TIMEOUTS))


async def test_a_rollback_yanks_on_a_third_registry_that_lets_it():
    moored()
    whole = going_back()
    assert asking().can_yank == {HARBOUR}
    decision = decide(whole, await looked_back(whole, can_yank=asking().can_yank), TIMEOUTS)
    (yank,) = [action for action in decision.actions if isinstance(action, Yank)]
    await undo(cast(Any, None), asking(), whole, yank)
    assert Harbourmaster.berths["0.5.0"].presence is OnRegistry.YANKED
    undone = decide(whole, await looked_back(whole), TIMEOUTS)
    assert "**dinghy v0.5.0** is [yanked](https://harbour.example/dinghy) on Harbour" in said(undone)


async def test_a_rollback_of_what_a_third_registry_never_had_deletes_the_tag():
    whole = going_back()
    decision = decide(whole, await looked_back(whole), TIMEOUTS)
    assert "DeleteTags" in {type(action).__name__ for action in decision.actions}


def test_a_rollback_by_hand_names_the_third_registry():
    (command,) = parse("/release rollback dinghy 0.5.0")
    assert isinstance(command, Command)
    assert "**Once it is on Harbour** (best after a fixed version is out):" in by_hand(command)


async def test_what_requires_a_third_registrys_package_is_changed_by_hand():
    whole = released(Phase.VERIFIED, plan_downstream=(Downstream("o/fleet", "dinghy"),))
    passing = DownstreamRepositories(cast(Any, None), asking())
    (passed,) = await passing.pass_on(held(RepositoryRef(1, "R_1", "o/r", 10)), whole)
    assert passed.outcome is Outcome.BY_HAND
    told = passed_on([passed])
    assert "I cannot move requirements on packages of Harbour. By hand:" in told
    assert "harbour fetch dinghy 0.5.0" in told


def test_verify_asks_a_third_registry():
    moored()
    result = CliRunner().invoke(main, ["verify", "harbour", "dinghy", "0.5.0"])
    assert (result.exit_code, result.stdout.partition("\n")[0]) == (0, "dinghy 0.5.0 on Harbour: verified")
    missing = CliRunner().invoke(main, ["verify", "harbour", "dinghy", "9.0.0"])
    assert missing.exit_code == 1
    assert "✗ the berth of 9.0.0 is empty" in missing.stdout
    assert (
        "'X' is no name of a boat: it must be in small letters"
        in CliRunner().invoke(main, ["verify", "harbour", "X", "1.0.0"]).output
    )
