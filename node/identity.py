"""Who am I: the name and the address by which others know this node.

Name: NODE_NAME, else the host name where a person gave it one, else what Docker's DNS
calls the container, else the address. URL: NODE_URL, else the name where the others can
resolve it, else the address. (The id and the epoch live in the `store`.)
"""

import re
import socket
from typing import NamedTuple

from contract.limits import MAX_NAME
from contract.urls import peer_url
from node.resolver import docker_name, own_address, resolves_for_others
from node.settings import Settings

# Docker names a container's host after the first 12 digits of its id.
_CONTAINER_ID = re.compile(r"[0-9a-f]{12}")


class Identity(NamedTuple):
    """How others call this node and where they reach it."""

    name: str
    url: str


def find_out(settings: Settings) -> Identity:
    """Look at the settings, the host and Docker's DNS."""
    if settings.name and settings.url:
        return Identity(settings.name, settings.url)
    address = own_address()
    hostname = socket.gethostname().split(".")[0]
    given = hostname if hostname and not _CONTAINER_ID.fullmatch(hostname) else None
    name = settings.name or given or docker_name(address) or address
    if settings.url:
        return Identity(name[:MAX_NAME], settings.url)
    host = name if name != address and resolves_for_others(name) else address
    return Identity(name[:MAX_NAME], peer_url(f"http://{host}:{settings.port}"))
