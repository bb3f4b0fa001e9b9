"""GitHub's GraphQL as far as the bot uses it: a schema file, resolvers by topic, run by graphql-core.

Answers are always HTTP 200 once the token is known; what went wrong stands in `errors`, beside what went well.
"""

from collections.abc import Awaitable
from functools import lru_cache
from inspect import isawaitable
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSyntaxError

from bot.sandbox.graphql import checks, comments, discussions, mutations, objects, pulls, repository
from bot.sandbox.graphql.binding import bound_schema, by_attribute, by_typename
from bot.sandbox.graphql.context import Context
from bot.sandbox.graphql.errors import formatted
from bot.sandbox.graphql.validation import violations
from bot.sandbox.model import Token
from bot.sandbox.world import World

__all__ = ["SCHEMA", "checks", "comments", "discussions", "execute", "mutations", "objects", "pulls", "repository"]

SCHEMA = bound_schema()

_NO_QUERY = "A query attribute must be specified and must be a string."


async def execute(world: World, token: Token, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Run a request's document for a token that is known and alive; HTTP status and JSON answer.

    `body` is the decoded request: query, variables, operationName.
    """
    query = body.get("query")
    if not isinstance(query, str):
        return 400, {"message": _NO_QUERY, "documentation_url": "https://docs.github.com/graphql", "status": "400"}
    try:
        document, found = _examined(query)
    except GraphQLSyntaxError as error:
        return 200, {"errors": [dict(error.formatted)]}
    if found:
        return 200, {"errors": list(found)}
    result = graphql.execute(
        SCHEMA,
        document,
        context_value=Context(world, token),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        field_resolver=by_attribute,
        type_resolver=by_typename,
    )
    return 200, _answer(await _awaited(result))


@lru_cache(maxsize=64)  # a client sends the same few documents again and again, with other variables
def _examined(query: str) -> tuple[DocumentNode, tuple[dict[str, Any], ...]]:
    """A document, and what the schema does not allow in it; raises GraphQLSyntaxError when it is none."""
    document = graphql.parse(query)
    return document, tuple(violations(SCHEMA, document))


async def _awaited(result: ExecutionResult | Awaitable[ExecutionResult]) -> ExecutionResult:
    return await result if isawaitable(result) else result


def _answer(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if result.data is not None or not _is_request_error(result.errors):
        answer["data"] = result.data
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    return answer


def _is_request_error(errors: list[GraphQLError] | None) -> bool:
    """Whether nothing was executed at all, as when a variable is missing; then there is no `data` either."""
    return bool(errors) and all(error.path is None for error in errors or ())
