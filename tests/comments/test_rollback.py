"""Everything that is said of a rollback, as a person reads it."""

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from bot.commands import Command, parse
from bot.comments.milestones import MILESTONES
from bot.comments.rollback import declined, yank_marks_body
from bot.github.facts import GitHubRelease, Permission
from bot.packaging.registry import Registry
from bot.plan.model import Downstream
from bot.plan.policy import Policy
from bot.registries.pypi.found import PyPIRelease
from bot.release.actions import PostComment
from bot.release.found import Unreachable
from bot.release.model import Phase
from bot.release.rollback.model import Rollback
from bot.release.rollback.selection import Declined, Why
from bot.release.table import decide
from tests.release.builders import (
    LONG_AGO,
    OTHER,
    TIMEOUTS,
    changed,
    checks,
    crate,
    facts,
    package,
    publish_run,
    release,
    tag,
)

CRATE, WHEELS = package(), package("tidewater-py", registry=Registry.PYPI, tag="py-v0.5.0", workflow="py.yml")
ABSENT = crate(in_api=False, in_index=False, api_checksum=None, index_checksum=None)
UPLOADED = PyPIRelease(
    "tidewater-py", "0.5.0", True, (), (), False, True, None, "https://pypi.org/project/tidewater-py/"
)


def going_back(*packages, **changes):
    packages = packages or (CRATE,)
    asked = Rollback("robin", 200, LONG_AGO, tuple(p.key for p in packages), **changes)
    return release(Phase.ROLLING_BACK, packages=packages, publishing_pushed=("v0.5.0", "py-v0.5.0"), rollback=asked)


def said(before, **known):
    """What the look says, comment by comment."""
    found = facts(authority=Permission.MAINTAIN, **{"checks": checks(), **known})
    decision = decide(before, found, TIMEOUTS)
    told = [action for action in decision.actions if isinstance(action, PostComment)]
    return "\n\n---\n\n".join(MILESTONES[action.milestone](decision.release, decision, ()) for action in told)


def test_what_is_not_published_is_said_to_be_taken_back():
    running = checks(publish_run(status="in_progress", conclusion=None))
    assert said(going_back(), registries={CRATE.key: ABSENT}, tags=(tag(),), checks=running) == snapshot("""\
↩️ **Rolling back tidewater v0.5.0**, as `robin` asked. What I find:

- **tidewater v0.5.0** (crates.io): not published. I stop its publish runs, look once more, and then delete the tag `v0.5.0`. Whoever has fetched that tag keeps it.

---

🛑 **A publish run goes on although it was cancelled. It may still publish, so no tag is deleted.**

- [Publish for v0.5.0](https://github.example/o/r/actions/runs/1)

Open the run and cancel it by hand; the rollback goes on by itself.\
""")


def test_a_registry_that_does_not_answer_is_said_to_hold_everything_up():
    assert said(going_back(), registries={CRATE.key: Unreachable("crates.io", "asleep")}) == snapshot(
        "↩️ **Rolling back tidewater v0.5.0**, as `robin` asked. A registry cannot be asked at the moment, and nothing is undone before it answers."
    )


def test_the_end_before_publishing_says_what_stays():
    assert said(going_back(begun=True), registries={CRATE.key: ABSENT}) == snapshot("""\
↩️ **Rolled back: tidewater v0.5.0.**

- **tidewater v0.5.0** was never published, and its tag `v0.5.0` is deleted.

What stays: the version bump of #8 on `main`. Revert #8 to take the same number again (nothing was published, so it is not used up), or go on to the next. The next version: `/release tidewater patch`.\
""")


def test_a_draft_that_would_bring_the_tag_back_is_named_at_the_end():
    theirs = GitHubRelease("v0.5.0", "https://github.example/draft", True, False, "", id=4, author="mira")
    end = said(going_back(begun=True), registries={CRATE.key: ABSENT}, releases=(theirs,))
    assert "[the draft of v0.5.0 by mira](https://github.example/draft)" in end
    assert "create its tag again" in end
    stays = said(going_back(begun=True), registries={CRATE.key: ABSENT}, releases=(theirs,), tags=(tag(OTHER),))
    assert "draft" not in stays


def test_what_a_verified_release_began_elsewhere_is_named_at_the_end():
    yanked = {CRATE.key: crate(yanked=True)}
    before = changed(
        going_back(begun=True),
        plan_downstream=(Downstream("morgan/boat", "tidewater"), Downstream("morgan/raft", "tidewater-py")),
        plan_policy=Policy(announce="News"),
    )
    assert "not mine to take back" not in said(before, registries=yanked)
    end = said(before.moved_to(Phase.VERIFIED, LONG_AGO).moved_to(Phase.ROLLING_BACK, LONG_AGO), registries=yanked)
    assert "pull request in `morgan/boat`" in end
    assert "raft" not in end
    assert "announcement in News" in end


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"tags": (tag(OTHER),)}, "somebody moved it"),
        ({"tags": (tag(),), "releases": (GitHubRelease("v0.5.0", "u", False, False, ""),)}, "published GitHub Release"),
    ],
)
def test_a_tag_that_stays_is_said_with_its_reason_and_the_rollback_called_partial(known, why):
    told = said(going_back(begun=True), registries={CRATE.key: ABSENT}, **known)
    assert told.startswith("⚠️ **Rolled back in part")
    assert why in told


