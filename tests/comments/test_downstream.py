"""What is said to and of those who follow a release, as a person reads it."""

from inline_snapshot import snapshot

from bot.comments import announcement as words
from bot.comments.downstream import passed_on, pull_request_text, pull_request_title
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.downstream.planner import DownstreamPlan, Released, plan_downstream
from bot.release.downstream_outcome import Outcome, Passed
from tests.release.builders import package, release

TREE = {
    "Cargo.toml": b'[package]\nname = "boat"\n\n[dependencies]\ntidewater = "0.4"\n',
    "Cargo.lock": b'version = 4\n\n[[package]]\nname = "tidewater"\nversion = "0.4.0"\n',
}
PLAN = plan_downstream(TREE, Released("tidewater", Registry.CRATES_IO, "0.4.0", "0.5.0"), {})
WHEEL = package("tidewater-py", registry=Registry.PYPI, new="0.4.0", tag="py-v0.4.0")
URL = "https://github.example/o/boat/pull/3"


def test_the_comment_says_of_each_repository_what_came_of_it():
    left = DownstreamPlan(left=(Problem("Cargo.toml:5", "dependencies.tidewater asks for 0.6, which is newer", ""),))
    assert passed_on(
        [
            Passed("o/boat", (package(),), Outcome.OPENED, PLAN, URL),
            Passed("o/pier", (package(),), Outcome.SATISFIED, DownstreamPlan(satisfied=("Cargo.toml:9",))),
            Passed("o/quay", (package(),), Outcome.ABSENT, DownstreamPlan()),
            Passed("o/dock", (package(),), Outcome.LEFT, left),
            Passed("o/ship", (package(),), Outcome.BY_HAND, PLAN, why="the App may not write there."),
            Passed("o/raft", (WHEEL,), Outcome.BY_HAND, why="the App is not installed there"),
        ]
    ) == snapshot("""\
🔗 **Who follows this release**

- ✅ **o/boat**: [a pull request](https://github.example/o/boat/pull/3) moves its requirement on `tidewater` to 0.5.0.

  Its lock file still needs `cargo update -p tidewater --precise 0.5.0`.

- ☑️ **o/pier**: nothing to do, its requirement on `tidewater` accepts 0.5.0 already (`Cargo.toml:9`).

- ▫️ **o/quay**: nothing to do, nothing there requires `tidewater`.

- ✋ **o/dock**: its requirement on `tidewater` is left to you.

  - `Cargo.toml:5`: dependencies.tidewater asks for 0.6, which is newer

- ✋ **o/ship**: no pull request, because the App may not write there. By hand:

  ```diff
  --- a/Cargo.toml
  +++ b/Cargo.toml
  @@ -4,2 +4,2 @@
   [dependencies]
  -tidewater = "0.4"
  +tidewater = "0.5"
  ```

  ```sh
  cargo update -p tidewater --precise 0.5.0
  ```

- ✋ **o/raft**: no pull request, because the App is not installed there. By hand:

  ```toml
  # pyproject.toml
  [project]
  dependencies = ["tidewater-py>=0.4.0"]
  ```

  ```sh
  uv lock --upgrade-package tidewater-py  # with uv
  poetry update tidewater-py  # with Poetry
  ```\
""")


def test_the_pull_request_says_what_moved_and_what_is_still_to_do():
    passed = Passed("o/boat", (package(),), Outcome.BY_HAND, PLAN)
    assert pull_request_title(passed) == "Update tidewater to 0.5.0"
    assert pull_request_text(passed, release(), "o/r") == snapshot("""\
[tidewater 0.5.0](https://github.example/o/r/releases/tag/v0.5.0) was released from [o/r](https://github.example/o/r) and verified on crates.io.

| File | What changes |
| --- | --- |
| `Cargo.toml` | `dependencies.tidewater: 0.4 → 0.5` |

⚠️ **The lock file is not part of this pull request**: only the package manager can resolve it. On this branch, run

```sh
cargo update -p tidewater --precise 0.5.0
```

and commit the result.\
""")


def test_the_announcement_has_each_section_and_calls_nobody():
    both = release(packages=(package(notes="Thanks to @ann.\n\n- Tides."), WHEEL))
    title, body = words.announcement(both)
    assert title == "tidewater v0.5.0 + tidewater-py v0.4.0"
    assert body == snapshot("""\
## [tidewater v0.5.0](https://github.example/o/r/releases/tag/v0.5.0)

*On crates.io.*

Thanks to @\u200bann.

- Tides.

## [tidewater-py v0.4.0](https://github.example/o/r/releases/tag/py-v0.4.0)

*On PyPI.*

### Added

- Tides.\
""")


def test_an_announcement_that_was_not_made_says_why():
    assert words.no_category("News", ()) == snapshot("""\
📣 **Not announced**: this repository has no discussion category `News`. It has none: are discussions enabled? `[announce]` in `.github/release.toml` names it. The release itself is complete.\
""")
    assert words.refused("News", "GitHub refused.") == snapshot("""\
📣 **Not announced** in News: GitHub refused. The App needs the permission *Discussions: write* for it. The release itself is complete.\
""")
