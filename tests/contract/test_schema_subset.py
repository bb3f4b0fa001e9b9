"""The sandbox's GraphQL schema says nothing that GitHub's does not say, in the same words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_specified_scalar_type,
    print_ast,
)

from tests.contract.openapi import by_each

ROOT = Path(__file__).parents[2]
OURS = ROOT / "bot" / "sandbox" / "graphql" / "schema.graphql"


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    """Everything that `ours` has and `theirs` has not, or has otherwise."""
    for name, mine in ours.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(mine):
            continue
        other = theirs.type_map.get(name)
        if type(other) is not type(mine):
            yield f"{name}: {type(mine).__name__} here, {type(other).__name__} there"
        else:
            yield from type_differences(mine, other)


def type_differences(mine: GraphQLNamedType, other: GraphQLNamedType | None) -> Iterator[str]:
    if isinstance(mine, GraphQLUnionType) and isinstance(other, GraphQLUnionType):
        known = {member.name for member in other.types}
        yield from (f"{mine.name} | {each.name}" for each in mine.types if each.name not in known)
    elif isinstance(mine, GraphQLEnumType) and isinstance(other, GraphQLEnumType):
        yield from (f"{mine.name}.{value}" for value in mine.values if value not in other.values)
    elif isinstance(mine, GraphQLInputObjectType) and isinstance(other, GraphQLInputObjectType):
        yield from input_differences(mine, other)
    elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType) and isinstance(other, type(mine)):
        known = {interface.name for interface in other.interfaces}
        yield from (f"{mine.name} implements {i.name}" for i in mine.interfaces if i.name not in known)
        yield from field_differences(mine, other)


def field_differences(
    mine: GraphQLObjectType | GraphQLInterfaceType, other: GraphQLObjectType | GraphQLInterfaceType
) -> Iterator[str]:
    for name, field in mine.fields.items():
        there = other.fields.get(name)
        if there is None or str(there.type) != str(field.type):
            yield f"{mine.name}.{name}: {field.type} here, {there and there.type} there"
            continue
        for arg, given in field.args.items():
            wanted = there.args.get(arg)
            if wanted is None or in_words(wanted) != in_words(given):
                yield f"{mine.name}.{name}({arg}: {in_words(given)}) here, {wanted and in_words(wanted)} there"
        forgotten = [a for a, wanted in there.args.items() if str(wanted.type).endswith("!") and a not in field.args]
        yield from (f"{mine.name}.{name} lacks the required argument {arg}" for arg in forgotten)


def input_differences(mine: GraphQLInputObjectType, other: GraphQLInputObjectType) -> Iterator[str]:
    for name, field in mine.fields.items():
        there = other.fields.get(name)
        if there is None or in_words(there) != in_words(field):
            yield f"{mine.name}.{name}: {in_words(field)} here, {there and in_words(there)} there"
    forgotten = [n for n, f in other.fields.items() if str(f.type).endswith("!") and n not in mine.fields]
    yield from (f"{mine.name} lacks the required field {name}" for name in forgotten)


def in_words(given: GraphQLArgument | GraphQLInputField) -> str:
    """Type and default as a schema writes them: `Int = 3`."""
    default = given.ast_node and given.ast_node.default_value
    return f"{given.type} = {print_ast(default)}" if default else str(given.type)


@by_each
def test_the_sandbox_schema_is_a_subset_of_githubs(folder: Path):
    theirs = build_schema((folder / "github.graphql").read_text("utf-8"), assume_valid=True, assume_valid_sdl=True)
    assert list(differences(build_schema(OURS.read_text()), theirs)) == []


THEIRS = """
type Query { ship(name: String!, size: Int = 3): Ship! }
interface Floats { name: String }
type Ship implements Floats { name: String, cargo: [Cargo!] }
type Barrel { name: String! }
type Crate { name: String! }
union Cargo = Barrel | Crate
enum Colour { RED, BLUE }
input Order { name: String!, colour: Colour = RED }
"""


@pytest.mark.parametrize(
    ("told", "instead", "named"),
    [
        ("type Crate {", "type Extra { a: Int } type Crate {", "Extra"),
        ("union Cargo = Barrel | Crate", "type Cargo { name: String }", "Cargo"),
        ("type Barrel { name: String!", "type Barrel { name: String!, age: Int", "Barrel.age"),
        ("type Barrel { name: String!", "type Barrel { name: String", "Barrel.name"),
        ("cargo: [Cargo!]", "cargo: [Cargo]", "Ship.cargo"),
        ("size: Int = 3", "size: Int = 4", "size"),
        ("size: Int = 3", "size: String", "size"),
        ("size: Int = 3", "weight: Int", "weight"),
        ("name: String!, size: Int = 3", "size: Int = 3", "required argument name"),
        ("type Crate {", "type Crate implements Floats {", "Crate implements Floats"),
        ("union Cargo = Barrel | Crate", "union Cargo = Barrel | Ship", "Cargo | Ship"),
        ("RED, BLUE", "RED, GREEN", "Colour.GREEN"),
        ("colour: Colour = RED", "colour: Colour = BLUE", "Order.colour"),
        ("input Order { name: String!,", "input Order { name: String,", "Order.name"),
        ("input Order { name: String!,", "input Order {", "required field name"),
        ("input Order {", "input Order { hue: Int,", "Order.hue"),
    ],
)
def test_the_comparison_notices(told: str, instead: str, named: str):
    assert told in THEIRS
    ours = build_schema(THEIRS.replace(told, instead), assume_valid=True)
    assert any(named in each for each in differences(ours, build_schema(THEIRS)))


def test_the_comparison_accepts_less():
    less = "type Query { ship(name: String!): Ship! } type Ship { name: String }"
    assert list(differences(build_schema(less), build_schema(THEIRS))) == []
