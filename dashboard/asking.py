"""HTTP to nodes and to the bootstrap: bounded in bytes and in seconds, no redirects.

A peer may send without end, or one byte a second; it may redirect us to somebody who
trusts us. None of that works here. Names are looked up off the loop (`addresses`).
"""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from contract.urls import host_and_port
from dashboard.addresses import Addresses, ForbiddenError

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT: Final = 2.0
"""Seconds until a connection counts as impossible [node: the same]."""
ANSWER_TIMEOUT: Final = 5.0
"""Seconds until an answer counts as missing: a node loads Flask for its first one, which
takes it a second while fifty start on two cores [measured: 0.4 s alone]."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of an answer: 200 messages of 10,000 characters of four bytes."""


class NoAnswerError(Exception):
    """Nobody answered as they should. The text says why, in words for a person.

    `late`: not in time; `refused`: nobody is at home; `too_long`: more than was asked for.
    """

    def __init__(
        self, why: str, *, late: bool = False, refused: bool = False, too_long: bool = False
    ) -> None:
        super().__init__(why)
        self.late = late
        self.refused = refused
        self.too_long = too_long


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asking:
    """Asks over HTTP. Safe to use from any thread: each has its own session."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._sessions = threading.local()

    def ask(
        self,
        method: str,
        url: str,
        path: str,
        body: Any = None,
        *,
        timeout: float = ANSWER_TIMEOUT,
        most: int = MOST_BYTES,
        more: Mapping[str, str] | None = None,
    ) -> Reply:
        """One call, with `more` headers. Raises NoAnswerError."""
        import requests  # late: 70 ms that the page need not wait for

        deadline = time.monotonic() + CONNECT_TIMEOUT + timeout
        try:
            base, host = self._resolved(url)
            with self._session().request(
                method,
                base + path,
                json=body,
                headers={
                    "Host": host,
                    "Connection": "close",
                    "User-Agent": "p2p-lab",
                    **(more or {}),
                },
                timeout=(CONNECT_TIMEOUT, timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Reply(
                    response.status_code, response.headers, _read(response, deadline, most)
                )
        except ForbiddenError as error:
            raise NoAnswerError(f"nobody is asked there: {error}") from None
        except requests.Timeout:
            self._addresses.forget(host_and_port(url)[0])
            raise NoAnswerError("it does not answer in time", late=True) from None
        except (requests.RequestException, OSError, UnicodeError) as error:
            self._addresses.forget(host_and_port(url)[0])
            refused = _is_refusal(error)
            raise NoAnswerError(
                "connection refused" if refused else "no connection to it", refused=refused
            ) from None

    def _session(self) -> "requests.Session":
        import requests

        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # peers are never behind the person's web proxy
            self._sessions.session = session
        return session

    def _resolved(self, url: str) -> tuple[str, str]:
        """The URL with an address for its name, and the `Host` to ask for.

        An https URL keeps its name, which its certificate is for.
        """
        host, port = host_and_port(url)
        called = url.partition("://")[2]
        address = self._addresses.of(host)
        if url.startswith("https:"):
            return url, called
        return f"http://{f'[{address}]' if ':' in address else address}:{port}", called


def _is_refusal(error: BaseException | None) -> bool:
    """Whether nobody was at home; each library puts its own error around the one below."""
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None


def _read(response: "requests.Response", deadline: float, most: int) -> bytes:
    body = bytearray()
    for piece in response.iter_content(65_536):
        body += piece
        if len(body) > most:
            raise NoAnswerError(f"its answer has more than {most:,} bytes", too_long=True)
        if time.monotonic() > deadline:
            raise NoAnswerError("its answer takes too long", late=True)
    return bytes(body)
