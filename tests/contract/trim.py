"""GitHub's own descriptions, trimmed to the facts that are used here: `make contract` writes them beside this file.

Kept are paths, parameters, types, required fields, enumerations and bounds of what the stand-in answers and sends;
prose and examples are not. README.md says where the whole descriptions are from.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import build_schema

from bot.sandbox.rest.app import ENDPOINTS
from tests.contract.openapi import FULL, TRIMMED, path_pattern
from tests.contract.trim_graphql import trimmed

Json = dict[str, Any]

WEBHOOKS = (
    *(f"check-run-{action}" for action in ("created", "completed")),
    "check-suite-completed",
    "create",
    "delete",
    *(f"deployment-review-{action}" for action in ("requested", "approved", "rejected")),
    *(
        f"installation-{action}"
        for action in ("created", "deleted", "new-permissions-accepted", "suspend", "unsuspend")
    ),
    *(f"installation-repositories-{action}" for action in ("added", "removed")),
    *(f"issue-comment-{action}" for action in ("created", "edited", "deleted")),
    *(f"issues-{action}" for action in ("opened", "transferred", "deleted", "locked", "unlocked")),
    "ping",
    *(f"pull-request-{action}" for action in ("opened", "closed", "synchronize")),
    "push",
    *(f"release-{action}" for action in ("created", "published", "released", "prereleased", "edited", "deleted")),
    *(f"repository-{action}" for action in ("renamed", "transferred", "deleted")),
    "status",
    *(f"workflow-run-{action}" for action in ("requested", "in-progress", "completed")),
)
"""What the stand-in sends, as GitHub names it in its description."""

SCHEMA = Path(__file__).parents[2] / "bot" / "sandbox" / "graphql" / "schema.graphql"
"""The stand-in's GraphQL schema: GitHub's is trimmed to what is in it."""

FACTS = {
    *("type", "nullable", "enum", "const", "format", "pattern", "required", "uniqueItems", "minItems", "maxItems"),
    *("minimum", "maximum", "minLength", "maxLength", "minProperties", "maxProperties", "$ref"),
}
"""What is kept of a schema as it stands."""
PROSE = {
    "description",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
}
"""What is left out of it, and `x-…` too."""


def trimmed_rest(document: Json) -> Json:
    """The description of the REST API without all that the stand-in does not answer."""
    paths: Json = {}
    for endpoint in ENDPOINTS:
        template = _template(endpoint.path, endpoint.method.lower(), document["paths"])
        operation = document["paths"][template][endpoint.method.lower()]
        paths.setdefault(template, {})[endpoint.method.lower()] = _operation(operation)
    used = {"openapi": document["openapi"], "paths": dict(sorted(paths.items()))}
    return used | {"components": _components(document, used, "#/components/schemas/basic-error")}


def trimmed_webhooks(document: Json) -> Json:
    """The description of the webhooks without all that the stand-in does not send."""
    webhooks = {name: {"post": _operation(document["webhooks"][name]["post"])} for name in sorted(WEBHOOKS)}
    used = {"openapi": document["openapi"], "webhooks": webhooks}
    return _said_once(used | {"components": _components(document, used)})


def _template(path: str, method: str, paths: Mapping[str, Json]) -> str:
    """The path as GitHub's description spells it; raises LookupError when it has none."""
    for template in sorted(paths, key=lambda each: (each.count("{"), each)):
        if method in paths[template] and path_pattern(template).fullmatch(path):
            return template
    raise LookupError(f"GitHub describes no {method.upper()} {path}")


def _operation(described: Json) -> Json:
    kept: Json = {}
    if parameters := described.get("parameters"):
        kept["parameters"] = [_parameter(each) for each in parameters]
    if body := described.get("requestBody"):
        kept["requestBody"] = {"required": body.get("required", False), "content": _content(body["content"])}
    return kept | {"responses": {status: _response(each) for status, each in described["responses"].items()}}


def _parameter(described: Json) -> Json:
    if "$ref" in described:
        return described
    return {
        "name": described["name"],
        "in": described["in"],
        "required": described.get("required", False),
        "schema": _schema(described["schema"]),
    }


def _response(described: Json) -> Json:
    if "$ref" in described:
        return described
    return {"content": _content(described["content"])} if described.get("content") else {}


