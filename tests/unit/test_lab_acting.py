"""The command line acts through the dashboard with its token; a network may be for looking only."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lab import engine
from lab.dashboard import Dashboard, RefusedError
from lab.folder import Folder, Run
from lab.layout import Layout
from lab.programs import programs


class Fake:
    """A dashboard that gives a token, or refuses to, and takes note of what is shown."""

    def __init__(self) -> None:
        self.token: str | None = "the page's"
        self.shown: list[tuple[str, str | None, str | None]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/api/token" and fake.token is not None:
                    self._say(200, fake.token.encode())
                else:
                    self._say(403, b'{"error": "this dashboard is for looking only"}')

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                page, operator = self.headers["P2P-Page"], self.headers["Authorization"]
                fake.shown.append((self.command, page, operator))
                said = {"id": "m"} if page or operator else {"error": "looking only"}
                self._say(202 if "id" in said else 403, json.dumps(said).encode())

            do_DELETE = do_POST  # noqa: N815 - the library calls it so

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.delenv("P2P_OPERATOR_TOKEN", raising=False)
    running = Fake()
    yield running
    running.server.shutdown()
    running.server.server_close()


def test_it_shows_the_pages_token(fake: Fake) -> None:
    dashboard = Dashboard(fake.server.server_port)
    assert dashboard.post("/api/send", {}) == {"id": "m"}
    dashboard.delete("/api/faults")
    assert fake.shown == [("POST", "the page's", None), ("DELETE", "the page's", None)]


def test_it_shows_the_operators_too_where_this_person_has_it(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2P_OPERATOR_TOKEN", "correct horse")
    fake.token = None
    assert Dashboard(fake.server.server_port).post("/api/send", {}) == {"id": "m"}
    assert fake.shown == [("POST", None, "Bearer correct horse")]


@pytest.mark.parametrize("token", [None, "x" * 201, "two\nlines"])
def test_where_there_is_none_the_dashboard_itself_says_so(fake: Fake, token: str | None) -> None:
    fake.token = token
    with pytest.raises(RefusedError, match="looking only"):
        Dashboard(fake.server.server_port).post("/api/send", {})


def test_a_network_for_looking_only(tmp_path: Path) -> None:
    layout = Layout(3, 50, 8080, read_only=True)
    folder = Folder("p2p", tmp_path)
    folder.remember(Run("local", layout))
    assert folder.run() == Run("local", layout)
    settings = {p.name: p.settings for p in programs(layout, tmp_path)}
    assert settings["dashboard"]["DASHBOARD_READ_ONLY"] == "1"
    assert "DASHBOARD_READ_ONLY" not in settings["node1"]
    acting = {p.name: p.settings for p in programs(Layout(3, 50, 8080), tmp_path)}
    assert acting["dashboard"] != settings["dashboard"], "so `up` without it starts it anew"
    assert engine.environment("p2p", layout)["DASHBOARD_READ_ONLY"] == "1"
    assert engine.environment("p2p", Layout())["DASHBOARD_READ_ONLY"] == ""
