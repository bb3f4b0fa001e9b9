"""What became of a command, by what the store and GitHub tell of it."""

from typing import Any, cast

import pytest

from bot.github.facts import CommentState
from bot.ledger import Answered, CommentId, Mark, Promised, ReleaseId, StatusAnswer, Taken, Word
from bot.reconcile.deliveries.command_record import Became, CommandRecords, what_became
from tests.store.builders import REPOSITORY

DECLINED_IN_WORDS = Mark(CommentId(9), Answered(1))


@pytest.mark.parametrize(
    ("marks", "reactions", "became"),
    [
        ((), (), Became.NEW),
        ((), ("eyes",), Became.SEEN),
        ((), ("eyes", "+1"), Became.PROMISED),
        ((), ("confused",), Became.DECLINED),
        ((), ("rocket",), Became.DONE),
        ((Mark(CommentId(9), Promised(0)),), ("eyes",), Became.PROMISED),
        ((Mark(CommentId(9), Answered(0)),), ("confused",), Became.DECLINED),
        ((Mark(CommentId(9), Answered(0)),), ("+1",), Became.DONE),
        ((Mark(CommentId(9), Word.DEAD_LETTERED),), (), Became.DECLINED),
        ((Mark(ReleaseId(9), Word.REFUSED),), (), Became.DONE),
        ((Mark(ReleaseId(9), Word.STATUS),), (), Became.NEW),
        ((Mark(ReleaseId(5), StatusAnswer(9)),), (), Became.NEW),
        ((Mark(CommentId(8), Answered(0)),), (), Became.NEW),
    ],
)
def test_what_became_of_a_command_is_told_by_our_marks_and_reactions(marks, reactions, became):
    assert what_became(9, marks, reactions) is became


def test_of_two_commands_in_one_comment_the_one_that_was_declined_is_promised_by_no_thumb():
    assert what_became(9, [DECLINED_IN_WORDS], ["+1"], position=0) is Became.PROMISED
    assert what_became(9, [DECLINED_IN_WORDS], ["+1"], position=1).is_final
    assert what_became(9, [DECLINED_IN_WORDS], ["+1"], position=1) is not Became.PROMISED


class States:
    """GitHub, as far as it tells what stands on comments."""

    def __init__(self, **states: CommentState) -> None:
        self.states = {int(node[1:]): state for node, state in states.items()}
        self.asked: list[str] = []

    async def comment_states(self, repository, nodes):
        self.asked += nodes
        return {number: state for number, state in self.states.items() if f"C{number}" in nodes}


async def test_the_store_is_asked_first_then_the_thread_and_then_the_reactions(store):
    github = States(C3=CommentState(False, frozenset({"+1"})), C4=CommentState(False, frozenset()))
    records = CommandRecords(cast(Any, github), store)
    await store.intents.record(Mark(CommentId(1), Taken(0)), "taken")
    comments = {number: f"C{number}" for number in (1, 2, 3, 4)}
    found = await records.of(REPOSITORY, comments, [Mark(CommentId(2), Answered(0))])
    assert found == {1: Became.DONE, 2: Became.DONE, 3: Became.PROMISED, 4: Became.NEW}
    assert github.asked == ["C3", "C4"]


async def test_a_comment_that_was_edited_or_is_gone_is_left_out_unless_it_was_answered(store):
    github = States(C1=CommentState(True, frozenset({"eyes"})), C2=CommentState(True, frozenset({"+1"})))
    records = CommandRecords(cast(Any, github), store)
    found = await records.of(REPOSITORY, {1: "C1", 2: "C2", 3: "C3"}, [])
    assert found == {2: Became.PROMISED}
