"""Who may post events to the dashboard, and how he proves it.

With a secret (`DASHBOARD_WEBHOOK_SECRET`) whoever knows it: every delivery is signed as Standard
Webhooks says (`contract.signing`), not older than five minutes, and counts once. Without one who is
near (`contract.near`): this machine, or the network of containers that it is in.

*A replay is not a repetition.* Who delivers again because the answer was lost signs anew, with the
same id and the time of that try: such a delivery counts as taken already. The very same time again
is somebody who only copied.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from contract.errors import ApiError
from contract.near import is_near
from contract.signing import ID, SIGNATURE, TIMESTAMP, TOLERANCE, verified

REMEMBERED: Final = 100_000
"""Deliveries that are known again while their time could still be right: 160 a second for ten
minutes, some 20 MB [guess]."""
LONGEST_ID: Final = 256
"""Characters of a `webhook-id` [guess; ours have 36]."""

Header = Callable[[str], str | None]
"""Gives the value of a header, by its name."""


class ForgedError(ApiError):
    """The proof is missing or wrong. `kind` is what it is counted as."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(status, message)
        self.kind = kind


class Proof:
    """Judges deliveries. Safe to use from any thread."""

    def __init__(self, key: bytes | None, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    @property
    def signed(self) -> bool:
        """Whether a signature is asked for."""
        return self._key is not None

    def may_ask(self, remote: str) -> bool:
        """Whether somebody at this address may post, if he can prove what is to be proved."""
        return self.signed or is_near(remote)

    def check(self, header: Header, body: bytes) -> bool:
        """Whether a delivery is new; False: it was taken already. Raises ForgedError.

        A new one counts as taken from now on, unless it is given back.
        """
        if self._key is None:
            return True
        given = {name: header(name) or "" for name in (ID, TIMESTAMP, SIGNATURE)}
        missing = [name for name, value in given.items() if not value]
        if missing:
            raise ForgedError(
                "unsigned", 401, f"a delivery must be signed; the header {missing[0]} is missing"
            )
        message, written = given[ID], given[TIMESTAMP]
        if len(message) > LONGEST_ID:
            raise ForgedError("unsigned", 401, f"{ID} has more than {LONGEST_ID} characters")
        if not (written.isascii() and written.isdecimal() and len(written) <= 12):
            raise ForgedError("unsigned", 401, f"{TIMESTAMP} must be seconds since 1970")
        stamp, now = int(written), self._clock()
        if not verified(self._key, message, stamp, body, given[SIGNATURE]):
            raise ForgedError("unsigned", 401, "the signature is wrong")
        if abs(now - stamp) > TOLERANCE:
            raise ForgedError(
                "stale", 401, f"{TIMESTAMP} is {abs(now - stamp):,.0f} s off; 300 are allowed"
            )
        return self._remember(_short(message), stamp, now)

    def give_back(self, header: Header) -> None:
        """A delivery was not taken after all: it may come again."""
        if self._key is not None:
            with self._lock:
                self._seen.pop(_short(header(ID) or ""), None)

    def _remember(self, message: bytes, stamp: int, now: float) -> bool:
        with self._lock:
            while self._seen and now - next(iter(self._seen.values()))[1] > 2 * TOLERANCE:
                self._seen.popitem(last=False)
            before = self._seen.get(message)
            if before is not None and stamp <= before[0]:
                raise ForgedError("replayed", 409, "this delivery came before: it is a replay")
            if before is None and len(self._seen) >= REMEMBERED:
                raise ApiError(429, "too many deliveries in the last minutes", retry_after=60)
            self._seen[message] = (stamp, now)
            self._seen.move_to_end(message)
            return before is None


def _short(message: str) -> bytes:
    return hashlib.sha256(message.encode("utf-8", "replace")).digest()[:16]
