"""A request after authentication, an answer before it is bytes, and the table row that joins them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from bot.sandbox.access.permissions import Needs
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Repository, Token, User
from bot.sandbox.world import World

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler gets; `repo` and `token` are checked already where the endpoint has them."""

    world: World
    params: Mapping[str, str]
    """Variables of the path, decoded."""
    query: Mapping[str, str]
    body: Mapping[str, Any]
    """The JSON object sent; empty when there was none."""
    path: str
    _repo: Repository | None = None
    _token: Token | None = None
    data: bytes = b""
    """What was sent where that is a file."""
    kind: str = ""
    """The file's content type."""

    @property
    def repo(self) -> Repository:
        """The repository of the path."""
        if self._repo is None:
            raise LookupError(f"{self.path} has no repository")
        return self._repo

    @property
    def token(self) -> Token:
        """The installation token of the call."""
        if self._token is None:
            raise LookupError(f"{self.path} is not called with an installation token")
        return self._token

    @property
    def bot(self) -> User:
        """Who acts: the App's bot."""
        return self.world.app.bot

    def number(self, name: str) -> int:
        """A numeric variable of the path."""
        return int(self.params[name])

    def text(self, name: str, *, default: str | None = None) -> str:
        """A string of the body; a missing one without default, or anything but a string, is refused."""
        value = self.body.get(name, default)
        if value is None:
            raise Refusal("UNPROCESSABLE", f"{name} is required", field=name, code="missing_field")
        if not isinstance(value, str):
            raise Refusal("UNPROCESSABLE", f"{name} is not a string", field=name, code="invalid")
        return value

    def flag(self, name: str) -> bool:
        """A boolean of the body, false when missing."""
        value = self.body.get(name, False)
        if not isinstance(value, bool):
            raise Refusal("UNPROCESSABLE", f"{name} is not a boolean", field=name, code="invalid")
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `body` None sends no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route: who may call it and what answers."""

    method: str
    path: str
    handler: Handler
    needs: tuple[Needs, ...] = ()
    """Alternatives, each a set of permissions that suffices."""
    caller: Literal["app", "installation"] = "installation"


def error(status: int, message: str, *, errors: list[Any] | None = None, headers: Mapping[str, str] = {}) -> Reply:
    """GitHub's JSON of a failure."""
    body: dict[str, Any] = {"message": message, "documentation_url": DOCS, "status": str(status)}
    if errors:
        body["errors"] = errors
    return Reply(status, body, headers)


def refused(refusal: Refusal) -> Reply:
    """How REST words what the world refuses."""
    if refusal.kind == "NOT_FOUND":
        return error(404, "Not Found")
    if refusal.kind == "GONE":
        return error(410, refusal.message)
    if refusal.kind == "FORBIDDEN":
        return error(403, refusal.message)
    if refusal.kind in ("STALE_DATA", "CONFLICT"):
        return error(409, refusal.message)
    if refusal.field is None:
        return error(422, refusal.message)
    detail = {"resource": "Resource", "field": refusal.field, "code": refusal.code, "message": refusal.message}
    return error(422, "Validation Failed", errors=[detail])


def redirected(method: str, url: str) -> Reply:
    """How GitHub sends on to another address: a GET for good, anything else just this once."""
    status, message = (301, "Moved Permanently") if method == "GET" else (307, "Temporary Redirect")
    return Reply(status, {"message": message, "url": url, "documentation_url": DOCS}, {"Location": url})


def page(request: Request, items: list[Any], *, key: str | None = None) -> Reply:
    """One page of a list (`per_page`, `page`) with its Link header; `key` wraps it as `{total_count, key: […]}`."""
    size = page_size(request)
    number = max(_positive(request.query.get("page"), 1), 1)
    last = max(-(-len(items) // size), 1)
    chosen = items[(number - 1) * size : number * size]
    targets: dict[str, int] = {}
    if number > 1:
        targets |= {"prev": number - 1, "first": 1}
    if number < last:
        targets |= {"next": number + 1, "last": last}
    links = ", ".join(f'<{_page_url(request, page=str(to))}>; rel="{name}"' for name, to in targets.items())
    body = {"total_count": len(items), key: chosen} if key else chosen
    return Reply(200, body, {"Link": links} if links else {})


def page_size(request: Request) -> int:
    """How many items a page has: `per_page`, 30 unless it is said, 100 at most."""
    return min(max(_positive(request.query.get("per_page"), 30), 1), 100)


def next_link(request: Request, **position: str) -> dict[str, str]:
    """The Link header to a next page that begins at this position."""
    return {"Link": f'<{_page_url(request, **position)}>; rel="next"'}


def _page_url(request: Request, **position: str) -> str:
    query = urlencode({**request.query, **position})
    return f"{request.world.site.url}{request.path}?{query}"


def _positive(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() else default
