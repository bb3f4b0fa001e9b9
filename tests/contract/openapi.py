"""GitHub's own descriptions of its REST API and its webhooks, as judges of what is sent and answered."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator, oas30_format_checker, oas31_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

FULL = Path(__file__).resolve().parents[3] / "shared" / "contract"
"""GitHub's whole descriptions, which are not in this repository."""
TRIMMED = Path(__file__).parent
"""Their facts that are used here: `make contract` makes them from the whole ones."""
CONTRACT = FULL if FULL.is_dir() else TRIMMED
"""The stronger of the two that are here."""
by_each = pytest.mark.parametrize("folder", sorted({CONTRACT, TRIMMED}), ids=lambda folder: folder.parent.name)
"""For a test that judges by the whole descriptions, where they are, and by the trimmed ones."""


class RestContract:
    """Checks single REST exchanges; make one and keep it (the whole description has 7 MB)."""

    def __init__(self, folder: Path = CONTRACT) -> None:
        """Read the description from `folder`."""
        self._document = json.loads((folder / "github-rest-openapi.json").read_text())
        _allow_null_in_nullable_enums(self._document)
        _let_accounts_be_of_one_kind(self._document)
        self._schemas = _Schemas(
            self._document,
            "urn:github:rest",
            lambda schema, registry: OAS30Validator(schema, registry=registry, format_checker=oas30_format_checker),
            DRAFT4,
        )
        self._routes = [(path_pattern(path), path) for path in sorted(self._document["paths"], key=_literal_first)]

    def check(self, method: str, path: str, status: int, request_body: Any, response_body: Any) -> None:
        """Raise AssertionError when GitHub has no such operation, or describes request or response otherwise.

        `path` is as sent, with its query. Bodies are decoded JSON, None for no body.
        """
        url = urlsplit(path)
        template, pointer = self._operation(method, url.path)
        self._check_query(template, pointer, dict(parse_qsl(url.query)))
        if status < 400:
            self._check_request(template, pointer, request_body)
        self._check_response(template, pointer, status, response_body)

    def template(self, method: str, path: str) -> str:
        """The operation that a request is: `GET /repos/{owner}/{repo}`."""
        return self._operation(method, urlsplit(path).path)[0]

    def _operation(self, method: str, path: str) -> tuple[str, str]:
        # Where redirects lead to; GitHub describes it nowhere by itself.
        path = re.sub(r"^/repositories/\d+(?=/|$)", "/repos/owner/repo", path)
        for pattern, template in self._routes:
            if pattern.fullmatch(path) and method.lower() in self._document["paths"][template]:
                return f"{method.upper()} {template}", f"/paths/{_escape(template)}/{method.lower()}"
        raise AssertionError(f"GitHub has no {method} {path}")

    def _check_query(self, name: str, pointer: str, query: dict[str, str]) -> None:
        known = {each["name"]: each["schema"] for each in self._parameters(pointer) if each["in"] == "query"}
        for key, text in query.items():
            if key not in known:
                raise AssertionError(f"{name}: GitHub knows no query parameter {key}")
            schema = self._schemas.resolve(known[key])
            value: Any = int(text) if schema.get("type") == "integer" and text.isdigit() else text
            if key == "created":  # "within the given date-time range", which the format does not know:
                # https://docs.github.com/en/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax
                value = text.removeprefix(">=")
            self._schemas.check_inline(schema, value, f"{name}: query parameter {key}")

    def _parameters(self, pointer: str) -> Iterator[dict[str, Any]]:
        for parameter in self._schemas.at(pointer).get("parameters", []):
            yield self._schemas.resolve(parameter)

    def _check_request(self, name: str, pointer: str, body: Any) -> None:
        described = self._schemas.at(pointer).get("requestBody")
        if described is None:
            if body:
                raise AssertionError(f"{name}: GitHub takes no body, got {body}")
            return
        if body is None:
            if described.get("required"):
                raise AssertionError(f"{name}: GitHub needs a body")
            return
        if "application/json" not in described.get("content", {"application/json": {}}):  # a file
            return
        schema = f"{pointer}/requestBody/content/application~1json/schema"
        self._schemas.check(schema, body, f"{name}: request")
        unknown = set(body) - set(self._schemas.properties(schema))
        if unknown:
            raise AssertionError(f"{name}: GitHub knows no {', '.join(sorted(unknown))} in the request")

    def _check_response(self, name: str, pointer: str, status: int, body: Any) -> None:
        if status in (301, 307):  # described for some operations only, and always the same
            self._schemas.check("/components/schemas/basic-error", body, f"{name}: {status}")
            return
        described = self._schemas.at(pointer)["responses"].get(str(status))
        if described is None:
            if status < 400 and status != 304:
                raise AssertionError(f"{name}: GitHub does not answer {status}")
            if status >= 400:  # 401 and its like are described for no single operation
                self._schemas.check("/components/schemas/basic-error", body, f"{name}: {status}")
            return
        content = self._schemas.resolve(described).get("content")
        if not content:
            if body is not None and status < 300:
                raise AssertionError(f"{name}: GitHub answers {status} without a body")
            return
        self._schemas.check_inline(content["application/json"]["schema"], body, f"{name}: {status}")


