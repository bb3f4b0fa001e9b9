"""Scripts as the commands that they run: never an exception, never without end, whatever a repository holds."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.workflows.files import RunStep
from bot.workflows.publishing import publishes
from bot.workflows.runs import RunJob
from bot.workflows.scripts.found import made_of, scripts_of
from bot.workflows.scripts.lexer import simple_commands
from bot.workflows.scripts.python import of_nox, of_script
from bot.workflows.scripts.recipes import of_just, of_make
from bot.workflows.scripts.shell import OPEN, below, commands_in

PIECES = st.sampled_from(
    [
        *(
            "cargo publish",
            "cd a",
            "cd $X",
            "cd ..",
            "for x in a b; do",
            "done",
            "X=(a b)",
            "X=1",
            "$X",
            "${X[@]}",
            "$(pwd)",
        ),
        *(
            "docker run -v $PWD:/io img sh",
            "bash -c 'cargo publish'",
            "make x",
            "just x",
            "nox -s x",
            "tox -e x",
            "./x",
        ),
        *("&&", "||", ";", "|", "\n", "\\\n", '"', "'", "(", ")", "{", "}", "`", "#", "${{", "}}", ">", "./x > y", "é"),
        *(
            "uv run --with",
            "python -m",
            "env A=b",
            "sudo",
            "pip wheel .",
            "maturin build -m a/Cargo.toml",
            "x: y",
            "\tx",
        ),
    ]
)
SCRIPTS = st.lists(PIECES | st.text(max_size=8), max_size=40).map(" ".join)
NAMES = ("x", "Makefile", "justfile", "noxfile.py", "tox.ini", "x.py", "a/x", "pyproject.toml")


@given(SCRIPTS, st.sampled_from([".", "a", OPEN]))
@example("for x in $x $x; do for y in $y $y; do cargo publish -p $x$y; done; done", ".")
@example("X=($X)" * 50 + "cargo publish -p ${X[@]}", ".")
def test_any_script_is_commands_with_words_and_a_folder_of_the_checkout(script, folder):
    for command in commands_in(script, folder):
        assert command.words
        assert not command.folder.startswith(("/", ".."))


@given(st.dictionaries(st.sampled_from(NAMES), SCRIPTS | st.text(max_size=200), max_size=6), SCRIPTS)
@example({"x": "./x", "a/x": "./x"}, "./x")
@example({"Makefile": "x: x\n\tmake x"}, "make x")
@example({"noxfile.py": "import nox\n@nox.session\ndef x(s):\n x(s)\n x(s)\n"}, "nox -s x")
def test_files_that_run_each_other_end(files, run):
    tree = {path: text.encode() for path, text in files.items()}
    found = scripts_of(run, ".", tree, made_of([run], tree))
    assert len(found) <= 40
    assert {script.path for script in found if "(" not in script.path} <= set(tree)


@given(st.text(max_size=300) | SCRIPTS)
def test_any_text_is_read_as_recipes_and_sessions(text):
    assert isinstance(of_make(text).text(["x"]) + of_just(text).text([]) + of_nox(text, ("x",)) + of_script(text), str)


@given(st.lists(st.sampled_from(["lamp", "shade", "cord"]), min_size=1, max_size=3, unique=True), st.booleans())
def test_a_loop_publishes_each_of_its_words(names, as_list):
    listed = f"ALL=({' '.join(names)})\n" if as_list else ""
    words = '"${ALL[@]}"' if as_list else " ".join(names)
    run = f'{listed}for each in {words}; do\n  cargo publish -p "$each"\ndone\n'
    job = RunJob("a", "a", "w.yml", steps=(RunStep("s", run=run),))
    assert [upload.package for upload in publishes(job)] == names


@pytest.mark.parametrize(
    ("folder", "path", "found"),
    [
        (".", "a/b", "a/b"),
        ("a", "../b", "b"),
        ("a", "../../..", "."),
        (".", "$GITHUB_WORKSPACE/a", "a"),
        ("a", "${{}}/b", "b"),
        ("a", "$(git rev-parse --show-toplevel)", "."),
        (".", "/io/python", "python"),
        (".", "/io", "."),
        (".", "$WHERE", OPEN),
        (OPEN, "a", OPEN),
        ("a", '"$(dirname "$0")/.."', "."),
    ],
)
def test_a_folder_is_seen_from_the_checkout_or_not_known(folder, path, found):
    assert below(folder, path) == found


def test_a_recipe_takes_what_it_needs_along():
    make = of_make("A = cargo\nall: b c\n\nb:\n\t$(A) publish\n\nc: b\n\techo $$HOME\n")
    assert make.text(["all"]) == "cargo publish\necho $HOME"
    just = of_just("v := '1'\nall x='2': (b 'y') c\n    echo {{v}} {{x}}\n\nb y:\n    one\nc:\n    two\n")
    assert just.text(["all"]).splitlines()[0] == "echo 1 $x"
    assert "one" in just.text(["all"]) and "two" in just.text(["all"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b && c 'd e'", [["a", "b"], ["c", "d e"]]),
        ("a | b || c; d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("(a; b c)", [["a"], ["b", "c"]]),
        ("a # b; c\nd", [["a"], ["d"]]),
        ("X=$(p -c 'a;b(c)') d e", [["X=$(p -c 'a;b(c)')", "d", "e"]]),
        ('a "b;c && d" e', [["a", "b;c && d", "e"]]),
        ("a <<EOF\nb c\nEOF\nd", [["a", "<<EOF"], ["d"]]),
        ("a 2>&1 >b", [["a", "2>&1", ">b"]]),
        ("A=(b c) d", [["A=(b c)", "d"]]),
        ("don't a\nb", [["don't", "a"], ["b"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a 'b", [["a", "'b"]]),
        ("", []),
        (";;&&\n", []),
    ],
)
def test_a_script_is_simple_commands_of_words(text, found):
    assert list(simple_commands(text)) == found


@given(st.text(alphabet="ab \"'`$(){}\\\n;|&<>#=E", max_size=300))
def test_the_lexer_reads_any_text_to_its_end(text):
    for words in simple_commands(text):
        assert words


def test_a_substitution_before_a_command_and_a_shell_in_a_shell_hide_nothing():
    run = 'X=1 LIB=$(python -c "import a;print(1)") \\\n  maturin build --release\nbash -ec "cd a && cargo publish"'
    found = commands_in(run, ".")
    assert [command.tool for command in found] == [("maturin", "build"), ("cargo", "publish")]
    assert [command.folder for command in found] == [".", "a"]
