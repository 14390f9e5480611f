"""Which URLs lead back to the program itself.

A list that names its keeper sends newcomers in a circle, and a node that is its own peer
talks to itself; so such a URL is refused. It has many disguises: the host name,
`localhost`, any address of any interface, and, where a port is published by Docker, an
address that only the caller knows by that name.
"""

import ipaddress
import socket

from contract.errors import out_of_range
from contract.urls import host_and_port


class Itself:
    """The names and the port of this program; `url` is where others reach it."""

    def __init__(self, port: int, hostname: str | None = None, url: str | None = None) -> None:
        self._port = port
        self._url = url
        self._names = frozenset({"localhost", (hostname or socket.gethostname()).lower()})

    def is_at(self, url: str, called: str = "") -> bool:
        """Whether a peer's URL leads here. `called` is the `Host` a request came with."""
        if url == self._url:
            return True
        host, port = host_and_port(url)
        if called and (host, port) == host_and_port(f"http://{called.lower()}"):
            return True
        return port == self._port and (host in self._names or _is_of_this_machine(host))


def refuse_loopback_from_afar(url: str, remote: str, field: str = "url") -> None:
    """Refuse a URL that means "this very machine" where it comes from another machine.

    A container that announces itself as http://localhost:5000 would send every other node
    to itself. `remote` is the address that the request came from. Raises 422.
    """
    host, port = host_and_port(url)
    if is_loopback(host) and not is_loopback(remote):
        shown = f"[{remote}]" if ":" in remote else remote
        raise out_of_range(
            f"'{host}' means every machine to itself, so no other node could reach you there; "
            f"register the address that others see, such as http://{shown}:{port}",
            field,
        )


def is_loopback(host: str) -> bool:
    """Whether a host is `localhost`, 127.0.0.0/8 or ::1, which are never another machine."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None  # ::ffff:127.0.0.1
    return mapped or address


def _is_of_this_machine(host: str) -> bool:
    """Whether an address belongs to one of our interfaces: then, and only then, it binds."""
    address = _address(host)
    if address is None:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
