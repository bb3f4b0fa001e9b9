"""Whether what the bot gives as a reason was so: each sentence against what the sandbox saw around that time."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.sandbox.access.permissions import ROLES
from bot.sandbox.git.objects import ZERO
from chaos.git.repository import MemoryGit
from chaos.oracle.evidence import is_answered
from chaos.oracle.records import BASE, MARKER, TESTS, Asked, Said
from chaos.oracle.witness import Witness
from chaos.people.cast import SPECS
from chaos.simulation.loop import BEGINNING

WINDOW = 300.0
"""A look takes a while, its facts may come from a lagging replica, and saying it may have to be tried again."""
TROUBLE = 3600.0
"""How long after the last failing request a failing request is still a reason."""
SHA = re.compile(r"\b[0-9a-f]{40}\b")
FILES = 8
"""Files that PyPI has of a whole release of the example's bindings."""


class Truth:
    """What was so, by time."""

    def __init__(self, witness: Witness, last_fault: float, outage_until: float) -> None:
        self._witness = witness
        self._last_fault = max(last_fault, outage_until)

    def untruths(self) -> Iterator[str]:
        """Every reason that was given and was not so."""
        for said in self._witness.said:
            if said.key == "status":
                continue
            for words, is_so in self._claims().items():
                if words in said.body and not is_so(said):
                    yield f"at {said.at:.0f} s on #{said.issue}: {_headline(said)}"
            if said.key == "refused" and not any(words in said.body for words in self._claims()):
                yield f"at {said.at:.0f} s on #{said.issue}, an unknown reason: {said.body[:400]}"

    def _claims(self) -> Mapping[str, Callable[[Said], bool]]:
        return {
            "CI failed on the merge commit": self._ci_failed,
            "CI is red on": self._ci_failed,
            "CI has not started on": self._ci_silent,
            f"is no longer on `{BASE}`": lambda said: (
                not all(self._witness.based_between(_commit(said), said.at - WINDOW, said.at))
            ),
            "does not say what was planned": lambda said: bool(
                disagreements(self._witness.git, _commit(said), self.spec(said))
            ),
            "may no longer release": self._may_not,
            "may not release here": self._may_not,
            "is not on the release's commit": self._tag_elsewhere,
            "its publish workflow never started": self._run_lost,
            "waits for a person's approval": lambda said: False,
            "A publish workflow failed": self._publish_failed,
            "A registry has not answered for long": lambda said: said.at - self._last_fault < TROUBLE,
            "Not complete on the registries": lambda said: not self.is_published(self.spec(said), said.at - WINDOW),
            "the tag exists already": lambda said: any(self._stood(tag, said) for tag in self.spec(said)),
            " already\n  → A version can be published once": lambda said: self._some_published(self.spec(said)),
            "was released already: the tag ": lambda said: any(self._stood(tag, said) for tag in self.spec(said)),
            "needs no commit, for ": self._says_so_already,
            "a release of it is under way on": self._under_way,
            "Cancelled** by": lambda said: self._said_before(said, "/release cancel"),
            "was closed without being merged": self._closed,
            "was never published": self._never_published,
            "** is [yanked](": lambda said: self._some_published(self.spec(said)),
            "Nothing was tagged.": self._untagged,
            "no release is open on this issue": lambda said: True,
            "this release is not blocked": lambda said: True,
            "is already under way on": self._under_way,
            "the comment that asked for it was deleted or edited": self._request_gone,
            "a rule of this repository forbids it": self._forbidden,
            "is not on its bypass list": self._forbidden,
            "because I lack a permission for it": lambda said: False,
            "because this repository is archived": lambda said: False,
            "I cannot go on with this release": self._in_trouble,
            "I ran into an error of my own": lambda said: False,
        }

    def _forbidden(self, said: Said) -> bool:
        return any(self._witness.rules.between("tags", said.at - WINDOW, said.at))

    def spec(self, said: Said) -> Mapping[str, tuple[str, str]]:
        """What the release that a comment speaks of was asked to tag."""
        asked = self.asked(said)
        text = asked.body.strip().splitlines()[-1] if asked else ""
        return SPECS.get(text, {})

    def asked(self, said: Said) -> Asked | None:
        """The command that a comment speaks of."""
        return next((a for a in self._witness.asked if said.subject in (f"r{a.comment.id}", f"c{a.comment.id}")), None)

    def is_published(self, spec: Mapping[str, tuple[str, str]], at: float) -> bool:
        """Whether the registries had all files of these at that time."""
        return all(self._published(name, version, at) for name, version in spec.values())

    def _published(self, name: str, version: str, at: float) -> bool:
        sandbox, when = self._witness.sandbox, BEGINNING + timedelta(seconds=at)
        crate = sandbox.crates.find(name, version)
        if crate is not None:
            return crate.created_at <= when
        return sum(file.uploaded_at <= when for file in sandbox.pypi.release(name, version)) >= FILES

    def _some_published(self, spec: Mapping[str, tuple[str, str]]) -> bool:
        sandbox = self._witness.sandbox
        return any(sandbox.crates.find(n, v) is not None or bool(sandbox.pypi.release(n, v)) for n, v in spec.values())

    def _says_so_already(self, said: Said) -> bool:
        """The base branch says a version that was asked for, since a release was merged."""
        heads = self._witness.branches.between(BASE, said.at - WINDOW, said.at)
        return any(
            not disagreements(self._witness.git, head, {tag: meant})
            for head in heads
            for tag, meant in self.spec(said).items()
        )

    def _ci_failed(self, said: Said) -> bool:
        states = self._witness.of(_commit(said), said.at - WINDOW, said.at)
        return any(state.failed and state.branch == BASE for state in states)

    def _ci_silent(self, said: Said) -> bool:
        states = self._witness.of(_commit(said), said.at, said.at)
        return bool(TESTS - {state.path for state in states if state.branch == BASE})

    def _may_not(self, said: Said) -> bool:
        asked = self.asked(said)
        retried = [a.by for a in self._witness.asked if a.issue == said.issue and "/release retry" in a.body]
        people = {asked.by, *retried} if asked else set(retried)
        since = said.at - WINDOW
        return any(
            ROLES.index(self._witness.lowest_role_between(login, since, said.at)) < ROLES.index("maintain")
            for login in people
        )

    def _tag_elsewhere(self, said: Said) -> bool:
        named = re.findall(r"(\S+) stands on ([0-9a-f]{40}), the release is ([0-9a-f]{40})", said.body)
        for tag, there, commit in named:
            if there == commit or there not in self._witness.tag_between(tag, said.at - WINDOW, said.at):
                return False
        gone = re.findall(r"(\S+) is gone", said.body)
        since = said.at - WINDOW
        if any(ZERO not in self._witness.tag_between(tag, since, said.at) for tag in gone):
            return False
        early = re.findall(r"(\S+) stands on ([0-9a-f]{40}) already", said.body)
        if any(there not in self._witness.tag_between(tag, since, said.at) for tag, there in early):
            return False
        return bool(named or gone or early)

    def _stood(self, tag: str, said: Said) -> bool:
        return bool(self._witness.tag_between(tag, said.at - WINDOW, said.at) - {ZERO})

    def _run_lost(self, said: Said) -> bool:
        ran = {state.branch for key in self._witness.runs for state in self._witness.runs.between(key, 0, said.at)}
        return any(tag not in ran for tag in self.spec(said))

    def _publish_failed(self, said: Said) -> bool:
        since = said.at - WINDOW
        states = [s for key in self._witness.runs for s in self._witness.runs.between(key, since, said.at)]
        return any(state.failed and state.branch in self.spec(said) for state in states)

    def _under_way(self, said: Said) -> bool:
        """Somebody else's command for one of its packages was taken before, and its release has not ended long ago."""
        mine = {name for name, _ in self.spec(said).values()}
        for asked in self._witness.asked:
            other = SPECS.get(asked.body.strip().splitlines()[-1], {})
            answered = is_answered(self._witness, asked.comment, asked.issue)
            same = asked.comment.id == _id(said.subject)
            if not same and asked.at < said.at and answered and mine & {name for name, _ in other.values()}:
                return True
        return False

    def _said_before(self, said: Said, words: str) -> bool:
        return any(words in a.body and a.at <= said.at and a.issue == said.issue for a in self._witness.asked)

    def _closed(self, said: Said) -> bool:
        number = re.search(r"#(\d+) was closed", said.body)
        return number is not None and self._witness.pulls.at(int(number[1]), said.at) == "closed"

    def _request_gone(self, said: Said) -> bool:
        asked = self.asked(said)
        return asked is not None and asked.issue not in self._witness.repository.issues

    def _never_published(self, said: Said) -> bool:
        named = re.findall(r"\*\*(\S+) v(\S+)\*\* was never published", said.body.replace("\\", ""))
        return not any(is_on_registry(self._witness, name, version, said.at - WINDOW) for name, version in named)

    def _untagged(self, said: Said) -> bool:
        """The bot had pushed no tag of it."""
        pushed = {
            ref.removeprefix("refs/tags/")
            for moved in self._witness.moved
            if moved.by == self._witness.app and moved.at <= said.at
            for ref, _, after in moved.changes
            if after != ZERO
        }
        return not pushed & set(self.spec(said))

    def _in_trouble(self, said: Said) -> bool:
        if "which is not the commit of this release" in said.body:
            return any(name.startswith("shipmate/") for name in self._witness.branches)
        if "proposes the same for another request" in said.body:
            marks = (MARKER.search(issue.body) for issue, _ in self._witness.pull_requests())
            return any(mark and mark[1] != said.subject for mark in marks)
        return said.at - self._last_fault < TROUBLE


