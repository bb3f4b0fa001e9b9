import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.packaging.levels import LEVELS, STEPS, bumped, level_between, skipped
from bot.packaging.registry import Scheme
from bot.packaging.requirements import holds, moved, moved_python
from bot.packaging.versions import order, pep440_of, python_spelling, same_version, semver_of

CRATES, PYPI = Scheme.SEMVER, Scheme.PEP440
numbers = st.integers(0, 30)
labels = st.sampled_from(["", "-alpha.1", "-beta.2", "-rc.1", "-rc.2", "-dev.3"])
versions = st.builds(lambda a, b, c, pre: f"{a}.{b}.{c}{pre}", numbers, numbers, numbers, labels)


@pytest.mark.parametrize(
    ("current", "major", "minor", "patch", "rc"),
    [
        ("0.5.0", "1.0.0", "0.6.0", "0.5.1", "0.6.0-rc.1"),
        ("0.6.0-rc.1", "1.0.0", "0.6.0", "0.6.0", "0.6.0-rc.2"),
        ("0.6.0-alpha.3", "1.0.0", "0.6.0", "0.6.0", "0.6.0-rc.1"),
        ("0.4.1-dev.0", "1.0.0", "0.5.0", "0.4.1", "0.4.1-rc.1"),
        ("1.0.0-rc2", "1.0.0", "1.0.0", "1.0.0", "1.0.0-rc3"),
    ],
)
def test_levels_follow_from_the_current_version(current: str, major: str, minor: str, patch: str, rc: str):
    assert [bumped(CRATES, current, level) for level in ("major", "minor", "patch", "rc")] == [major, minor, patch, rc]


def test_python_versions_keep_their_number_of_parts():
    assert [bumped(PYPI, "0.5", level) for level in ("major", "minor", "patch", "rc")] == [
        "1.0",
        "0.6",
        "0.5.1",
        "0.6rc1",
    ]
    assert bumped(PYPI, "0.6.0rc1", "rc") == "0.6.0rc2"
    assert bumped(PYPI, "2024.1.2.3", "minor") is None


@pytest.mark.parametrize(
    ("semantic", "python"),
    [
        ("0.5.0-rc.1", "0.5.0rc1"),
        ("0.5.0-alpha.0", "0.5.0a0"),
        ("1.0.0-beta", "1.0.0b0"),
        ("1.0.0-dev.3", "1.0.0.dev3"),
        ("1.0.0-pre.1", "1.0.0rc1"),
        ("1.0.0-preview.2", "1.0.0rc2"),
        ("1.0.0-rc2", "1.0.0rc2"),
        ("1.0.0", "1.0.0"),
    ],
)
def test_semver_is_said_in_pep_440(semantic: str, python: str):
    assert pep440_of(semantic) == python


@pytest.mark.parametrize("semantic", ["1.0.0-1", "1.0.0-rc.1.2", "1.0.0-nightly.1", "1.0.0+build", "1.0", "x"])
def test_what_pep_440_would_turn_round_or_cannot_say_is_refused(semantic: str):
    assert pep440_of(semantic) is None


@pytest.mark.parametrize(
    ("python", "semantic"),
    [
        ("0.5.0rc1", "0.5.0-rc.1"),
        ("0.5", "0.5.0"),
        ("1.0.dev3", "1.0.0-dev.3"),
        ("1.0a2", "1.0.0-alpha.2"),
        ("1.0.post1", None),
        ("1!2.0", None),
        ("1.0+local", None),
        ("1.2.3.4", None),
        ("1.0rc1.dev2", None),
    ],
)
def test_pep_440_is_said_in_semver_or_refused(python: str, semantic: str | None):
    assert semver_of(python) == semantic


def test_a_file_that_spells_prereleases_as_semver_keeps_doing_so():
    assert python_spelling("3.0.0-alpha.1", "3.0.0-alpha.0") == "3.0.0-alpha.1"
    assert python_spelling("3.0.0-alpha.1", "2.9.0") == "3.0.0a1"


@given(versions, versions)
def test_both_ways_of_writing_have_one_order(one: str, other: str):
    expected = order(CRATES, one, other)
    if one.partition("-")[2][:3] in ("", "rc.") and other.partition("-")[2][:3] in ("", "rc."):
        assert order(PYPI, pep440_of(one) or "", pep440_of(other) or "") == expected
    assert order(CRATES, other, one) == -expected


@given(versions)
def test_there_and_back_is_the_same_version(version: str):
    assert semver_of(pep440_of(version) or "") == version


