"""Every belief about GitHub has its address beside it, or a section in docs/live-check.md that says how to try it.

A belief is a constant of a module with a number or a text in it, or a word that is looked for in a refusal.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("github", "reconcile", "release", "workflows", "registries/crates_io/judging", "registries/pypi/judging")
LIVE_CHECK = (ROOT / "docs/live-check.md").read_text("utf-8")

ADDRESS = re.compile(r"https://[\w.-]+/\S+")
MARK = re.compile(r"docs/live-check\.md#([\w-]+)")
REFUSAL = re.compile(r"\b(refused|refusal|message|error|failure|fault|codes)\b")

HELD_ELSEWHERE = {
    "bot/github/documents.py",  # GraphQL: tests/github/test_documents.py holds it against GitHub's schema
    "bot/release/table.py",  # ours from end to end
}

OURS = {
    "bot/github": """
        REMEMBERED_RULES REMEMBERED_LOGS RULES_LIFE_SECONDS MOST_PATHS MOST_REMEMBERED_BYTES MOST_RECEIVED_BYTES
        OVERHEAD BLOBS_AT_ONCE MOST_LOG_LINES MOST_WIDTH MOST_WALKED MOST_PAGES_OF_PULL_REQUESTS
        MOST_AUTHORS MOST_BRANCHES MOST_CHANGES MOST_RELEASES LOG_END HIDDEN RENEWED_BEFORE MOST_TOKENS LEAST_PAUSE
        TIMEOUT MOST_FILE_BYTES TRIES CACHED_ANSWERS APP MOST_WORDS MOST_REMARKS _OBJECT_ID T JWT_BACKDATED
        _ESCAPES _INVISIBLE _NAMED _SCHEME _IN_ADDRESS _SHAPED _LONG_WORD STATUS
    """,
    "bot/reconcile": """
        QUIET_REPOSITORIES LOG_AGAIN UNSEEN REMEMBERED_SECONDS MOST_ENDED MOST_LOOKED_THROUGH APART MOST_TRIES
        LACKS
        QUIET_REPOSITORIES LOG_AGAIN REMEMBERED_SECONDS MOST_ENDED MOST_LOOKED_THROUGH APART MOST_TRIES
        MOST_IN_SILENCE UNSAID MOST_FILES T BEATS MOST_LOGS A_MOMENT MOST_STEPS LONGEST_PAUSE SPEAK_UP_AFTER
        PAUSE KEEP_RELEASES LEASE_SECONDS LONGEST_WAIT STORE_PAUSE SEE_FILES SEE_RELEASE
        SEE_CHANGELOG MOST_JUDGED_COMMITS MOST_COMMITS MOST_JUDGED FARTHEST CLOCKS_DIFFER PULL_REQUESTS_SINCE
        KNOWN_BY MOST_OF_ALL
        LISTED_AGAIN
    """,
    "bot/release": """
        NAME _NO_FORCE _MOST_NAMED
        _TOKEN AFTER POSTPONED GIVEN_UP MOST_EXCERPT_LINES WATCHED PAUSES REBUILD NOT_YOURS NOTHING_SEEN GONE
    """,
    "bot/registries": """
        LEAST_README _WAIT_FOR_INDEX _NEVER_CAME _GONE _GLIBC _MACOS _SYSTEMS NEAREST SETTLED _HIDDEN LATE CLOSING
        LAST_DAY NEAR_CRATE_LIMIT NEAR_FILE_LIMIT OUTLIER NOTICEABLE
    """,
    "bot/workflows": """
        SDIST ANY _INSPECTING _ONLY_SDIST _ONLY_WHEEL MATURIN _MOST_TEXT _AUTH
        _PYPI_ACTION _WORKSPACE_TOOLS _PYPI_COMMANDS _LIKE_PYPI _LIKE_CRATES _SCRIPTED _SAYS_SO _LIKE_BUILDING
        _WHEELS _KEEPS _OF_PYPI
        _DEEPEST _MOST _MOST_BYTES _MOST_VALUES _MOST_COMMANDS _MOST_STEPS _MOST_BRANCHES _MOST_TAGS _BRANCHES
        OPEN _SETS _LOOPS _VARIABLE _ROOTS _PLAIN _SHELLS _PROGRAMS _STARTERS _MOST_TURNS _CLOSING
    """,
}
"""Our own choices, by room: how much is kept, read or shown, how long we wait, our own keys and sentences."""


def test_every_constant_has_a_source_or_is_our_own_choice():
    unsourced = [
        f"{path}: {name}"
        for path, name, beside in constants()
        if not sourced(beside) and name not in OURS[room(path)].split()
    ]
    assert unsourced == [], "put the address beside it, or a section into docs/live-check.md, or its name into OURS"


def test_every_word_that_is_looked_for_in_a_refusal_has_a_source():
    unsourced = [f"{path}: {word!r} in {function}" for path, function, word, beside in words() if not sourced(beside)]
    assert unsourced == [], "put the address beside it, or a section into docs/live-check.md"


def test_the_test_sees_the_words_that_it_is_about():
    assert {"already running", "is locked", "STALE_DATA", "already_exists"} <= {word for _, _, word, _ in words()}


def test_what_is_called_our_own_is_there():
    there = {(room(path), name) for path, name, _ in constants()}
    assert {(of, name) for of, names in OURS.items() for name in names.split()} - there == set()


def test_live_check_has_a_section_for_each_mark_and_no_other():
    sections = re.findall(r"^## ([\w-]+)$", LIVE_CHECK, re.MULTILINE)
    marked = {mark for path in files("") for mark in MARK.findall(path.read_text("utf-8"))}
    assert sorted(marked) == sorted(sections)
    assert LIVE_CHECK.count("\nTry: ") == LIVE_CHECK.count("\nIf not: ") == len(sections)


def sourced(text: str) -> bool:
    return bool(ADDRESS.search(text) or MARK.search(text))


def files(of: str) -> Iterator[Path]:
    yield from sorted((ROOT / "bot" / of).rglob("*.py"))


def room(path: str) -> str:
    return "/".join(path.split("/")[:2])


def trees() -> Iterator[tuple[str, ast.Module, list[str]]]:
    """Each module of the four rooms: its path, its tree, its lines."""
    for of in ROOMS:
        for path in files(of):
            name, text = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
            if name not in HELD_ELSEWHERE:
                yield name, ast.parse(text), text.splitlines()


def constants() -> Iterator[tuple[str, str, str]]:
    """Path, name, and the text from the comment above to the docstring below."""
    for path, tree, lines in trees():
        for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if not (isinstance(target, ast.Name) and target.id.isupper() and says_something(node)):
                continue
            end = below.end_lineno if is_docstring(below) else node.end_lineno
            beside = "\n".join(lines[first_comment(lines, node.lineno) - 1 : end])
            yield path, target.id, beside + of_its_page(path, tree)


def of_its_page(path: str, tree: ast.Module) -> str:
    """A module of bot/workflows is about one page of GitHub's documentation, which its first lines name."""
    return (ast.get_docstring(tree) or "") if path.startswith("bot/workflows/") else ""


