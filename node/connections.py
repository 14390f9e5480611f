"""HTTP to others, over connections that stay open.

One pool a peer, by address and not by name, so that the hot path never looks a name up
(`resolver`). No redirects: where a peer lives is what it registered. Answers are bounded
in bytes and in seconds, since a peer may send without end, or one byte a second.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import urllib3

from contract.limits import MAX_BATCH
from contract.urls import host_and_port
from node.resolver import Resolver

MOST_POOLS = 256
"""Peers to which connections are kept; beyond that the least used is closed [guess]."""
CONNECT_TIMEOUT = 2.0
"""Seconds until a connection counts as impossible. Within a network of containers a
connection takes a millisecond, or seconds when 50 of them start at once [measured]."""
ANSWER_TIMEOUT = 4.0
"""Seconds until an answer counts as missing [guess, generous for two busy cores]."""


class NoAnswerError(Exception):
    """Nobody answered, or not in time, or with nonsense. The message says which."""


class Reply(NamedTuple):
    """An answer: status, headers, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Connections:
    """All outgoing connections of a node."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._pools: OrderedDict[str, urllib3.HTTPConnectionPool] = OrderedDict()
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        path: str,
        body: bytes | None = None,
        answer_timeout: float = ANSWER_TIMEOUT,
    ) -> Reply:
        """Ask a peer. Raises NoAnswerError."""
        deadline = time.monotonic() + CONNECT_TIMEOUT + answer_timeout
        try:
            response = self._pool(url).urlopen(
                method,
                path,
                body,
                headers=_headers(url, body),
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=answer_timeout),
            )
            try:
                return Reply(response.status, response.headers, _read(response, deadline))
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self._forget(url)
            raise NoAnswerError(_reason(error)) from error

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        with self._lock:
            pool = self._pools.get(url)
            if pool is not None:
                self._pools.move_to_end(url)
                return pool
        host, port = host_and_port(url)
        if url.startswith("https:"):
            made: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(host, port, maxsize=2)
        else:
            made = urllib3.HTTPConnectionPool(self._resolver.address(host), port, maxsize=2)
        with self._lock:
            pool = self._pools.setdefault(url, made)
            if len(self._pools) > MOST_POOLS:
                _, oldest = self._pools.popitem(last=False)
                oldest.close()
        return pool

    def _forget(self, url: str) -> None:
        """Nobody answered: look the name up anew next time, the peer may have moved."""
        with self._lock:
            pool = self._pools.pop(url, None)
        if pool is not None:
            pool.close()
        self._resolver.forget(host_and_port(url)[0])


def _headers(url: str, body: bytes | None) -> dict[str, str]:
    headers = {"Host": url.partition("://")[2], "User-Agent": "p2p-lab"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    return headers


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(65_536):
        size += len(part)
        if size > MAX_BATCH:
            response.close()
            raise NoAnswerError(f"its answer has more than {MAX_BATCH:,} bytes")
        if time.monotonic() > deadline:
            response.close()
            raise NoAnswerError("its answer took too long")
        parts.append(part)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """In words that help somebody who looks at the page."""
    kinds = urllib3.exceptions
    for kind, words in (
        (kinds.NameResolutionError, "its name does not resolve"),
        (kinds.NewConnectionError, "connection refused"),
        (kinds.ConnectTimeoutError, "no connection in time"),
        (kinds.ReadTimeoutError, "no answer in time"),
        (kinds.ProtocolError, "the connection broke"),
        (OSError, "its name does not resolve"),
    ):
        if isinstance(error, kind):
            return words
    return "no proper answer"
