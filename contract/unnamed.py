"""What a plain node is called, which tells neither a name nor an id.

Nodes and the dashboard find such a node each by itself and must mean the same one, and call it the
same: so both follow from its address.
"""

from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from contract.limits import MAX_NAME

USUAL_PORT = 5_000
"""The assignment's, which says nothing about a node."""


def id_of(url: str) -> str:
    """The id of who is at an address (RFC 9562, version 5)."""
    return str(uuid5(NAMESPACE_URL, url))


def name_of(url: str) -> str:
    """A name to show: the host and, where several are on one machine, the port."""
    parts = urlsplit(url)
    host = parts.hostname or url
    return (host if parts.port in {None, USUAL_PORT} else f"{host}:{parts.port}")[:MAX_NAME]