def is_on_registry(witness: Witness, name: str, version: str, at: float) -> bool:
    """Whether a registry had anything of a version at that time."""
    sandbox, when = witness.sandbox, BEGINNING + timedelta(seconds=at)
    crate = sandbox.crates.find(name, version)
    if crate is not None and crate.created_at <= when:
        return True
    return any(file.uploaded_at <= when for file in sandbox.pypi.release(name, version))


def disagreements(git: MemoryGit, commit: str, spec: Mapping[str, tuple[str, str]]) -> list[str]:
    """Where the files of a commit do not say what a release would tag: the example's manifests, lock and pins."""
    crate, bindings = _toml(git, commit, "Cargo.toml"), _toml(git, commit, "tidewater-py/Cargo.toml")
    project, lock = _toml(git, commit, "tidewater-py/pyproject.toml"), _toml(git, commit, "Cargo.lock")
    locked = {package["name"]: package["version"] for package in lock.get("package", [])}
    wrong = []
    for name, version in spec.values():
        manifest = crate if name == "tidewater" else bindings
        said = {
            "manifest": manifest.get("package", {}).get("version"),
            "lock": locked.get(name),
        }
        if name == "tidewater":
            said["pin"] = bindings.get("dependencies", {}).get("tidewater", {}).get("version")
        else:
            said["project"] = project.get("project", {}).get("version")
        wrong += [f"{name}: the {where} says {what}, not {version}" for where, what in said.items() if what != version]
    return wrong


def _toml(git: MemoryGit, commit: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(git.read(commit, path).decode())
    except tomllib.TOMLDecodeError:
        return {}


def _commit(said: Said) -> str:
    found = SHA.search(said.body)
    return found[0] if found else ""


def _id(subject: str) -> int:
    return int(subject[1:].partition("-")[0]) if subject[1:].partition("-")[0].isdigit() else 0


def _headline(said: Said) -> str:
    return " ".join(said.body.split())[:300]
