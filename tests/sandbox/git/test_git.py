"""The bare repository underneath."""

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.git.importing import import_source
from bot.sandbox.git.objects import ZERO, Changes, GitError, MergeConflict, MissingPath, Person, RefUpdate, Stats
from bot.sandbox.git.repository import GitRepository

ANN = Person("Ann", "ann@example.com")
AT = datetime(2026, 4, 4, 12, tzinfo=UTC)


@pytest.fixture
async def git(tmp_path: Path) -> GitRepository:
    return await GitRepository.create(tmp_path / "demo.git", "main")


async def commit(git: GitRepository, files: dict[str, bytes], *parents: str, message: str = "Change") -> str:
    tree = await git.edit_tree(parents[0] if parents else None, files)
    return await git.write_commit(tree, parents, message, author=ANN, committer=ANN, at=AT)


async def test_a_commit_reads_back_as_it_was_written(git: GitRepository) -> None:
    sha = await commit(git, {"a": b"1\n"}, message="Headline\n\nBody\n")
    found = await git.commit(sha)
    assert found is not None
    assert (found.headline, found.message, found.author, found.authored_at) == ("Headline", "Headline\n\nBody", ANN, AT)


async def test_files_are_kept_to_the_byte(git: GitRepository) -> None:
    data = bytes(range(256)) + b"\r\n\n"
    sha = await commit(git, {"d/bin ä.dat": data})
    assert await git.read_file(sha, "d/bin ä.dat") == data


async def test_objects_come_in_the_order_asked_for_with_gaps(git: GitRepository) -> None:
    sha = await commit(git, {"a": b"one", "empty": b""})
    found = await git.objects([f"{sha}:a", f"{sha}:missing", "strange\nname", f"{sha}:empty", f"{sha}:"])
    assert [each and (each.kind, each.data[:3]) for each in found][:4] == [("blob", b"one"), None, None, ("blob", b"")]
    assert found[4] is not None and found[4].kind == "tree"


async def test_an_edit_keeps_the_mode_of_an_executable_file(git: GitRepository) -> None:
    script = await git.write_blob(b"#!/bin/sh\n")
    tree = await git.write_tree(None, [f"100755 {script}\trun.sh"])
    entries = await git.ls_tree(await git.edit_tree(tree, {"run.sh": b"#!/bin/bash\n"}), recursive=True)
    assert [(entry.mode, entry.size) for entry in entries] == [("100755", 12)]


async def test_deleting_a_path_that_is_not_there_is_an_error(git: GitRepository) -> None:
    with pytest.raises(MissingPath, match=r"gone\.txt"):
        await git.edit_tree(await commit(git, {"a": b""}), {}, ["gone.txt"])


async def test_a_tree_without_its_last_file_in_a_folder_loses_the_folder(git: GitRepository) -> None:
    tree = await git.edit_tree(await commit(git, {"a": b"", "d/b": b""}), {}, ["d/b"])
    assert [entry.path for entry in await git.ls_tree(tree, recursive=True)] == ["a"]


async def test_refs_move_together_or_not_at_all(git: GitRepository) -> None:
    sha = await commit(git, {"a": b"1"})
    await git.update_refs([RefUpdate("refs/tags/v1", sha, ZERO)])
    with pytest.raises(GitError):
        await git.update_refs([RefUpdate("refs/tags/v2", sha, ZERO), RefUpdate("refs/tags/v1", sha, ZERO)])
    assert list(await git.refs("refs/tags/")) == ["refs/tags/v1"]


async def test_an_annotated_tag_leads_to_its_commit(git: GitRepository) -> None:
    sha = await commit(git, {"a": b"1"})
    tag = await git.write_tag("v1", sha, "First", tagger=ANN, at=AT)
    await git.update_refs([RefUpdate("refs/tags/v1", tag, ZERO)])
    ref = await git.ref("refs/tags/v1")
    assert ref is not None
    assert (ref.kind, ref.sha, ref.commit, ref.committed_at) == ("tag", tag, sha, AT)
    assert await git.resolve("v1") == sha


async def test_what_a_branch_brings_is_told_in_paths_commits_and_lines(git: GitRepository) -> None:
    base = await commit(git, {"same": b"", "old": b"1\n2\n", "edit": b"1\n"})
    tree = await git.edit_tree(base, {"new": b"1\n", "edit": b"2\n"}, ["old"])
    head = await git.write_commit(tree, [base], "x", author=ANN, committer=ANN, at=AT)
    assert await git.changes(base, head) == Changes(("new",), ("edit",), ("old",))
    assert await git.stats(base, head) == Stats(commits=1, files=3, additions=2, deletions=3)
    assert [each.sha for each in await git.commits(f"{base}..{head}", path="new")] == [head]


