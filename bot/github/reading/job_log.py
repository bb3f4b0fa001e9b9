"""A job's log as GitHub keeps it, cut to what the failed step printed, and cleaned to be shown. Pure.

GitHub's log is one text for all steps of a job: a timestamp before each line, colours as ANSI escapes, and commands
such as `##[group]Run cargo publish` in which a step's beginning can be recognised.
"""

import re

from bot.github.reading.redaction import redacted

MOST_LOG_LINES = 400
MOST_WIDTH = 300
"""Characters of a line; a longer one is cut."""

# How a log looks is documented nowhere: docs/live-check.md#job-log-lines. The words are those of the runner's source,
# https://github.com/actions/runner/tree/main/src/Runner.Worker
_TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?")
_ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_STEP, _ERROR, _END = "##[group]Run ", "##[error]", "##[endgroup]"
_CLEANING = ("Post job cleanup.", "Cleaning up orphan processes")
_COMMAND = re.compile(r"^##\[(group|endgroup|error|warning|notice|debug|command|section)\]")
_SHOWN = {"error": "Error: ", "warning": "Warning: ", "notice": "Notice: "}


def failed_part(log: str) -> str:
    """What the last step that failed printed, without what tells only how it was started; "" when there is nothing.

    No more than MOST_LOG_LINES lines, the last ones, each of printable characters and free of what looks like a secret.
    """
    lines = [_TIMESTAMP.sub("", line) for line in re.split(r"\r\n|\r|\n", log.removeprefix("\ufeff"))]
    lines = [_INVISIBLE.sub("", _ESCAPES.sub("", line)) for line in lines]
    begin, end = _bounds(lines)
    shown = [_shown(line) for line in lines[begin:end] if not line.startswith(_END)]
    return "\n".join(shown[-MOST_LOG_LINES:]).strip("\n")


def _bounds(lines: list[str]) -> tuple[int, int]:
    """The lines of the step of the last error. A message of several lines has the command on its first line only."""
    errors = [at for at, line in enumerate(lines) if line.startswith(_ERROR)]
    last = errors[-1] if errors else _first(lines, _CLEANING, since=0) - 1
    end = _first(lines, (_STEP, *_CLEANING), since=last + 1)
    begin = next((at for at in range(last, -1, -1) if lines[at].startswith(_STEP)), -1)
    if begin < 0:
        return 0, end
    # The first group holds the command, its shell and its environment.
    started = next((at for at in range(begin, last) if lines[at].startswith(_END)), begin)
    return started + 1, end


def _first(lines: list[str], beginnings: tuple[str, ...], *, since: int) -> int:
    return next((at for at in range(since, len(lines)) if lines[at].startswith(beginnings)), len(lines))


def _shown(line: str) -> str:
    line = _COMMAND.sub(lambda found: _SHOWN.get(found[1], ""), line)
    line = redacted(line[: 4 * MOST_WIDTH]).rstrip()
    return line if len(line) <= MOST_WIDTH else f"{line[:MOST_WIDTH]}…"
