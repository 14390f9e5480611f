"""OpenAPI documents and their schemas, read strictly: enough of JSON Schema for ours.

`fits` says what is wrong with a value, by a schema of the document. Stricter than JSON Schema is:
a field that the schema does not name is wrong, as nobody would have heard of it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
KEYWORDS = {
    *("$ref", "title", "description", "type", "enum", "const", "default", "examples", "pattern"),
    *("properties", "required", "additionalProperties", "items", "prefixItems", "anyOf", "oneOf"),
    *("minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum"),
}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, bound: re.search(bound, value) is not None,
}


def resolved(document: dict[str, Any], reference: str) -> Any:
    """What a `$ref` means. Raises KeyError."""
    assert reference.startswith("#/"), reference
    found: Any = document
    for step in reference[2:].split("/"):
        found = found[step]
    return found


def fits(document: dict[str, Any], schema: Any, value: Any, at: str = "$") -> list[str]:
    """What is wrong with a value; nothing, where it fits."""
    if isinstance(schema, bool):
        return [] if schema else [f"{at}: nothing may be here"]
    wrong: list[str] = []
    if "$ref" in schema:
        wrong += fits(document, resolved(document, schema["$ref"]), value, at)
    for several, right in (("anyOf", (1, 99)), ("oneOf", (1, 1))):
        if several in schema:
            tried = [fits(document, one, value, at) for one in schema[several]]
            if not right[0] <= tried.count([]) <= right[1]:
                wrong.append(f"{at}: fits not as {several} of {tried}")
    wrong += _kind(schema, value, at)
    if wrong:
        return wrong
    for name, holds in _BOUNDS.items():
        if name in schema and value is not None and not holds(value, schema[name]):
            wrong.append(f"{at}: {value!r} breaks {name} {schema[name]}")
    if isinstance(value, dict):
        wrong += _object(document, schema, value, at)
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        for number, one in enumerate(value):
            inner = first[number] if number < len(first) else schema.get("items", True)
            wrong += fits(document, inner, one, f"{at}[{number}]")
    return wrong


def _kind(schema: dict[str, Any], value: Any, at: str) -> list[str]:
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        return [f"{at}: {value!r} is no {kinds}"]
    return []


def _object(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], at: str
) -> list[str]:
    wrong = [
        f"{at}: '{name}' is missing" for name in schema.get("required", ()) if name not in value
    ]
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", not known)
    for name, one in value.items():
        inner = known.get(name, others)
        if inner is False:
            wrong.append(f"{at}: nobody has heard of '{name}'")
        else:
            wrong += fits(document, inner, one, f"{at}.{name}")
    return wrong


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of every call."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def answer_of(document: dict[str, Any], operation: dict[str, Any], status: int) -> dict[str, Any]:
    """What is documented for a status. Raises KeyError."""
    told: dict[str, Any] = operation["responses"][str(status)]
    return resolved(document, told["$ref"]) if "$ref" in told else told


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with a document, by the rules of OpenAPI 3.1 and JSON Schema 2020-12."""
    wrong: list[str] = []
    if document.get("openapi") != "3.1.0" or not document["info"]["title"]:
        wrong.append("no OpenAPI 3.1")
    wrong += [f"no version: {document['info']}"] if "version" not in document["info"] else []
    ids: list[str] = []
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        at = f"{method} {path}"
        ids.append(operation.get("operationId", ""))
        if not path.startswith("/") or method not in METHODS:
            wrong.append(f"{at}: no call")
        if not set(operation["tags"]) <= tags:
            wrong.append(f"{at}: an unknown tag")
        wrong += _parameters(document, at, path, operation.get("parameters", []))
        if method == "get" and "requestBody" in operation:
            wrong.append(f"{at}: a body")
        for need in operation.get("security", ()):
            if need.keys() - document["components"].get("securitySchemes", {}).keys():
                wrong.append(f"{at}: an unknown scheme")
        wrong += _bodies(document, at, operation)
    if len(set(ids)) < len(ids) or not all(re.fullmatch(r"[A-Za-z][A-Za-z_]*", i) for i in ids):
        wrong.append(f"operationIds: {ids}")
    for name, schema in document["components"]["schemas"].items():
        wrong += _schema(document, schema, name)
        if not re.fullmatch(r"[a-zA-Z0-9._-]+", name):
            wrong.append(f"{name}: no name")
    return wrong + list(_references(document, document))


