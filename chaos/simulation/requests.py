"""What a request is about: its server and its kind, in two words."""

import re
from dataclasses import dataclass

REGISTRIES = ("crates.io", "PyPI")

_REST = (
    (r"POST /app/installations/\d+/access_tokens", "mint"),
    (r"GET /repos/[^/]+/[^/]+/collaborators/.*", "GET permission"),
    (r"GET /repos/[^/]+/[^/]+/git/trees/.*", "GET trees"),
    (r"GET /repos/[^/]+/[^/]+/actions/runs/\d+/jobs", "GET jobs"),
    (r"GET /repos/[^/]+/[^/]+/actions/runs", "GET runs"),
    (r"GET /repos/[^/]+/[^/]+/rules/.*", "GET rules"),
    (r"GET /repos/[^/]+/[^/]+/rulesets(/\d+)?", "GET rulesets"),
    (r"GET /repos/[^/]+/[^/]+/environments(/.*)?", "GET environments"),
    (r"GET /repos/[^/]+/[^/]+/issues/\d+/comments", "GET comments"),
    (r"GET /repos/[^/]+/[^/]+/issues/comments", "GET recent comments"),
    (r"GET /repos/[^/]+/[^/]+/issues/comments/\d+", "GET comment"),
    (r"GET /repos/[^/]+/[^/]+/releases", "GET releases"),
    (r"GET /repos/[^/]+/[^/]+/commits/[^/]+/check-runs", "GET check-runs"),
    (r"POST /repos/[^/]+/[^/]+/check-runs", "POST check-runs"),
    (r"GET /repos/[^/]+/[^/]+/installation", "GET installation"),
    (r"GET /app/installations", "GET installations"),
    (r"GET /installation/repositories", "GET repositories"),
    (r"GET /app/hook/deliveries", "GET deliveries"),
    (r"POST /repos/[^/]+/[^/]+/issues/\d+/comments", "POST comment"),
    (r"PATCH /repos/[^/]+/[^/]+/issues/comments/\d+", "PATCH comment"),
    (r"POST /repos/[^/]+/[^/]+/issues/comments/\d+/reactions", "POST reactions"),
    (r"POST /repos/[^/]+/[^/]+/releases", "POST releases"),
    (r"PATCH /repos/[^/]+/[^/]+/releases/\d+", "PATCH release"),
    (r"DELETE /repos/[^/]+/[^/]+/releases/\d+", "DELETE release"),
    (r"GET /repos/[^/]+/[^/]+/actions/jobs/\d+/logs|GET .*/\d+\.txt", "GET log"),
    (r"GET /repos/[^/]+/[^/]+/actions/runs/\d+/(pending_deployments|approvals)", "GET reviews"),
    (r"POST /repos/[^/]+/[^/]+/actions/(runs/\d+/rerun-failed-jobs|jobs/\d+/rerun)", "POST rerun"),
    (r"POST /repos/[^/]+/[^/]+/actions/runs/\d+/cancel", "POST cancel"),
    (r"POST /app/hook/deliveries/\d+/attempts", "POST attempts"),
    (r"PATCH /repos/[^/]+/[^/]+/pulls/\d+", "PATCH pull"),
)
_BY_ID = re.compile(r"^/repositories/\d+/")
"""How a repository is addressed that was renamed."""
_KINDS = [(re.compile(pattern), kind) for pattern, kind in _REST]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which server is which, by `host:port`."""

    github: str
    crates: str
    pypi: str


def kind_of(method: str, path: str, body: str, host: str, hosts: Hosts) -> str:
    """What a request is about, in two words."""
    if host != hosts.github:
        return "crates.io" if host == hosts.crates else "PyPI"
    if path == "/graphql":
        found = re.search(r"(?:\\n|\b)(query|mutation) (\w+)", body)  # in JSON, a line break is a backslash and an n
        return f"{found[1]} {found[2]}" if found else "query"
    if path.endswith(".git/info/refs"):
        return "GET refs"
    if path.endswith(".git/git-receive-pack"):
        return "POST tags" if "refs/tags/" in body else "POST branches"
    line = f"{method} {_BY_ID.sub('/repos/the/same/', path)}"
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(line)), f"{method} {path.rsplit('/', 1)[-1]}")


def is_read(kind: str) -> bool:
    """Whether such a request only asks."""
    return kind.startswith(("GET", "query")) or kind in REGISTRIES