@given(versions, st.sampled_from([*STEPS, "rc", *(f"{step} rc" for step in STEPS)]))
def test_the_next_version_is_newer(version: str, level):
    assert order(CRATES, bumped(CRATES, version, level) or "", version) > 0


@given(
    versions, st.sampled_from([*LEVELS, *(f"{step} {label}" for step in STEPS for label in ("alpha", "beta", "dev"))])
)
def test_no_level_leads_back_as_python_orders_versions(version: str, level):
    current = pep440_of(version) or ""
    new = bumped(PYPI, current, level)
    assert new is None or order(PYPI, new, current) > 0


@given(versions, st.sampled_from(LEVELS))
def test_the_level_between_a_version_and_its_next_leads_there(version: str, level):
    new = bumped(CRATES, version, level)
    between = level_between(version, new) if new else None
    assert new is None or (between is not None and bumped(CRATES, version, between) == new)


@pytest.mark.parametrize(
    ("current", "level", "expected"),
    [
        ("1.2.3", "alpha", "1.3.0-alpha.1"),
        ("1.3.0-alpha.1", "alpha", "1.3.0-alpha.2"),
        ("1.3.0-alpha.2", "beta", "1.3.0-beta.1"),
        ("1.3.0-beta.1", "alpha", None),
        ("1.2.3", "dev", "1.3.0-dev.1"),
        ("0.6.0-dev", "dev", "0.6.0-dev.1"),
        ("0.6.0-dev", "beta", "0.6.0-beta.1"),
        ("1.2.3", "patch rc", "1.2.4-rc.1"),
        ("1.2.3", "major rc", "2.0.0-rc.1"),
        ("1.2.4-rc.1", "patch rc", "1.2.4-rc.2"),
        ("1.2.4-rc.1", "minor rc", "1.3.0-rc.1"),
        ("1.3.0-rc.2", "stable", "1.3.0"),
        ("1.3.0", "stable", None),
        ("1.3.0", "post", None),
        ("2.0.3+wax.1.5.5", "patch", None),
        ("1.3.0-nightly.1", "rc", "1.3.0-rc.1"),
        ("1.3.0-zeta.1", "rc", None),
    ],
)
def test_prereleases_are_levels_of_their_own(current: str, level: str, expected: str | None):
    assert bumped(CRATES, current, level) == expected


@pytest.mark.parametrize(
    ("current", "level", "expected"),
    [
        ("1.2.3", "post", "1.2.3.post1"),
        ("1.2.3.post1", "post", "1.2.3.post2"),
        ("1.2.3.post1", "patch", "1.2.4"),
        ("1.2", "post", "1.2.post1"),
        ("1.2.3rc1", "post", None),
        ("1.2.3", "minor rc", "1.3.0rc1"),
        ("1.2.3", "alpha", "1.3.0a1"),
        ("1.2.3", "dev", "1.3.0.dev1"),
        ("0.8.0.dev0", "beta", "0.8.0b1"),
        ("0.8.0b2", "stable", "0.8.0"),
    ],
)
def test_python_has_its_own_spelling_of_prereleases_and_has_post_releases(
    current: str, level: str, expected: str | None
):
    new = bumped(PYPI, current, level)
    assert (new and python_spelling(new, current)) == expected


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.0.0-beta.1", "1.0.0-beta.2", "beta"),
        ("1.0.0-beta.1", "1.0.0-rc.1", "rc"),
        ("0.4.0", "0.4.1-rc.1", "patch rc"),
        ("0.4.0", "1.0.0-alpha.1", "major alpha"),
        ("0.4.0-rc.1", "0.4.0", "patch"),
        ("1.2.3", "1.2.3.post1", "post"),
        ("1.2.2", "1.2.3.post1", None),
        ("0.4.0", "0.5.0-nightly.1", None),
    ],
)
def test_prereleases_and_posts_are_levels_for_followers(old: str, new: str, level: str | None):
    assert level_between(old, new) == level


def test_a_version_is_the_same_in_every_spelling():
    assert same_version("3.0.0-alpha.0", "3.0.0a0")
    assert same_version("1.0", "1.0.0")
    assert not same_version("1.0.0", "1.0.0-rc.1")
    assert not same_version("1.0.0-1", "1.0.0.post1")


@given(versions, versions, st.sampled_from(["{}", "^{}", "~{}", "={}", ">={}", ">={}, <99"]), st.integers(1, 3))
def test_a_moved_requirement_always_accepts_the_new_version(old: str, new: str, shape: str, parts: int):
    number = old if "-" in old else ".".join(old.split(".")[:parts])
    assert holds(moved(shape.format(number), old, new) or "", new)


