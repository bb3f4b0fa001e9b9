"""The demo's last word about a repository that cannot be rehearsed."""

import subprocess

from click.testing import CliRunner

from bot.cli import main


def test_a_checkout_without_a_commit_is_a_usage_error(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    ended = CliRunner().invoke(main, ["demo", "--brief", "--repo", str(tmp_path)])
    assert ended.exit_code == 2
    assert "cannot be copied" in ended.output
