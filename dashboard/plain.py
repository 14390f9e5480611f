"""What lives at an address that has no events: somebody's homework, or something else.

A *plain node* has the assignment's calls and nothing more. It cannot tell what happens to
it, so it is asked, slowly: `GET /` says that it lives (with whatever status), `GET /peers`
whom it knows. One of our own nodes gives itself away by a header, and so do the bootstrap
and a dashboard, which are no peers.
"""

from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from contract.limits import MAX_NAME
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


def plain_id(url: str) -> str:
    """The id of a plain node: it has none that it tells, so its address is it.

    Nodes do the same, and so agree with us.
    """
    return str(uuid5(NAMESPACE_URL, url))


def plain_name(url: str) -> str:
    """A name to show: where nobody has registered one, the host and, on one machine, the port."""
    parts = urlsplit(url)
    host = parts.hostname or url
    return (host if parts.port in {None, 5000} else f"{host}:{parts.port}")[:MAX_NAME]
