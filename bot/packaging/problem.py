"""What is wrong with a file of the repository, said so that a person can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a release cannot be planned: where it is, what is wrong, and what a person can do."""

    where: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class OlderVersion(Problem):
    """A version behind the newest one: a branch of its line may take it."""
