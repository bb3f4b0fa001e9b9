import pytest

from bot.plan.listed import listed


@pytest.mark.parametrize(
    ("items", "most", "said"),
    [
        ("", None, ""),
        ("a", None, "a"),
        ("ab", None, "a and b"),
        ("abc", None, "a, b and c"),
        ("abcd", 4, "a, b, c and d"),
        ("abcdef", 4, "a, b, c and 3 more"),
    ],
)
def test_several_things_are_named_in_one_sentence(items, most, said):
    assert listed(items, most=most) == said
