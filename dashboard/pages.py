"""The page and its files.

Nothing that comes from the network may ever run in the page. The page itself sees to it
that names and texts are only texts; the Content-Security-Policy sees to it that a mistake
there stays without harm: scripts come from here, as files, or not at all.

An edited file must be seen at the next reload, so a browser asks each time whether it has
changed (`no-cache`, RFC 9111, section 5.2.2.4) and mostly hears that it has not.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, request, send_from_directory

from contract.described import Raw, Words, described
from contract.errors import ApiError
from dashboard.preload import header

_ROOT: Final = Path(__file__).parents[1]
TEMPLATES: Final = _ROOT / "templates"
STATIC: Final = _ROOT / "static"
PAGE: Final = "index.html"
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def is_there(templates: Path = TEMPLATES) -> bool:
    """Whether this installation has a page."""
    return (templates / PAGE).is_file()


def fingerprint(static: Path = STATIC, templates: Path = TEMPLATES) -> str | None:
    """A word for the page's files as they are now; None where there is no page.

    A page that was opened before the dashboard was replaced by another version can tell by it.
    Sizes and times would do until somebody copies files; there are some hundred of them, and
    reading them takes 3 ms [measured].
    """
    if not is_there(templates):
        return None
    files = [templates / PAGE, *static.glob("js/**/*.js"), *static.glob("css/*.css")]
    made = hashlib.sha256()
    for file in sorted(files):
        made.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return made.hexdigest()[:16]


def blueprint(templates: Path = TEMPLATES, static: Path = STATIC) -> Blueprint:
    """`/`; Flask itself serves `/static/`."""
    routes = Blueprint("pages", __name__)
    preloads = cache(lambda: header(static))  # an import that is new since then comes all the same

    @routes.get("/")
    @described("The page", answer=Raw("text/html"), errors=(404,))
    def page() -> Response:
        if not is_there(templates):
            raise ApiError(404, f"this installation has no page: templates/{PAGE} is missing")
        answer = send_from_directory(templates, PAGE, max_age=None)
        answer.headers["Link"] = preloads()
        return answer

    return routes


def describe_files(app: Flask) -> None:
    """Say what Flask's own call, which serves `/static/`, is for."""
    name = Words("filename", None, "The file's path.")
    described(
        "A file of the page",
        path=(name,),
        answer=Raw("application/octet-stream"),
        errors=(404,),
    )(app.view_functions["static"])


def protect(app: Flask) -> None:
    """Put the headers that keep a page safe on every answer."""

    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _policy(request.host)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")  # answers of the API
        return response

    app.after_request(harden)


def _policy(host: str) -> str:
    """What the page may do. Older browsers do not count `ws:` as part of 'self'."""
    stream = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            f"connect-src 'self'{stream}",
            "worker-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
