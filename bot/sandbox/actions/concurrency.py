"""Concurrency groups of workflows: of each group one run goes on, and at most one waits for its end.

What becomes of a third one, what `cancel-in-progress` does, and that a group's name counts in any case of letters:
https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency.
Groups of single jobs are not played.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.actions.execution import Plan
from bot.workflows.document import text_of
from bot.workflows.evaluate import expanded, written
from bot.workflows.values import Scope, Value


@dataclass
class _Group:
    going: Plan | None = None
    next: tuple[Plan, asyncio.Future[bool]] | None = None


class Turns:
    """Tells each run when it may begin."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, str], _Group] = {}

    def ask(self, plan: Plan) -> "asyncio.Future[bool]":
        """Whose result says, once that is known, whether the run begins: it does not where a newer one came first."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        key, cancels = _group_of(plan)
        if key is None:
            answer.set_result(True)
            return answer
        group = self._groups.setdefault(key, _Group())
        if group.going is None:
            group.going = plan
            answer.set_result(True)
            return answer
        if group.next is not None:
            group.next[1].set_result(False)
        group.next = (plan, answer)
        if cancels:
            group.going.cancelled = True
        return answer

    def over(self, plan: Plan) -> None:
        """A run has ended, so that the next one of its group may begin."""
        for group in self._groups.values():
            if group.going is plan:
                group.going = None
                if group.next is not None:
                    group.going, answer = group.next
                    group.next = None
                    answer.set_result(True)

    def give_up(self, plan: Plan) -> None:
        """A run that may still wait is cancelled."""
        for group in self._groups.values():
            if group.next is not None and group.next[0] is plan:
                group.next[1].set_result(False)
                group.next = None


def _group_of(plan: Plan) -> tuple[tuple[int, str] | None, bool]:
    """The group's name, and whether a run of it that goes on is to be cancelled."""
    about = plan.workflow.concurrency
    if about is None:
        return None, False
    scope = Scope({"github": plan.event.github})
    table: Mapping[str, Value] = about if isinstance(about, dict) else {"group": about}
    name = written(text_of(table.get("group")), scope)
    cancels = expanded(table.get("cancel-in-progress"), scope)
    return (plan.repo.id, name.lower()), cancels is True or cancels == "true"