@pytest.mark.parametrize(
    ("requirement", "old", "new", "expected"),
    [
        ("0.4.0", "0.4.0", "0.5.0", "0.5.0"),
        ("0.4.0", "0.4.1", "0.4.2", "0.4.2"),
        ("0.1.0", "0.4.0", "0.5.0", "0.5.0"),
        ("0.4", "0.4.0", "0.5.0", "0.5"),
        ("0", "0.4.0", "0.5.0", "0"),
        ("0", "0.4.0", "1.0.0", "1"),
        ("^0.4", "0.4.0", "0.5.0", "^0.5"),
        ("~0.4.1", "0.4.1", "0.4.2", "~0.4.2"),
        ("= 0.4.0", "0.4.0", "0.5.0", "= 0.5.0"),
        ("*", "0.4.0", "0.5.0", "*"),
        ("0.4.*", "0.4.0", "0.5.0", "0.5.*"),
        (">=0.4, <0.5", "0.4.0", "0.5.0", ">=0.5, <0.6"),
        (">=0.4, <0.5", "0.4.0", "0.4.1", ">=0.4, <0.5"),
        (">=0.3, <0.5", "0.4.0", "0.5.0", ">=0.3, <0.6"),
        (">=0.4.0,<1", "0.4.0", "1.0.0", ">=1.0.0,<2"),
        ("0.4", "0.4.0", "0.5.0-rc.1", "0.5.0-rc.1"),
        ("=0.4.0", "0.4.0", "0.5.0-rc.1", "=0.5.0-rc.1"),
        (">=0.4, <0.6", "0.4.0", "0.5.0-rc.1", ">=0.5.0-rc.1, <0.6"),
        ("*", "0.4.0", "0.5.0-dev.0", "0.5.0-dev.0"),
        ("0.5.0-rc.1", "0.5.0-rc.1", "0.5.0", "0.5.0"),
        ("0.4", "0.4.0", "0.5.0+meta", "0.5"),
        ("four", "0.4.0", "0.5.0", None),
    ],
)
def test_requirements_keep_operator_and_precision(requirement: str, old: str, new: str, expected: str | None):
    assert moved(requirement, old, new) == expected


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("0.5", "0.5.0-rc.1", False),
        (">=0.4, <0.6", "0.5.0-rc.1", False),
        ("*", "0.5.0-rc.1", False),
        ("0.5.0-rc.1", "0.5.0-rc.2", True),
        ("0.5.0-rc.1", "0.5.9", True),
        ("=0.4", "0.4.9", True),
        (">0.4", "0.4.9", False),
        ("<=0.4", "0.4.9", True),
        ("~1", "1.9.0", True),
        ("^0.0.3", "0.0.4", False),
    ],
)
def test_requirements_hold_by_cargos_rules(requirement: str, version: str, expected: bool):
    assert holds(requirement, version) is expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("lamp==0.4.0", "lamp==0.5.0"),
        ("Lamp[dim] == 0.4.0 ; python_version < '3.12'", "Lamp[dim] == 0.5.0 ; python_version < '3.12'"),
        ("lamp~=0.4.0", "lamp~=0.5.0"),
        ("lamp>=0.4,<0.5", "lamp>=0.4,<0.6"),
        ("lamp==0.4.*", "lamp==0.5.*"),
        ("lamp>=0.4", None),
        ("lamp==0.3.0", None),
        ("lampshade==0.4.0", None),
        ("lamp @ https://example.org/lamp.whl", None),
        ("lamp==0.4.0,!=0.5.0", None),
    ],
)
def test_python_requirements_move_only_when_they_would_refuse(requirement: str, expected: str | None):
    assert moved_python(requirement, "lamp", "0.4.0", "0.5.0") == expected


@pytest.mark.parametrize(("requirement", "new"), [("lamp~=1.0rc1", "2"), ("lamp~=1.0", "2rc1"), ("lamp<=1.0", "2+cpu")])
def test_a_python_requirement_that_no_clause_of_its_kind_can_follow_is_left_to_a_person(requirement: str, new: str):
    assert moved_python(requirement, "lamp", "1.0", new) is None


def test_levels_between_versions_and_skipped_ones_are_named():
    assert level_between("0.4.0", "0.5.0") == "minor"
    assert level_between("0.4.0", "0.5.0-rc.1") == "rc"
    assert level_between("0.4.0", "1.0.0") == "major"
    assert skipped("0.4.0", "0.6.0") == "0.5.0"
    assert skipped("0.4.0", "2.0.0") == "1.0.0"
    assert skipped("0.4.0", "0.5.0") is None
    assert skipped("0.5.0-rc.1", "0.5.0") is None
