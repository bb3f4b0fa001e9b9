"""With each safety check switched off in turn, the simulation finds what it kept from happening.

An entry names the property that is broken then, and runs that are known to provoke it; one that is not found is a hole
in the simulation. The same runs break nothing while the check is on.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from unittest.mock import patch

import pytest
from sqlalchemy import update

from bot.github import Reader, decode
from bot.github.facts import Permission
from bot.github.transport.client import Client
from bot.github.transport.tokens import Purpose
from bot.github.writing import opening, rebasing, refs, writer
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate
from bot.ledger import Taken
from bot.reconcile import observe, worker
from bot.reconcile.deliveries.intake import Intake
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.quiet import QuietRepositories
from bot.reconcile.deliveries.redelivery import Redelivery
from bot.reconcile.effects import perform
from bot.reconcile.effects.comments import CLOCKS_DIFFER, Commenter, shown
from bot.reconcile.effects.once import Once
from bot.reconcile.observe import Observer
from bot.reconcile.reconciler import Reconciler
from bot.reconcile.unsettled import Unsettled
from bot.release.ci import of_release
from bot.release.ci.judge import CI, CIState
from bot.release.ci.pushed import Pushed
from bot.release.records import Publishing
from bot.release.rollback import ladder as rollback
from bot.store import Intent, Store, store
from bot.store.intents import Intents
from bot.store.schema import repositories
from chaos.run import run
from chaos.script import Act, Deed, Fate, Fault, Kill, Moment, Request, Script, Stall, Webhook

CALM = Script(1)

pytestmark = pytest.mark.slow  # `make chaos-mutations`


@dataclass(frozen=True)
class Mutation:
    """A check that is switched off."""

    check: str
    breaks: str
    """The property."""
    off: Callable[[], AbstractContextManager[object]]
    runs: tuple[Script, ...] = (CALM,)


def always(value):
    """A function that asks nobody."""

    async def answer(*args, **kwargs):
        return value

    return answer


async def granted(self, repository, release, *args, real=Observer.look):
    """A look that takes everybody for an administrator."""
    return replace(await real(self, repository, release, *args), authority=Permission.ADMIN)


async def unanswered(self, lease, release):
    """A cancel that came too late, of which nobody is told."""
    return release


async def forgetful(self, mark):
    """An intent that is not kept."""
    return Intent(mark, done=False, result=None, at=self._clock.now(), fresh=True)


async def before_the_commit(self, delivery):
    """An answer that is given before anything is kept."""
    self.__dict__.setdefault("later", []).append(asyncio.create_task(self._intake.submit(delivery)))
    return True


async def unfenced(connection, lease, **values):
    """A write under a lease that may be somebody else's."""
    mine = repositories.c.id == lease.repository.id
    await connection.execute(update(repositories).where(mine).values(**values))


async def heedless(look, lease, seconds, store, clock):
    """A look that goes on whoever has the lease."""
    return await look


@contextmanager
def all_of(*patches):
    """Several checks that guard the same thing."""
    with ExitStack() as stack:
        for each in patches:
            stack.enter_context(each)
        yield


async def never_again(self, lease, *, due_at, attempts, real=Store.finish):
    """A repository that is given back without a time."""
    await real(self, lease, due_at=None, attempts=attempts)


async def of_anybody(self, lease, thread, mark, intended):
    """A search for a comment that does not ask who wrote it."""
    for number in thread.numbers:
        for comment in await self._github.reader(lease.repository).comments(number, intended - CLOCKS_DIFFER):
            if mark.text in comment.body:
                return shown(comment.id)
    return None


async def wherever(self, branch, real=Reader.base, **more):
    """A look at the branch that somebody would like to be released from."""
    try:
        return await real(self, "evil", **more)
    except Exception:
        return await real(self, branch, **more)


async def nothing_stands(client, repository, proposal):
    """A look before an opening that finds nothing."""
    return opening.BranchState(None, None)


async def found_at_once(self, reader, release, real=Observer._opened_unnoticed):
    """A look for a pull request that trusts the first answer."""
    try:
        return await real(self, reader, release)
    except Unsettled:
        return None


