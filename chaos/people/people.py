"""The people of a run: they ask, merge, mend what the bot complains about, and do odd things at odd moments.

They read what the bot says, as people do, and know nothing else of it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import cast

from bot.sandbox.errors import Refusal
from bot.sandbox.world.merging import MergeMethod
from chaos.oracle.evidence import is_answered
from chaos.oracle.records import BASE, Said
from chaos.oracle.witness import Witness
from chaos.people.cast import COMMAND, MAINTAINER, OWNER, SPECS
from chaos.people.deeds import Deeds
from chaos.people.operations import Operations
from chaos.script import Act, Moment, Script

GLANCE = 15.0
"""Seconds between two looks at the thread."""
REACTION = 45.0
"""Seconds from a complaint to what somebody does about it."""
BEGIN = 60.0
"""Seconds from the beginning until the release is asked for."""
UNANSWERED = 2 * 3600.0
"""After which a command is said again."""
PATIENCE = 6
"""How often a complaint is answered before a person gives up."""


class People:
    """Everybody of one run."""

    def __init__(self, script: Script, witness: Witness) -> None:
        self._script = script
        self._witness = witness
        self._world = witness.sandbox.world
        self._repo = witness.repository
        self._do = Operations(witness)
        self.moments = {moment: asyncio.Event() for moment in Moment}
        self._answered: set[int] = set()
        """How many of the bot's sayings were read, by their index."""
        self._repeated: set[int] = set()
        self._complaints = 0
        self._busy = 0

    @property
    def quiet_since(self) -> float:
        """Since when nobody has done anything."""
        return self._do.quiet_since

    @property
    def idle(self) -> bool:
        """Whether nobody is about to do something."""
        return self._busy == 0

    async def play(self) -> None:
        """Everything that people do; ends only when it is cancelled."""
        self._do.issue = await self._world.open_issue(self._repo, "Release", "Time to release.", by=MAINTAINER)
        acts = [asyncio.create_task(self._act(act)) for act in self._script.acts]
        try:
            self.moments[Moment.START].set()
            await asyncio.sleep(BEGIN)
            await self._do.say(COMMAND, by=MAINTAINER)
            self.moments[Moment.ASKED].set()
            while True:
                await asyncio.sleep(GLANCE)
                self._notice()
                await self._glance()
                for task in acts:
                    if task.done():
                        task.result()  # raises what went wrong with it
        finally:
            for task in acts:
                task.cancel()

    def _notice(self) -> None:
        pulls = self._witness.pull_requests()
        if pulls:
            self.moments[Moment.OPENED].set()
        if any(pull.merged for _, pull in pulls):
            self.moments[Moment.MERGED].set()
        wanted = SPECS[COMMAND]
        if any(name.startswith("refs/tags/") and name[10:] in wanted for name in self._witness.git.heads):
            self.moments[Moment.TAGGED].set()

    async def _glance(self) -> None:
        await self._merge_when_due()
        for index, said in enumerate(list(self._witness.said)):
            due = said.at + REACTION <= self._witness.now
            if index not in self._answered and due:
                self._answered.add(index)
                await self._answer(said)
        await self._repeat()

    async def _merge_when_due(self) -> None:
        for issue, pull in self._witness.pull_requests():
            age = (self._world.clock.now() - issue.created_at).total_seconds()
            if issue.state == "open" and age >= self._script.merge_after:
                method = cast(MergeMethod, self._script.merge_method)
                try:
                    await self._world.merge(self._repo, pull.number, method=method, by=OWNER)
                    self._do.quiet_since = self._witness.now
                except Refusal as refusal:
                    if self._witness.now - self._do.quiet_since > UNANSWERED:
                        self._witness.tell(f"{OWNER} cannot merge: {refusal}")
                        await self._do.say("/release cancel", by=OWNER)

    async def _repeat(self) -> None:
        """A command that nobody answered for a long time is said again, once."""
        for asked in list(self._witness.asked):
            if asked.comment.id in self._repeated or not asked.body.startswith("/release"):
                continue
            if is_answered(self._witness, asked.comment, asked.issue):
                continue
            if self._witness.now - asked.at > UNANSWERED:
                self._repeated.add(asked.comment.id)
                issue = self._repo.issues.get(asked.issue)
                if issue is not None:
                    again = await self._do.say(asked.body, by=asked.by, issue=issue)
                    if again is not None:
                        self._repeated.add(again.id)

    # Mending what the bot complains about

    async def _answer(self, said: Said) -> None:
        mend = next((mend for words, mend in self._remedies() if words in said.body), None)
        if mend is None or (said.edited and "🛑" not in said.body[:8]):
            return
        key = said.key
        if key == "status":
            return  # what it says, a comment of its own says too
        self._complaints += 1
        if self._complaints > PATIENCE:
            return
        self._witness.tell("somebody mends that")
        self._do.quiet_since = self._witness.now
        await mend(said)

    def _remedies(self) -> tuple[tuple[str, Callable[[Said], Awaitable[None]]], ...]:
        return (
            ("does not say what was planned", self._mend_tree),
            ("is no longer on `main`", self._put_back),
            ("CI failed on the merge commit", self._mend_machines),
            ("CI has not started on the merge commit", self._test_anew),
            ("GitHub does not run again what had failed", self._test_anew),
            ("may no longer release", self._take_over),
            ("is not on the release's commit", self._mend_tags),
            ("its publish workflow never started", self._mend_tags),
            ("A publish workflow failed", self._mend_machines),
            ("has to be yanked by one of its owners", self._yank),
            ("Not complete on the registries", self._mend_registries),
            ("Delete the branch, then try again", self._delete_branch),
            ("a rule of this repository forbids it", self._lift_rules),
            ("is not on its bypass list", self._lift_rules),
            ("CI is red on", self._mend_head),
            ("this release is not blocked, so", self._insist),
        )

    async def _retry(self, said: Said) -> None:
        await self._do.say("/release retry", by=OWNER, issue=self._repo.issues.get(said.issue))

    async def _test_anew(self, said: Said) -> None:
        """Push a commit on which CI runs, as the bot advises."""
        await self._do.push({"NOTES.md": f"Tested anew at {self._witness.now:.0f} s.\n"}, "Start CI")
        await asyncio.sleep(900)
        await self._retry(said)

    async def _insist(self, said: Said) -> None:
        """Where the status says that it is blocked all the same."""
        cards = [each.body for each in self._witness.said if each.issue == said.issue and each.key == "status"]
        if cards and cards[-1].startswith("### 🛑"):
            await self._retry(said)

    async def _take_over(self, said: Said) -> None:
        await self._retry(said)

    async def _mend_machines(self, said: Said) -> None:
        self._witness.sandbox.actions.scenario.failures.clear()
        if "red.txt" in await self._world.files(self._repo):
            await self._do.push({"red.txt": None}, "Mend CI")
            await asyncio.sleep(600)
        await self._retry(said)

    async def _mend_head(self, said: Said) -> None:
        await self._mend_files()
        await asyncio.sleep(900)
        await self._do.say(COMMAND, by=OWNER, issue=self._repo.issues.get(said.issue))

    async def _mend_files(self) -> None:
        self._witness.sandbox.actions.scenario.failures.clear()
        if "red.txt" in await self._world.files(self._repo):
            await self._do.push({"red.txt": None}, "Mend CI")

    async def _mend_tree(self, said: Said) -> None:
        """Set the versions that were planned, on the base branch."""
        files = await self._world.files(self._repo)
        cargo = re.sub(rb'(?m)^version = "[^"]*"', b'version = "0.5.0"', files["Cargo.toml"], count=1)
        await self._do.push({"Cargo.toml": cargo}, "Say the version")
        await asyncio.sleep(600)
        await self._retry(said)

    async def _put_back(self, said: Said) -> None:
        """Have the base branch hold the merge commit again."""
        named = re.search(r"merge commit ([0-9a-f]{40})", said.body)
        if named and named[1] not in self._witness.git.history(f"refs/heads/{BASE}"):
            await self._do.move_base(named[1])

    async def _mend_tags(self, said: Said) -> None:
        """Delete the tags that are named, as the bot advises."""
        for tag in SPECS[COMMAND]:
            named = f"{tag} stands on" in said.body or "never started" in said.body
            if named and f"refs/tags/{tag}" in self._witness.git.heads:
                await self._world.delete_tag(self._repo, tag, by=OWNER)
        await self._retry(said)

    async def _mend_registries(self, said: Said) -> None:
        """Run the publish workflows again whose jobs failed without making them fail."""
        self._witness.sandbox.actions.scenario.failures.clear()
        for run in list(self._repo.runs.values()):
            if run.head_branch in SPECS[COMMAND] and any(job.conclusion == "failure" for job in run.jobs):
                for listener in self._world.on_rerun:
                    await listener(self._repo, run, self._world.user(OWNER))
        await asyncio.sleep(900)
        await self._retry(said)

    async def _yank(self, said: Said) -> None:
        """Only what the bot names, as an owner does."""
        sandbox = self._witness.sandbox
        for name, version in SPECS[COMMAND].values():
            if f"**{name} v{version}**" in said.body.replace("\\", ""):
                crate = sandbox.crates.find(name, version)
                if crate is not None:
                    crate.yanked = True
                for file in sandbox.pypi.release(name, version):
                    file.yanked = "broken"

    async def _delete_branch(self, said: Said) -> None:
        for name in [name for name in self._witness.git.heads if name.startswith("refs/heads/shipmate/")]:
            await self._world.delete_branch(self._repo, name.removeprefix("refs/heads/"), by=OWNER)
        await self._retry(said)

    async def _lift_rules(self, said: Said) -> None:
        """Also where the preflight told of them: then the release is asked for anew."""
        self._repo.rulesets.clear()
        self._witness.rules.note(self._witness.now, "tags", value=False)
        again = COMMAND if said.key == "refused" else "/release retry"
        await self._do.say(again, by=OWNER, issue=self._repo.issues.get(said.issue))

    async def _act(self, act: Act) -> None:
        await self.moments[act.moment].wait()
        self._busy += 1
        try:
            await asyncio.sleep(act.after)
            self._witness.tell(f"mishap: somebody {act.deed}")
            self._do.quiet_since = self._witness.now
            await Deeds(self._do, self._witness).doing(act.deed)()
        except Refusal as refusal:
            self._witness.tell(f"that is refused: {refusal}")
        finally:
            self._busy -= 1
