"""How the programs speak HTTP: JSON in, JSON out, one shape for errors, one guard.

`create_app` is the base that the three programs build on. It does three things for each
of them. It answers every error, its own or Flask's, as JSON. It reads bodies within a limit
(`bodies` parses them). And it keeps other people's web pages out: a page somewhere on the web can
make a browser send requests to `localhost`, so

* the `Host` must be one that the program can have: an address, a name without a dot (a
  container, `localhost`), or one that was configured. A hostile page that points its own
  domain at 127.0.0.1 (DNS rebinding) names itself there and is refused;
* a request that changes something and names an `Origin` must name this very host;
* bodies must say that they are JSON, which a foreign page may not do unasked (Fetch
  standard, "CORS-safelisted request-header").
"""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from contract.bodies import decode_object, encode
from contract.errors import ApiError, malformed
from contract.hosts import host_allowed
from contract.limits import MAX_BODY

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def create_app(
    program: str,
    *,
    hosts: Collection[str] = (),
    static_folder: str | None = None,
    template_folder: str | None = None,
) -> Flask:
    """A Flask app that speaks JSON and lets nobody in by the back door.

    `hosts` are names with dots that this program may be called by, besides addresses and
    plain names.
    """
    app = Flask(program, static_folder=static_folder, template_folder=template_folder)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    allowed = frozenset(hosts)

    def guard() -> None:
        if not host_allowed(request.host, allowed):
            raise ApiError(
                403,
                f"the host '{request.host[:80]}' is not one of this program's names; "
                "add it to P2P_ALLOWED_HOSTS if it should be",
            )
        if request.method not in _SAFE and refused_as_foreign(
            request.headers.get("Origin"), request.host
        ):
            raise ApiError(403, "requests from other web pages are not taken")

    app.before_request(guard)
    app.register_error_handler(ApiError, _answer_api_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    return app


def refused_as_foreign(origin: str | None, host: str) -> bool:
    """Whether an `Origin` is somebody else's page; no browser sent a request without one."""
    return origin is not None and _authority(origin) != host.lower()


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        encode(value),
        status,
        headers,
        mimetype="application/json",
    )


def read_bytes(limit: int = MAX_BODY) -> bytes:
    """The raw JSON body, refused when it is too long (413) or not called JSON (415)."""
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    if not request.is_json:
        raise ApiError(
            415, "the body must be JSON: send the header 'Content-Type: application/json'"
        )
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:  # a chunked body, which does not say how long it is
        raise _too_large(limit) from None


def read_object(limit: int = MAX_BODY) -> dict[str, Any]:
    """The body as a JSON object. Raises 400, 413 or 415."""
    return decode_object(read_bytes(limit))


def required(body: Mapping[str, Any], field: str) -> Any:
    """A field that must be there. Raises 400."""
    if field not in body:
        raise malformed(f"'{field}' is missing", field)
    return body[field]


def whole_number(field: str, default: int, lowest: int, highest: int) -> int:
    """A whole number from the query string. Raises 400, or 422 when it is out of range."""
    text = request.args.get(field)
    if text is None:
        return default
    try:
        number = int(text) if len(text) <= 20 else None
    except ValueError:
        number = None
    if number is None:
        raise malformed(f"'{field}' must be a whole number", field)
    if not lowest <= number <= highest:
        raise ApiError(422, f"'{field}' must be from {lowest} to {highest}", field=field)
    return number


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"the body is too large; at most {limit:,} bytes are taken")


def _authority(origin: str) -> str | None:
    """Host and port that an `Origin` names; None for `null` and for nonsense."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _answer_api_error(error: ApiError) -> Response:
    return answer(error.body(), error.status, error.headers())


def _answer_http_error(error: HTTPException) -> Response:
    """Flask's own errors (404, 405, 413, 500 …) in the house's shape."""
    headers = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    }
    return answer({"error": error.description or error.name}, error.code or 500, headers)
