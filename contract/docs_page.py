"""An OpenAPI document as a page to read: no script, nothing from elsewhere, one style sheet.

All that goes into the page goes through `escape`, whoever it is from.
"""

import json
import shlex
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

_TOKEN_AT: Final = "/api/token"  # noqa: S105 - a path
"""Where a dashboard gives the token of who acts (`dashboard.acting`)."""
_SCHEMAS: Final = "#/components/schemas/"

Call = tuple[str, str, dict[str, Any]]
"""Path, method in capitals, and the operation."""


def page(document: dict[str, Any], base: str) -> str:
    """The page. `base` is the program's URL, for the lines to try it with."""
    info = document["info"]
    calls = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    calls.sort(key=lambda call: call[2]["tags"])
    subjects = [(tag, list(of)) for tag, of in groupby(calls, lambda call: call[2]["tags"][0])]
    return str(
        _join(
            Markup(
                '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                '<title>{title}</title>\n<link rel="icon" type="image/svg+xml" href="/docs.svg">\n'
                '<link rel="stylesheet" href="/docs.css">\n'
                "</head>\n<body>\n"
                "<header>\n<h1>{title}</h1>\n"
                '<p class="soft">Version {version}, '
                '<a href="/openapi.json">OpenAPI {openapi}</a></p>\n'
                "{about}</header>\n"
            ).format(
                title=info["title"],
                version=info["version"],
                openapi=document["openapi"],
                about=_paragraphs(info["description"]),
            ),
            _contents(subjects),
            Markup("<main>\n"),
            _join(*(_subject(document, base, tag, of) for tag, of in subjects)),
            Markup('<h2 id="schemas">Schemas</h2>\n'),
            _join(
                *(
                    _schema(name, schema)
                    for name, schema in document["components"]["schemas"].items()
                )
            ),
            Markup("</main>\n</body>\n</html>\n"),
        )
    )