async def nothing_but_regularly(self, repository, not_before=None, listener=None, real=MissedComments.read):
    """Comments that are read in rounds, and not when the App comes back."""
    return await real(self, repository, not_before, listener) if self._leave else 0


async def whatever_guid(self, batch, real=Store._keep_all):
    """A delivery that is new each time it comes."""
    return await real(self, [replace(each, guid=f"{each.guid}-{uuid.uuid4()}") for each in batch])


async def never_taken(self, mark, real=Intents.find):
    """A store that does not remember which commands were taken."""
    return None if isinstance(mark.key, Taken) else await real(self, mark)


async def not_answered(self, repository, event):
    """A late comment that is taken for a new one."""
    return False


async def over_anything(client, repository, branch, commit, *, instead_of):
    """A branch that is moved wherever it stands."""
    moves = [RefUpdate(f"refs/heads/{branch}", instead_of, commit)]
    moves += [RefUpdate(f"refs/heads/{rebasing.successor_of(branch)}", commit, NO_OBJECT)]
    await wherever_they_stand(client, repository, moves)


async def wherever_they_stand(client, repository, updates, tags=(), real=refs.push):
    """A push with force: what is found at the ref is what is expected there."""
    stand = (await refs._advertised(client, repository, updates)).refs
    forced = [replace(update, old=stand.get(update.name, NO_OBJECT)) for update in updates]
    await real(client, repository, forced, tags)


def kills(border, numbers, **more):
    return tuple(Script(1, kills=(Kill(border, at, 60.0, fresh=False),), **more) for at in numbers)


def impatient(self, store, clock, lag, real=Once.__init__):
    """Who believes that GitHub shows all at once."""
    real(self, store, clock, 0.0)


async def as_ours(self, number, since, real=Reader.comments):
    """Comments that are taken for our own, whoever wrote them."""
    return tuple(replace(each, by_us=True) for each in await real(self, number, since))


async def all_ours(self, document, *, real=Client.graphql, **variables):
    """What is taken for our own App's, whoever made it."""
    answer = await real(self, document, **variables)
    return replace(answer, data=claimed(answer.data))


