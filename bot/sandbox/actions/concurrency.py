"""Concurrency groups of workflows: of each group one run goes on, and one waits for its end; more with `queue: max`.

What becomes of a third one, what `cancel-in-progress` does, and that a group's name counts in any case of letters:
https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency;
`queue`: https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues. Groups of
single jobs are not played.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.actions.execution import Plan
from bot.workflows.document import text_of
from bot.workflows.language.evaluate import expanded, written
from bot.workflows.values import Scope, Value

MOST_WAITING = 100
"""With `queue: max`."""


@dataclass
class _Group:
    going: Plan | None = None
    waiting: list[tuple[Plan, asyncio.Future[bool]]] = field(default_factory=list)


@dataclass(frozen=True)
class _Wish:
    """What a workflow says of its group."""

    key: tuple[int, str]
    cancels: bool
    """Whether a run of it that goes on is cancelled."""
    most: int
    """Runs that may wait."""


class Turns:
    """Tells each run when it may begin."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, str], _Group] = {}

    def ask(self, plan: Plan) -> "asyncio.Future[bool]":
        """Whose result says, once that is known, whether the run begins: it does not where a newer one came first."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        wish = _wish_of(plan)
        if wish is None:
            answer.set_result(True)
            return answer
        group = self._groups.setdefault(wish.key, _Group())
        if group.going is None:
            group.going = plan
            answer.set_result(True)
            return answer
        while len(group.waiting) >= wish.most:
            group.waiting.pop(0)[1].set_result(False)
        group.waiting.append((plan, answer))
        if wish.cancels:
            group.going.cancelled = True
        return answer

    def over(self, plan: Plan) -> None:
        """A run has ended, so that the next one of its group may begin."""
        for group in self._groups.values():
            if group.going is plan:
                group.going = None
                if group.waiting:
                    group.going, answer = group.waiting.pop(0)
                    answer.set_result(True)

    def give_up(self, plan: Plan) -> None:
        """A run that may still wait is cancelled."""
        for group in self._groups.values():
            for each in [each for each in group.waiting if each[0] is plan]:
                group.waiting.remove(each)
                each[1].set_result(False)


def _wish_of(plan: Plan) -> _Wish | None:
    about = plan.workflow.concurrency
    if about is None:
        return None
    scope = Scope({"github": plan.event.github})
    table: Mapping[str, Value] = about if isinstance(about, dict) else {"group": about}
    name = written(text_of(table.get("group")), scope)
    cancels = expanded(table.get("cancel-in-progress"), scope)
    most = MOST_WAITING if table.get("queue") == "max" else 1
    return _Wish((plan.repo.id, name.lower()), cancels is True or cancels == "true", most)
