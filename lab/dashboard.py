"""Asking the dashboard, which sees the whole network, over its REST interface.

Something else may listen at its port, so what comes back is parsed into typed values here
and nowhere else.
"""

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lab import LabError

MOST_BYTES = 8_388_608
"""Of one answer [guess: the graph of 100 nodes has some 300 KiB]."""


PATIENCE = 10.0
"""Seconds for a call that it passes on: it waits seven for a node, and then says so itself."""


MOST_TOKEN = 200
"""Characters of the page's token."""
HEADER = "P2P-Page"
"""What who acts shows, where he does not show the operator's token (dashboard/acting.py)."""


def operator() -> dict[str, str]:
    """The header that shows the operator's token, where this person's network has one."""
    token = os.environ.get("P2P_OPERATOR_TOKEN", "").strip()
    return {"Authorization": f"Bearer {token}"} if token else {}


class NoAnswerError(LabError):
    """Nobody answers at the dashboard's port, or not with JSON."""


class RefusedError(LabError):
    """The dashboard says no; the message is its own."""

    def __init__(self, message: str, answered: int) -> None:
        super().__init__(message)
        self.answered = answered
        """The status of its answer."""


@dataclass(frozen=True)
class Summary:
    """The network's state in one glance (SUMMARY in docs/api.md)."""

    state: str
    line: str
    expected: int | None
    nodes: int
    alive: int
    watched: int
    """How many nodes' events arrive at the dashboard."""
    components: int
    said: dict[str, Any]
    """All of it, as it came."""

    def is_one_network_of(self, nodes: int) -> bool:
        """Whether that many nodes are alive, in one network, and their events arrive."""
        return (
            self.state == "connected"
            and self.components == 1
            and min(self.alive, self.watched) >= nodes
            and self.expected in (None, nodes)
        )


class Dashboard:
    """The dashboard at a port of this machine."""

    def __init__(self, port: int, timeout: float = 5.0) -> None:
        self.port = port
        self._timeout = timeout

    def summary(self) -> Summary:
        """GET /api/status. Raises NoAnswerError, RefusedError."""
        said = self.get("/api/status")
        expected = said.get("expected")
        return Summary(
            state=str(said.get("state", "")),
            line=str(said.get("line", "")),
            expected=expected if isinstance(expected, int) else None,
            nodes=self._count(said, "nodes"),
            alive=self._count(said, "alive"),
            watched=self._count(said, "watched"),
            components=self._count(said, "components"),
            said=said,
        )

    def get(self, path: str) -> dict[str, Any]:
        """One GET. Raises NoAnswerError, RefusedError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One POST. Raises NoAnswerError, RefusedError."""
        return self._ask("POST", path, json.dumps(body).encode())

    def delete(self, path: str) -> dict[str, Any]:
        """One DELETE. Raises NoAnswerError, RefusedError."""
        return self._ask("DELETE", path, None)

    def node(self, name: str, what: str = "") -> dict[str, Any]:
        """GET /api/nodes/<name>[/<what>]. Raises NoAnswerError, RefusedError."""
        return self.get(f"/api/nodes/{quote(name, safe='')}{what}")

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body else {}
        page = self._page() if method != "GET" else {}
        status, content = self._exchange(method, path, body, headers | page | operator())
        try:
            said = json.loads(content)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise NoAnswerError(f"What answers at port {self.port} is no dashboard of ours.")
        if status >= 400:
            raise RefusedError(str(said.get("error", f"it answered {status}")), status)
        return said

    def _page(self) -> dict[str, str]:
        """The page's token, which the dashboard gives to who is on its own machine.

        Nothing where it gives none: it is for looking only, and says so to what is asked then; or
        it is of a version that wants none.
        """
        status, content = self._exchange("GET", "/api/token", None, {})
        token = content.decode("ascii", "replace").strip()
        fits = status == http.HTTPStatus.OK and len(token) <= MOST_TOKEN and token.isprintable()
        return {HEADER: token} if fits else {}

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """One request: the status and the body of its answer. Raises NoAnswerError."""
        # 127.0.0.1 and not localhost: no look-up, and never ::1, where nobody listens.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"No dashboard answers at port {self.port} ({error}).") from None
        finally:
            connection.close()

    def _count(self, said: Mapping[str, Any], field: str) -> int:
        value = said.get(field)
        if not isinstance(value, int):
            raise NoAnswerError(f"What answers at port {self.port} is no dashboard of ours.")
        return value
