"""Which version a file belongs to, by its name alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registries.pypi.filenames import version_of


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("edge_demo-0.5.0.tar.gz", "edge-demo", "0.5.0"),
        ("edge-demo-0.5.0.tar.gz", "edge_demo", "0.5.0"),
        ("Edge.Demo-0.5.0.zip", "edge-demo", "0.5.0"),
        ("edge_demo-0.5.0-cp39-abi3-win_amd64.whl", "edge-demo", "0.5.0"),
        ("edge_demo-0.5.0-1-cp39-abi3-win_amd64.whl", "edge-demo", "0.5.0"),
        ("edge_demo-0.5.0rc1-py3-none-any.whl", "edge-demo", "0.5.0rc1"),
        ("edge-demo-1.0-beta.tar.gz", "edge-demo", "1.0b0"),
        ("edge-demo-1.0-1.tar.gz", "edge-demo", "1.0.post1"),
        ("edge-demo-0.5.tar.bz2", "edge-demo", "0.5"),
        ("edge_demo-0.5.0-py2.7.egg", "edge-demo", "0.5.0"),
        ("edge_demo-0.5.0-py2.7-win32.egg", "edge-demo", "0.5.0"),
        ("edge-demo-0.5.0.win32-py2.7.exe", "edge-demo", "0.5.0"),
        ("edge-demo-0.5.0.win-amd64-py3.4.msi", "edge-demo", "0.5.0"),
        ("edge-demo-0.5.0.linux-x86_64.tar.gz", "edge-demo", "0.5.0"),
        ("edge-demo-0.5.0-1.noarch.rpm", "edge-demo", "0.5.0"),
        ("edge_demo-0.5.0.tar.gz.asc", "edge-demo", None),
        ("edge_demo-final.tar.gz", "edge-demo", None),
        ("other-0.5.0.tar.gz", "edge-demo", None),
    ],
)
def test_the_version_is_read_from_every_kind_of_name(filename, project, version):
    assert version_of(filename, project) == version


@given(st.text(max_size=60), st.sampled_from([".whl", ".tar.gz", ".egg", ".rpm", ".exe", ""]))
def test_no_name_breaks_it(name, ending):
    version_of(name + ending, "edge-demo")
    version_of(f"edge-demo-{name}{ending}", "edge-demo")


def test_a_wheel_with_tags_that_no_tool_writes_still_tells_its_version():
    assert version_of("edge-0.5.0-[red]-none-any.whl", "edge") == "0.5.0"
