"""What was reported about a commit, gathered page by page: check suites and single checks are listed side by side."""

from datetime import datetime

from bot.github import decode
from bot.github.facts import Check, WorkflowRun
from bot.github.transport.client import Json


class CheckPages:
    """The pages of the fragment `CheckPages` until now; begun with the first."""

    def __init__(self, first: Json, app_id: int) -> None:
        """Check runs that the App `app_id` made are left out: they are our own."""
        self.commit: str = first["oid"]
        self.committed_at = datetime.fromisoformat(first["committedDate"])
        self.message: str = first["message"]
        self.parent: str | None = next((parent["oid"] for parent in first["parents"]["nodes"]), None)
        self._app_id = app_id
        self._suites: list[Json] | None = []
        self._contexts: list[Json] = []
        self._cursors: dict[str, Json] = {}
        self.has_more = False
        self.add(first)

    @property
    def cursors(self) -> dict[str, Json]:
        """Variables of the next page; of the list that ends first, they ask for what follows its end."""
        return self._cursors

    def add(self, page: Json) -> None:
        """The next page."""
        suites, contexts = page["checkSuites"], (page["statusCheckRollup"] or {}).get("contexts")
        self.has_more = False
        for name, part in (("afterSuites", suites), ("afterContexts", contexts)):
            if part is not None:
                self.has_more |= part["pageInfo"]["hasNextPage"]
                self._cursors[name] = part["pageInfo"]["endCursor"] or self._cursors.get(name)
        if suites is None or self._suites is None:
            self._suites = None
        else:
            self._suites += suites["nodes"]
        self._contexts += contexts["nodes"] if contexts else ()

    def runs(self) -> tuple[WorkflowRun, ...] | None:
        """The workflow runs; None when GraphQL does not tell enough of them, so that REST has to be asked."""
        return None if self._suites is None else decode.runs_of_suites(self._suites, self.commit)

    def checks(self) -> tuple[Check, ...]:
        """The single checks and statuses, jobs of Actions included."""
        return tuple(decode.check(node) for node in self._contexts if decode.app_of_check(node) != self._app_id)