def claimed(found):
    """The same answer, in which our App made everything."""
    if isinstance(found, list):
        return [claimed(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: name == "viewerDidAuthor" or claimed(each) for name, each in found.items()}


doubled = tuple(Webhook("issue_comment", at, Fate.DOUBLED, 60.0) for at in range(8))

MUTATIONS = (
    Mutation(
        "CI must be green on the commit that is tagged",
        "green-before-tag",
        lambda: patch.object(of_release, "judge_ci", lambda *args, **kwargs: CI(CIState.GREEN)),
        (Script(1, failing=("ci",)),),
    ),
    Mutation(
        "every workflow that the push starts is awaited",
        "green-before-tag",
        lambda: patch.object(Pushed, "expected", property(lambda self: {})),
        (Script(1, late=400.0), Script(1, never=True)),
    ),
    Mutation(
        "the files at the merge commit must say the versions",
        "tree-says-so",
        lambda: patch.object(observe, "disagreements", lambda tree, versions: ()),
        (Script(1, acts=(Act(Deed.EDIT_VERSION, Moment.OPENED, 30.0),)),),
    ),
    Mutation(
        "the base branch must hold the commit that is tagged",
        "tree-says-so",
        lambda: patch.object(decode, "holds", lambda ref: True),
        (Script(1, acts=(Act(Deed.REWIND, Moment.MERGED, 20.0),)),),
    ),
    Mutation(
        "a tag must not exist before it is pushed",
        "tags-never-move",
        lambda: patch.object(writer, "push", wherever_they_stand),
        tuple(
            Script(
                1,
                requests=(Request("GET refs", 0, Fault.SLOW),),
                acts=(Act(Deed.TAG_ELSEWHERE, Moment.MERGED, after),),
            )
            for after in (125.0, 128.0, 131.0, 134.0)
        ),
    ),
    Mutation(
        "a tag is deleted only when the registries have nothing of it",
        "published-keeps-its-tag",
        lambda: patch.object(rollback, "is_unpublished", lambda packages, facts: True),
        tuple(
            Script(1, failing=("wheel=linux-aarch64",), acts=(Act(Deed.ROLLBACK, Moment.TAGGED, after),))
            for after in (240.0, 120.0, 360.0)
        ),
    ),
    Mutation(
        "a run that was cancelled may publish until it has ended",
        "published-keeps-its-tag",
        lambda: all_of(
            patch.object(rollback, "active_runs", lambda release, facts: ()),
            patch.object(rollback, "may_still_publish", lambda release, facts, timeouts: False),
        ),
        tuple(Script(1, acts=(Act(Deed.ROLLBACK, Moment.TAGGED, after),)) for after in (5.0, 60.0, 120.0, 200.0)),
    ),
    Mutation(
        "a stage's tags are pushed in one update",
        "all-or-none",
        lambda: patch.object(writer, "TAGS_AT_ONCE", 1),
    ),
    Mutation(
        "who commands must be allowed to",
        "authorised-now",
        lambda: patch.object(Reader, "permission", always(Permission.ADMIN)),
        (Script(1, acts=(Act(Deed.OUTSIDER, Moment.START, 5.0),)),),
    ),
    Mutation(
        "and still be allowed to when the tags are pushed",
        "authorised-now",
        lambda: patch.object(Observer, "look", granted),
        (Script(1, acts=(Act(Deed.REVOKE, Moment.OPENED, 30.0),)),),
    ),
    Mutation(
        "a comment that may have been posted is looked for",
        "once",
        lambda: patch.object(Commenter, "_find", always(None)),
        (Script(1, requests=(Request("POST comment", 0, Fault.ERROR_AFTER),)),),
    ),
    Mutation(
        "what is about to be said is kept before it is said",
        "once",
        lambda: patch.object(Intents, "intend", forgetful),
        (Script(1, requests=(Request("POST comment", 0, Fault.ERROR_AFTER),)),),
    ),
    Mutation(
        "the comment found must be the bot's own",
        "ended-truly",
        lambda: patch.object(Commenter, "_find", of_anybody),
        (
            Script(
                1,
                requests=(Request("POST comment", 3, Fault.ERROR_BEFORE),),
                acts=(Act(Deed.FORGED_MARKER, Moment.TAGGED, 30.0),),
            ),
        ),
    ),
    Mutation(
        "a delivery is answered after the commit",
        "nothing-lost",
        lambda: patch.object(Store, "keep", before_the_commit),
        kills("before commit deliveries", range(3)),
    ),
    Mutation(
        "whoever has lost the lease stops",
        "once",
        lambda: all_of(patch.object(store, "fence", unfenced), patch.object(worker, "while_held", heedless)),
        tuple(Script(1, processes=2, stalls=(Stall("after commit intents", at, 200.0),)) for at in range(5, 21)),
    ),
    Mutation(
        "an open release has a next look",
        "no-silence",
        lambda: patch.object(Store, "finish", never_again),
        (CALM,),
    ),
    Mutation(
        "a release whose tags are pushed cannot be cancelled",
        "no-silence",
        lambda: all_of(
            patch.object(Publishing, "is_tagged", property(lambda self: False)),
            patch.object(Reconciler, "_answer_late_cancel", unanswered),
        ),
        (Script(1, acts=(Act(Deed.CANCEL, Moment.TAGGED, 20.0),)),),
    ),
    Mutation(
        "the configuration comes from the base branch",
        "config-from-base",
        lambda: patch.object(Reader, "base", wherever),
        (Script(1, acts=(Act(Deed.PUSH_CONFIG, Moment.START, 5.0),)),),
    ),
    Mutation(
        "what stands of an opening is looked for before it is repeated",
        "ended-truly",
        lambda: all_of(
            patch.object(opening, "_branch_state", nothing_stands),
            patch.object(Observer, "_opened_unnoticed", always(None)),
        ),
        kills("after mutation Open", (0,)),
    ),
    Mutation(
        "an opening without an answer is looked for until GitHub must show it",
        "ended-truly",
        lambda: patch.object(Observer, "_opened_unnoticed", found_at_once),
        (
            Script(
                1,
                merge_after=5.0,
                requests=(
                    Request("mutation Open", 0, Fault.SILENCE_AFTER),
                    Request("query Ledger", 0, Fault.STALE),
                ),
            ),
        ),
    ),
    Mutation(
        "what was commanded while the App was away comes before a release goes on",
        "no-silence",
        # The look at quiet repositories would find it after the end, too: too late, but answered.
        lambda: all_of(
            patch.object(MissedComments, "read", nothing_but_regularly),
            patch.object(QuietRepositories, "turn", always(())),
        ),
        (
            Script(
                1,
                merge_after=5.0,
                acts=(Act(Deed.SUSPEND, Moment.TAGGED, 80.0), Act(Deed.ROLLBACK, Moment.ASKED, 265.0)),
            ),
        ),
    ),
    Mutation(
        "a delivery that comes twice is taken once",
        "once",
        lambda: all_of(
            patch.object(Store, "_keep_all", whatever_guid),
            patch.object(Intents, "find", never_taken),
            patch.object(Intake, "_was_answered", not_answered),
        ),
        tuple(
            Script(1, acts=(Act(deed, Moment.OPENED, 30.0),), webhooks=doubled) for deed in (Deed.CANCEL, Deed.AGAIN)
        ),
    ),
    Mutation(
        "what GitHub may not show yet is waited for",
        "once",
        lambda: patch.object(Once, "__init__", impatient),
        tuple(
            Script(
                1, requests=(Request("POST comment", at, Fault.ERROR_AFTER), Request("GET comments", 0, Fault.STALE))
            )
            for at in range(3)
        ),
    ),
    Mutation(
        "only what our own App said counts when a lost database is made again",
        "ended-truly",
        lambda: patch.object(Reader, "comments", as_ours),
        (
            Script(
                1,
                kills=(Kill("before POST tags", 0, 60.0, fresh=True),),
                acts=(Act(Deed.FORGED_MARKER, Moment.OPENED, 90.0),),
            ),
        ),
    ),
    Mutation(
        "a lost database is made again only from pull requests that our own App opened",
        "ended-truly",
        lambda: patch.object(Client, "graphql", all_ours),
        (
            Script(
                1,
                kills=(Kill("before POST comment", 2, 60.0, fresh=True),),
                acts=(Act(Deed.FORGED_MARKER, Moment.OPENED, 30.0), Act(Deed.STATUS, Moment.OPENED, 60.0)),
            ),
        ),
    ),
    Mutation(
        "the release branch is only moved from where it was seen",
        "never-overwritten",
        lambda: patch.object(writer, "succeed", over_anything),
        tuple(
            Script(
                1,
                merge_after=1500.0,
                requests=(Request("GET refs", 0, Fault.SLOW),),
                acts=(
                    Act(Deed.PUSH_ENTRY, Moment.OPENED, 30.0),
                    Act(Deed.PUSH_BRANCH, Moment.OPENED, after),
                ),
            )
            for after in range(32, 60, 3)
        ),
    ),
    Mutation(
        "webhooks that did not come are asked for, and their comments read",
        "no-silence",
        lambda: all_of(patch.object(Redelivery, "look", always(0)), patch.object(MissedComments, "look", always(0))),
        (Script(1, webhooks=(Webhook("issue_comment", 0, Fate.DROPPED, 1.0),)),),
    ),
    Mutation(
        "what GitHub refuses for good is not asked for again",
        "refused-once",
        lambda: patch.object(perform, "refusal_of", lambda failure, action, release: None),
        (Script(1, acts=(Act(Deed.FORBID, Moment.MERGED, 5.0),)),),
    ),
    Mutation(
        "a token may only do what its purpose needs",
        "least-privilege",
        lambda: patch.object(Purpose, "permissions", property(lambda self: {"contents": "write", "actions": "write"})),
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.check)
def test_a_check_that_is_switched_off_is_missed(mutation):
    for script in mutation.runs:
        with mutation.off():
            found = run(script).violations
        if any(violation.property == mutation.breaks for violation in found):
            assert run(script).violations == ()
            return
    pytest.fail(f"nothing was found; the last run broke {[str(violation)[:200] for violation in found]}")
