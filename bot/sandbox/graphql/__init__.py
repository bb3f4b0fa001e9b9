"""GitHub's GraphQL as far as the bot uses it: a schema file, resolvers by topic, run by graphql-core.

Answers are always HTTP 200 once the token is known; what went wrong stands in `errors`, beside what went well.
"""

from functools import lru_cache
from inspect import isawaitable
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSyntaxError

from bot.sandbox.graphql import checks, comments, discussions, mutations, objects, pulls, repository
from bot.sandbox.graphql.binding import bound_schema, by_typename
from bot.sandbox.graphql.context import Context
from bot.sandbox.graphql.errors import formatted
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
        document, wrong = _examined(query)
    except GraphQLSyntaxError as error:
        return 200, {"errors": [error.formatted]}
    if wrong:
        return 200, {"errors": [error.formatted for error in wrong]}
    result = graphql.execute(
        SCHEMA,
        document,
        context_value=Context(world, token),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        type_resolver=by_typename,
    )
    return 200, _answer(await result if isawaitable(result) else result)


@lru_cache(maxsize=64)  # a client sends the same few documents again and again, with other variables
def _examined(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """A document, and what the schema does not allow in it; raises GraphQLSyntaxError when it is none."""
    document = graphql.parse(query)
    return document, graphql.validate(SCHEMA, document)


def _answer(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    # There is no data when nothing was executed at all, as when a variable is missing.
    if result.data is not None or any(error.path for error in result.errors or ()):
        answer["data"] = result.data
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    return answer
