"""What lives at an address that has no events: somebody's homework, or something else.

A *plain node* has the assignment's calls and nothing more. It cannot tell what happens to
it, so it is asked, slowly: `GET /` says that it lives (with whatever status), `GET /peers`
whom it knows. One of our own nodes gives itself away by a header, and so do the bootstrap
and a dashboard, which are no peers.
"""

from typing import Literal, NamedTuple

from contract.peers_answer import MAX_ANSWER, NotPeersError, peers_answer
from dashboard.asking import Asking, NoAnswerError

MOST_LISTED = 1_000
"""Addresses taken from one list."""
FIRST_BYTES = 65_536
"""Bytes of a plain node's own page that are read."""

Kind = Literal["plain", "peer", "other"]


class Found(NamedTuple):
    """Who answers at an address."""

    kind: Kind
    """`peer`: one of ours, whose events we should get; `other`: no peer at all."""
    peers: list[str]


def look(asking: Asking, url: str) -> Found:
    """Ask an address. Raises NoAnswerError."""
    try:
        headers = asking.ask("GET", url, "/", most=FIRST_BYTES).headers
    except NoAnswerError as error:
        if not error.too_long:
            raise
        headers = {}  # it answers, and much
    if "P2P-Bootstrap" in headers or "P2P-Dashboard" in headers:
        return Found("other", [])
    if "P2P-Node" in headers:
        return Found("peer", [])
    try:
        listed = peers_answer(asking.ask("GET", url, "/peers", most=MAX_ANSWER).body, MOST_LISTED)
    except (NoAnswerError, NotPeersError):
        listed = []  # alive all the same: not every plain node has a list
    return Found("plain", listed)
