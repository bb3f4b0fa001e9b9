"""Requirements on crates of this tree, wherever they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.requirements import holds, is_fixed, moved
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


def pin_edits(
    crates: Crates, versions: Mapping[str, str], *, always: bool
) -> tuple[list[tuple[Pin, str]], list[Problem]]:
    """How pins change when crates get new versions, and the pins that cannot be read.

    `versions` maps a crate's manifest path to its new version. A caret that still holds stays, unless `always`, or
    what requires the crate is released with it.
    """
    together = _released_together(crates, versions)
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
        elif text != pin.text and (always or pin.path in together or _is_needed(pin.text, new)):
            edits.append((pin, text))
    return edits, problems


def _is_needed(text: str, new: str) -> bool:
    """Whether the requirement refuses the new version, or names one version so closely that it is meant to follow."""
    return holds(text, new) is not True or is_fixed(text)


def _released_together(crates: Crates, versions: Mapping[str, str]) -> set[str]:
    """The manifests of the released crates, and the workspace tables from which they take requirements."""
    released = [crates.by_manifest[manifest] for manifest in versions]
    shared = {crate.root for crate in released if any(entry.inherited for entry in crates.requirements[crate.manifest])}
    return {*versions, *(root for root in shared if root)}
