"""What somebody answers to `GET /peers`.

Ours answer `{"peers": [URL, …]}`, as the assignment shows it. Plain nodes were seen to
answer in two other shapes as well, a bare list and `{"peers": {id: URL}}`. All three are
read here, and none is trusted: the answer is bounded in bytes and in entries, an entry
that is no peer's URL is left out, and so is one that comes twice.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from contract.errors import ApiError
from contract.limits import MAX_PEERS_ANSWER, MAX_URL
from contract.urls import peer_url

MAX_ANSWER: Final = MAX_PEERS_ANSWER * (MAX_URL + 64)
"""Bytes to read of an answer at most: every entry with an id, quotes and commas."""


class NotPeersError(ValueError):
    """An answer that is no list of peers. The text says why, in words for a log."""


def peers_answer(body: bytes, most: int = MAX_PEERS_ANSWER) -> list[str]:
    """The URLs in the body of an answer, each once, in its order, at most `most`.

    Raises NotPeersError for what is not JSON or has none of the three shapes.
    """
    if len(body) > MAX_ANSWER:
        raise NotPeersError(f"the answer has more than {MAX_ANSWER:,} bytes")
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NotPeersError(f"the answer is not JSON: {error}") from None
    return _urls(_entries(value), most)


def _entries(value: Any) -> Iterable[Any]:
    """Whatever stands where the URLs should be, in any of the three shapes."""
    peers = value.get("peers") if isinstance(value, dict) else value
    if isinstance(peers, dict):
        return peers.values()
    if isinstance(peers, list):
        return peers
    raise NotPeersError('the answer is neither {"peers": […]}, {"peers": {…}} nor a list')


def _urls(entries: Iterable[Any], most: int) -> list[str]:
    found: dict[str, None] = {}  # a set that keeps its order
    for number, entry in enumerate(entries):
        if len(found) >= most or number >= MAX_PEERS_ANSWER:
            break
        try:
            found[peer_url(entry)] = None
        except ApiError:
            continue  # one bad entry says nothing about the others
    return list(found)
