"""Repositories and the App in them: names, roles, installations, the log of webhooks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """A repository as the bot addresses it: the id survives a rename, the name is what URLs need."""

    id: int
    node_id: str
    full_name: str
    """`owner/name`."""
    installation_id: int

    @property
    def owner(self) -> str:
        """The part before the slash."""
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.full_name.partition("/")[2]


class Permission(StrEnum):
    """A repository role, weakest first."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def allows(self, needed: "Permission") -> bool:
        """Whether this role includes `needed`."""
        order = list(Permission)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on one account."""

    id: int
    created_at: datetime
    suspended: bool = False
    """Then GitHub lets the App do nothing there."""


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One attempt of GitHub at telling the App of something."""

    id: int
    guid: str
    """The same for every attempt at one webhook."""
    event: str
    action: str
    """Empty for an event that has none."""
    repository: int | None
    """The repository's id, for an event that is about one."""
    delivered_at: datetime
