"""What was found of settings."""

from dataclasses import dataclass

from bot.packaging.problem import Problem


@dataclass(frozen=True, slots=True)
class Judgement:
    """What settings would refuse: certain problems, and warnings where that cannot be told for certain."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()

    def __add__(self, other: "Judgement") -> "Judgement":
        """Both."""
        return Judgement((*self.problems, *other.problems), (*self.warnings, *other.warnings))
