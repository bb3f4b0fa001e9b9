"""What is rendered from fragments is what towncrier itself writes: the same files are given to both."""

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.plan.fragments.towncrier import fragments_of, rendered, written
from bot.plan.fragments.towncrier_settings import settings_in

DAY = date(2026, 3, 3)


def ours(files: Mapping[str, str]) -> str:
    tree = {path: content.encode() for path, content in files.items()}
    found = settings_in(tree, ".")
    assert found is not None
    assert found.beyond is None
    return written(files.get(found.filename, ""), found, rendered(tree, found, "0.5.0", DAY))


def theirs(folder: Path, files: Mapping[str, str]) -> str:
    """What the command line writes; it is run in this process, which is faster than a new one each time."""
    cli = import_module("towncrier._shell").cli

    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    args = ["build", "--dir", str(folder), "--version", "0.5.0", "--date", "2026-03-03", "--yes"]
    done = CliRunner().invoke(cli, args, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    name = next(path for path in ("CHANGELOG.md", "NEWS.rst") if (folder / path).exists())
    return (folder / name).read_text()


def project(config: str, **fragments: str) -> dict[str, str]:
    text = f'[project]\nname = "lamp"\nversion = "0.4.0"\n[tool.towncrier]\ndirectory = "changes"\n{config}'
    return {"pyproject.toml": text} | {f"changes/{name.replace('__', '.')}": body for name, body in fragments.items()}


WAITING = {
    "17__feature__md": "Burns twice as long.\n",
    "18__bugfix__md": "No longer smokes.\r\n\r\nSecond line.\n",
    "018__feature__1__md": "Again.\n",
    "+lonely__misc__rst": "An orphan.",
    "9__misc": "Hidden.",
    "10__misc": "Hidden, too.",
    "gh-3__doc__md": "Words `code`::\n\n    indented",
    "5__removal__md": "A list:\n\n- one\n- two",
    "README__md": "no fragment",
    "notes__txt": "no fragment",
}
MARKER = "<!-- towncrier release notes start -->\n"
CONFIGS = [
    'filename = "CHANGELOG.md"\ntitle_format = "## {version} ({project_date})"\n',
    'filename = "CHANGELOG.md"\n',
    'filename = "CHANGELOG.md"\ntitle_format = false\n',
    'filename = "CHANGELOG.md"\ntitle_format = "{name} {version}"\nissue_format = "[#{issue}](https://x/{issue})"\n',
    'filename = "CHANGELOG.md"\nissue_format = "[#{issue}]: https://x/{issue}"\nwrap = true\n',
    'filename = "CHANGELOG.md"\nall_bullets = false\nstart_string = "<!-- here -->"\nname = "Lamp"\n',
    'filename = "NEWS.rst"\n',
    'title_format = "{name} {version} ({project_date})"\nunderlines = ["~", "^", "+"]\nwrap = 30\n',
    '[[tool.towncrier.section]]\npath = ""\n[[tool.towncrier.section]]\nname = "Web"\npath = "web"\n',
    'filename = "CHANGELOG.md"\n[[tool.towncrier.section]]\npath = ""\n[[tool.towncrier.section]]\n'
    'name = "Web"\npath = "web"\n',
    'filename = "CHANGELOG.md"\n[tool.towncrier.fragment.feature]\nname = "New"\n[tool.towncrier.fragment.bugfix]\n',
    'filename = "CHANGELOG.md"\n[[tool.towncrier.type]]\nname = "Feature"\n[[tool.towncrier.type]]\n'
    'directory = "bugfix"\nname = "Mended"\nshowcontent = false\n',
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("waiting", [WAITING, {}, {"web/4__feature": "In the web."}], ids=["many", "none", "section"])
def test_the_changelog_is_what_towncrier_writes(tmp_path: Path, config: str, waiting: Mapping[str, str]):
    pytest.importorskip("towncrier")
    files = project(config, **waiting)
    old = f"# Changelog\n\n{MARKER}\n## 0.4.0 (2026-01-02)\n\n- Wick.\n"
    (tmp_path / "changes").mkdir()
    for content in (old, "No marker\n", ""):
        name = "CHANGELOG.md" if "CHANGELOG.md" in config else "NEWS.rst"
        with_old = {**files, **({name: content} if content else {})}
        if not content:
            (tmp_path / name).unlink()
        assert ours(with_old) == theirs(tmp_path, with_old)


ISSUES = st.from_regex(r"(\+[a-z]{1,3}|0?[1-9][0-9]?|gh-[1-3]|[a-c]\.[0-9])", fullmatch=True)
TEXTS = st.text("ab *-:`\n", max_size=30).filter(lambda text: bool(text.strip()))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(st.tuples(ISSUES, st.sampled_from(["feature", "misc"])), TEXTS, max_size=5),
    st.sampled_from(CONFIGS[:8]),
)
def test_any_fragments_are_rendered_as_towncrier_does(tmp_path_factory, waiting, config: str):
    pytest.importorskip("towncrier")
    canonical = {(issue.lstrip("0"), kind): text for (issue, kind), text in waiting.items()}
    orphans = [kind for (issue, kind) in canonical if issue.startswith("+")]
    if len(orphans) != len(set(orphans)):
        return  # the tool lists a folder in no order, and orphans of one text as they come
    files = project(config, **{f"{issue}__{kind}__md": text for (issue, kind), text in canonical.items()})
    folder = tmp_path_factory.mktemp("towncrier")
    (folder / "changes").mkdir()
    assert ours(files) == theirs(folder, files)


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ('template = "changes/own.md"', "template"),
        ("single_file = false", "single_file"),
        ('filename = "NEWS.txt"', "filename"),
        ('filename = "../NEWS.rst"', "filename"),
        ('title_format = "{version.major}"', "title_format"),
        ('title_format = "{version!r}"', "title_format"),
        ('issue_format = "{issue:>5}"', "issue_format"),
        ('underlines = "="', "underlines"),
    ],
)
def test_what_is_more_than_data_is_named(config: str, setting: str):
    tree = {path: content.encode() for path, content in project(f"{config}\n").items()}
    found = settings_in(tree, ".")
    assert found is not None
    assert found.beyond == setting


def test_towncrier_toml_goes_before_pyproject_toml():
    files = project('filename = "A.md"\n') | {"towncrier.toml": '[tool.towncrier]\nfilename = "B.md"\n'}
    found = settings_in({path: content.encode() for path, content in files.items()}, ".")
    assert found is not None
    assert (found.path, found.filename, found.name) == ("towncrier.toml", "B.md", "lamp")
    assert found.directories == {"": "lamp/newsfragments"}
    assert fragments_of({"lamp/newsfragments/1.feature": b"x"}, found) == {
        "": {"lamp/newsfragments/1.feature": ("1", "feature")}
    }
