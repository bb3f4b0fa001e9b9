"""One run from its script: the sandbox, the processes, the people, until nothing moves any more; then the verdict."""

import asyncio
import hashlib
import json
import logging
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from bot.cli.rehearsal import settings_of
from bot.sandbox import Sandbox, example
from bot.sandbox.access.app_key import RegisteredApp, register_app
from bot.sandbox.actions.scenario import JobFacts, Outcome, Scenario
from bot.sandbox.model import Delivery, Repository, WorkflowRun
from chaos.dice import script
from chaos.oracle.evidence import Evidence
from chaos.oracle.ledger import ledger_in
from chaos.oracle.records import BASE, TESTS
from chaos.oracle.verdict import Verdict, Violation, check
from chaos.oracle.witness import LogKeeper, Witness
from chaos.people.cast import MAINTAINER, OWNER
from chaos.people.people import People
from chaos.script import LATE_WORKFLOW, Fate, Fault, Outage, Script, Webhook
from chaos.simulation.fleet import BalancedApp, Fleet
from chaos.simulation.loop import Spins, VirtualClock, simulate
from chaos.simulation.network import Network
from chaos.simulation.requests import Hosts

REST = 2.5 * 3600
"""Virtual seconds without any change after which a run is over."""
AFTERMATH = 1200.0
"""The same, once all releases have ended."""
LONGEST = 30 * 3600.0
"""A run that has not come to rest by then hangs."""


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    script: Script
    violations: tuple[Violation, ...]
    trace: tuple[tuple[float, str], ...]
    ending: str
    """How the release ended, in a word."""
    checked: int
    """How many facts the properties were checked on."""
    kills: int
    databases_lost: int
    webhooks: Counter[Fate]
    faults: Counter[Fault]
    requests: Counter[str]
    """By their kind."""
    hours: float
    """Virtual ones, until something happened last."""

    @property
    def digest(self) -> str:
        """What tells one run from another."""
        text = json.dumps([(round(at, 6), what) for at, what in self.trace])
        return hashlib.sha256(text.encode()).hexdigest()


def run(of: Script) -> Result:
    """Play a script and judge what happened; a run that spins or crashes has broken something, too."""
    with tempfile.TemporaryDirectory(prefix="shipmate-chaos-", dir=_PLACE) as folder:
        playing = _Play(of, Path(folder))
        try:
            return simulate(playing.run, of.seed)
        except Spins as failure:
            return playing.result(Verdict((Violation("no-silence", str(failure)),), "spinning", 0))
        except Exception as failure:  # of the bot or of the simulation: other seeds are played all the same
            text = "".join(traceback.format_exception(failure))
            return playing.result(Verdict((Violation("crashed", text),), "crashed", 0))


def play(seed: int) -> Result:
    """Play the script of a seed."""
    return run(script(seed))


@cache
def _registered() -> RegisteredApp:
    return register_app()


def _app() -> RegisteredApp:
    """The App of this run; its key is made once."""
    once = _registered()
    values = {field.name: getattr(once.app, field.name) for field in fields(once.app)}
    return RegisteredApp(BalancedApp(**values), once.private_key_pem)


def _accept_what_is_optional(sandbox: Sandbox) -> None:
    for installation in sandbox.world.installations.values():
        installation.permissions |= {"checks": "write"}


_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_PLACE = _MEMORY if _MEMORY.is_dir() else None


