"""How a workflow is started, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How Shipmate starts a publish workflow that has `workflow_dispatch`."""

    on_tag: bool
    """Whether on the tag; else on the branch that is released from."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Name and value of each input that is given."""
