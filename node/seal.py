"""A seal on every batch, where the members share a secret (`P2P_SECRET`).

Without a secret whoever reaches a node's port can speak in any member's name, which is how
a laboratory on one machine should be. With one, a batch and its answer carry the time and
an HMAC (RFC 2104, SHA-256) over time and body; the sender's record is part of the body. It
is checked before anything is parsed, so a stranger's bytes reach no further than here.

A sealed batch that somebody recorded is good for five minutes, as long as Standard
Webhooks allows for clocks that differ. What it says is known by then: an older record beats
no newer one, and a broadcast that came is not delivered again.
"""

import hmac
import time
from collections.abc import Callable

from contract.errors import ApiError

TIME, MAC = "P2P-Time", "P2P-Mac"
TOLERANCE = 300.0
"""Seconds that two clocks may differ [Standard Webhooks, "Verifying webhook authenticity"]."""
Header = Callable[[str], str | None]
"""Gives the value of a header; None where there is none."""
LEAST = 8
"""Characters of a secret [guess: fewer are tried out in an afternoon]."""


class Seal:
    """Seals bodies and checks seals; does neither where there is no secret."""

    def __init__(self, secret: str | None, wall: Callable[[], float] = time.time) -> None:
        self._secret = None if secret is None else secret.encode()
        self._wall = wall
        self.refused = 0
        """Bodies that were not sealed as they should be."""

    def headers(self, body: bytes) -> dict[str, str]:
        """What to send along with a body."""
        if self._secret is None:
            return {}
        stamp = str(int(self._wall()))
        return {TIME: stamp, MAC: _mac(self._secret, stamp, body)}

    def check(self, header: Header, body: bytes) -> None:
        """Raise ApiError (403) where a body was not sealed with our secret, or long ago.

        Not 401, which would have to name a way to log in (RFC 9110, section 15.5.2).
        """
        if self._secret is None:
            return
        stamp = header(TIME) or ""
        fresh = (
            stamp.isascii()
            and stamp.isdigit()
            and len(stamp) <= 12
            and abs(self._wall() - int(stamp)) <= TOLERANCE
        )
        # Compared in constant time, or the time it takes would tell how much of it is right.
        given = (header(MAC) or "").encode("utf-8", "replace")
        if not (fresh and hmac.compare_digest(given, _mac(self._secret, stamp, body).encode())):
            self.refused += 1
            raise ApiError(403, "this network has a secret, and the batch is not sealed with it")


def _mac(secret: bytes, stamp: str, body: bytes) -> str:
    return hmac.digest(secret, stamp.encode() + b"." + body, "sha256").hex()
