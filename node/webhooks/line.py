"""One connection to a webhook's receiver, kept while it is used, made anew where it broke.

Where it leads is judged when it is made, and nowhere else: what is kept was judged. No redirects:
the receiver agreed for this URL, and another one may be anywhere.
"""

import http.client
from collections.abc import Callable, Mapping
from typing import Final

from node.connections import CONNECT_TIMEOUT, Connection, NoAnswerError, Reply, reason
from node.webhooks.target import ForbiddenError, Target

ANSWER_TIMEOUT: Final = 10.0
"""Seconds until an answer counts as missing [guess: somebody's script; Standard Webhooks advises
receivers to answer within 15 to 30 s]."""
MOST_ADDRESSES: Final = 3
"""Addresses of one name that are tried [guess: IPv4 and IPv6, and one more]."""


class Line:
    """Asks one receiver, one question at a time."""

    def __init__(self, target: Target, where: Callable[[], list[str]]) -> None:
        """`where` gives the addresses of the target, looked up now and judged."""
        self._target = target
        self._where = where
        self._kept: Connection | None = None

    def ask(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """One exchange. Raises NoAnswerError."""
        connection, self._kept = self._kept, None
        if connection is not None and not connection.stands():
            connection.close()
            connection = None
        try:
            if connection is None:
                connection = self._connect()
            reply = connection.exchange(method, self._target.path, body, headers, ANSWER_TIMEOUT)
        except ForbiddenError as error:
            raise NoAnswerError(f"its name {error}") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            if connection is not None:
                connection.close()
            raise NoAnswerError(reason(error, connected=connection is not None)) from error
        if connection.last:
            connection.close()
        else:
            self._kept = connection
        return reply

    def close(self) -> None:
        """Let go of what is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _connect(self) -> Connection:
        found = self._where()[:MOST_ADDRESSES]
        for address in found[:-1]:
            try:
                return self._connected(address)
            except OSError:
                continue  # the next one may answer
        return self._connected(found[-1])

    def _connected(self, address: str) -> Connection:
        target = self._target
        if target.tls:
            from node.tls import TlsConnection

            plain: http.client.HTTPConnection = TlsConnection(
                address, target.port, timeout=CONNECT_TIMEOUT, name=target.host
            )
        else:
            plain = http.client.HTTPConnection(address, target.port, timeout=CONNECT_TIMEOUT)
        plain.connect()
        return Connection(plain, target.base.partition("://")[2], lambda _: None)
