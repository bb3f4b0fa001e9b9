"""Keys that stand in no comment: in the text of a pull request, or in the store only. Pure."""

from dataclasses import dataclass

from bot.ledger.form import Form, a_number, a_part


@dataclass(frozen=True, slots=True)
class Proposes(Form):
    """In the text of a release's pull request: the commit that the plan was made from."""

    FORM = "release {commit}[ {prefix}]"
    commit: str = a_part("[0-9a-f]{40}")
    prefix: str | None = a_part(r"\S+", default=None)
    """Begins the name of the branch; None for one that always could."""


@dataclass(frozen=True, slots=True)
class Yanked(Form):
    """In the text of the pull request that marks versions as yanked."""

    FORM = "yanked {branch}"
    branch: str = a_part(r"\S+")


@dataclass(frozen=True, slots=True)
class Carried(Form):
    """In the text of the pull request that tells the default branch of a maintenance release."""

    FORM = "carried {branch}"
    branch: str = a_part(r"\S+")


@dataclass(frozen=True, slots=True)
class Answered(Form):
    """A command of a comment was answered in words."""

    FORM = "answer-{position}"
    position: int = a_number()


@dataclass(frozen=True, slots=True)
class Promised(Form):
    """A command of a comment was promised in words, where no 👍 can be left."""

    FORM = "promise-{position}"
    position: int = a_number()


@dataclass(frozen=True, slots=True)
class Taken(Form):
    """A command of a comment was taken; kept in the store only."""

    FORM = "taken-{position}"
    position: int = a_number()


@dataclass(frozen=True, slots=True)
class Draft(Form):
    """The draft of a GitHub Release was about to be made; kept in the store only."""

    FORM = "draft-{tag}"
    tag: str = a_part(r"\S+")


@dataclass(frozen=True, slots=True)
class Started(Form):
    """A publish workflow was about to be started; kept in the store only."""

    FORM = "started-{tag} {workflow}"
    tag: str = a_part(r"\S+")
    workflow: str = a_part(r"\S.*")


@dataclass(frozen=True, slots=True)
class PlanCheck(Form):
    """A check run was about to say so of the release branch; kept in the store only."""

    FORM = "plan-{verdict}-{head}"
    verdict: str = a_part("[a-z]+")
    head: str = a_part("[0-9a-f]{40}")
