"""git's own HTTP server, as a CGI program: https://git-scm.com/docs/git-http-backend"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.git.objects import GitError
from bot.sandbox.git.plumbing import run_git

PACKAGES = "git (Debian, Ubuntu, Arch, Homebrew), git-core (Fedora), git-daemon (Alpine)"
"""Which package has it; Alpine's is told at https://github.com/kubernetes/test-infra/pull/26376"""


@dataclass(frozen=True, slots=True)
class GitRequest:
    """A request for a repository, below whose address `path` is."""

    method: str
    path: str
    """`/info/refs`, `/git-upload-pack`, `/git-receive-pack`, …"""
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    """Who asks; empty for a stranger, who may push nothing."""


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What the server says."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def require_http_backend() -> None:
    """GitError, with the packages that have it, where the program is not installed."""
    folder = Path((await run_git("--exec-path")).decode().strip())
    if not (folder / "git-http-backend").exists():
        raise GitError(f"git http-backend is not installed. The package that has it: {PACKAGES}")


def environment(request: GitRequest, repository: Path) -> dict[str, str]:
    """What CGI tells the program of a request: https://www.rfc-editor.org/rfc/rfc3875#section-4.1"""
    env = {
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{repository.name}{request.path}",
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }
    return env | ({"REMOTE_USER": request.user} if request.user else {})


def read_answer(output: bytes) -> GitAnswer:
    """What the program printed: headers, an empty line, the body."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if line)
    status = int(headers.pop("Status", "200 OK").split()[0])
    return GitAnswer(status, headers, body)
