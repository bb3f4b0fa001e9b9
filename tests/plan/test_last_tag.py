import pytest

from bot.packaging.registry import Registry
from bot.plan.last_tag import last_tag
from bot.plan.model import Package

CRATE = Package("lamp", Registry.CRATES_IO, ".", "Cargo.toml", "0.4.0", "v{version}", None, None)


@pytest.mark.parametrize(
    ("tags", "last"),
    [
        (["v0.3.0", "v0.4.0", "py-v0.4.0"], "v0.4.0"),
        (["v0.3.0", "v0.2.9", "v0.10.0"], "v0.3.0"),
        (["v0.4.0-rc.1"], "v0.4.0-rc.1"),
        (["py-v0.4.0", "nightly", "v", "vnext"], None),
        ([], None),
    ],
)
def test_the_last_tag_is_that_of_the_current_version_or_the_newest_before_it(tags, last):
    assert last_tag(CRATE, tags) == last
