"""The machines that jobs run on, and what is built on them when nothing else is asked for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.packaging.platforms import Keys, keys_of, of_target


@dataclass(frozen=True, slots=True)
class Host:
    """The machine that a job runs on, as far as its labels tell."""

    system: str
    """`linux`, `macos` or `windows`."""
    architecture: str | None = None
    """As Linux wheels write it (`x86_64`, `aarch64`); None when no label tells."""

    @property
    def keys(self) -> Keys | None:
        """The platform that is built for when nothing else is asked for."""
        return keys_of(self.system, self.architecture) if self.architecture else None


_HOSTED: tuple[tuple[re.Pattern[str], Host], ...] = tuple(
    (re.compile(pattern), Host(system, architecture))
    for pattern, system, architecture in (
        (r"ubuntu-(?:latest|slim|\d\d\.\d\d)", "linux", "x86_64"),
        (r"ubuntu-\d\d\.\d\d-arm", "linux", "aarch64"),
        (r"windows-(?:latest|20\d\d)(?:-vs\d{4})?", "windows", "x86_64"),
        (r"windows-\d\d-arm", "windows", "aarch64"),
        (r"macos-(?:latest|\d\d)-(?:large|intel)|macos-(?:10\.\d\d|1[1-3])", "macos", "x86_64"),
        (r"macos-(?:latest|\d\d)-xlarge|macos-(?:latest|1[4-9]|[2-9]\d)", "macos", "aarch64"),
    )
)
"""GitHub's own machines. Sources: https://docs.github.com/en/actions/reference/runners/github-hosted-runners,
https://docs.github.com/en/actions/reference/runners/larger-runners and https://github.com/actions/runner-images."""
_SELF_HOSTED_SYSTEMS = ("linux", "windows", "macos")
_SELF_HOSTED_ARCHITECTURES = {"x64": "x86_64", "arm64": "aarch64"}
"""The labels that a self-hosted runner has by itself; `ARM` does not tell which. Source:
https://docs.github.com/en/enterprise-server@3.19/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow"""


def of_runner(labels: Iterable[str]) -> Host | None:
    """The machine of a job's `runs-on`; None when the labels tell no system, or two.

    The name of a larger runner and a label of one's own may hold any words, so they tell nothing.
    """
    found = [host for label in labels for host in _hosts(label.strip().lower())]
    systems = {host.system for host in found if host.system}
    architectures = {host.architecture for host in found if host.architecture}
    if len(systems) != 1 or len(architectures) > 1:
        return None
    return Host(systems.pop(), next(iter(architectures), None))


def of_maturin(target: str, host: Host | None, *, musl: bool = False) -> Keys | None:
    """What maturin builds for: a whole Rust target, maturin-action's short name for one on this host, or the host.

    `musl` says that the wheel is asked to be a musllinux one, by the action's `manylinux` or an argument.
    """
    if not target:
        keys = host.keys if host else None
    elif "-" in target:
        keys = of_target(target)
    else:
        keys = keys_of(host.system, target.lower()) if host else None
    return tuple(re.sub("^linux-", "musllinux-", key) for key in keys) if keys and musl else keys


_IMAGE = re.compile(
    r"(many|musl)linux(?:1|2010|2014|_\d+_\d+)?(?:-cross)?(?:[_:-](x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64|armv7))?\b"
)
"""The images of https://github.com/pypa/manylinux, and those that are made of them and called so, too."""


def of_image(image: str, host: Host | None) -> Keys | None:
    """What is built for in a container whose image is called after manylinux or musllinux; None in any other.

    An image without an architecture in its name is taken for the machine's.
    """
    found = next((each for each in _IMAGE.finditer(image.lower())), None)
    architecture = (found[2] if found else None) or (host.architecture if host else None)
    if found is None or architecture is None:
        return None
    return keys_of("musllinux" if found[1] == "musl" else "linux", architecture)


def _hosts(label: str) -> Iterator[Host]:
    yield from (host for pattern, host in _HOSTED if pattern.fullmatch(label))
    if label in _SELF_HOSTED_SYSTEMS:
        yield Host(label)
    if label in _SELF_HOSTED_ARCHITECTURES:
        yield Host("", _SELF_HOSTED_ARCHITECTURES[label])
