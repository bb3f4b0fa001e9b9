"""Documents that the schema does not allow, refused in GitHub's words where a client may look at them."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FieldsOnCorrectTypeRule,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    ValidationRule,
    specified_rules,
    validate,
)


class UndefinedField(ValidationRule):
    """A field that its type does not have."""

    def enter_field(self, node: FieldNode, _key: Any, _parent: Any, _path: Any, ancestors: list[Any], *_: Any) -> None:
        """Called by the visitor for each field."""
        parent = self.context.get_parent_type()
        if parent is None or self.context.get_field_def() is not None:
            return
        name = node.name.value
        error = GraphQLError(
            f"Field '{name}' doesn't exist on type '{parent.name}'",
            node,
            path=[*_steps(ancestors), node.alias.value if node.alias else name],
            extensions={"code": "undefinedField", "typeName": parent.name, "fieldName": name},
        )
        self.report_error(error)


RULES = [UndefinedField if rule is FieldsOnCorrectTypeRule else rule for rule in specified_rules]


def violations(schema: GraphQLSchema, document: DocumentNode) -> list[dict[str, Any]]:
    """What is wrong with a document, as entries of `errors`; nothing of it may then be executed."""
    return [dict(error.formatted) for error in validate(schema, document, RULES)]


def _steps(ancestors: list[Any]) -> list[str]:
    """Where a field stands, as GitHub writes it: `["query Name", "repository", "ref"]`."""
    steps = []
    for node in ancestors:
        match node:
            case OperationDefinitionNode(operation=operation, name=name):
                steps.append(f"{operation.value} {name.value}" if name else operation.value)
            case FragmentDefinitionNode(name=name):
                steps.append(f"fragment {name.value}")
            case InlineFragmentNode(type_condition=condition):
                steps.append(f"... on {condition.name.value}" if condition else "...")
            case FieldNode(alias=alias, name=name):
                steps.append(alias.value if alias else name.value)
            case Node():
                continue
    return steps
