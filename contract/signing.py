"""Webhooks that prove where they come from: the signature of Standard Webhooks.

https://www.standardwebhooks.com, "Signature scheme": a delivery has three headers. `webhook-id`
names what is delivered, and stays the same when it is tried again; `webhook-timestamp` is when
this try was made, in seconds since 1970; `webhook-signature` is `v1,` and, in base 64, the
HMAC-SHA256 of `<id>.<timestamp>.<body>`, with more such after spaces while a secret is changed.
A secret is written `whsec_` and 24 to 64 bytes in base 64.

The time keeps old deliveries from being played again, and the id those that are young enough.
"""

import base64
import binascii
import hmac
from typing import Final

PREFIX: Final = "whsec_"
LEAST: Final = 24
MOST: Final = 64
"""Bytes of a secret [Standard Webhooks, "Signing secret serialization"]."""
TOLERANCE: Final = 300.0
"""Seconds by which a timestamp may be off either way [the specification's own libraries]."""
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def key_of(secret: str) -> bytes:
    """The key that a written secret holds. Raises ValueError, whose text says what is wrong."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"must begin with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be {PREFIX} and base 64") from None
    if not LEAST <= len(key) <= MOST:
        raise ValueError(f"must hold {LEAST} to {MOST} bytes, not {len(key)}")
    return key


def written(key: bytes) -> str:
    """The secret as it is written."""
    return PREFIX + base64.b64encode(key).decode()


def signature(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def verified(key: bytes, message: str, timestamp: int, body: bytes, given: str) -> bool:
    """Whether one of the given signatures is right, found out in constant time."""
    wanted = signature(key, message, timestamp, body).encode()
    # All are looked at, or the time would tell which one was right.
    same = [hmac.compare_digest(wanted, one.encode("utf-8", "replace")) for one in given.split(" ")]
    return any(same)
