"""A node's own interface, asked over HTTP as anybody would; the dashboard is not involved.

An answer that does not come is an answer, too: `NoAnswerError` means that nobody knows
whether it was done.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.dashboard import operator

TIMEOUT: Final = 10.0
"""Seconds: more than a node takes whose disk is busy, less than one is frozen."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one page of an inbox: a thousand of the longest messages."""


class NoAnswerError(Exception):
    """Nobody knows."""


@dataclass(frozen=True)
class Answer:
    """A status and a JSON object."""

    status: int
    said: dict[str, Any]
    retry_after: float | None = None

    @property
    def error(self) -> str:
        """What it complains about."""
        return f"{self.status} {self.said.get('error', '')}".strip()


class Node:
    """One node at a port of this machine, over a connection that is kept. One thread's own."""

    def __init__(self, name: str, port: int, timeout: float = TIMEOUT) -> None:
        self.name = name
        self.port = port
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """One GET, asked again where a kept connection had been closed. Raises NoAnswerError."""
        kept = self._connection is not None
        try:
            return self.ask("GET", path)
        except NoAnswerError:
            if not kept:
                raise
            return self.ask("GET", path)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """One POST. Raises NoAnswerError."""
        return self.ask("POST", path, body)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One request, never repeated here. Raises NoAnswerError."""
        if self._connection is None:
            # 127.0.0.1 and not localhost: no look-up, and never ::1, where nobody listens.
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self._timeout
            )
        content = None if body is None else json.dumps(body).encode()
        headers = {} if content is None else {"Content-Type": "application/json"}
        headers |= operator()
        try:
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            raw = answer.read(MOST_BYTES)
            retry = answer.getheader("Retry-After", "")
            said = json.loads(raw)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            self.close()
            raise NoAnswerError(str(error) or type(error).__name__) from None
        if not isinstance(said, dict):
            raise NoAnswerError("what answered is no node of ours")
        return Answer(answer.status, said, float(retry) if retry.isdecimal() else None)

    def close(self) -> None:
        """Let go of the connection; the next question makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
