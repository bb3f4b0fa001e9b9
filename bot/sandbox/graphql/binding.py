"""Resolvers are plain functions in snake_case, bound to the schema's fields by a decorator."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from bot.sandbox import payloads
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
    unbound: dict[str, Callable[..., Any] | None] = {**dict.fromkeys(ATTRIBUTES), **_resolvers}
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


ATTRIBUTES: Mapping[str, Callable[[Any], Any]] = {
    field_name: attrgetter(path)
    for field_name, path in {
        "Repository.id": "node_id",
        "Repository.databaseId": "id",
        "Repository.nameWithOwner": "full_name",
        "Repository.isPrivate": "private",
        "PullRequest.number": "issue.number",
        "PullRequest.title": "issue.title",
        "PullRequest.body": "issue.body",
        "PullRequest.createdAt": "issue.created_at",
        "PullRequest.updatedAt": "issue.updated_at",
        "PullRequest.author": "issue.user",
        "PullRequest.headRefName": "pull.head",
        "PullRequest.headRefOid": "pull.head_sha",
        "PullRequest.baseRefName": "pull.base",
        "PullRequest.mergedAt": "pull.merged_at",
        "PullRequest.mergedBy": "pull.merged_by",
        "IssueComment.databaseId": "comment.id",
        "IssueComment.lastEditedAt": "comment.edited_at",
        "Release.tagName": "release.tag",
        "Release.isDraft": "release.draft",
        "Release.isPrerelease": "release.prerelease",
        "Release.description": "release.body",
        "Discussion.title": "discussion.title",
        "Discussion.body": "discussion.body",
        "CheckRun.checkSuite": "suite",
    }.items()
}
"""Fields that only have another name or place in the node; the attribute of each by its path."""


def by_attribute(source: Any, info: Info) -> Any:
    """Fields without a resolver are attributes, or keys, of their source; a date is shown as GitHub writes it."""
    name = snake(info.field_name)
    if isinstance(source, Mapping):
        return source[name]
    read = ATTRIBUTES.get(f"{info.parent_type.name}.{info.field_name}") or attrgetter(name)
    return shown(read(source))


def shown(value: Any) -> Any:
    """A date as GitHub writes it; anything else as it is."""
    return payloads.stamp(value) if isinstance(value, datetime) else value


def by_typename(source: Any, *_: Any) -> str:
    """The GraphQL type of an object at an interface or union."""
    return source.type if isinstance(source, User) else str(source.typename)


def snake(name: str) -> str:
    """`headRefOid` as `head_ref_oid`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
