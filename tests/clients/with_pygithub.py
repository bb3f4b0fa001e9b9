"""What a program does that uses PyGithub. Runs in its own environment (see `test_clients.py`)."""

import os
import tempfile
from pathlib import Path

from github import Auth, Github, GithubException

URL, TOKEN, NAME = os.environ["SANDBOX"], os.environ["TOKEN"], f"{os.environ['OWNER']}/{os.environ['REPO']}"
NUMBER, HEAD = int(os.environ["ISSUE"]), os.environ["HEAD"]

github = Github(base_url=URL, auth=Auth.Token(TOKEN), per_page=2, retry=None)
repository = github.get_repo(NAME)
assert repository.full_name == NAME
assert repository.default_branch == "main"

issue = repository.get_issue(NUMBER)
comment = issue.create_comment("From PyGithub")
comment.edit("Edited")
assert issue.get_comment(comment.id).body == "Edited"
assert comment.create_reaction("heart").content == "heart"
assert issue.get_comments().totalCount >= 5
assert len(list(issue.get_comments())) == issue.get_comments().totalCount

repository.create_git_ref("refs/heads/py", HEAD)
assert repository.get_branch("py").commit.sha == HEAD
assert repository.get_git_ref("heads/py").object.sha == HEAD
assert repository.get_commit(HEAD).commit.message
repository.create_git_ref("refs/tags/py-1", HEAD)
assert "py-1" in [tag.name for tag in repository.get_tags()]
repository.get_git_ref("heads/py").delete()
try:
    repository.get_branch("py")
except GithubException as gone:
    assert gone.status == 404
else:
    raise AssertionError("a deleted branch is found")

pull = repository.create_pull(base="main", head=os.environ["CHANGED"], title="From PyGithub", body="b")
assert pull.number in [each.number for each in repository.get_pulls(state="open")]
assert pull.merge(merge_method="merge").merged
assert repository.get_pull(pull.number).merged

check = repository.create_check_run("py", HEAD, status="in_progress")
check.edit(status="completed", conclusion="neutral", output={"title": "So", "summary": "so"})
assert repository.get_check_run(check.id).conclusion == "neutral"
assert check.id in [each.id for each in repository.get_commit(HEAD).get_check_runs()]

run = repository.get_workflow_runs()[0]
assert repository.get_workflow_run(run.id).id == run.id
assert list(run.jobs())

release = repository.create_git_release("py-1", "Py", "Notes")
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "notes.txt"
    file.write_text("notes")
    asset = release.upload_asset(str(file), content_type="text/plain")
assert (asset.name, asset.size) == ("notes.txt", 5)
assert repository.get_release("py-1").id == release.id
assert [each.name for each in release.get_assets()] == ["notes.txt"]

assert repository.update() is False, "a conditional request was answered anew"
