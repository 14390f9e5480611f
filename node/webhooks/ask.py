"""What is said to a receiver: the handshake, a delivery; and what its answers mean.

The handshake is that of CNCF's "HTTP 1.1 Web Hooks for Event Delivery", section 4, "Abuse
protection": an `OPTIONS` request says with `WebHook-Request-Origin` who wants to send, and with
`WebHook-Request-Rate` how often in a minute; the receiver agrees with `WebHook-Allowed-Origin`,
which names that origin or is `*`, and may allow less with `WebHook-Allowed-Rate`. Nothing is
posted to who has not agreed, so nobody can turn a node against a program that knows nothing of it.

A delivery is section 2 of the same, with the headers of Standard Webhooks (`contract.signing`): any
2xx is success, 410 an end for good, `Retry-After` is heeded, and all else is tried again.
"""

import re
import time
from typing import Final
from uuid import uuid4

import msgspec

from contract.signing import ID, SIGNATURE, TIMESTAMP, signature
from node.connections import NoAnswerError, Reply
from node.webhooks.line import Line

CONTENT: Final = "application/cloudevents-batch+json"
RATE: Final = 600
"""Deliveries in a minute that we ask for: one every 0.1 s."""
LONGEST_WAIT: Final = 3_600
"""Seconds that a `Retry-After` can make us wait [guess]."""


class RefusedError(Exception):
    """The receiver does not agree. The text says what it did."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a delivery."""

    delivered: bool
    gone: bool = False
    """It wants nothing more, ever."""
    why: str = ""
    wait: float = 0.0
    """Seconds that it wants to be left alone."""


def agree(line: Line, origin: str) -> float:
    """Shake hands; the seconds between two deliveries that it allows, at least.

    Raises RefusedError, and NoAnswerError where nobody is there.
    """
    reply = line.ask(
        "OPTIONS",
        None,
        {"WebHook-Request-Origin": origin, "WebHook-Request-Rate": str(RATE)},
    )
    if not 200 <= reply.status < 300:
        raise RefusedError(f"answers OPTIONS with {reply.status}, and does not agree to be sent to")
    allowed = reply.headers.get("WebHook-Allowed-Origin", "").strip()
    if allowed != "*" and allowed.lower() != origin.lower():
        said = f"allows '{allowed[:80]}'" if allowed else "allows nobody"
        raise RefusedError(
            f"does not agree: it must answer OPTIONS with 'WebHook-Allowed-Origin: {origin}' "
            f"(or *), and {said}"
        )
    rate = reply.headers.get("WebHook-Allowed-Rate", "").strip()
    if not re.fullmatch(r"[1-9][0-9]{0,8}", rate):
        return 0.0
    return 60 / int(rate)


def deliver(line: Line, key: bytes, message: str, body: bytes) -> Outcome:
    """One try to deliver a batch."""
    stamp = int(time.time())  # the machine's clock: a fault of ours is not the receiver's matter
    headers = {
        "Content-Type": CONTENT,
        ID: message,
        TIMESTAMP: str(stamp),
        SIGNATURE: signature(key, message, stamp, body),
    }
    try:
        reply = line.ask("POST", body, headers)
    except NoAnswerError as error:
        return Outcome(False, why=str(error))
    if 200 <= reply.status < 300:
        return Outcome(True)
    return Outcome(
        False, reply.status == 410, f"answers {reply.status}{_said(reply)}", _wait(reply)
    )


def name() -> str:
    """A new `webhook-id`."""
    return f"msg_{uuid4().hex}"


def _said(reply: Reply) -> str:
    """What an answer says in our own shape of errors, or nothing."""
    said = reply.json()
    error = said.get("error") if isinstance(said, dict) else None
    return f": {error[:300]}" if isinstance(error, str) else ""


def _wait(reply: Reply) -> float:
    """`Retry-After` in seconds (RFC 9110, section 10.2.3); dates are not understood."""
    wait = reply.headers.get("Retry-After", "").strip()
    return float(min(int(wait), LONGEST_WAIT)) if re.fullmatch(r"[0-9]{1,9}", wait) else 0.0
