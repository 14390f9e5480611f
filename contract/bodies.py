"""JSON bodies, in and out, for whoever answers requests: with Flask or without.

What comes in is parsed once, into a typed value; what goes out is spaced as people write
it, since the assignment shows `{"peers": [...]}`.
"""

import json
from typing import Any, TypeVar

import msgspec

from contract.errors import malformed

T = TypeVar("T")


def decode(body: bytes, into: type[T] | Any) -> T:
    """JSON bytes as a typed value (msgspec checks types while it parses). Raises 400."""
    try:
        value: T = msgspec.json.decode(body, type=into)
    except msgspec.ValidationError as error:
        raise malformed(f"the body does not fit: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(f"the body is not JSON: {error}") from None
    return value


def decode_object(body: bytes) -> dict[str, Any]:
    """JSON bytes as an object. Raises 400."""
    value: Any = decode(body, Any)
    if not isinstance(value, dict):
        raise malformed('the body must be a JSON object, such as {"sender": "Node1", …}')
    return value


def encode(value: Any) -> str:
    """A value as the JSON of an answer."""
    return json.dumps(value, ensure_ascii=False) + "\n"
