"""Every place of a version that is no manifest, after a release."""

from collections.abc import Sequence
from datetime import date

from bot.plan.elsewhere.declared import move_declared
from bot.plan.elsewhere.looked_at import is_history
from bot.plan.elsewhere.overlay import Overlay
from bot.plan.elsewhere.pixi_lock import move_pixi_locks
from bot.plan.elsewhere.python_tuples import move_tuples
from bot.plan.elsewhere.readme import move_readmes
from bot.plan.elsewhere.releases import Releases
from bot.plan.elsewhere.tools import move_tools
from bot.plan.manifests.npm.followers import Follower
from bot.plan.model import Discovery, FileEdit
from bot.plan.repository import Repository
from bot.plan.request import Target


class Places:
    """The edits of a release, with those of declared and known places; `problems` where a declared one is missing."""

    def __init__(
        self,
        repository: Repository,
        discovery: Discovery,
        targets: Sequence[Target],
        edits: Sequence[FileEdit],
        followers: Sequence[Follower],
        day: date,
    ) -> None:
        overlay, releases = Overlay(repository.tree, edits), Releases(repository, targets)
        changelogs = {package.changelog for package in discovery.packages if package.changelog}
        paths = [path for path in sorted(repository.tree) if path not in changelogs and not is_history(path)]
        self.problems = tuple(move_declared(overlay, releases.targets))
        move_readmes(overlay, paths, releases, followers)
        self.warnings = (
            *move_tools(overlay, paths, releases, day),
            *move_tuples(overlay, repository, releases.targets),
            *move_pixi_locks(overlay, repository.tree, paths, releases.targets),
        )
        self.edits = overlay.edits
