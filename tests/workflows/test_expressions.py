"""Expressions, by the tables of GitHub's documentation: literals, operators, coercions, functions, filters.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import math

import pytest

from bot.workflows.language.evaluate import filled
from bot.workflows.values import FALSY, TRUTHY, UNKNOWN, Partial, Scope, Unknown

FRUITS = [{"name": "apple", "quantity": 1.0}, {"name": "orange", "quantity": 2.0}, {"name": "pear", "quantity": 1.0}]
VEGETABLES = {"beets": {"ediblePortions": ["roots", "stems"]}, "scallions": {"ediblePortions": ["stalks"]}}
SCOPE = Scope(
    {
        "github": Partial(ref="refs/tags/v1", event_name="push", event={"inputs": None}),
        "inputs": {"deep": {"er": "x"}, "flag": True, "Count": 3.0, "list": ["a", "b"], "same": FRUITS},
        "fruits": FRUITS,
        "vegetables": VEGETABLES,
    }
)


def value(expression):
    return filled(f"${{{{ {expression} }}}}", SCOPE)


LITERALS = [
    ("null", None), ("false", False), ("true", True), ("711", 711.0), ("-9.2", -9.2), ("0xff", 255.0),
    ("-2.99e-2", -0.0299), ("0o17", 15.0), (".5", 0.5), ("+1", 1.0), ("Infinity", math.inf), ("-Infinity", -math.inf),
    ("'Mona the Octocat'", "Mona the Octocat"), ("'It''s open source!'", "It's open source!"), ("''", ""),
]  # fmt: skip
OPERATORS = [
    ("(1 == 2) || true", True), ("1 == (2 || true)", False), ("('text').x", None), ("!true", False),
    ("!false", True), ("!'a'", False),
    ("!!''", False), ("!null == true", True), ("!(null == true)", True),
    ("1 < 2", True), ("2 < 2", False), ("2 <= 2", True), ("3 <= 2", False), ("2 > 1", True), ("2 > 2", False),
    ("2 >= 2", True), ("1 >= 2", False), ("1 == 1", True), ("1 == 2", False), ("1 != 2", True), ("1 != 1", False),
    ("true && 'a'", "a"), ("'' && 'a'", ""), ("0 && 'a'", 0.0), ("null && 'a'", None), ("'a' || 'b'", "a"),
    ("'' || 'b'", "b"), ("false || 0", 0.0), ("true && false || 'c'", "c"), ("'a' || true && false", "a"),
    ("true == false == false", True), ("1 < 2 == true", True), ("true == 1 < 2", True),
    ("inputs.deep.er", "x"), ("inputs['deep']['er']", "x"), ("inputs.list[1]", "b"), ("inputs.list[2]", None),
    ("inputs.list['1']", "b"), ("inputs.list[-1]", None), ("inputs.list[0.9]", "a"), ("inputs.gone", None),
    ("inputs.gone.deeper", None), ("inputs.COUNT", 3.0), ("INPUTS.count", 3.0), ("inputs['Count']", 3.0),
    ("github.ref", "refs/tags/v1"), ("github['ref']", "refs/tags/v1"), ("'text'.x", UNKNOWN),
]  # fmt: skip
COERCIONS = [
    # null is 0, true is 1, false is 0, the empty string is 0, a number's text is that number, other text is none.
    ("null == 0", True),
    ("null == false", True), ("null == ''", True), ("null == 'null'", False), ("true == 1", True),
    ("true == '1'", True), ("true == 'true'", False), ("false == 0", True), ("false == ''", True),
    ("false == 'false'", False), ("'' == 0", True), ("'12' == 12", True), ("' 0xA ' == 10", True),
    ("'1e1' == 10", True),
    ("'twelve' == 12", False), ("'twelve' != 12", True), ("'twelve' < 12", False), ("'twelve' > 12", False),
    ("'twelve' <= 12", False), ("NaN == NaN", False), ("NaN != NaN", True),
    # Strings are compared without regard to case.
    ("'abc' == 'ABC'", True), ("'abc' == 'abd'", False), ("'a' < 'B'", True), ("'b' > 'A'", True),
    ("'b' <= 'A'", False),
    # Arrays and objects are no number, and equal only themselves.
    ("inputs.list == 0", False), ("inputs.deep == 1", False), ("fruits == inputs.same", True),
    ("fromJSON('[1]') == fromJSON('[1]')", False), ("inputs.list < 1", False), ("inputs.list >= inputs.list", True),
]  # fmt: skip
FUNCTIONS = [
    ("contains('Hello world', 'llo')", True), ("contains('Hello world', 'LLO')", True),
    ("contains('Hello world', 'bye')", False), ("contains(inputs.list, 'B')", True),
    ("contains(inputs.list, 'c')", False),
    ("contains('a12', 12)", True), ("contains(true, 'ru')", True), ("contains(inputs.deep, 'x')", False),
    ("contains(fruits.*.name, 'pear')", True), ("contains(fruits.*.name, 'fig')", False), ("contains(null, '')", True),
    ("contains(fromJSON('[\"push\", \"pull_request\"]'), github.event_name)", True),
    ("contains(fromJSON('[\"release\", \"pull_request\"]'), github.event_name)", False),
    ("startsWith('Hello world', 'He')", True), ("startsWith('Hello world', 'HE')", True),
    ("startsWith('Hello world', 'wo')", False), ("STARTSWITH('abc', 'A')", True), ("startsWith(12, 1)", True),
    ("endsWith('Hello world', 'ld')", True), ("endsWith('Hello world', 'LD')", True),
    ("endsWith('Hello world', 'lo')", False), ("endsWith(inputs.list, 'b')", False),
    ("format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "Hello Mona the Octocat"),
    ("format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')", "{Hello Mona the Octocat!}"),
    ("format('{1}{0}{1}', 1.50, true)", "true1.5true"), ("format('{0}', null)", ""), ("format('{0}', 1e21)", "1E+21"),
    ("format('{2}', 1)", UNKNOWN), ("format('{', 1)", UNKNOWN), ("format('{x}', 1)", UNKNOWN),
    ("join(inputs.list, ', ')", "a, b"), ("join(inputs.list)", "a,b"), ("join('text', '-')", "text"),
    ("join(fruits.*.name, '')", "appleorangepear"), ("join(fruits.*.gone)", ""), ("join(inputs.deep)", ""),
    ("toJSON(inputs.list)", '[\n  "a",\n  "b"\n]'), ("toJSON(inputs.count)", "3"), ("toJSON(null)", "null"),
    ("toJSON(inputs.deep)", '{\n  "er": "x"\n}'), ("toJSON('a\"')", '"a\\""'),
    ("fromJSON('true')", True), ("fromJSON('3')", 3.0), ("fromJSON('\"x\"')", "x"), ("fromJSON('null')", None),
    ("fromJSON('{\"a\": [1]}').a[0]", 1.0), ("fromJSON('oops')", UNKNOWN), ("fromJSON('')", UNKNOWN),
    ("case(true, 'a', 'b')", "a"), ("case(false, 'a', 'b')", "b"), ("case(false, 1, true, 2, 3)", 2.0),
    ("case(false, 1, false, 2, 3)", 3.0), ("case('yes', 1, 2)", UNKNOWN), ("case(true, 1)", UNKNOWN),
    ("hashFiles('**/Cargo.lock')", UNKNOWN), ("nothingKnown('x')", UNKNOWN), ("contains('a')", UNKNOWN),
]  # fmt: skip
FILTERS = [
    ("fruits.*.name", ["apple", "orange", "pear"]), ("fruits[*].quantity", [1.0, 2.0, 1.0]), ("fruits.*.gone", []),
    ("vegetables.*.ediblePortions", [["roots", "stems"], ["stalks"]]),
    ("vegetables.*.ediblePortions.*", ["roots", "stems", "stalks"]), ("vegetables.*.ediblePortions[1]", ["stems"]),
    ("inputs.gone.*.name", []), ("'text'.*", UNKNOWN), ("github.event.issue.labels.*.name", []),
]  # fmt: skip
UNKNOWNS = [
    # What is not known makes what depends on it unknown, and nothing else.
    ("secrets.TOKEN", UNKNOWN), ("secrets.TOKEN == 'x'", UNKNOWN), ("!secrets.TOKEN", UNKNOWN),
    ("vars.X || 'a'", TRUTHY),
    ("vars.X || ''", UNKNOWN), ("vars.X && 'a'", UNKNOWN), ("vars.X && ''", FALSY), ("false && vars.X", False),
    ("true || vars.X", True), ("true && vars.X", UNKNOWN), ("!(vars.X && '')", True), ("!(vars.X || 1)", False),
    ("contains(steps.a.outputs.b, 'x')", UNKNOWN), ("github.sha", UNKNOWN), ("github.event.inputs.x", None),
    ("fromJSON(steps.a.outputs.b)", UNKNOWN), ("fromJSON(needs.a.outputs.b).c[0]", UNKNOWN),
    ("format('{0}', env.A)", UNKNOWN),
    ("format('a{0}', env.A)", TRUTHY), ("join(secrets, '')", UNKNOWN), ("toJSON(github)", UNKNOWN),
    ("case(vars.X, 1, 2)", UNKNOWN), ("case(true, 1, vars.X, 2, 3)", 1.0), ("inputs[vars.X]", UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "wanted"), [*LITERALS, *OPERATORS, *COERCIONS, *FUNCTIONS, *FILTERS, *UNKNOWNS])
def test_an_expression_comes_to_what_the_tables_say(expression, wanted):
    found = value(expression)
    assert (type(found), found) == (type(wanted), wanted) or (isinstance(wanted, list) and found == wanted)


def test_nan_is_no_number():
    assert math.isnan(value("NaN"))


INVALID = [
    "", "1 +", "'open", '"double"', "a b", "(1", "1)", "a.", "a..b", "a[1", "f(1,)", "f(1 2)", "1 = 1", "1 === 1",
    "&& a",
    "a &", "12abc", "é", "." * 30, "(" * 5_000, "!" * 5_000 + "1", "a" + ".a" * 5_000, "a" + "[0]" * 5_000,
    "1 == " * 200 + "1", "x" * 30_000, "f(" * 3_000, "'" * 10_001,
]  # fmt: skip


@pytest.mark.parametrize("expression", INVALID, ids=lambda text: text[:12])
def test_what_github_would_refuse_is_unknown(expression):
    assert value(expression) is UNKNOWN


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (" || ".join(["''"] * 4_000), UNKNOWN),
        (" && ".join(["1"] * 4_000), 1),
        ("format('" + "{0}" * 5_000 + "', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')", UNKNOWN),
        ("format('{0}{0}{0}{0}', " * 40 + "'x'" + ")" * 40, UNKNOWN),
        ("fromJSON('" + "[" * 9_000 + "]" * 9_000 + "')", UNKNOWN),
        ("fromJSON('" + "9" * 20_000 + "')", math.inf),
        ("join(fromJSON('[" + "1," * 9_000 + "1]'), '" + "x" * 2_000 + "')", UNKNOWN),
    ],
    ids=lambda given: given[:16] if isinstance(given, str) else None,
)
def test_a_hostile_expression_comes_to_an_end(expression, wanted):
    assert value(expression) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"),
        ("v${{ inputs.count }}", "v3"),
        ("${{ inputs.flag }}-${{ null }}.", "true-."),
        ("${{ '}}' }}!", "}}!"),
        ("${{ inputs.deep }}!", "Object!"),
        ("a ${{ secrets.X }}", UNKNOWN),
        ("${{ open", UNKNOWN),
        ("${{ 'open }}", UNKNOWN),
        ("$ { { }}", "$ { { }}"),
    ],
)
def test_a_text_is_filled_in(text, wanted):
    found = filled(text, SCOPE)
    assert found is wanted if isinstance(wanted, Unknown) else found == wanted
