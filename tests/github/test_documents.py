"""What the bot asks by GraphQL is what GitHub understands."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.contract.documents import every_document
from tests.contract.openapi import CONTRACT

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "bot" / "sandbox" / "graphql" / "schema.graphql"


@pytest.fixture(scope="module")
def github() -> GraphQLSchema:
    return build_schema((CONTRACT / "github.graphql").read_text("utf-8"), assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("name", every_document())
def test_github_accepts_every_document(name: str, github: GraphQLSchema):
    assert validate(github, parse(every_document()[name])) == []


@pytest.mark.parametrize("name", every_document())
def test_the_sandbox_accepts_every_document(name: str):
    assert validate(build_schema(SANDBOX.read_text()), parse(every_document()[name])) == []


def test_a_field_that_github_does_not_have_would_be_noticed(github: GraphQLSchema):
    document = every_document()["base"].replace("pageInfo", "pageInformation")
    assert "pageInformation" in validate(github, parse(document))[0].message
