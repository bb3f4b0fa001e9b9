"""From comments to commands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS, MOST_COMMANDS, Command, CommandError, Verb, help_table, parse
from bot.github.facts import Permission
from bot.plan.model import Wanted


def only(body):
    (parsed,) = parse(body)
    return parsed


def wanted(body):
    parsed = only(body)
    assert isinstance(parsed, Command), parsed
    return [(item.package, item.version) for item in parsed.wanted]


def mistake(body):
    parsed = only(body)
    assert isinstance(parsed, CommandError), parsed
    return parsed


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.usage)
def test_every_row_of_the_table_can_be_typed_and_is_in_the_help(spec):
    typed = spec.usage.split(" [")[0].replace("NAME", "edge-demo").replace("VERSION", "0.5.0")
    assert only(typed).spec == spec
    assert f"| `{spec.usage}` | {spec.permission} | {spec.effect} |" in help_table()


def test_all_stands_for_every_package_and_stands_alone():
    assert wanted("/release all minor") == [("all", "minor")]
    assert wanted("/release all v0.5.0") == [("all", "0.5.0")]
    assert wanted("/release crates.io:all 0.5.0") == [("crates.io:all", "0.5.0")]
    assert mistake("/release all").suggestion == "/release all VERSION"
    assert mistake("/release all 0.5.0 lamp 0.4.0").message == "Nothing is expected after the version of `all`."
    assert "`all` stands alone" in mistake("/release lamp 0.4.0 all 0.5.0").message
    assert mistake("/release all miner").suggestion == "/release all minor"
    assert "written with its registry" in mistake("/release rollback all 0.5.0").message


@pytest.mark.parametrize("word", ["status", "help"])
def test_reading_needs_no_more_than_read(word):
    assert only(f"/release {word}").spec.permission is Permission.READ


@pytest.mark.parametrize("word", ["0.5.0", "cancel", "retry", "rollback 0.5.0"])
def test_changing_needs_maintain(word):
    assert only(f"/release {word}").spec.permission is Permission.MAINTAIN


@pytest.mark.parametrize(
    ("version", "meant"),
    [
        ("0.5.0", "0.5.0"),
        ("v0.5.0", "0.5.0"),
        ("V1.0.0-rc.1", "1.0.0-rc.1"),
        ("0.7.0rc1", "0.7.0rc1"),
        ("1!2024.1", "1!2024.1"),
        ("1.0.0+build.5", "1.0.0+build.5"),
        ("minor", "minor"),
        ("Patch", "patch"),
        ("rc", "rc"),
        ("Minor RC", "minor rc"),
        ("patch beta", "patch beta"),
        ("stable", "stable"),
        ("post", "post"),
    ],
)
def test_a_version_or_level_alone_is_for_the_primary_package(version, meant):
    assert wanted(f"/release {version}") == [(None, meant)]


@pytest.mark.parametrize(
    "text", ["edge-demo 0.5.0 edge_py v0.4.0", "edge-demo@0.5.0 edge_py@0.4.0", "edge-demo=v0.5.0   edge_py=0.4.0"]
)
def test_several_packages_are_written_in_three_ways(text):
    assert wanted(f"/release {text}") == [("edge-demo", "0.5.0"), ("edge_py", "0.4.0")]


def test_a_registry_tells_two_packages_of_one_name_apart():
    assert wanted("/release crates.io:jiter minor PyPI:jiter@patch") == [
        ("crates.io:jiter", "minor"),
        ("pypi:jiter", "patch"),
    ]


@pytest.mark.parametrize("text", ["v8 150.0.0", "v8@150.0.0", "v8=v150.0.0"])
def test_a_package_may_have_a_name_that_reads_as_a_version(text):
    assert wanted(f"/release {text}") == [("v8", "150.0.0")]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("lamp minor rc", [("lamp", "minor rc")]),
        ("lamp@minor rc wick patch", [("lamp", "minor rc"), ("wick", "patch")]),
        ("lamp minor beta 0.5.0", [("lamp", "minor"), ("beta", "0.5.0")]),
        ("beta 0.5.0", [("beta", "0.5.0")]),
    ],
)
def test_a_step_and_a_label_are_one_level_unless_the_label_names_a_package(text, meant):
    assert wanted(f"/release {text}") == meant


def test_several_commands_are_read_in_their_order():
    body = "Let us go.\n/release 0.5.0\nand then\n\n  /release status  \nbye"
    assert [command.spec.name for command in parse(body)] == [Verb.RELEASE, Verb.STATUS]


def test_a_command_keeps_what_was_typed():
    assert only("  /release   v0.5.0  \r\n").text == "/release   v0.5.0"


@pytest.mark.parametrize(
    "body",
    [
        "please /release 0.5.0",
        "/released 0.5.0",
        "/release-notes",
        "`/release 0.5.0`",
        "```\n/release 0.5.0\n```",
        "~~~\n/release 0.5.0",
        "    /release 0.5.0",
        "> /release 0.5.0",
        "> quoted\n/release 0.5.0",
        "- /release 0.5.0",
        "1. first\n\n   /release 0.5.0",
        "# /release 0.5.0",
        "[/release 0.5.0](https://example.org)",
        "*/release 0.5.0*",
        "<div>\n/release 0.5.0\n</div>",
        "<!--\n/release 0.5.0\n-->",
        "\\/release 0.5.0",
        "&#47;release 0.5.0",
        "／release 0.5.0",
        "",
    ],
)
def test_what_is_not_a_line_of_plain_text_is_no_command(body):
    assert parse(body) == ()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("/release banana", "/release banana\n         ^^^^^^"),
        ("/release", "/release\n        ^"),
        ("/release a 1.0 b", "/release a 1.0 b\n                ^"),
        ("/release a@", "/release a@\n           ^"),
        ("/release a=1.x", "/release a=1.x\n           ^^^"),
        ("/release 1.0 please", "/release 1.0 please\n             ^^^^^^"),
        ("/release a 1.0 2.0 b", "/release a 1.0 2.0 b\n               ^^^"),
        ("/release npm:a 1.0", "/release npm:a 1.0\n         ^^^^^"),
        ("/release status now", "/release status now\n                ^^^"),
        ("/release p\u0430tch", "/release p\u0430tch\n          ^"),
    ],
)
def test_a_mistake_points_at_itself(body, pointer):
    assert mistake(body).pointer == pointer


@pytest.mark.parametrize(
    ("body", "nearest"),
    [
        ("/release statsu", "/release status"),
        ("/release Cancel", "/release cancel"),
        ("/release pach", "/release patch"),
        ("/release banana", "/release banana VERSION"),
        ("/release a mnor", "/release a minor"),
        ("/release a one", "/release a VERSION"),
        ("/release a 1.0 b", "/release a 1.0 b VERSION"),
        ("/release", "/release VERSION"),
        ("/release retry it", "/release retry"),
        ("/release doctor", None),
        ("/release ???", None),
    ],
)
def test_a_mistake_is_answered_with_the_nearest_right_form(body, nearest):
    assert mistake(body).suggestion == nearest


@pytest.mark.parametrize("word", ["plan 0.5.0", "verify", "doctor"])
def test_words_of_commands_to_come_are_unknown_and_never_packages(word):
    assert "nor a command (status, cancel, retry, rollback, help)" in mistake(f"/release {word}").message


@pytest.mark.parametrize("again", ["a", "A", "crates.io:a"])
def test_a_package_is_named_once(again):
    assert "named twice" in mistake(f"/release a 1.0 {again} 2.0").message


def test_two_spellings_of_one_name_are_one_package():
    assert "named twice" in mistake("/release edge_demo 1.0 edge-demo 1.0").message


def test_letters_that_only_look_alike_are_named():
    assert mistake("/release p\u0430tch").message.endswith("this is U+0430 CYRILLIC SMALL LETTER A.")


@pytest.mark.parametrize(
    "body", ["/release `0.5.0`", "/release **0.5.0**", "/release [0.5.0](x)", "/release 0.5.0 <br>"]
)
def test_a_command_with_formatting_in_it_is_a_mistake(body):
    assert "plain text" in mistake(body).message


@pytest.mark.parametrize("word", ["x`@everyone", "x``y"])
def test_nothing_that_was_typed_escapes_from_the_message(word):
    assert mistake(f"/release {word}").message.count("`") == 2


@pytest.mark.parametrize("word", ["9" * 900, "1." * 300 + "0", "a" * 900, "a" * 60_000])
def test_endless_words_are_mistakes_with_short_answers(word):
    found = mistake(f"/release {word}")
    assert len(found.message) + len(found.pointer) < 600


def test_control_and_direction_characters_are_not_repeated():
    assert mistake("/release a\u202eb\x07").text == "/release a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


def test_more_commands_than_anyone_needs_are_refused_once():
    parsed = parse("/release status\n" * 5_000)
    assert len(parsed) == MOST_COMMANDS + 1
    assert isinstance(parsed[-1], CommandError)


@pytest.mark.parametrize("body", ["\n", " ", "/release\n", "[", "a@"])
def test_a_longer_comment_takes_longer_in_proportion_and_no_more(body):
    assert seconds_for("/release\n/release " + body * 32_000) < 24 * seconds_for("/release\n/release " + body * 4_000)


def seconds_for(body):
    """Of this thread's work, whatever else the machine does; the least of several is the least disturbed."""
    taken = []
    for _ in range(5):
        begun = time.thread_time()
        parse(body)
        taken.append(time.thread_time() - begun)
    return min(taken)


