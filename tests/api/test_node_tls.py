"""A plain node that is reached by https: real TLS, a certificate of our own."""

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from laboratory import Node, until


class PlainNode:
    """The assignment's two calls behind TLS; `inbox` is what it was sent."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.inbox: list[str] = []
        inbox = self.inbox

        class Calls(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(200 if self.path == "/peers" else 404, {"peers": []})

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/message":
                    inbox.append(said["msg"])
                self._answer(200 if self.path == "/message" else 404, {"status": "received"})

            def _answer(self, status: int, body: dict[str, object]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no `openssl` to make a certificate with")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def plain(certificate: tuple[Path, Path]) -> Iterator[PlainNode]:
    made = PlainNode(*certificate)
    yield made
    made.close()


@pytest.mark.parametrize("server", ["eventlet", "threading"])
def test_a_plain_node_behind_tls_is_found_and_gets_its_messages(
    tmp_path: Path, certificate: tuple[Path, Path], plain: PlainNode, server: str
) -> None:
    trust = {"SSL_CERT_FILE": str(certificate[0]), "P2P_SERVER": server}
    node = Node(tmp_path, "node1", peers=plain.url, **trust)
    try:
        until(lambda: node.knows() == 1)
        sent = requests.post(node.url + "/send", json={"to": plain.url, "msg": "hello"}, timeout=5)
        assert sent.status_code == 202
        until(lambda: plain.inbox == ["hello"])
    finally:
        node.end()


def test_whose_certificate_nobody_vouches_for_is_told_nothing(
    tmp_path: Path, plain: PlainNode
) -> None:
    node = Node(tmp_path, "node1", peers=plain.url)
    try:
        until(lambda: node.knows() == 0)
        requests.post(node.url + "/register", json={"url": plain.url}, timeout=5)
        until(lambda: node.knows() == 1)  # whoever registers is on the list until it is given up
        sent = requests.post(node.url + "/send", json={"to": plain.url, "msg": "hello"}, timeout=5)
        assert sent.status_code == 404, "it is no member: it never answered"
        assert plain.inbox == []
    finally:
        node.end()