def _parameters(
    document: dict[str, Any], at: str, path: str, parameters: list[dict[str, Any]]
) -> list[str]:
    wrong: list[str] = []
    keys = [(one["name"], one["in"]) for one in parameters]
    if len(set(keys)) < len(keys):
        wrong.append(f"{at}: a parameter twice")
    if {name for name, place in keys if place == "path"} != set(re.findall(r"{(.+?)}", path)):
        wrong.append(f"{at}: the path and its parameters differ")
    for one in parameters:
        if one["in"] not in {"path", "query"} or (one["in"] == "path") != one["required"]:
            wrong.append(f"{at}: {one['name']} is at no place")
        if not one["description"]:
            wrong.append(f"{at}: {one['name']} has no meaning")
        wrong += _schema(document, one["schema"], f"{at} {one['name']}")
    return wrong


def _bodies(document: dict[str, Any], at: str, operation: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
    good = 0
    for status, told in operation["responses"].items():
        answer = resolved(document, told["$ref"]) if "$ref" in told else told
        if not re.fullmatch(r"[1-5][0-9]{2}", status) or not answer.get("description"):
            wrong.append(f"{at}: {status} says nothing")
        good += status.startswith("2")
        contents.append(answer.get("content", {}))
        error = {"schema": {"$ref": "#/components/schemas/Error"}}
        if status[0] in "45" and answer["content"] != {"application/json": error}:
            wrong.append(f"{at}: {status} has another shape")
    if good != 1:
        wrong.append(f"{at}: {good} ways to go well")
    for content in contents:
        for media, said in content.items():
            wrong += _schema(document, said.get("schema", {}), f"{at} {media}")
            if "example" in said:
                wrong += fits(document, said["schema"], said["example"], f"{at} example")
    return wrong


def _schema(document: dict[str, Any], schema: Any, at: str) -> list[str]:
    if isinstance(schema, bool):
        return []
    wrong = [f"{at}: unknown keyword {name}" for name in schema.keys() - KEYWORDS]
    kinds = schema.get("type", [])
    if not set([kinds] if isinstance(kinds, str) else kinds) <= _TYPES.keys():
        wrong.append(f"{at}: unknown type {kinds}")
    if "enum" in schema and not schema["enum"]:
        wrong.append(f"{at}: an empty enum")
    if not set(schema.get("required", ())) <= schema.get("properties", {}).keys() and (
        "properties" in schema
    ):
        wrong.append(f"{at}: something is required that is not there")
    if schema.get("minimum", 0) > schema.get("maximum", 2**64):
        wrong.append(f"{at}: no number fits")
    if "default" in schema:
        wrong += fits(document, schema, schema["default"], f"{at} default")
    inner: list[tuple[str, Any]] = list(schema.get("properties", {}).items())
    inner += [(name, schema[name]) for name in ("items", "additionalProperties") if name in schema]
    for name in ("anyOf", "oneOf", "prefixItems"):
        inner += [(name, one) for one in schema.get(name, ())]
    return wrong + [
        fault for name, one in inner for fault in _schema(document, one, f"{at}.{name}")
    ]


def _references(document: dict[str, Any], part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            try:
                resolved(document, part["$ref"])
            except KeyError:
                yield f"{part['$ref']} leads nowhere"
        for one in part.values():
            yield from _references(document, one)
    elif isinstance(part, list):
        for one in part:
            yield from _references(document, one)