async def test_a_conflict_is_not_merged(git: GitRepository) -> None:
    base = await commit(git, {"a": b"1\n"})
    ours, theirs = await commit(git, {"a": b"2\n"}, base), await commit(git, {"a": b"3\n"}, base)
    with pytest.raises(MergeConflict):
        await git.merge_trees(ours, theirs)
    assert await git.merge_base(ours, theirs) == base
    assert not await git.is_ancestor(ours, theirs)


async def test_a_revision_that_looks_like_an_option_is_just_unknown(git: GitRepository) -> None:
    await commit(git, {"a": b"1\n"})
    assert await git.resolve("--all") is None


async def test_a_plain_folder_becomes_one_commit_with_modes_and_links(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "d").mkdir(parents=True)
    (source / "d" / "crlf.txt").write_bytes(b"1\r\n")
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    (source / "link").symlink_to("d/crlf.txt")
    path = tmp_path / "copy.git"
    assert await import_source(source, path, branch="main", author=ANN, at=AT) == "main"
    git = GitRepository(path)
    modes = {entry.path: entry.mode for entry in await git.ls_tree("main", recursive=True) if entry.kind == "blob"}
    assert modes == {"d/crlf.txt": "100644", "link": "120000", "run.sh": "100755"}
    assert await git.read_file("main", "d/crlf.txt") == b"1\r\n"
    assert await git.read_file("main", "link") == b"d/crlf.txt"


async def test_a_checkout_keeps_history_branch_and_tags_and_is_not_touched(tmp_path: Path) -> None:
    source = tmp_path / "source"
    sh(tmp_path, "init", "-q", "-b", "trunk", "source")
    (source / "a").write_text("1")
    sh(source, "add", "a")
    sh(source, "commit", "-qm", "one")
    sh(source, "tag", "v1")
    sh(source, "branch", "other")
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    branch = await import_source(source, tmp_path / "copy.git", branch="main", author=ANN, at=AT)
    refs = await GitRepository(tmp_path / "copy.git").refs("refs/")
    assert (branch, list(refs)) == ("trunk", ["refs/heads/other", "refs/heads/trunk", "refs/tags/v1"])
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def sh(folder: Path, *args: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


async def test_what_is_remembered_is_what_an_id_names_and_a_name_is_asked_for_anew(git: GitRepository) -> None:
    first = await commit(git, {"a": b"1"})
    second = await commit(git, {"a": b"2", "b": b""}, first)
    for head, before in ((first, ZERO), (second, first)):
        await git.update_refs([RefUpdate("refs/heads/main", head, before)])
        assert await git.resolve("main") == head
        assert [entry.path for entry in await git.ls_tree("main", recursive=True)] == ["a", "b"][: 1 + (head == second)]
        assert await git.read_file("main", "a") == await git.read_file(head, "a")
        assert await git.commits("main") == await git.commits(head)
        assert await git.is_ancestor(second, "main") == (head == second)


async def test_a_question_under_way_when_a_ref_moves_leaves_no_old_answer_behind(git: GitRepository) -> None:
    first = await commit(git, {"a": b"1"})
    second = await commit(git, {"a": b"2"}, first)
    await git.update_refs([RefUpdate("refs/heads/main", first, ZERO)])
    for before, after in ((first, second), (second, first), (first, second)):
        await asyncio.gather(
            git.update_refs([RefUpdate("refs/heads/main", after, before)]),
            *(git.ref("refs/heads/main") for _ in range(3)),
            *(git.resolve("main") for _ in range(3)),
        )
        assert (await git.resolve("main"), (await git.ref("refs/heads/main")).commit) == (after, after)


async def test_what_was_not_there_is_found_once_it_is(git: GitRepository) -> None:
    data = b"later\n"
    sha = (await git.run("hash-object", "--stdin", stdin=data)).decode().strip()
    assert await git.read_blob(sha) is None
    await git.write_blob(data)
    assert await git.read_blob(sha) == data


async def test_a_file_is_kept_as_git_itself_would(git: GitRepository) -> None:
    data = bytes(range(256)) * 300
    sha = await git.write_blob(data)
    assert (await git.run("hash-object", "--stdin", stdin=data)).decode().strip() == sha
    assert await git.run("cat-file", "blob", sha) == data
    await git.run("fsck", "--strict")
