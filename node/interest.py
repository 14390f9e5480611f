"""Which events somebody wants: types, or beginnings of some with a `*` at the end.

Subscribers name them (`types` of `subscribe` and of `POST /webhooks`). A pattern that no type
fits is refused: who misspells one would wait for ever.
"""

from typing import Any, Final

from contract.errors import malformed, out_of_range
from contract.events import PREFIX, TYPES

MOST_TYPES: Final = 32
"""Patterns in one wish: there are some two dozen types."""
LONGEST_TYPE: Final = 64
"""Characters of one."""


def read(value: Any) -> tuple[str, ...] | None:
    """Patterns as somebody gives them; None: all types. Raises ApiError."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise malformed("'types' must be a list of texts such as 'p2p.message.*'", "types")
    if not 1 <= len(value) <= MOST_TYPES:
        raise out_of_range(f"'types' must have 1 to {MOST_TYPES} entries", "types")
    for one in value:
        plain = one.removesuffix("*")
        if len(one) > LONGEST_TYPE or "*" in plain or not wanted((one,)):
            raise out_of_range(
                f"'types' has '{one[:LONGEST_TYPE]}', which is no type of event; take one such as "
                "'p2p.message.sent' or 'p2p.message.*'",
                "types",
            )
    return tuple(dict.fromkeys(value))


def wanted(types: tuple[str, ...] | None) -> frozenset[str] | None:
    """The types without their prefix that patterns stand for; None: all."""
    if types is None:
        return None
    return frozenset(name for name in TYPES if any(_matches(one, PREFIX + name) for one in types))


def _matches(pattern: str, type_: str) -> bool:
    if pattern.endswith("*"):
        return type_.startswith(pattern[:-1])
    return pattern == type_
