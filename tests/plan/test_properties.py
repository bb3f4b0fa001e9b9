"""What must hold for every input: no traceback, nothing changed beside the edits, the same answer twice."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bot.comments.pull_request import BODY_LIMIT, pull_request_body
from bot.plan import disagreements, discover, histories_needed, make_plan
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.manifests.toml import TomlFile, read_toml
from bot.plan.model import Change, Plan, Refusal, Wanted
from tests.plan.trees import DAY, after, lamp, plan, tree, wanted

PATHS = st.sampled_from([*lamp(), ".github/release.toml", ".github/workflows/publish.yml", "pyproject.toml", "uv.lock"])
KEYS = st.sampled_from(["a", "b-c", '"d.e"', "'f'", "version"])
STRINGS = st.sampled_from(['"0.4.0"', "'0.4.0'", '"""0.4.0"""', "'''0.4.0'''", '"\\u0030.4.0"', '""', '"x # [y]"'])
VALUES = st.recursive(
    STRINGS | st.sampled_from(["1", "true", "1979-05-27 07:32:00", "-1.5e3"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[ {', '.join(items)} ]")
        | st.lists(st.tuples(KEYS, inner), max_size=3, unique_by=lambda item: item[0]).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items) + "}"
        )
    ),
    max_leaves=6,
)
GAPS, ENDS = st.sampled_from(["", " ", "\t"]), st.sampled_from(["", " # note", "\r", "  "])
LINES = st.builds(lambda key, gap, value, end: f"{key}{gap}={gap}{value}{end}", KEYS, GAPS, VALUES, ENDS)
HEADS = st.sampled_from(["[t]", "[ u . v ]", "[[w]]", "[[w.x]]", "[w.y]", "# only a comment", ""])
DOCUMENTS = st.lists(HEADS | LINES, max_size=12).map("\n".join)
MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# Log",
            "## [Unreleased]",
            "## Unreleased",
            "## [0.4.0] - 2026-01-01",
            "## 0.3.0",
            "### Added",
            "- x",
            "",
            "```",
        ]
    )
    | st.sampled_from(
        ["<!-- c -->", "<!--", "---", "0.2.0\n-----", "> ## 0.9.0", "[unreleased]: https://x/compare/v0.4.0...HEAD"]
    )
    | st.sampled_from(["[0.4.0]: https://x/compare/v0.3.0...v0.4.0", "text", "* y", "\t## 0.1.0", "\r", "## v0.5.0"]),
    max_size=15,
)


def strings_of(file: TomlFile) -> list[tuple[str | int, ...]]:
    return [path for path in file.spans if isinstance(file.value(path), str)]


@given(DOCUMENTS, st.data())
def test_only_the_chosen_string_changes_and_every_byte_beside_it_stays(document: str, data: st.DataObject):
    file = read_toml("x.toml", tree({"x.toml": document}))
    if not isinstance(file, TomlFile) or not strings_of(file):
        return
    path = data.draw(st.sampled_from(strings_of(file)))
    start, end = file.spans[path]
    made = file.replaced({path: "9.9.9"})
    assert isinstance(made, bytes)
    assert made.startswith(document[:start].encode())
    assert made.endswith(document[end:].encode())
    assert read_toml("x.toml", {"x.toml": made}).value(path) == "9.9.9"


@given(DOCUMENTS)
def test_every_value_has_its_place(document: str):
    file = read_toml("x.toml", tree({"x.toml": document}))
    if isinstance(file, TomlFile):
        for path, (start, end) in file.spans.items():
            value = file.value(path)
            if not isinstance(value, dict | list):
                assert tomllib.loads(f"v = {document[start:end].strip()}")["v"] == value


@given(st.sampled_from(["\n", "\r\n"]), MARKDOWN)
def test_a_changelog_keeps_all_its_lines_and_is_promoted_once(end: str, lines: list[str]):
    text = end.join(lines)
    files = {**lamp(), "CHANGELOG.md": text.encode()}
    answer = make_plan(files, discover(files), wanted("0.5.0"), date=DAY, changes={})
    if isinstance(answer, Refusal):
        assert [problem.where for problem in answer.problems] == ["CHANGELOG.md"]
        return
    made = after(files, answer)
    assert [line for line in text.splitlines() if "unreleased]:" not in line] == kept(
        text, made["CHANGELOG.md"].decode()
    )
    again = read_changelog("CHANGELOG.md", made, ["lamp"])
    assert isinstance(again, Changelog)
    found = again.release("0.5.0", ("lamp", "v"))
    assert found is not None
    assert again.body(found.heading) == answer.sections[0].body


def kept(before: str, made: str) -> list[str]:
    """The lines of `before` that `made` still has, in order."""
    remaining = iter(made.splitlines())
    return [
        line for line in before.splitlines() if "unreleased]:" not in line and any(line == other for other in remaining)
    ]


@given(PATHS, st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_no_bytes_crash_the_planner(path: str, noise: bytes, start: int, length: int):
    content = lamp().get(path, b"")
    files = {**lamp(), path: content[:start] + noise + content[start + length :]}
    discovery = discover(files, ["v0.4.0", "py-v0.3.0", noise.decode("latin-1")])
    asked = wanted("0.5.0", "lamp-py 0.4.0")
    histories_needed(files, discovery, asked)
    answer = make_plan(
        files, discovery, asked, date=DAY, changes={"crates.io:lamp": [Change(noise.decode("latin-1"), 1)]}
    )
    assert isinstance(answer, Plan | Refusal)
    if isinstance(answer, Refusal):
        assert answer.problems
    else:
        assert disagreements(after(files, answer), {bump.package.key: bump.new for bump in answer.bumps}) == ()


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_request_crashes_the_planner(name: str, version: str):
    assert isinstance(
        make_plan(lamp(), discover(lamp()), [Wanted(name, version)], date=DAY, changes={}), Plan | Refusal
    )


@given(
    st.lists(
        st.builds(
            Change, st.text(max_size=300), st.none() | st.integers(1, 9), st.lists(st.text(max_size=20)).map(tuple)
        )
    )
)
def test_no_history_breaks_the_pull_request(changes: list[Change]):
    made = plan(lamp(), "0.5.0", "lamp-py 0.4.0", changes={"pypi:lamp-py": changes})
    body = pull_request_body(made, requested_by="morgan", issue=1)
    assert len(body) <= BODY_LIMIT
    assert "## What happens next" in body
