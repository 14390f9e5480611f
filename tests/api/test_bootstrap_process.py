"""The bootstrap as a real process, on both servers: it survives, it stops, it bears nonsense."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import say

ROOT = Path(__file__).parents[2]
LISTENS = "Bootstrap node listens on "


class Bootstrap:
    """One running process; `lines` is what it has printed up to the line that it listens."""

    def __init__(self, data: Path, server: str, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bootstrap"],
            cwd=ROOT,
            env={
                **os.environ,
                "P2P_SERVER": server,
                "BOOTSTRAP_HOST": "127.0.0.1",
                "BOOTSTRAP_PORT": str(port),
                "BOOTSTRAP_DATA": str(data),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith(LISTENS):
                self.port = int(line.split()[4].rsplit(":", 1)[1])
                return
        pytest.fail("it ended: " + "".join(self.lines))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=5).json()

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal: the exit status and the rest of what was printed."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=10)
        return self.process.returncode, printed


@pytest.fixture(params=["eventlet", "threading"])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bootstrap(tmp_path: Path, server: str) -> Iterator[Bootstrap]:
    running = Bootstrap(tmp_path, server)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGKILL)


def register(bootstrap: Bootstrap, url: str) -> None:
    requests.post(bootstrap.url + "/register", json={"url": url}, timeout=5).raise_for_status()


def test_what_is_registered_is_there_after_a_kill(
    bootstrap: Bootstrap, tmp_path: Path, server: str
) -> None:
    register(bootstrap, "http://node1:5000")
    bootstrap.end(signal.SIGKILL)
    again = Bootstrap(tmp_path, server)
    try:
        assert again.get("/peers") == {"peers": ["http://node1:5000"]}
        assert "(1 peers known)" in again.lines[-1]
    finally:
        again.end(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_asked_within_two_seconds(bootstrap: Bootstrap, number: Any) -> None:
    register(bootstrap, "http://node1.invalid:5000")  # gives the checker something to do
    begun = time.monotonic()
    status, printed = bootstrap.end(number)
    assert time.monotonic() - begun < 2
    assert status == 0
    assert printed == "Registered http://node1.invalid:5000\n"


def test_a_port_that_is_taken_is_said_in_one_line(bootstrap: Bootstrap, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "BOOTSTRAP_HOST": "127.0.0.1",
        "BOOTSTRAP_PORT": str(bootstrap.port),
        "BOOTSTRAP_DATA": str(tmp_path / "other"),
    }
    second = subprocess.run(
        [sys.executable, "-m", "bootstrap"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{bootstrap.port}" in second.stderr
    assert second.stderr.count("\n") == 1


RAW = {
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    "empty line": b"\r\n\r\n",
    "half a request line": b"GET\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "wrong version": b"GET / HTTP/9.9\r\n\r\n",
    "no host": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "bytes in a header": b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nX: \x00\r\n\r\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    "a long path": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "negative length": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: -5\r\n\r\n{}",
    "length no number": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: many\r\n\r\n{}",
    "length too short": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1\r\n\r\n{}",
    "length too long": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 50\r\n\r\n{}",
    "bad chunk size": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "negative chunk": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "broken off chunk": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nff\r\n{}",
    "endless chunks": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" + (b"2000\r\n" + b" " * 8_192 + b"\r\n") * 20,
    "length and chunks": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "odd encoding": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: brotli\r\nContent-Length: 2\r\n\r\n{}",
    "expect": b"POST /register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "expect nonsense": b"POST /register HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    "absolute": b"GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
}


def test_no_bytes_make_a_server_error_nor_a_traceback(bootstrap: Bootstrap) -> None:
    answers = {name: say(bootstrap.port, sent) for name, sent in RAW.items()}
    bad = {
        name: answer[:200]
        for name, answer in answers.items()
        if any(line.startswith(b"HTTP/1.") and line[9:10] == b"5" for line in answer.split(b"\r\n"))
    }
    assert bad == {}
    assert bootstrap.get("/peers") == {"peers": []}
    status, printed = bootstrap.end(signal.SIGTERM)
    assert (status, printed) == (0, "")
