from dataclasses import replace

import pytest

from bot.packaging.registry import Registry
from bot.plan.last_tag import last_tag, released_versions
from bot.plan.model import Package

CRATE = Package("lamp", Registry.CRATES_IO, ".", "Cargo.toml", "0.4.0", "v{version}", None, None)


def lamp(tags: list[str], published: str | None = None) -> Package:
    return replace(CRATE, releases=released_versions(CRATE.registry, CRATE.tag, tags, "0.4.0"), published=published)


@pytest.mark.parametrize(
    ("tags", "new", "last"),
    [
        (["v0.3.0", "v0.4.0", "py-v0.4.0"], "0.5.0", "v0.4.0"),
        (["v0.3.0", "v0.2.9", "v0.10.0"], "0.5.0", "v0.3.0"),
        (["v0.3.0", "v0.4.1", "v0.4.0"], "0.4.2", "v0.4.1"),
        (["v0.4.0", "v0.5.0-rc.1", "v0.5.0-rc.2"], "0.5.0", "v0.4.0"),
        (["v0.4.0", "v0.5.0-rc.1", "v0.5.0-rc.2"], "0.5.0-rc.3", "v0.5.0-rc.2"),
        (["v0.4.0-rc.1"], "0.4.0", "v0.4.0-rc.1"),
        (["v2023.4.1", "v0.4.0"], "0.5.0", "v0.4.0"),
        (["py-v0.4.0", "nightly", "v", "vnext"], "0.5.0", None),
        ([], "0.5.0", None),
    ],
)
def test_what_is_new_is_so_since_the_release_before_and_for_a_final_since_the_final_before(tags, new, last):
    assert last_tag(lamp(tags), new) == last


def test_the_newest_release_is_told_by_tags_and_registry():
    assert lamp(["v0.3.0", "v0.5.0-rc.1", "v0.4.0"]).released == "0.5.0-rc.1"
    assert lamp(["v0.3.0"], "0.4.0").released == "0.4.0"
    assert lamp([], "0.4.0").released == "0.4.0"
    assert lamp([]).released is None


def test_a_calendar_version_is_not_newer_than_one_that_counts():
    tags = ["v2023.4.1", "v0.4.0"]
    assert released_versions(Registry.PYPI, "v{version}", tags, "0.4.0") == ("0.4.0",)
    assert released_versions(Registry.PYPI, "v{version}", tags, "2024.1.0") == ("2023.4.1", "0.4.0")
    assert released_versions(Registry.PYPI, "v{version}", tags, None) == ("2023.4.1", "0.4.0")
