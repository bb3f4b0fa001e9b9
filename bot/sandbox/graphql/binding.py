"""Resolvers are plain functions in snake_case, bound to the schema's fields by a decorator."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from bot.sandbox.graphql.context import Info
from bot.sandbox.model import User

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
    """The schema file with every resolver that was defined until now."""
    schema = build_schema(SCHEMA_FILE.read_text("utf-8"))
    unbound = dict(_resolvers)
    for type_name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLInputObjectType):
            for name, given in kind.fields.items():
                given.out_name = snake(name)
        elif isinstance(kind, GraphQLObjectType) and not type_name.startswith("__"):
            for name, answered in kind.fields.items():
                answered.resolve = unbound.pop(f"{type_name}.{name}", None)
                for argument, value in answered.args.items():
                    value.out_name = snake(argument)
    if unbound:
        raise LookupError(f"the schema has no field for {', '.join(unbound)}")
    return schema


def by_attribute(source: Any, info: Info) -> Any:
    """Fields without a resolver are attributes, or keys, of their source."""
    name = snake(info.field_name)
    return source[name] if isinstance(source, Mapping) else getattr(source, name)


def by_typename(source: Any, *_: Any) -> str:
    """The GraphQL type of an object at an interface or union."""
    return source.type if isinstance(source, User) else str(source.typename)


def snake(name: str) -> str:
    """`headRefOid` as `head_ref_oid`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
