"""Resolvers are plain functions in snake_case, bound to the schema's fields by a decorator."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from inspect import isawaitable
from pathlib import Path
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.paging import page
from bot.sandbox.model import User
from bot.sandbox.payloads.common import stamp

SCHEMA_FILE = Path(__file__).with_name("schema.graphql")

Resolver = TypeVar("Resolver", bound=Callable[..., Any])

_resolvers: dict[str, Callable[..., Any]] = {}


def field(name: str, **needs: str) -> Callable[[Resolver], Resolver]:
    """Let the function answer the field `Type.field`, for tokens that have the permissions `needs`.

    It gets (source, info, **arguments in snake_case).
    """

    def bind(resolver: Resolver) -> Resolver:
        @wraps(resolver)
        def checked(source: Any, info: Info, **arguments: Any) -> Any:
            info.context.require(needs)
            return resolver(source, info, **arguments)

        _resolvers[name] = checked
        return resolver

    return bind


def bound_schema() -> GraphQLSchema:
    """The schema file with every resolver that was defined until now; a connection's gives the whole list."""
    schema = build_schema(SCHEMA_FILE.read_text("utf-8"))
    unbound = dict(_resolvers)
    for type_name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLInputObjectType):
            for name, given in kind.fields.items():
                given.out_name = snake(name)
        elif isinstance(kind, GraphQLObjectType) and not type_name.startswith("__"):
            for name, answered in kind.fields.items():
                resolver = unbound.pop(f"{type_name}.{name}", by_attribute)
                is_list = get_named_type(answered.type).name.endswith("Connection")
                answered.resolve = _paged(resolver, name) if is_list else resolver
                for argument, value in answered.args.items():
                    value.out_name = snake(argument)
    if unbound:
        raise LookupError(f"the schema has no field for {', '.join(unbound)}")
    return schema


def _paged(resolver: Callable[..., Any], name: str) -> Callable[..., Any]:
    async def answer(
        source: Any, info: Info, *, first: int | None = None, after: str | None = None, **arguments: Any
    ) -> dict[str, Any]:
        found = resolver(source, info, **arguments)
        return page(await found if isawaitable(found) else found, name, first, after)

    return answer


def by_attribute(source: Any, info: Info) -> Any:
    """What a field without a resolver is: a key, or an attribute, of its source.

    A date is shown as GitHub writes it, and the value of an enumeration in capital letters.
    """
    name = snake(info.field_name)
    if isinstance(source, Mapping):
        value = source[name]
    else:
        value = getattr(source, ATTRIBUTES.get(f"{info.parent_type.name}.{info.field_name}", name))
    if isinstance(value, datetime):
        return stamp(value)
    return value.upper() if value and isinstance(get_named_type(info.return_type), GraphQLEnumType) else value


ATTRIBUTES = {"Repository.id": "node_id", "Repository.isPrivate": "private", "Commit.committedDate": "committed_at"}
"""Fields whose attribute has another name."""


def by_typename(source: Any, *_: Any) -> str:
    """The GraphQL type of an object at an interface or union."""
    if isinstance(source, User):
        return source.type
    return str(source["typename"] if isinstance(source, Mapping) else source.typename)


def snake(name: str) -> str:
    """`headRefOid` as `head_ref_oid`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