def _content(described: Json) -> Json:
    return {kind: {"schema": _schema(each["schema"])} for kind, each in described.items() if "schema" in each}


def _schema(described: Any) -> Any:
    """The facts of a schema. Raises LookupError for an unknown keyword, so that none is lost in silence."""
    if not isinstance(described, dict):  # `additionalProperties: false`
        return described
    kept: Json = {}
    for keyword, value in described.items():
        if keyword in FACTS:
            kept[keyword] = value
        elif keyword in ("properties", "patternProperties"):
            kept[keyword] = {name: _schema(each) for name, each in value.items()}
        elif keyword in ("items", "additionalProperties", "not"):
            kept[keyword] = _schema(value)
        elif keyword in ("allOf", "anyOf", "oneOf"):
            kept[keyword] = [_schema(each) for each in value]
        elif keyword not in PROSE and not keyword.startswith("x-"):
            raise LookupError(f"a schema has the unknown keyword {keyword}")
    return kept


_TRIM: dict[str, Callable[[Json], Json]] = {"schemas": _schema, "parameters": _parameter, "responses": _response}


def _components(document: Json, used: Json, *more: str) -> Json:
    """All that is referred to, and what that refers to."""
    kept: dict[str, Json] = {}
    wanted = [*_references(used), *more]
    while wanted:
        _, _, kind, name = wanted.pop().split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = _TRIM[kind](document["components"][kind][name])
            wanted += _references(kept[kind][name])
    return {kind: dict(sorted(each.items())) for kind, each in sorted(kept.items())}


def _said_once(document: Json) -> Json:
    """The same with a component of its own for each long object that is described in several places, word for word."""
    times = Counter(_text(each) for each in _objects(document))
    components = document["components"]["schemas"]

    def shorter(node: Any) -> Any:
        if isinstance(node, list):
            return [shorter(each) for each in node]
        if not isinstance(node, dict):
            return node
        inside = {key: shorter(value) for key, value in node.items()}
        if times[text := _text(node)] < 2:
            return inside
        name = f"same-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        again[name] = inside
        return {"$ref": f"#/components/schemas/{name}"}

    again: Json = {}
    kept = {name: {key: shorter(value) for key, value in schema.items()} for name, schema in components.items()}
    return document | {"components": document["components"] | {"schemas": dict(sorted((kept | again).items()))}}


def _objects(node: Any) -> Iterator[Json]:
    if isinstance(node, dict) and node.get("type") in ("object", ["object", "null"]) and len(_text(node)) > 300:
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(child)


def _text(node: Any) -> str:
    return json.dumps(node, separators=(",", ":"), sort_keys=True)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def trimmed_files() -> dict[str, str]:
    """Each trimmed description by the name of its file, made from the whole ones beside the checkout."""
    ours, theirs = SCHEMA.read_text("utf-8"), (FULL / "github.graphql").read_text("utf-8")
    return {
        "github-rest-openapi.json": _lines(trimmed_rest(_whole("github-rest-openapi.json"))),
        "github-webhooks-openapi.json": _lines(trimmed_webhooks(_whole("github-webhooks-openapi.json"))),
        "github.graphql": trimmed(build_schema(theirs, assume_valid=True, assume_valid_sdl=True), build_schema(ours)),
    }


def _whole(name: str) -> Json:
    whole: Json = json.loads((FULL / name).read_bytes())
    return whole


def _lines(document: Json) -> str:
    """As JSON, with a line of its own for each path, webhook and component: a change shows in a diff."""
    parts = []
    for key, value in document.items():
        if key == "components":
            inside = ",\n".join(f'"{kind}":{_entries(entries)}' for kind, entries in value.items())
            parts.append(f'"components":{{\n{inside}}}')
        else:
            parts.append(f'"{key}":{_entries(value) if isinstance(value, dict) else json.dumps(value)}')
    return "{" + ",\n".join(parts) + "}\n"


def _entries(entries: Json) -> str:
    lines = (json.dumps(name) + ":" + json.dumps(entry, separators=(",", ":")) for name, entry in entries.items())
    return "{\n" + ",\n".join(lines) + "}"


def main() -> None:
    """Write the trimmed descriptions."""
    if not FULL.is_dir():
        sys.exit(f"GitHub's descriptions are not at {FULL}")
    for name, text in trimmed_files().items():
        (TRIMMED / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