def test_what_is_published_is_said_to_need_its_owners():
    registries = {CRATE.key: crate(), WHEELS.key: UPLOADED}
    assert said(going_back(CRATE, WHEELS), registries=registries) == snapshot("""\
↩️ **Rolling back tidewater v0.5.0 and tidewater-py v0.5.0**, as `robin` asked. What I find:

- **tidewater v0.5.0** (crates.io): [published](https://crates.example). It can only be yanked: nothing new resolves to it then, but whoever pinned it still gets it, a secret in it stays readable, and its number is used up. The tag `v0.5.0` stays, for deleting it would unpublish nothing.
- **tidewater-py v0.5.0** (PyPI): [published](https://pypi.org/manage/project/tidewater-py/release/0.5.0/). It can only be yanked: nothing new resolves to it then, but whoever pinned it still gets it, a secret in it stays readable, and its number is used up. The tag `py-v0.5.0` stays, for deleting it would unpublish nothing.

---

🫵 **This has to be yanked by one of its owners.** I watch the registries and say when it is done.

**tidewater v0.5.0** on crates.io: Run

```
cargo yank tidewater@0.5.0
```

**tidewater-py v0.5.0** on PyPI, which has no API for this: open https://pypi.org/manage/project/tidewater-py/release/0.5.0/, choose *Options → Yank*, and paste as the reason

```
Rolled back by its maintainers, see https://github.example/o/r/issues/7
```

Best publish a fixed version first, so that whoever depends on this one has somewhere to go: `/release tidewater patch tidewater-py patch`, also on this issue.\
""")


def test_a_refused_token_is_said_with_what_the_registry_said():
    told = said(going_back(begun=True, yank_refused="HTTP 403: not an *owner*"), registries={CRATE.key: crate()})
    assert r"crates.io refuses my token (HTTP 403: not an \*owner\*). Run" in told


def test_the_end_after_a_yank_says_what_nobody_can_undo():
    registries = {CRATE.key: crate(yanked=True), WHEELS.key: replace(UPLOADED, yanked=True)}
    assert said(going_back(CRATE, WHEELS, begun=True, marked_in=12), registries=registries) == snapshot("""\
↩️ **Rolled back: tidewater v0.5.0 and tidewater-py v0.5.0.**

- **tidewater v0.5.0** is [yanked](https://crates.example) on crates.io. The tag `v0.5.0` stays.
- **tidewater-py v0.5.0** is [yanked](https://pypi.org/manage/project/tidewater-py/release/0.5.0/) on PyPI. The tag `py-v0.5.0` stays.

What stays: whoever pinned a yanked version still gets it; a secret in it must be replaced where it is valid; its number is used up for ever; and the version bump stays on `main`. The next version: `/release tidewater patch tidewater-py patch`.

#12 marks it as `[YANKED]` in the changelog.\
""")


def test_the_pull_request_with_the_marks_names_what_was_yanked():
    before = going_back(begun=True)
    after = decide(before, facts(registries={CRATE.key: crate(yanked=True)}, checks=checks()), TIMEOUTS).release
    assert yank_marks_body(after) == snapshot("""\
These versions were yanked (see #7), and their headings in the changelog say so now:

- [tidewater v0.5.0](https://crates.example)\
""")


def decline(text, found):
    (command,) = parse(text)
    assert isinstance(command, Command)
    return declined(command, found)


def test_the_wrong_version_is_answered_with_the_command_to_type():
    meant = going_back(CRATE, WHEELS)
    assert decline("/release rollback 0.4.9", Declined(Why.OTHER, meant)) == snapshot("""\
😕 `/release rollback 0.4.9`: a rollback is confirmed by the exact versions of the release. Type this to roll it back:

```
/release rollback tidewater 0.5.0 tidewater-py 0.5.0
```

Nothing was changed.\
""")
    assert "which version?" in decline("/release rollback", Declined(Why.OTHER, meant))
    assert "goes back as a whole" in decline("/release rollback tidewater 0.5.0", Declined(Why.IN_PART, meant))
    assert "`/release cancel`" in decline("/release rollback 0.5.0", Declined(Why.UNTAGGED, meant))


def test_a_release_that_nobody_knows_is_answered_with_the_ladder_by_hand():
    assert decline("/release rollback pypi:tide 0.4.9", Declined(Why.UNKNOWN, None)) == snapshot("""\
😕 `/release rollback pypi:tide 0.4.9`: I know of no release that this names. Nothing was changed.

If it was released all the same, this is what can be done by hand.

**As long as no registry has the version:** cancel the publish run on the Actions page, wait until it has ended, look at the registry once more, and then delete the tag with `git push --delete origin TAG`.

**Once it is on crates.io** (best after a fixed version is out):

```
cargo yank tide@0.4.9
```

**Once it is on PyPI**, which lets only its owners yank, on this page:

- https://pypi.org/manage/project/tide/release/0.4.9/

A published version number cannot be used again.\
""")
