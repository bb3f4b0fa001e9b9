"""The issue thread as it grows, in the terminal: who says what, and how far the release has come."""

import re
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.comments.status import STEPS
from bot.release.model import Phase, Release
from bot.sandbox.model import Comment, Repository

_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_SUB = re.compile(r"</?sub>")
_STATUS = re.compile(r"<!-- shipmate \S+ status -->")


class ThreadView:
    """Prints each new comment once, and keeps a line of phases with their times below."""

    def __init__(self, console: Console, repository: Repository, *, maintainer: str) -> None:
        self._console = console
        self._repository = repository
        self._maintainer = maintainer
        self._shown: set[int] = set()
        self._merged: set[int] = set()
        self._began = time.monotonic()
        self._release: Release | None = None
        self._live = Live(self._phases(), console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> "ThreadView":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        for comment in self._comments():
            if _STATUS.search(comment.body):
                self._print(comment, "status comment, as it stands at the end")
        if self._release is not None and self._release.phase is not Phase.REFUSED:
            self._console.print(self._phases())

    def show(self, release: Release | None) -> None:
        """Bring the picture up to date."""
        self._release = release or self._release
        for comment in self._comments():
            if comment.id not in self._shown and not _STATUS.search(comment.body):
                self._shown.add(comment.id)
                self._print(comment, "")
        self._show_merges()
        self._live.update(self._phases())

    def _comments(self) -> list[Comment]:
        comments = [c for i in self._repository.issues.values() if i.pull_request is None for c in i.comments]
        return sorted(comments, key=lambda comment: comment.id)

    def _show_merges(self) -> None:
        for issue in self._repository.issues.values():
            pull = issue.pull_request
            if pull is None or not pull.merged or pull.number in self._merged or issue.app_id is None:
                continue
            self._merged.add(pull.number)
            body = Markdown(_readable(issue.body))
            self._console.print(Panel(body, title=f"#{pull.number} {issue.title}", title_align="left", style="dim"))
            self._line(f"{pull.merged_by.login if pull.merged_by else '?'} merged #{pull.number}")

    def _line(self, text: str) -> None:
        self._console.print(Text(f"{self._elapsed():>6.1f} s  {text}", style="bold magenta"))

    def _print(self, comment: Comment, note: str) -> None:
        bot = comment.app_id is not None
        reactions = " ".join(_EMOJI.get(reaction.content, reaction.content) for reaction in comment.reactions)
        title = f"{comment.user.login} · {self._elapsed():.1f} s" + (f" · {note}" if note else "")
        body = Markdown(_readable(comment.body))
        style = "cyan" if bot else "green"
        panel = Panel(body, title=title, title_align="left", subtitle=reactions or None, border_style=style)
        self._console.print(panel)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _phases(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        cells = [self._cell(phase, label) for phase, label in STEPS]
        grid.add_row(*cells)
        return grid

    def _cell(self, phase: Phase, label: str) -> Text:
        at = self._release.reached(phase) if self._release else None
        if at is None or self._release is None:
            return Text(f"○ {phase}", style="dim")
        first = self._release.reached(Phase.REQUESTED) or at
        return Text(f"● {phase} {(at - first).total_seconds():.1f}s", style="bold green")


_EMOJI = {"eyes": "👀", "+1": "👍", "confused": "😕", "rocket": "🚀"}


def _readable(markdown: str) -> str:
    return _SUB.sub("", _HIDDEN.sub("", markdown)).strip()
