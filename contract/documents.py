"""`/openapi.json`, `/docs`, its style sheet and its icon: what can be asked, for all to read.

All of it is made when it is asked for, the document once. The page is text of ours, made of the
document (`contract.docs_page`): it has no script, takes nothing from elsewhere, and what comes
from outside, the host's name in the examples, is only ever text in it.
"""

import threading
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from contract.described import Raw, described
from contract.http import answer

STYLE: Final = Path(__file__).with_name("docs.css")
ICON: Final = Path(__file__).with_name("docs.svg")
"""Without one, a browser asks for `/favicon.ico` and complains that there is none."""
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def blueprint(title: str, about: str) -> Blueprint:
    """The four calls. `about` is a few sentences on the program."""
    routes = Blueprint("documents", __name__)
    made: list[dict[str, Any]] = []
    making = threading.Lock()

    def document() -> dict[str, Any]:
        from contract import openapi  # late: a node's start has no time for it

        with making:
            if not made:
                made.append(openapi.document(current_app, title, about))
        return made[0]

    @routes.get("/openapi.json")
    @described("This document: OpenAPI 3.1", answer=dict[str, Any])
    def as_json() -> Response:
        return answer(document())

    @routes.get("/docs")
    @described("This document as a page", answer=Raw("text/html"))
    def as_page() -> Response:
        from contract.docs_page import page

        shown = page(document(), f"{request.scheme}://{request.host}")
        return Response(shown, content_type="text/html; charset=utf-8", headers=_safe())

    @routes.get("/docs.css")
    @described("The page's style sheet", answer=Raw("text/css"))
    def style() -> Response:
        return Response(STYLE.read_bytes(), content_type="text/css; charset=utf-8", headers=_safe())

    @routes.get("/docs.svg")
    @described("The page's icon", answer=Raw("image/svg+xml"))
    def icon() -> Response:
        return Response(ICON.read_bytes(), content_type="image/svg+xml", headers=_safe())

    return routes


def _safe() -> dict[str, str]:
    return {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
