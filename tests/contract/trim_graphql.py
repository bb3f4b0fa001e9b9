"""GitHub's GraphQL schema, trimmed to what the stand-in's schema has; `tests.contract.trim` writes it."""

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    print_ast,
)


def trimmed(theirs: GraphQLSchema, ours: GraphQLSchema) -> str:
    """Their types, fields, arguments and members as far as `ours` has them, and what they require beside them."""
    written: dict[str, str] = {}
    wanted = [name for name in ours.type_map if name in theirs.type_map]
    while wanted:
        name = wanted.pop()
        its = theirs.type_map[name]
        if name in written or name.startswith("__") or is_specified_scalar_type(its):
            continue
        written[name] = _written(its, ours.type_map.get(name), ours)
        wanted += _required_beside(its, ours.type_map.get(name))
    return "\n\n".join(written[name] for name in sorted(written)) + "\n"


def _written(its: GraphQLNamedType, mine: GraphQLNamedType | None, ours: GraphQLSchema) -> str:
    match its:
        case GraphQLEnumType():
            return _block(f"enum {its.name}", sorted(its.values))
        case GraphQLUnionType():
            return f"union {its.name} = " + " | ".join(each.name for each in its.types if each.name in ours.type_map)
        case GraphQLInputObjectType():
            return _block(f"input {its.name}", [f"{name}: {_input(each)}" for name, each in _inputs(its, mine)])
        case GraphQLObjectType() | GraphQLInterfaceType():
            kind = "type" if isinstance(its, GraphQLObjectType) else "interface"
            known = [each.name for each in its.interfaces if each.name in ours.type_map]
            above = f" implements {' & '.join(known)}" if known else ""
            return _block(f"{kind} {its.name}{above}", [_field(*each) for each in _fields(its, mine)])
        case GraphQLScalarType():
            return f"scalar {its.name}"
    raise TypeError(f"{its.name} is a {type(its).__name__}")


def _block(head: str, lines: list[str]) -> str:
    return "\n".join([head + " {", *(f"  {line}" for line in lines), "}"])


def _fields(
    its: GraphQLObjectType | GraphQLInterfaceType, mine: GraphQLNamedType | None
) -> Iterator[tuple[str, GraphQLField, GraphQLField]]:
    """Name, their field and ours."""
    own = mine.fields if isinstance(mine, GraphQLObjectType | GraphQLInterfaceType) else {}
    yield from ((name, its.fields[name], own[name]) for name in sorted(its.fields) if name in own)


def _field(name: str, theirs: GraphQLField, mine: GraphQLField) -> str:
    args = [f"{arg}: {_input(each)}" for arg, each in _arguments(theirs, mine)]
    return f"{name}{'(' + ', '.join(args) + ')' if args else ''}: {theirs.type}"


def _arguments(theirs: GraphQLField, mine: GraphQLField) -> Iterator[tuple[str, GraphQLArgument]]:
    yield from ((n, a) for n, a in sorted(theirs.args.items()) if n in mine.args or is_required_argument(a))


def _inputs(its: GraphQLInputObjectType, mine: GraphQLNamedType | None) -> Iterator[tuple[str, GraphQLInputField]]:
    own = mine.fields if isinstance(mine, GraphQLInputObjectType) else {}
    yield from ((n, f) for n, f in sorted(its.fields.items()) if n in own or is_required_input_field(f))


def _input(given: GraphQLArgument | GraphQLInputField) -> str:
    default = given.ast_node and given.ast_node.default_value
    return f"{given.type} = {print_ast(default)}" if default else str(given.type)


def _required_beside(its: GraphQLNamedType, mine: GraphQLNamedType | None) -> Iterator[str]:
    """Types that only a required argument or field of theirs needs."""
    if isinstance(its, GraphQLInputObjectType):
        yield from (get_named_type(field.type).name for _, field in _inputs(its, mine))
    elif isinstance(its, GraphQLObjectType | GraphQLInterfaceType):
        for _, theirs, own in _fields(its, mine):
            yield get_named_type(theirs.type).name
            yield from (get_named_type(each.type).name for _, each in _arguments(theirs, own))
