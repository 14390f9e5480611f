"""Where a webhook may point.

Its URL is judged twice. When it is asked for: its form, and the addresses that its name has then.
And whenever a connection is made: the name is looked up again, the address that comes out is
judged, and that very address is connected to. A name that means a harmless address while somebody
looks and another one afterwards ("DNS rebinding") leads nowhere.
"""

import re
import socket
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from contract.errors import malformed, out_of_range
from contract.reach import refusal
from contract.server import off_loop
from contract.urls import peer_url
from node.resolver import ascii_host

LONGEST: Final = 1_024
"""Characters of a webhook's URL [guess: room for a token in its path]."""

_PATH: Final = re.compile(r"[!-~]*")
"""What may stand in a request line: printable ASCII without a space."""

LookUp = Callable[[str], list[str]]


class ForbiddenError(OSError):
    """The address is one that nothing is sent to. The text says why."""


class Target(msgspec.Struct, frozen=True):
    """A URL that a webhook may have, as far as one can tell without looking its name up."""

    url: str
    base: str
    """Scheme, host and port, in normal form."""
    host: str
    port: int
    path: str
    """Path and query."""

    @property
    def tls(self) -> bool:
        """Whether it is HTTPS."""
        return self.base.startswith("https:")


def target(value: Any, field: str) -> Target:
    """A URL, checked. Raises 400 and 422."""
    if not isinstance(value, str):
        raise malformed(f"'{field}' must be a URL such as http://logger:9000/events", field)
    text = value.strip()
    if len(text) > LONGEST:
        raise out_of_range(f"'{field}' has more than {LONGEST:,} characters", field)
    if not _PATH.fullmatch(text) or "\\" in text:
        raise out_of_range(f"'{field}' holds characters that a URL cannot have", field)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise out_of_range(f"'{field}' is no URL", field) from None
    if "#" in text:
        raise out_of_range(f"'{field}' must not have a fragment", field)
    # Its first part is as a peer's is: no credentials, a host that somebody can be at.
    base = peer_url(f"{parts.scheme}://{parts.netloc}", field)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    where = urlsplit(base)
    port = where.port or (443 if where.scheme == "https" else 80)
    return Target(base + path, base, where.hostname or "", port, path)


def addresses(
    target: Target,
    look_up: LookUp,
    *,
    loopback: bool,
    leads_here: Callable[[str], bool],
) -> list[str]:
    """The addresses to connect to, all of them harmless.

    `loopback` is whether this node is on the loopback itself, `leads_here` tells of a base URL
    whether this very node is there. Raises OSError, and ForbiddenError where one of them is not
    harmless: a name that is several machines is as bad as the worst of them.
    """
    found = look_up(target.host)
    for address in found:
        why = refusal(address, loopback=loopback)
        if why is not None:
            raise ForbiddenError(f"leads to {address}, which {why}")
        shown = f"[{address}]" if ":" in address else address
        if leads_here(f"http://{shown}:{target.port}"):
            raise ForbiddenError("leads to this very node")
    if not found:
        raise OSError("has no address")
    return found


def look_up(host: str) -> list[str]:
    """The addresses of a host, those of version 4 first. Raises OSError.

    `localhost` is ::1 first on many machines, where people's scripts listen on 127.0.0.1.
    """
    try:
        found = off_loop(socket.getaddrinfo, ascii_host(host), None, 0, socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("is no name") from None
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    return list(dict.fromkeys(str(one[4][0]) for one in found))