class WebhookContract:
    """Checks webhook payloads; make one and keep it."""

    def __init__(self, folder: Path = CONTRACT) -> None:
        """Read the description from `folder`."""
        self._document = json.loads((folder / "github-webhooks-openapi.json").read_text())
        _let_reviews_be_of_a_persons_repository(self._document)
        self._schemas = _Schemas(
            self._document,
            "urn:github:webhooks",
            lambda schema, registry: OAS31Validator(schema, registry=registry, format_checker=oas31_format_checker),
            DRAFT202012,
        )

    def check(self, event: str, action: str | None, payload: Any) -> None:
        """Raise AssertionError when GitHub sends no such event, or describes its payload otherwise."""
        name = "-".join(filter(None, (event, action))).replace("_", "-")
        if name not in self._document["webhooks"]:
            raise AssertionError(f"GitHub has no webhook {name}")
        pointer = f"/webhooks/{name}/post/requestBody/content/application~1json/schema"
        self._schemas.check(pointer, payload, f"webhook {name}")


_MakeValidator = Callable[[dict[str, Any], "Registry[Any]"], Any]


class _Schemas:
    """The schemas of one document; validators are made once for each place."""

    def __init__(self, document: dict[str, Any], urn: str, make: _MakeValidator, specification: Any) -> None:
        self._document, self._urn, self._make = document, urn, make
        self._registry: Registry[Any] = Registry().with_resource(urn, specification.create_resource(document))
        self._at = cache(self._validator_at)

    def at(self, pointer: str) -> dict[str, Any]:
        found: Any = self._document
        for part in pointer.split("/")[1:]:
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return self.resolve(found)

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = self.at(str(node["$ref"]).removeprefix("#"))
        return node

    def properties(self, pointer: str) -> set[str]:
        """Names that an object may have, in any of its alternatives."""
        return set(self._properties(self.at(pointer)))

    def _properties(self, schema: dict[str, Any]) -> Iterator[str]:
        schema = self.resolve(schema)
        yield from schema.get("properties", {})
        for kind in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(kind, []):
                yield from self._properties(part)

    def check(self, pointer: str, value: Any, what: str) -> None:
        _raise(self._at(pointer), value, what)

    def check_inline(self, schema: dict[str, Any], value: Any, what: str) -> None:
        """Check against a schema of the document that is at hand rather than at a known place."""
        if "$ref" in schema:
            self.check(str(schema["$ref"]).removeprefix("#"), value, what)
        else:
            _raise(self._make(self._absolute(schema), self._registry), value, what)

    def _validator_at(self, pointer: str) -> Any:
        return self._make({"$ref": f"{self._urn}#{pointer}"}, self._registry)

    def _absolute(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: self._urn + value if key == "$ref" and isinstance(value, str) else self._absolute(value)
                for key, value in node.items()
                if key != "discriminator"  # which names the alternatives once more, relative to the document
            }
        return [self._absolute(part) for part in node] if isinstance(node, list) else node


def _raise(validator: Any, value: Any, what: str) -> None:
    errors = sorted(validator.iter_errors(value), key=lambda error: len(error.absolute_path), reverse=True)
    if errors:
        told = "\n".join(f"  {error.json_path}: {error.message[:300]}" for error in errors[:5])
        raise AssertionError(f"{what} is not as GitHub describes it:\n{told}")


def _allow_null_in_nullable_enums(node: Any) -> None:
    """OpenAPI 3.0.3 wants null among the values of a nullable enum; GitHub leaves it out."""
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
        for child in node.values():
            _allow_null_in_nullable_enums(child)
    elif isinstance(node, list):
        for child in node:
            _allow_null_in_nullable_enums(child)


def _let_accounts_be_of_one_kind(document: dict[str, Any]) -> None:
    """The list of installations wants each account to be a user and an enterprise at once; one of them is meant."""
    listed = document["paths"]["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]
    account = listed["schema"]["items"]["properties"]["account"]
    if "allOf" in account:
        account["anyOf"] = account.pop("allOf")


def _let_reviews_be_of_a_persons_repository(document: dict[str, Any]) -> None:
    """`deployment_review` wants an organisation, which a person's repository has none of."""
    for action in ("requested", "approved", "rejected"):
        schema = document["components"]["schemas"][f"webhook-deployment-review-{action}"]
        schema["required"] = [name for name in schema["required"] if name != "organization"]


def _literal_first(path: str) -> tuple[int, str]:
    return path.count("{"), path


def path_pattern(path: str) -> re.Pattern[str]:
    """Matches the paths that a described path, as `/repos/{owner}/{repo}`, stands for."""
    # A ref, path or tree name at the end may hold slashes.
    pattern = re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(path))
    many = path.endswith(("/git/refs/{ref}", "/contents/{path}"))
    return re.compile(pattern.removesuffix("[^/]+") + ".+" if many else pattern)


def _escape(part: str) -> str:
    return unquote(part).replace("~", "~0").replace("/", "~1")
