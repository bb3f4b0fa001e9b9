"""The issue thread as it grows, in the terminal: who says what, when, and how far the release has come."""

import re
import time

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot import ledger
from bot.comments.status import LIFE
from bot.ledger import Word
from bot.release.model import Release
from bot.sandbox.model import Comment, Issue, Repository

WIDTH = 100
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_SUB = re.compile(r"</?sub>")
_EMOJI = {"eyes": "👀", "+1": "👍", "confused": "😕", "rocket": "🚀"}


class BriefView:
    """One line for each thing that is said or done: its first sentence."""

    def __init__(self, console: Console, repository: Repository) -> None:
        self.console = console
        self._repository = repository
        self._shown: set[int] = set()
        self._began = time.monotonic()

    def __enter__(self) -> "BriefView":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, release: Release | None) -> None:
        """Print what is new."""
        for issue in list(self._repository.issues.values()):
            if issue.pull_request is None:
                self._show_comments(issue)
            elif issue.app_id is not None and issue.pull_request.merged and issue.id not in self._shown:
                self._shown.add(issue.id)
                self.merged(issue)

    def said(self, comment: Comment) -> None:
        """Print one comment."""
        first = _readable(comment.body).splitlines()[0].replace("**", "").replace("*", "")
        self.line(comment.user.login.removesuffix("[bot]"), re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", first))

    def merged(self, issue: Issue) -> None:
        """Print that the pull request was merged."""
        by = issue.pull_request.merged_by if issue.pull_request else None
        self.line(by.login if by else "somebody", f"(merges #{issue.number})")

    def line(self, who: str, text: str) -> None:
        """Print a line with the time."""
        line = Text.assemble((f"{self.elapsed():5.1f} s  ", "dim"), (f"{who:<9} ", "bold"), text)
        line.truncate(WIDTH, overflow="ellipsis")
        self.console.print(line)

    def elapsed(self) -> float:
        """Seconds since the play began."""
        return time.monotonic() - self._began

    def status_comments(self) -> list[Comment]:
        """The status comments of the thread."""
        issues = self._repository.issues.values()
        return [comment for issue in issues for comment in issue.comments if _is_status(comment.body)]

    def _show_comments(self, issue: Issue) -> None:
        for comment in issue.comments:
            if comment.id not in self._shown and not _is_status(comment.body):
                self._shown.add(comment.id)
                self.said(comment)


class FullView(BriefView):
    """Every comment whole, as Markdown, with the phases as a progress bar below."""

    def __init__(self, console: Console, repository: Repository) -> None:
        super().__init__(console, repository)
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(complete_style="green"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("asked", total=len(LIFE))

    def __enter__(self) -> "FullView":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        for comment in self.status_comments():
            self._panel(comment.user.login, comment.body, "the status comment, edited all along", "cyan")

    def show(self, release: Release | None) -> None:
        """Print what is new, and move the bar."""
        super().show(release)
        if release is not None:
            description = "blocked" if release.blocked else str(release.phase)
            self._progress.update(self._task, description=description, completed=len(release.timeline))

    def said(self, comment: Comment) -> None:
        """Print one comment, whole."""
        reactions = " ".join(_EMOJI.get(reaction.content, reaction.content) for reaction in comment.reactions)
        self._panel(comment.user.login, comment.body, reactions, "green" if comment.app_id is None else "cyan")

    def merged(self, issue: Issue) -> None:
        """Print the pull request, and that it was merged."""
        self._panel(f"pull request #{issue.number} · {issue.title}", issue.body, "", "dim")
        super().merged(issue)

    def _panel(self, who: str, markdown: str, note: str, style: str) -> None:
        title = f"{who} · {self.elapsed():.1f} s"
        body, width = Markdown(_readable(markdown)), min(WIDTH, self.console.width)
        panel = Panel(body, title=title, title_align="left", subtitle=note or None, border_style=style, width=width)
        self.console.print(panel, soft_wrap=False)


def _readable(markdown: str) -> str:
    return _SUB.sub("", _HIDDEN.sub("", markdown)).strip()


def _is_status(body: str) -> bool:
    mark = ledger.mark(body)
    return mark is not None and mark.key is Word.STATUS
