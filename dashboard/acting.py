"""Who may change something through the dashboard: send, break, heal, rename a run.

Looking is free. Whoever acts shows one of two things:

* *the page's token*, in the header `P2P-Page`. It is made anew with each start, and
  `GET /api/token` gives it to who is near (`contract.near`): the page on this machine, a `curl`,
  the command line;
* *the operator's token* (`P2P_OPERATOR_TOKEN`), as `Authorization: Bearer …`, from wherever he is.

What this keeps out, besides what `Host` and `Origin` do already (`contract.http`):

* *Pages of other origins.* They can neither read the token, as nothing here allows them to read
  (Fetch standard, "CORS protocol"), nor send such a header unasked. A cookie would be weaker, even
  with `SameSite=Strict`: a *site* has no port, so it would go along with what a page from a node at
  `localhost:5001` sends, and nodes may be anybody's.
* *People elsewhere.* A dashboard that is published to a class shows everything to all of it.
  Without an operator's token the nodes themselves take faults from their own machine only, and
  through us they would have taken them from anybody.

A `curl` without a token is refused, and the answer is the line that was missing. To let any program
of this machine act without one would have been handier and as safe against people elsewhere, but
not against a browser: that, too, is a program of this machine, and it does what pages say.

`DASHBOARD_READ_ONLY=1` gives the page's token to nobody: a class may look, and its teacher, who has
the operator's token, acts from the command line.
"""

import hmac
import secrets
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, request

from contract.described import Raw, described
from contract.errors import ApiError
from contract.near import is_near

HEADER: Final = "P2P-Page"
PATH: Final = "/api/token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN: Final = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of the page itself, and of what a person typed (Fetch Metadata, section 2.3)."""
LOOKING: Final = "this dashboard is for looking only"


class Acting:
    """Judges who may act."""

    def __init__(
        self,
        operator: str | None = None,
        *,
        read_only: bool = False,
        near: Callable[[str], bool] = is_near,
    ) -> None:
        self._operator = operator
        self._near = near
        self.read_only = read_only
        self.token = secrets.token_urlsafe(24)
        """The page's."""

    @property
    def has_operator(self) -> bool:
        """Whether there is an operator's token."""
        return self._operator is not None

    def protect(self, app: Flask) -> None:
        """Ask for a token before anything is changed under `/api`."""
        app.before_request(self._check)

    def _check(self) -> None:
        if request.method in _SAFE or not request.path.startswith("/api/"):
            return
        if self.is_operator():
            return
        if self.read_only:
            raise ApiError(403, f"{LOOKING}; {self._only_operator()}")
        shown = request.headers.get(HEADER, "")
        if not hmac.compare_digest(shown.encode(), self.token.encode()):
            wrong = (
                "the page's token is an old one, or wrong" if shown else "who acts shows a token"
            )
            if self.has_operator:
                raise ApiError(401, f"{wrong}: {self._how()}")
            raise ApiError(403, f"{wrong}: {self._how()}", field=HEADER)

    def is_operator(self) -> bool:
        """Whether the operator's token is shown. Raises 401 where a wrong one is."""
        shown = request.headers.get("Authorization")
        if self._operator is None or shown is None:
            return False
        if not hmac.compare_digest(shown.encode(), f"Bearer {self._operator}".encode()):
            raise ApiError(401, "this is not the operator's token")
        return True

    def page(self) -> str:
        """The page's token, for who asks now. Raises 403."""
        if self.read_only:
            raise ApiError(403, f"{LOOKING}; {self._only_operator()}")
        if request.headers.get("Sec-Fetch-Site", "none") not in _OWN:
            raise ApiError(403, "the page's token is for this program's own page")
        if not self._near(request.remote_addr or ""):
            raise ApiError(403, f"from another machine one can only look; {self._only_operator()}")
        return self.token

    def _how(self) -> str:
        also = ", or -H 'Authorization: Bearer …' with the operator's" if self._operator else ""
        return f'add -H "{HEADER}: $(curl -s http://{request.host}{PATH})" to your curl{also}'

    def _only_operator(self) -> str:
        if self._operator is None:
            return "start it with P2P_OPERATOR_TOKEN, and whoever shows that may act"
        return "who acts shows the operator's token: Authorization: Bearer …"


def blueprint(acting: Acting) -> Blueprint:
    """`/api/token`."""
    calls = Blueprint("acting", __name__)

    @calls.get(PATH)
    @described(
        "The page's token, which who acts shows\n\n"
        "As plain text, for the header `P2P-Page`. Only this program's own page can read it, and "
        "who asks from this very machine or its network of containers.",
        answer=Raw("text/plain"),
    )
    def token() -> Response:
        return Response(acting.page(), mimetype="text/plain")

    return calls
