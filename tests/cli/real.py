"""Real repositories, reduced to what releasing looks at, as git checkouts with their tags."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

NOBODY = {f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def checkout(source: Path, to: Path) -> dict[str, Any]:
    """Make a checkout at `to` whose tags stand on the commit before the head; what is known of it (its case.json)."""
    case: dict[str, Any] = json.loads((source / "case.json").read_text("utf-8"))
    shutil.copytree(source / "tree", to, symlinks=True)
    git(to, "init", "--quiet", "--initial-branch", case["branch"])
    git(to, "add", "--all", "--force")
    git(to, "commit", "--quiet", "--message", "All until the last release")
    head = git(to, "rev-parse", "HEAD").strip()
    tags = [*(tag["name"] for tag in case["tags"]), *case["older_tags"]]
    git(to, "update-ref", "--stdin", stdin="".join(f"create refs/tags/{tag} {head}\n" for tag in tags))
    git(to, "commit", "--quiet", "--allow-empty", "--message", "Work")
    return case


def git(folder: Path, *args: str, stdin: str | None = None) -> str:
    """What git prints."""
    env = {**os.environ, **NOBODY, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(folder), *args]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, check=True, encoding="utf-8").stdout
