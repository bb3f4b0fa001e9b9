"""Fragments that wait are collected in the release's pull request, and gone when it is merged."""

from tests.play import play

CONFIG = """
[tool.towncrier]
name = "lamp"
directory = "changes"
filename = "CHANGELOG.md"
title_format = "## [{version}] - {project_date}"
"""


async def test_the_pull_request_deletes_what_it_collects(tmp_path):
    async with play(tmp_path) as on:
        files = {"towncrier.toml": CONFIG, "changes/31.feature.md": "Tides at night.\n", "changes/README.md": "How.\n"}
        await on.world.push(on.repository, "main", files, "Fragments", by="morgan")
        await on.settle()
        await on.comment("/release 0.5.0")
        merged = await on.world.files(on.repository, await on.merge())
        assert "Tides at night. (#31)" in merged["CHANGELOG.md"].decode()
        assert "changes/31.feature.md" not in merged
        assert "changes/README.md" in merged
        issues = on.repository.issues.values()
        body = next(issue.body for issue in issues if issue.pull_request is on.pull_request)
        assert "`changes/31.feature.md`" in body
