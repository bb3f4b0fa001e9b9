"""No test depends on how fast the machine is: it turns a clock, or awaits a condition; it neither pauses nor measures.

In a folder whose conftest.py takes the loop of tests/virtual_time.py, every second is the loop's.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
VIRTUAL = {path.parent for path in TESTS.rglob("conftest.py") if "pytest_asyncio_loop_factories" in path.read_text()}

ALLOWED = {
    "virtual_time.py: sleep": "the loop's time",
    "play.py: settle": "asks again whether all has come to rest, in virtual time",
    "play.py: until": "asks a condition again, of which no event tells",
    "postgres.py: start": "asks a server that starts whether it is ready; its bound ends what hangs",
    "processes/running.py: start": "asks a process that starts for its first words",
    "processes/running.py: until": "asks a condition again, which another process brings about",
    "processes/counting_worker.py: look": "has looks overlap now and then if they can; none is awaited for it",
    "chaos/test_simulation.py: _ages": "sleeps an hour in a simulation, whose time is virtual",
    "store/test_listening.py: sleep": "stands for the machine's clock in a store that polls it",
    "store/test_listening.py: until": "asks a condition again, which a database server brings about",
    "test_commands.py: seconds_for": "compares two amounts of work on the same machine",
    "sandbox/actions/test_starts.py: settled": "asks a condition again, of which no event tells",
    "clients/test_clients.py: run": "ends a foreign client that hangs",
    "wild/repositories.py: planned": "tells the processor's seconds, of which a test takes the better of two",
    "wild/gallery.py: rehearsed": "ends a rehearsal that hangs, and writes how long each took; no test asks for it",
    "wild/test_speed.py: test_a_large_workspace_on_one_long_changelog": "takes processor's seconds, far from its limit",
}
"""Where a pause or a measure stands all the same, and why no outcome depends on it."""

PAUSES = ("asyncio.sleep", "time.sleep")
MEASURES = ("monotonic", "perf_counter", "process_time", "thread_time", "monotonic_ns", "perf_counter_ns")
HASTY = re.compile("sleep|wait_for|time_?out|" + "|".join(MEASURES), re.IGNORECASE)


def functions() -> Iterator[tuple[str, ast.AST]]:
    """Of the modules that hold one of the words at all and do not run in virtual time."""
    for path in sorted(TESTS.rglob("*.py")):
        text = path.read_text("utf-8")
        if HASTY.search(text) and VIRTUAL.isdisjoint(path.parents):
            for function in ast.walk(ast.parse(text)):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{path.relative_to(TESTS).as_posix()}: {function.name}", function


def called(call: ast.Call) -> str:
    """`asyncio.sleep`; empty for what has no such name."""
    match call.func:
        case ast.Attribute(ast.Name(module), name):
            return f"{module}.{name}"
    return ""


def pauses(call: ast.Call) -> bool:
    """Whether it sleeps for a time that is written there; `sleep(0)` lets others go on."""
    if called(call) not in PAUSES or not call.args:
        return False
    return not isinstance(call.args[0], ast.Constant) or bool(call.args[0].value)


def gives_up(call: ast.Call) -> bool:
    """Whether it waits for something no longer than for a time that is written there and may be short."""
    if called(call) in ("asyncio.wait_for", "asyncio.timeout"):
        given = (*call.args, *(each.value for each in call.keywords))
        return any(isinstance(each, ast.Constant) and each.value for each in given)
    return called(call).startswith("subprocess.") and any(each.arg == "timeout" for each in call.keywords)


def measures(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in MEASURES


def shortens(call: ast.Call) -> bool:
    """Whether it makes one of the bot's time-outs so short that a busy machine meets it."""
    match call:
        case ast.Call(func=ast.Attribute(attr="setattr"), args=[*_, ast.Constant(str(name)), ast.Constant(float())]):
            return "TIMEOUT" in name.replace("_", "").upper()
    return False


def calls(function: ast.AST) -> Iterator[ast.Call]:
    return (part for part in ast.walk(function) if isinstance(part, ast.Call))


def is_hasty(call: ast.Call) -> bool:
    return pauses(call) or gives_up(call) or measures(call) or shortens(call)


def test_no_test_pauses_measures_or_gives_up():
    hasty = {name for name, function in functions() if any(map(is_hasty, calls(function)))}
    assert hasty == ALLOWED.keys()


def test_what_is_looked_for_is_found():
    for line in (
        "asyncio.sleep(0.2)",
        "time.sleep(n)",
        "asyncio.wait_for(x, 2)",
        "asyncio.timeout(20)",
        "subprocess.run(x, timeout=200)",
        "time.perf_counter()",
        "loop.monotonic()",
        "monkeypatch.setattr(reader, 'TIME_OUT', 0.02)",
    ):
        assert HASTY.search(line), line
        assert any(map(is_hasty, calls(ast.parse(line)))), line
    for line in ("asyncio.sleep(0)", "clock.sleep(60)", "asyncio.timeout(PATIENCE)", "subprocess.run(x)"):
        assert not any(map(is_hasty, calls(ast.parse(line)))), line


def test_whole_releases_are_played_in_virtual_time():
    playing = {
        path for path in TESTS.rglob("test_*.py") if re.search(r"from tests.play import .*\bplay\b", path.read_text())
    }
    assert playing
    real = {path for path in playing if VIRTUAL.isdisjoint(path.parents)}
    assert [path for path in real if "in_virtual_time" not in path.read_text()] == []


def test_what_hangs_is_ended_by_the_limit_of_the_whole_suite_and_by_no_shorter_one():
    mark = "mark" + ".timeout"
    assert [path for path in TESTS.rglob("*.py") if mark in path.read_text("utf-8")] == []