WORDS = st.sampled_from(
    ["/release", "\n", " ", "a", "0.5.0", "@", "=", ":", "`", "<", "status", "v", "pypi:", "> ", "9" * 50]
)


@given(st.text() | st.lists(WORDS | st.text(max_size=3)).map("".join).map("/release ".__add__))
def test_parsing_never_raises_and_points_into_what_was_typed(body):
    for parsed in parse(body):
        if isinstance(parsed, CommandError):
            assert 0 <= parsed.column <= len(parsed.text)
            assert parsed.length >= 1
        else:
            assert all(isinstance(item, Wanted) for item in parsed.wanted)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)


@given(st.dictionaries(NAMES, st.sampled_from(["1.0.0", "0.5.0-rc.1", "minor"]), min_size=1, max_size=5))
def test_what_is_written_is_what_is_meant(packages):
    reserved = {
        "major",
        "minor",
        "patch",
        "rc",
        "status",
        "cancel",
        "retry",
        "help",
        "plan",
        "verify",
        "rollback",
        "doctor",
    }
    packages = {f"x{name}" if name in reserved else name: version for name, version in packages.items()}
    assert wanted("/release " + " ".join(f"{name}@{version}" for name, version in packages.items())) == list(
        packages.items()
    )


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("/release rollback", []),
        ("/release rollback v0.5.0", [(None, "0.5.0")]),
        ("/release rollback tide 0.5.0", [("tide", "0.5.0")]),
        ("/release rollback tide@0.5.0 pypi:ebb=0.4.0rc1", [("tide", "0.5.0"), ("pypi:ebb", "0.4.0rc1")]),
    ],
)
def test_a_rollback_names_versions_as_a_release_does(body, meant):
    assert only(body).spec.name is Verb.ROLLBACK
    assert wanted(body) == meant


@pytest.mark.parametrize("body", ["/release rollback tide patch", "/release rollback minor"])
def test_a_level_confirms_no_rollback(body):
    assert "exact version" in mistake(body).message or "name of a package" in mistake(body).message


def test_a_rollback_without_its_version_is_told_what_is_missing():
    assert mistake("/release rollback tide").suggestion == "/release rollback tide VERSION"
