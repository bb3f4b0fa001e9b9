"""Who takes part in a run, and what they may ask for."""

from collections.abc import Mapping

OWNER, MAINTAINER, WRITER = "morgan", "mira", "ada"
COMMAND = "/release tidewater 0.5.0 tidewater-py 0.4.0"
SPECS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    COMMAND: {"v0.5.0": ("tidewater", "0.5.0"), "py-v0.4.0": ("tidewater-py", "0.4.0")},
    "/release tidewater 0.5.0": {"v0.5.0": ("tidewater", "0.5.0")},
}
"""Which tags a command means, and what they say: package and version."""