def curl(base: str, path: str, method: str, operation: dict[str, Any]) -> str:
    """A line for a shell that makes this call."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            example = str(parameter.get("example", parameter["name"].upper()))
            path = path.replace(f"{{{parameter['name']}}}", quote(example, safe=""))
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    words.append(base + path)
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        words += ["-H", f"Content-Type: {media}"]
        if "json" in media:
            words += ["-d", json.dumps(content.get("example", {}), ensure_ascii=False)]
        else:
            words += ["--data-binary", "@FILE"]
    return shlex.join(words)


def _shown(document: dict[str, Any], base: str, path: str, method: str) -> str:
    """What a line shows besides, where the program wants a token of who changes something."""
    if _TOKEN_AT not in document["paths"] or method == "GET" or not path.startswith("/api/"):
        return ""
    return f' -H "P2P-Page: $(curl -s {base}{_TOKEN_AT})"'


def _contents(subjects: list[tuple[str, list[Call]]]) -> Markup:
    lines = [
        Markup(
            '<li><a href="#{id}"><span class="method {low}">{method}</span>{path}</a></li>'
        ).format(id=operation["operationId"], low=method.lower(), method=method, path=path)
        for _, calls in subjects
        for path, method, operation in calls
    ]
    return Markup("<nav><ul>\n{}\n</ul></nav>\n").format(Markup("\n").join(lines))


def _subject(document: dict[str, Any], base: str, tag: str, calls: list[Call]) -> Markup:
    return _join(
        Markup("<h2>{}</h2>\n").format(tag),
        *(_call(document, base, *call) for call in calls),
    )


def _call(
    document: dict[str, Any], base: str, path: str, method: str, operation: dict[str, Any]
) -> Markup:
    parts = [
        Markup(
            '<section class="call" id="{id}">\n<h3><a href="#{id}">'
            '<span class="method {low}">{method}</span>{path}</a></h3>\n<p>{summary}</p>\n'
        ).format(
            id=operation["operationId"],
            low=method.lower(),
            method=method,
            path=path,
            summary=_words(operation["summary"]),
        ),
        _paragraphs(operation.get("description", "")),
    ]
    if "parameters" in operation:
        rows = [
            (
                _code(one["name"]),
                one["in"],
                _type(one["schema"]),
                _words(one["description"]),
            )
            for one in operation["parameters"]
        ]
        parts += [_heading("Parameters"), _table(("Name", "In", "Type", "Meaning"), rows)]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        parts += [
            _heading("Body"),
            Markup("<p><code>{}</code> {}</p>\n").format(media, _type(content.get("schema", {}))),
        ]
    parts += [
        _heading("Answers"),
        _table(("Status", "Meaning", "Body"), _answers(document, operation)),
        _heading("Try it"),
        Markup("<pre><code>{}</code></pre>\n</section>\n").format(
            curl(base, path, method, operation) + _shown(document, base, path, method)
        ),
    ]
    return _join(*parts)


def _answers(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for status, told in operation["responses"].items():
        answer = told
        if "$ref" in told:
            answer = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        bodies = [
            _type(content["schema"]) if "json" in media else _code(media)
            for media, content in answer.get("content", {}).items()
        ]
        headers = "".join(f" Header {name}." for name in answer.get("headers", ()))
        yield status, _words(answer["description"] + headers), Markup(", ").join(bodies)


def _schema(name: str, schema: dict[str, Any]) -> Markup:
    required = schema.get("required", ())
    rows = [
        (
            _code(field),
            _type(of),
            "always" if field in required else "optional",
            _words(of.get("description", "")),
        )
        for field, of in schema.get("properties", {}).items()
    ]
    return _join(
        Markup(
            '<section class="schema" id="schema-{0}">\n<h3><a href="#schema-{0}">{0}</a></h3>\n'
        ).format(name),
        _paragraphs(schema.get("description", "")),
        _table(("Field", "Type", "There", "Meaning"), rows) if rows else _type(schema),
        Markup("</section>\n"),
    )


def _type(schema: dict[str, Any]) -> Markup:
    """What a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    several = schema.get("anyOf", schema.get("oneOf"))
    if several is not None and "properties" not in schema:
        return Markup(" or ").join(map(_type, several))
    if "enum" in schema:
        return Markup(" or ").join(_code(json.dumps(one)) for one in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return _list(schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of {}").format(_type(schema["additionalProperties"]))
    kinds = kind if isinstance(kind, list) else [kind]
    return escape(" ".join([" or ".join(map(str, kinds)), *_bounds(schema)]))


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _list(schema: dict[str, Any]) -> Markup:
    if "prefixItems" in schema:
        return Markup("[{}]").format(Markup(", ").join(map(_type, schema["prefixItems"])))
    return Markup("list of {}").format(_type(schema.get("items", {})))


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    for key, words in (
        ("minimum", "from {:,}"),
        ("exclusiveMinimum", "more than {:,}"),
        ("maximum", "to {:,}"),
        ("minLength", "of at least {:,} characters"),
        ("maxLength", "of at most {:,} characters"),
    ):
        if key in schema:
            yield words.format(schema[key])
    if "default" in schema:
        yield (
            f"(else {schema['default']:,})"
            if isinstance(schema["default"], int)
            else (f"(else {schema['default']})")
        )


def _paragraphs(text: str) -> Markup:
    parts = [part for part in text.split("\n\n") if part.strip()]
    return _join(*(Markup("<p>{}</p>\n").format(_words(part)) for part in parts))


def _words(text: str) -> Markup:
    """A text with code between backticks, which is all of Markdown that our texts have."""
    parts = text.split("`")
    odd = len(parts) - 1 if len(parts) % 2 == 0 else -1  # one that is never closed is only a tick
    return _join(
        *(
            _code(part) if number % 2 else escape(part)
            for number, part in enumerate(parts)
            if number != odd
        ),
        *([escape(f"`{parts[odd]}")] if odd >= 0 else []),
    )


def _heading(text: str) -> Markup:
    return Markup("<h4>{}</h4>\n").format(text)


def _table(heads: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    body = [
        Markup("<tr>{}</tr>\n").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in rows
    ]
    return Markup(
        '<div class="table"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n'
        "</table></div>\n"
    ).format(head, _join(*body))


def _join(*parts: Markup) -> Markup:
    return Markup("").join(parts)
