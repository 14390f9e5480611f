"""The OpenAPI 3.1 document of a program, made of the program itself.

Calls are what Flask would answer (its `url_map`), what is said of them stands beside the functions
that answer them (`contract.described`), schemas come from the types there (msgspec makes JSON
Schema of them). So a call that nobody described cannot be left out by mistake: there is no
document then, and a test fails.

Loaded when somebody asks for the document, as what makes schemas takes time and memory that a
node's start does not have.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Flask

from contract import __version__
from contract.described import (
    Choice,
    Description,
    Either,
    Late,
    Number,
    Query,
    Raw,
    Words,
    description,
)
from contract.shapes import Error

VERSION: Final = "3.1.0"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = "#/components/schemas/{name}"
_ARGUMENT: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_MEANINGS: Final[Mapping[int, str]] = {
    400: "Malformed, or a field has the wrong type.",
    401: "The operator's token is needed.",
    403: "Who asks may not: a foreign `Host` or `Origin`, or not the operator.",
    404: "There is no such thing here.",
    409: "It cannot be done in the state that things are in.",
    410: "Not here any more: a node that has a stream of its own needs not post.",
    413: "The body is too large.",
    415: "The body is not called what it must be.",
    421: "Another node is meant, which does not live here.",
    422: "Understood, but a value is out of range.",
    429: "Too much at the same time: come again after `Retry-After`.",
    502: "The node that had to be asked is not there, or makes no sense.",
    503: "Not now: the disk is full, or a file cannot be read.",
    504: "The node that had to be asked did not answer in time.",
}
_HEADERS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("WWW-Authenticate", "How the token is given."),
    429: ("Retry-After", "Seconds after which to come again."),
    503: ("Retry-After", "Seconds after which to come again, where that is known."),
}


class UndescribedError(LookupError):
    """A call that nobody has described."""


def document(app: Flask, title: str, about: str) -> dict[str, Any]:
    """The whole document. Raises UndescribedError."""
    calls = sorted(_calls(app), key=lambda call: (call[0], _METHODS.index(call[1])))
    schemas, components = _schemas([call[3] for call in calls])
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, None] = {}
    used: set[int] = set()
    for path, method, endpoint, said in calls:
        tag = endpoint.partition(".")[0]
        tags[tag] = None
        used.update(said.statuses())
        operation = _operation(path, endpoint, said, schemas)
        paths.setdefault(path, {})[method.lower()] = {"tags": [tag], **operation}
    return {
        "openapi": VERSION,
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": title,
            "version": __version__,
            "summary": "A peer-to-peer network that you can watch, poke and break.",
            "description": about,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {_response_name(status): _failure(status) for status in sorted(used)},
            **_security([call[3] for call in calls]),
        },
    }


def _calls(app: Flask) -> list[tuple[str, str, str, Description]]:
    """Path, method, endpoint and description of every call."""
    found = []
    for rule in app.url_map.iter_rules():
        said = description(app.view_functions[rule.endpoint])
        if said is None:
            raise UndescribedError(f"nobody has described {rule.rule} ({rule.endpoint})")
        path = _ARGUMENT.sub(r"{\1}", rule.rule)
        methods = (rule.methods or set()) - {"HEAD"}
        if rule.provide_automatic_options:  # type: ignore[attr-defined] # Flask puts it there
            methods -= {"OPTIONS"}
        found += [(path, method, rule.endpoint, said.loaded()) for method in methods]
    return found


def _schemas(calls: list[Description]) -> tuple[dict[int, Any], dict[str, Any]]:
    """JSON Schema of each type that is named, by the type's `id`, and the named parts."""
    import msgspec.inspect  # noqa: F401 - a node kept it away at its start, so it comes first
    from msgspec._json_schema import schema_components  # and so `msgspec.json` has none of it

    types: list[Any] = [Error]
    late: list[Late] = []
    for said in calls:
        for one in (said.body, said.answer):
            match one:
                case None | Raw():
                    pass
                case Late():
                    late.append(one)
                case Either():
                    types += one.types
                case _:
                    types.append(one)
    made, components = schema_components(types, ref_template=_REFERENCE)
    schemas = {id(one): schema for one, schema in zip(types, made, strict=True)}
    for one in late:
        schemas[id(one)], named = one.make()
        components = {**components, **named}
    return schemas, dict(sorted(components.items()))


def _operation(
    path: str, endpoint: str, said: Description, schemas: Mapping[int, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.replace(".", "_").strip("_"),
        "summary": said.summary,
    }
    if said.about:
        operation["description"] = said.about
    asked = re.findall(r"{(.*?)}", path)
    unknown = said.path.keys() - set(asked)
    if unknown:
        raise UndescribedError(f"{path} has no {', '.join(sorted(unknown))}")
    parameters = [_in_path(name, said.path) for name in asked]
    parameters += [_in_query(one) for one in said.query]
    if parameters:
        operation["parameters"] = parameters
    if said.body is not None:
        content = _content(said.body, schemas)
        if said.example is not None:
            next(iter(content.values()))["example"] = said.example
        operation["requestBody"] = {"required": True, "content": content}
    answer: dict[str, Any] = {"description": HTTPStatus(said.status).phrase}
    if said.answer is not None:
        answer["content"] = _content(said.answer, schemas)
    responses: dict[str, Any] = {str(said.status): answer}
    for status in said.statuses():
        responses[str(status)] = {"$ref": f"#/components/responses/{_response_name(status)}"}
    operation["responses"] = responses
    if 401 in said.errors:
        operation["security"] = [{}, {"operator": []}]
    return operation


def _content(type_: Any, schemas: Mapping[int, Any]) -> dict[str, Any]:
    if isinstance(type_, Raw):
        text = type_.media.startswith("text/")
        return {type_.media: {"schema": {"type": "string"}} if text else {}}
    if isinstance(type_, Either):
        schema = {"anyOf": [schemas[id(one)] for one in type_.types]}
    else:
        schema = schemas[id(type_)]
    return {"application/json": {"schema": schema}}


def _in_path(name: str, said: Mapping[str, Words]) -> dict[str, Any]:
    if name not in said:
        raise UndescribedError(f"nobody has described '{name}' in the path")
    words = said[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": words.about,
        "schema": _text(words.longest),
    }


def _in_query(one: Query) -> dict[str, Any]:
    schema: dict[str, Any]
    match one:
        case Number():
            schema = {"type": "integer", "minimum": one.lowest, "maximum": one.highest}
            if one.default is not None:
                schema["default"] = one.default
        case Choice():
            schema = {"type": "string", "enum": list(one.words)}
            if one.default is not None:
                schema["default"] = one.default
        case Words():
            schema = _text(one.longest)
    return {
        "name": one.name,
        "in": "query",
        "required": False,
        "description": one.about,
        "schema": schema,
    }


def _text(longest: int | None) -> dict[str, Any]:
    return {"type": "string"} | ({} if longest is None else {"maxLength": longest})


def _response_name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _failure(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _MEANINGS[status]}
    if status in _HEADERS:
        name, about = _HEADERS[status]
        schema = {"type": "string" if status == 401 else "integer"}
        answer["headers"] = {name: {"description": about, "schema": schema}}
    schema = {"$ref": _REFERENCE.format(name=Error.__name__)}
    answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _security(calls: list[Description]) -> dict[str, Any]:
    if not any(401 in said.errors for said in calls):
        return {}
    scheme = {
        "type": "http",
        "scheme": "bearer",
        "description": "P2P_OPERATOR_TOKEN, where the program has one.",
    }
    return {"securitySchemes": {"operator": scheme}}
