"""Requirements on crates of this tree, wherever they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.requirements import moved
from bot.plan.manifests.cargo import Crate, Crates
from bot.plan.manifests.cargo_requirements import Requirement
from bot.plan.manifests.toml import KeyPath


@dataclass(frozen=True, slots=True)
class Pin:
    """A version requirement on a crate of this tree."""

    path: str
    """The manifest that holds it."""
    requirement: Requirement
    crate: Crate
    """The required crate."""

    @property
    def keys(self) -> KeyPath:
        """Key path of the requirement."""
        return self.requirement.keys or ()

    @property
    def text(self) -> str:
        """The requirement."""
        return self.requirement.text or ""


def pins(crates: Crates) -> Iterator[Pin]:
    """Every version requirement that Cargo answers with a crate of this tree.

    An entry leads to our crate by its `path` (so renames are seen, and same-named crates of others are not), or by a
    `[patch]` of its workspace. Entries without a version, `workspace = true` and `[patch]` itself have no pin.
    """
    for path, entries in crates.requirements.items():
        crate = crates.by_manifest.get(path)
        root = crate.root if crate else path
        for entry in entries:
            if entry.keys is None or entry.inherited:
                continue
            required = crates.by_folder.get(crates.folder_of(entry, root) or "")
            if required is not None and required.name == entry.crate:
                yield Pin(path, entry, required)


def pin_edits(crates: Crates, versions: Mapping[str, str]) -> tuple[list[tuple[Pin, str]], list[Problem]]:
    """How pins change when crates get new versions, and the pins that cannot be read.

    `versions` maps a crate's manifest path to its new version.
    """
    edits = []
    problems = []
    for pin in pins(crates):
        new = versions.get(pin.crate.manifest)
        if new is None or pin.crate.version is None:
            continue
        text = moved(pin.text, pin.crate.version, new)
        if text is None:
            line = crates.files[pin.path].line(pin.keys)
            what = f"the requirement `{pin.text}` on {pin.crate.name} cannot be read"
            problems.append(
                Problem(f"{pin.path}:{line}", what, "Write it as Cargo does, such as `0.5` or `>=0.4, <0.6`.")
            )
        elif text != pin.text:
            edits.append((pin, text))
    return edits, problems
