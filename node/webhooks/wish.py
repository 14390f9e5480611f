"""What a subscriber asks for, read once and checked: `POST /webhooks`."""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contract.errors import ApiError, malformed, out_of_range
from contract.signing import key_of
from contract.text import checked
from node import interest
from node.webhooks.target import Target, target

DEFAULT_LEASE: Final = 3_600.0
LONGEST_LEASE: Final = 86_400.0
SHORTEST_LEASE: Final = 1.0
"""Seconds that a webhook lasts without a renewal [issue; the shortest is a guess]."""
LONGEST_SECRET: Final = 128
"""Characters: 64 bytes in base 64 and the prefix are 94."""

_FIELDS: Final = frozenset({"url", "types", "secret", "lease_seconds", "after"})


class Wish(msgspec.Struct, frozen=True):
    """A wish that can be granted, once its receiver agrees."""

    target: Target
    lease: float
    types: tuple[str, ...] | None
    """Patterns, as they were given; None: all, or as before."""
    key: bytes | None
    """What deliveries are signed with; None: make one up, or keep the one there is."""
    after: int | None
    """The number of the event to go on after; None: the newest, or as before."""


def read(body: Mapping[str, Any]) -> Wish:
    """The wish in a body. Raises ApiError."""
    unknown = next((field for field in body if field not in _FIELDS), None)
    if unknown is not None:
        raise out_of_range(f"'{unknown[:64]}' is not a field of a webhook", unknown[:64])
    if "url" not in body:
        raise malformed("'url' is missing", "url")
    return Wish(
        target(body["url"], "url"),
        _lease(body.get("lease_seconds")),
        interest.read(body.get("types")),
        _key(body.get("secret")),
        _after(body.get("after")),
    )


def _lease(value: Any) -> float:
    if value is None:
        return DEFAULT_LEASE
    if type(value) not in {int, float}:
        raise malformed("'lease_seconds' must be a number", "lease_seconds")
    if not SHORTEST_LEASE <= value <= LONGEST_LEASE or not math.isfinite(value):
        raise out_of_range(
            f"'lease_seconds' must be from {SHORTEST_LEASE:g} to {LONGEST_LEASE:,.0f}",
            "lease_seconds",
        )
    return float(value)


def _key(value: Any) -> bytes | None:
    if value is None:
        return None
    secret = checked(value, "secret", LONGEST_SECRET)
    try:
        return key_of(secret)
    except ValueError as error:
        raise out_of_range(
            f"'secret' {error}, as Standard Webhooks writes it; leave it out to get one", "secret"
        ) from None


def _after(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int:
        raise malformed("'after' must be the number of an event", "after")
    if not 0 <= value < 2**53:
        raise out_of_range("'after' must be the number of an event", "after")
    return value


def refused(target: Target, why: str) -> ApiError:
    """422: the address cannot be, or does not want to be, sent to."""
    return out_of_range(f"'url': {target.host} {why}", "url")
