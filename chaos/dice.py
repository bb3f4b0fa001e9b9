"""What happens in the run of a seed, drawn by lot: the same wherever and whenever it is drawn."""

import random
from collections.abc import Iterator
from dataclasses import replace

from chaos.script import (
    HARMLESS,
    HOUR,
    Act,
    Deed,
    Fate,
    Fault,
    Kill,
    Moment,
    Outage,
    Request,
    Script,
    Stall,
    Webhook,
)

KINDS = (
    "mint",
    "query Base",
    "query Changes",
    "query Commit",
    "query Files",
    "query BeforeOpening",
    "query BeforeFollowing",
    "query Checks",
    "query Snapshot",
    "query Ledger",
    "query Standings",
    "mutation Open",
    "POST branches",
    "POST tags",
    "GET refs",
    "GET permission",
    "GET trees",
    "GET runs",
    "GET jobs",
    "GET rules",
    "GET rulesets",
    "GET environments",
    "GET comment",
    "GET comments",
    "GET recent comments",
    "GET releases",
    "GET log",
    "GET check-runs",
    "GET installation",
    "GET installations",
    "GET repositories",
    "GET deliveries",
    "POST comment",
    "PATCH comment",
    "POST reactions",
    "POST check-runs",
    "POST releases",
    "PATCH release",
    "DELETE release",
    "POST rerun",
    "POST cancel",
    "POST attempts",
    "PATCH pull",
    "crates.io",
    "PyPI",
)
"""The kinds of requests (see `network.kind_of`)."""
CHANGING = tuple(kind for kind in KINDS if kind.startswith(("mutation", "POST", "PATCH", "DELETE")))
EVENTS = ("issue_comment", "pull_request", "workflow_run", "push", "check_suite", "create")
TABLES = ("deliveries", "intents", "releases", "repositories")
FAILURES = ("ci", "publish", "wheel=linux-aarch64")
OFTEN = ("mutation Open", "POST branches", "POST tags", "POST comment", "POST releases", "PATCH release")
"""What must not be done twice, nor by halves."""
LOOKS = (
    "mint",
    "query Snapshot",
    "query Checks",
    "query BeforeOpening",
    "query BeforeFollowing",
    "query Base",
    "GET comments",
    "GET permission",
    "GET runs",
    "GET refs",
    "GET releases",
)
"""What decisions rest on."""
_CHANGED = (Fault.ERROR_AFTER, Fault.SILENCE_AFTER)
_SEEN = (Fault.STALE, Fault.PARTIAL, Fault.UNKNOWN_TOKEN)
_ANY = tuple(fault for fault in Fault if fault not in (*_CHANGED, *_SEEN))
TIMES = (2.0, 20.0, 90.0, 300.0, 900.0)


def script(seed: int) -> Script:
    """The run of a seed."""
    dice = random.Random(seed)  # noqa: S311 - a simulation's
    wild = dice.choice((0.0, 0.2, 0.5, 1.0))
    drawn = Script(
        seed,
        processes=dice.choice((1, 1, 2, 3)),
        failing=(dice.choice(FAILURES),) if dice.random() < 0.25 else (),
        merge_after=dice.choice((5.0, 120.0, 400.0, 1.5 * HOUR)),
        merge_method=dice.choice(("merge", "squash", "rebase")),
        requests=tuple({(r.kind, r.at): r for r in _requests(dice, round(wild * dice.uniform(0, 40)))}.values()),
        webhooks=tuple({(w.event, w.at): w for w in _webhooks(dice, round(wild * dice.uniform(0, 30)))}.values()),
        kills=tuple({(k.border, k.at): k for k in _kills(dice, dice.choice((0, 1, 1, 2, 3, 6)))}.values()),
        stalls=tuple({(s.border, s.at): s for s in _stalls(dice, dice.choice((0, 0, 0, 1, 3)))}.values()),
        acts=tuple(_acts(dice)),
        outages=tuple(_outages(dice)),
        late=dice.choice((30.0, 150.0, 400.0)) if dice.random() < 0.2 else 0.0,
    )
    # Drawn last, so that what was drawn before them stays what it was.
    never, grouped, old = (dice.random() < odds for odds in (0.08, 0.15, 0.5))
    return replace(drawn, never=never, grouped=grouped, old=old and drawn.failing == ("ci",))


def _requests(dice: random.Random, count: int) -> Iterator[Request]:
    for _ in range(count):
        which = dice.random()
        kind = _changing(dice) if which < 0.4 else dice.choice(LOOKS if which < 0.7 else KINDS)
        yield Request(kind, _early(dice, 6), dice.choice(faults_of(kind)))


def faults_of(kind: str) -> tuple[Fault, ...]:
    """What can happen to a request of a kind, the likelier the more often."""
    if kind in CHANGING:
        return (*_ANY, *_CHANGED, *_CHANGED, Fault.UNKNOWN_TOKEN)
    if kind == "mint":
        return (*_ANY, *_CHANGED, *(Fault.UNKNOWN_TOKEN,) * 8)
    if kind in ("crates.io", "PyPI"):
        return (*_ANY, Fault.STALE)
    partial = (Fault.PARTIAL,) * 3 if kind.startswith("query") else ()
    return (*_ANY, *(Fault.STALE,) * 4, *partial, Fault.UNKNOWN_TOKEN)


def _changing(dice: random.Random) -> str:
    return dice.choice(OFTEN if dice.random() < 0.4 else CHANGING)


def _webhooks(dice: random.Random, count: int) -> Iterator[Webhook]:
    for _ in range(count):
        seconds = dice.choice((0.5, 3.0, 20.0, 120.0, 900.0))
        yield Webhook(dice.choice(EVENTS), _early(dice, 12), dice.choice(list(Fate)), seconds)


def _kills(dice: random.Random, count: int) -> Iterator[Kill]:
    for _ in range(count):
        side = dice.choice(("before", "after"))
        which = dice.random()
        if which < 0.4:
            border, most = dice.choice(((f"{side} commit", 150), (f"{side} commit {dice.choice(TABLES)}", 12)))
        elif which < 0.8:
            border, most = f"{side} {_changing(dice)}", 4
        else:
            border, most = f"{side} {dice.choice(KINDS)}", 8
        fresh = dice.random() < 0.2
        yield Kill(border, dice.randrange(most), dice.choice((0.1, 5.0, 60.0, 600.0)), fresh)


def _stalls(dice: random.Random, count: int) -> Iterator[Stall]:
    for _ in range(count):
        border, most = dice.choice((("after commit", 150), (f"after commit {dice.choice(TABLES)}", 12)))
        yield Stall(border, dice.randrange(most), dice.choice((2.0, 30.0, 90.0, 200.0)))


def _acts(dice: random.Random) -> Iterator[Act]:
    deeds = dice.sample(list(Deed), dice.choice((0, 0, 1, 1, 2, 3)))
    if dice.random() < 0.4:
        deeds = [deed for deed in deeds if deed in HARMLESS]
    for deed in deeds:
        yield Act(deed, dice.choice(list(Moment)), dice.choice(TIMES) * dice.uniform(0.1, 1.2))


def _outages(dice: random.Random) -> Iterator[Outage]:
    if dice.random() < 0.2:
        of, moment = dice.choice(("github", "registries")), dice.choice(list(Moment))
        yield Outage(of, moment, dice.choice(TIMES) * dice.uniform(0, 1), dice.uniform(10, 1500))


def _early(dice: random.Random, most: int) -> int:
    """The first of a kind are the likeliest to be met."""
    return min(dice.randrange(most), dice.randrange(most))