def says_something(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, int | float | str) for part in ast.walk(node))


def is_docstring(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def first_comment(lines: list[str], line: int) -> int:
    """Where the comment above begins; one comment may stand above several private constants."""
    while line > 1 and lines[line - 2].startswith(("#", "_")):
        line -= 1
    return line


def words() -> Iterator[tuple[str, str, str, str]]:
    """Path, function, word, and the text of the function, for each text that is compared with a refusal's."""
    for path, tree, lines in trees():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                text = "\n".join(lines[function.lineno - 1 : function.end_lineno])
                yield from ((path, function.name, word, text + of_its_page(path, tree)) for word in compared(function))


def compared(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Compare | ast.GeneratorExp | ast.match_case) and REFUSAL.search(ast.unparse(node)):
            yield from texts(node.pattern if isinstance(node, ast.match_case) else node)
            if isinstance(node, ast.match_case) and node.guard:
                yield from texts(node.guard)
        elif isinstance(node, ast.Match) and REFUSAL.search(ast.unparse(node.subject)):
            for case in node.cases:
                yield from texts(case.pattern)


def texts(node: ast.AST) -> Iterator[str]:
    """The texts that are compared: not the keys by which something is looked up."""
    keys = {id(part) for call in ast.walk(node) if isinstance(call, ast.Call) for part in call.args}
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value and id(part) not in keys:
            yield part.value
