"""The planner: a tree of files and a request in, every byte of the release commit out. Pure: no I/O, no GitHub.

The way through it: `wants_path` says which files to fetch, `discover` what they release, `histories_needed` for which
packages to fetch history, `make_plan` what to commit, and `disagreements` whether a commit may be tagged.
"""

from bot.plan.agreement import disagreements
from bot.plan.discovery import discover
from bot.plan.paths import wants_path
from bot.plan.planner import histories_needed, make_plan

__all__ = ["disagreements", "discover", "histories_needed", "make_plan", "wants_path"]