class _Play:
    def __init__(self, of: Script, folder: Path) -> None:
        self._script = of
        self._folder = folder
        self._events: Counter[str] = Counter()
        self._fates: dict[tuple[str, int], Webhook] = {(w.event, w.at): w for w in of.webhooks}
        self._webhooks: Counter[Fate] = Counter()
        self._sleepers: dict[str, None] = {}
        faults = {(request.kind, request.at): request.fault for request in of.requests}
        self._network = Network(faults, self._tell)
        self._trace: list[tuple[float, str]] = []
        self._fleet: Fleet | None = None

    async def run(self) -> Result:
        scenario = Scenario(job_seconds=70.0, publish_seconds=110.0, script=self._red)
        registered = _app()
        async with Sandbox.open(
            scenario=scenario,
            clock=VirtualClock(),
            folder=self._folder,
            app=registered,
            middlewares=[self._network.handle],
        ) as sandbox:
            repository = await example.build(sandbox)
            if self._script.seed % 4:  # else the installation has not accepted what is optional
                _accept_what_is_optional(sandbox)
            if self._script.grouped:
                await _in_a_group(sandbox, repository)
            await sandbox.actions.idle()
            self._witness = witness = Witness(sandbox, repository, self._trace)
            scenario.failures |= set(self._script.failing)
            scenario.late_files[LATE_WORKFLOW] = self._script.late
            scenario.never_landing = {LATE_WORKFLOW} if self._script.never else set()
            sandbox.world.repeatable = timedelta() if self._script.old else sandbox.world.repeatable
            hosts = Hosts(
                *(urlsplit(url).netloc for url in (sandbox.github_url, sandbox.crates_api_url, sandbox.pypi_url))
            )
            self._fleet = fleet = Fleet(
                replace(settings_of(sandbox, self._folder), workers=2, poll_seconds=20.0),
                hosts,
                self._folder,
                self._script,
                witness.tell,
            )
            people = People(self._script, witness)
            with _logs(witness):
                return await self._alive(fleet, people, hosts, registered)

    async def _alive(self, fleet: Fleet, people: People, hosts: Hosts, registered: RegisteredApp) -> Result:
        witness, sandbox = self._witness, self._witness.sandbox
        tasks: list[asyncio.Task[None]] = []
        try:
            await asyncio.sleep(600)
            witness.grant(MAINTAINER, "maintain")
            witness.watch()
            self._network.hosts, self._network.ref_at = hosts, witness.ref_at
            self._network.ahead = witness.ahead
            fleet.start(self._script.processes)
            await asyncio.sleep(30)
            if isinstance(registered.app, BalancedApp):
                registered.app.fleet = fleet
            sandbox.world.webhooks.fate = self._fate
            tasks += [asyncio.create_task(each) for each in (people.play(), fleet.supervise())]
            tasks += [asyncio.create_task(self._break(outage, people)) for outage in self._script.outages]
            hangs = await self._until_rest(people, fleet, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if isinstance(registered.app, BalancedApp):
                registered.app.fleet = None
            await fleet.end()
        return self._judge(fleet, people, hangs)

    def _judge(self, fleet: Fleet, people: People, hangs: bool) -> Result:
        witness = self._witness
        evidence = Evidence(
            script=self._script,
            witness=witness,
            ledger=ledger_in(self._folder),
            databases_lost=tuple(fleet.databases_lost),
            failures=tuple(fleet.failures),
            last_fault=self._network.last_fault,
            hangs=hangs,
            sleepers=tuple(self._sleepers),
        )
        return self.result(check(evidence))

    def result(self, verdict: Verdict) -> Result:
        """What came of the run, also when it got nowhere."""
        fleet = self._fleet
        return Result(
            script=self._script,
            violations=verdict.violations,
            trace=tuple(self._trace),
            ending=verdict.ending,
            checked=verdict.checked,
            kills=fleet.kills if fleet else 0,
            databases_lost=len(fleet.databases_lost) if fleet else 0,
            webhooks=self._webhooks,
            faults=self._network.injected,
            requests=self._network.requests,
            hours=self._trace[-1][0] / 3600 if self._trace else 0.0,
        )

    async def _until_rest(self, people: People, fleet: Fleet, tasks: Sequence["asyncio.Task[None]"]) -> bool:
        """Wait until nothing moves any more; whether it never came to that."""
        witness = self._witness
        seen, since = -1, witness.now
        while witness.now < LONGEST:
            await asyncio.sleep(60)
            for task in tasks:
                if task.done():
                    task.result()  # raises what ended it
            if self._network.failure is not None:
                raise self._network.failure
            if len(witness.log) != seen:
                seen, since = len(witness.log), witness.now
            still = witness.now - max(since, people.quiet_since)
            ledger = ledger_in(self._folder)
            self._sleepers.update(ledger.sleepers())
            releases = ledger.releases
            ended = bool(releases) and not any(row["open"] for row in releases)
            if fleet.is_up and people.idle and still > (AFTERMATH if ended else REST):
                return False
        return True

    async def _break(self, outage: Outage, people: People) -> None:
        await people.moments[outage.moment].wait()
        await asyncio.sleep(outage.after)
        self._network.out_of_order[outage.of] = self._witness.now + outage.seconds
        self._witness.tell(f"mishap: {outage.of} cannot be reached for {outage.seconds:.0f} s")

    def _red(self, run: WorkflowRun, job: JobFacts, attempt: int) -> Outcome | None:
        """CI is red on commits that hold a certain file."""
        if self._network.hosts is None or not run.path.endswith("/ci.yml"):
            return None
        return Outcome("failure", 70.0) if self._witness.git.holds(run.head_sha, "red.txt") else None

    def _tell(self, what: str) -> None:
        self._witness.tell(what)

    def _fate(self, delivery: Delivery) -> Sequence[float]:
        number, total = self._events[delivery.event], self._events["*"]
        self._events[delivery.event] += 1
        self._events["*"] += 1
        webhook = self._fates.get((delivery.event, number)) or self._fates.get(("*", total))
        if webhook is None:
            return (0.0,)
        self._webhooks[webhook.fate] += 1
        self._witness.tell(f"webhook {delivery.event}.{delivery.action} {webhook.fate} ({webhook.seconds:g} s)")
        match webhook.fate:
            case Fate.DROPPED:
                return ()
            case Fate.DOUBLED:
                return (0.0, webhook.seconds)
            case Fate.LATE:
                return (webhook.seconds,)


async def _in_a_group(sandbox: Sandbox, repository: Repository) -> None:
    """CI's workflows cancel their older runs of a branch."""
    files = await sandbox.world.files(repository)
    group = b"concurrency: {group: '${{ github.workflow }}-${{ github.ref }}', cancel-in-progress: true}\n"
    changed = {path: files[path].replace(b"\non:", b"\n" + group + b"on:", 1) for path in TESTS}
    await sandbox.world.push(repository, BASE, changed, "Cancel what is out of date", by=OWNER)


@contextmanager
def _logs(witness: Witness) -> Iterator[None]:
    keeper = LogKeeper(witness)
    root = logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(keeper)
        root.setLevel(level)
