"""All processes of the bot: they are killed as the script says, and come back as a supervisor would have it."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bot.sandbox.model import App
from bot.settings import Settings
from chaos.script import Kill, Script
from chaos.simulation.process import Process, remove_database
from chaos.simulation.requests import Hosts

SUPERVISED = 5.0
"""Seconds after which a process that ended by itself is started again."""


class Fleet:
    """So many processes on one database."""

    def __init__(
        self, settings: Settings, hosts: Hosts, folder: Path, mishaps: Script, told: Callable[[str], None]
    ) -> None:
        self._settings, self._hosts, self._folder, self._told = settings, hosts, folder, told
        self._due = list(mishaps.kills)
        self._stalls = {(stall.border, stall.at): stall for stall in mishaps.stalls}
        self._crossed: Counter[str] = Counter()
        self._incarnations: list[Process] = []
        self._living: dict[int, Process] = {}
        self._dice = random.Random(mishaps.seed)  # noqa: S311 - a simulation's
        self._over = False
        self.kills = 0
        self.databases_lost: list[float] = []
        """When the database was lost."""
        self.failures: list[BaseException] = []
        """What ended processes that nobody killed."""

    def start(self, count: int) -> None:
        """Start so many processes."""
        for number in range(count):
            self._start(number)

    def _start(self, number: int) -> None:
        if self._over or number in self._living:
            return
        process = Process(number, self._settings, self._hosts, self._cross, len(self._incarnations))
        self._incarnations.append(process)
        self._living[number] = process

    async def supervise(self) -> None:
        """Start again what ended by itself; runs until it is cancelled."""
        while True:
            await asyncio.sleep(SUPERVISED)
            for number, process in list(self._living.items()):
                if process.failure is not None:
                    self.failures.append(process.failure)
                    self._told(f"process {number} ended by itself: {process.failure!r}")
                    process.die()
                    del self._living[number]
                    self._start(number)

    def door(self) -> str:
        """Where the next webhook goes: any door; nowhere while none is open."""
        doors = [process.address for _, process in sorted(self._living.items()) if process.address]
        return f"{self._dice.choice(doors)}/webhook" if doors else "http://127.0.0.1:9/webhook"

    @property
    def is_up(self) -> bool:
        """Whether every process lives and its door is open."""
        return all(process.address for process in self._living.values()) and bool(self._living)

    def _cross(self, process: Process, border: str) -> float:
        """Perhaps kill the process; else, for how many seconds it stands still there."""
        names = {border, " ".join(border.split()[:2]), "*"}
        here = {(name, self._crossed[name]) for name in names}
        self._crossed.update(names)
        for kill in self._due:
            if (kill.border, kill.at) in here:
                self._due.remove(kill)
                self._kill(process, kill, border)
                return 0.0
        stall = next((stall for name, stall in self._stalls.items() if name in here), None)
        if stall is None:
            return 0.0
        self._told(f"process {process.number} stands still {border} for {stall.seconds:g} s")
        return stall.seconds

    def _kill(self, process: Process, kill: Kill, border: str) -> None:
        victims = list(self._living.values()) if kill.fresh else [process]
        lost = ", the database is lost" if kill.fresh else ""
        self._told(f"process {', '.join(str(victim.number) for victim in victims)} is killed {border}{lost}")
        loop = asyncio.get_running_loop()
        for victim in victims:
            self.kills += 1
            victim.die()
            if self._living.get(victim.number) is victim:
                del self._living[victim.number]
                loop.call_later(kill.down, self._start, victim.number)
        if kill.fresh:
            self.databases_lost.append(loop.time())
            remove_database(self._folder)

    async def end(self) -> None:
        """Take all incarnations down."""
        self._over = True
        for process in self._incarnations:
            await process.end()


class BalancedApp(App):
    """An App whose webhook address is the fleet's next door."""

    fleet: Fleet | None = None

    @property
    def webhook_url(self) -> str:
        """Empty until there is a fleet."""
        return self.fleet.door() if self.fleet else ""

    @webhook_url.setter
    def webhook_url(self, address: str) -> None:
        """It is the fleet's to say."""
