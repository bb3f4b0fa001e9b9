"""Who is calling: the App by its JWT, or an installation by its token; and minting such tokens."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Installation, Token
from bot.sandbox.world.state import WorldState

TOKEN_LIFE = timedelta(hours=1)
JWT_LIFE_SECONDS = 600
"""The farthest that `exp` may lie ahead."""
CLOCK_SKEW_SECONDS = 60


class Unauthorized(Exception):
    """The credentials are no good (401); the message is GitHub's."""


def authenticate_app(world: WorldState, authorization: str | None) -> None:
    """Accept the App's own JWT: RS256 by its key, `iss` its id or client id, `exp` ten minutes ahead at most."""
    credential = _credential(authorization)
    try:
        claims = jwt.decode(
            credential,
            world.app.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_iss": False, "verify_sub": False},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorized("A JSON web token could not be decoded") from error
    _check_times(claims, world.clock.now().timestamp())
    if str(claims.get("iss")) not in (str(world.app.id), world.site.client_id):
        raise Unauthorized("'Issuer' claim ('iss') must be an Integer")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    # By the world's clock, which need not be the machine's.
    expires, issued = claims.get("exp"), claims.get("iat", 0)
    if not isinstance(expires, int | float) or expires <= now:
        raise Unauthorized(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires"
        )
    if expires > now + JWT_LIFE_SECONDS:
        raise Unauthorized("'Expiration time' claim ('exp') is too far in the future")
    if not isinstance(issued, int | float) or issued > now + CLOCK_SKEW_SECONDS:
        raise Unauthorized(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )


def authenticate_installation(world: WorldState, authorization: str | None) -> Token:
    """The installation token behind a header; Unauthorized when it is unknown, expired or its installation gone."""
    token = world.tokens.get(_credential(authorization))
    if token is None or token.expires_at <= world.clock.now():
        raise Unauthorized("Bad credentials")
    installation = world.installations.get(token.installation_id)
    if installation is None or installation.suspended:
        raise Unauthorized("Bad credentials")
    return token


def covers(world: WorldState, token: Token, repository_id: int) -> bool:
    """Whether a token still reaches a repository: it was minted for it, and the installation still has it."""
    installation = world.installations.get(token.installation_id)
    return (
        installation is not None
        and repository_id in token.repository_ids
        and repository_id in installation.repository_ids
    )


def mint(
    world: WorldState,
    installation: Installation,
    *,
    repository_ids: list[int] | None = None,
    permissions: Mapping[str, str] | None = None,
) -> Token:
    """A new token for an installation, narrowed as asked; good for an hour of the world's clock.

    Refused as UNPROCESSABLE: a repository or a permission that the installation does not have.
    """
    wanted = installation.repository_ids if repository_ids is None else set(repository_ids)
    if not wanted <= installation.repository_ids or (repository_ids is not None and not repository_ids):
        raise Refusal(
            "UNPROCESSABLE",
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    asked = dict(installation.permissions if permissions is None else permissions)
    if any(level not in ("read", "write", "admin") for level in asked.values()) or not allows(
        installation.permissions, asked
    ):
        raise Refusal("UNPROCESSABLE", "The permissions requested are not granted to this installation.")
    # The stateless format of 2026: long, with dots, and the App's id in it.
    secret = f"{secrets.token_hex(32)}.{secrets.token_hex(160)}.{secrets.token_hex(43)}"
    value = f"ghs_{world.app.id}_{secret}"
    token = Token(value, installation.id, set(wanted), {"metadata": "read", **asked}, world.clock.now() + TOKEN_LIFE)
    world.tokens[value] = token
    return token


def _credential(authorization: str | None) -> str:
    if not authorization:
        raise Unauthorized("Requires authentication")
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not credential:
        raise Unauthorized("Bad credentials")
    return credential.strip()
