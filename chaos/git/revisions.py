"""What a revision names: refs, tags and paths followed to the objects that git keeps in memory."""

from collections.abc import Iterator

from bot.sandbox.git.objects import GitError, GitObject
from chaos.git.objects import OBJECTS, Flat


class Revisions:
    """The refs of one repository, and what they and the expressions on them lead to."""

    def __init__(self) -> None:
        self.heads: dict[str, str] = {}
        """Objects by the full names of their refs."""
        self.default = "refs/heads/main"

    def _find(self, expression: str) -> GitObject | None:
        rev, colon, path = expression.partition(":")
        sha = next((self.heads[name] for name in self._names(rev) if name in self.heads), rev)
        found = OBJECTS.get(sha)
        if found is None or not colon:
            return found
        found = self._peel(found)
        tree = OBJECTS.commit(found.sha).tree if found.kind == "commit" else found.sha
        for name in filter(None, path.split("/")):
            whole = OBJECTS.get(tree)
            if whole is None or whole.kind != "tree":
                return None
            tree = next((sha for _, entry, sha in OBJECTS.entries(tree) if entry == name), "")
        return OBJECTS.get(tree)

    def _names(self, rev: str) -> Iterator[str]:
        yield self.default if rev == "HEAD" else rev
        yield from (f"refs/tags/{rev}", f"refs/heads/{rev}")

    def _peel(self, found: GitObject) -> GitObject:
        while found.kind == "tag":
            inner = OBJECTS.get(found.data.partition(b"\n")[0].split()[1].decode())
            if inner is None:
                raise GitError(f"{found.sha} leads nowhere")
            found = inner
        return found

    def _commit_of(self, rev: str) -> str:
        found = self._find(rev)
        if found is None or (found := self._peel(found)).kind != "commit":
            raise GitError(f"{rev} is no commit")
        return found.sha

    def _at(self, sha: str, path: str) -> str | None:
        found = self._find(f"{sha}:{'' if path == '.' else path}")
        return found.sha if found else None

    def _files(self, rev: str) -> Flat:
        found = self._find(rev)
        if found is None:
            raise GitError(f"{rev} is nothing")
        found = self._peel(found)
        return OBJECTS.flat(OBJECTS.commit(found.sha).tree if found.kind == "commit" else found.sha)
