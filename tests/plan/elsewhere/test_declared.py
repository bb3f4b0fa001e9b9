"""`also` in release.toml: further places of a version, as often as they are declared."""

import pytest

from bot.plan import discover
from tests.plan.trees import after, crate, plan, refusal, text, tree

CONF = 'project = "lamp"\nrelease = "0.4.0"\n'


def declared(entry: str, **files: str) -> dict[str, str]:
    config = f'[[package]]\nname = "lamp"\nalso = [{entry}]\n'
    return {"Cargo.toml": crate(), ".github/release.toml": config, **files}


def moved(entry: str, path: str, content: str, new: str = "0.5.0") -> str:
    files = tree(declared(entry, **{path: content}))
    return text(after(files, plan(files, new)), path)


def test_a_declared_place_moves_and_nothing_else_in_the_file():
    entry = """{ path = "docs/conf.py", search = 'release = "{version}"' }"""
    content = CONF + '# since "0.4.0"\n'
    assert moved(entry, "docs/conf.py", content) == content.replace('release = "0.4.0"', 'release = "0.5.0"')


def test_it_may_be_there_as_often_as_declared():
    entry = '{ path = "deploy/lamp.yaml", search = "lamp:{version}", count = 2 }'
    content = "a: lamp:0.4.0\nb: lamp:0.4.0\nc: lamp:0.4.01\nd: lamp:0.4.0.1\n"
    assert (
        moved(entry, "deploy/lamp.yaml", content) == "a: lamp:0.5.0\nb: lamp:0.5.0\nc: lamp:0.4.01\nd: lamp:0.4.0.1\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CONF, "docs/conf.py has `v0.4.0` nowhere, and `also` expects it once"),
        ("v0.4.0\n\nv0.4.0\n", "docs/conf.py has `v0.4.0` twice (line 1, 3), and `also` expects it once"),
    ],
)
def test_another_count_is_a_refusal_that_says_where(content: str, said: str):
    files = declared('{ path = "docs/conf.py", search = "v{version}" }', **{"docs/conf.py": content})
    assert f".github/release.toml:3: {said}" in refusal(tree(files), "0.5.0")


def test_a_file_that_is_not_there_is_a_refusal():
    said = refusal(tree(declared('{ path = "docs/conf.py", search = "v{version}" }')), "0.5.0")
    assert ".github/release.toml:3: `also` names docs/conf.py, and there is no such file" in said


def test_what_says_the_new_version_already_is_right():
    entry = """{ path = "docs/conf.py", search = 'release = "{version}"' }"""
    made = CONF.replace("0.4.0", "0.5.0")
    assert moved(entry, "docs/conf.py", made) == made


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('"docs/conf.py"', "`also` must be a list of tables"),
        ('{ path = "x" }', "an entry of `also` has no `search`"),
        ('{ search = "{version}" }', "an entry of `also` has no `path`"),
        ('{ path = "x", search = "0.4.0" }', "`search` must have {version} in it, once"),
        ('{ path = "x", search = "{version} {version}" }', "`search` must have {version} in it, once"),
        ('{ path = "../x", search = "{version}" }', "`path` leads out of the repository"),
        ('{ path = "x", search = "{version}", count = 0 }', "`count` must be a number from 1 to 1000"),
        ('{ path = "x", search = "{version}", count = true }', "`count` must be a number from 1 to 1000"),
        ('{ path = "x", search = "{version}", cuont = 1 }', "unknown key `cuont`"),
    ],
)
def test_a_mistake_is_named_with_its_line(entry: str, said: str):
    problems = discover(tree(declared(entry))).problems
    assert [problem.where for problem in problems] == [".github/release.toml:3"]
    assert said in problems[0].what


def test_several_edits_of_one_file_are_one():
    entry = '{ path = "README.md", search = "Version {version}" }'
    files = tree(declared(entry, **{"README.md": '# lamp\n\nVersion 0.4.0\n\n    lamp = "0.4"\n'}))
    edits = [edit for edit in plan(files, "0.5.0").edits if edit.path == "README.md"]
    assert [edit.after.decode() for edit in edits] == ['# lamp\n\nVersion 0.5.0\n\n    lamp = "0.5"\n']
    assert edits[0].changes == ("version: 0.4.0 → 0.5.0", "install line: 0.4 → 0.5")
