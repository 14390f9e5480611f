"""The address of a peer: `http://node7:5000`, and nothing cleverer.

A peer's URL is a base to which paths are added, so it has a scheme, a host, perhaps a
port, and no more (RFC 3986, section 3). Credentials in a URL (section 3.2.1) would end
up in every other node's `/peers`, so they are refused.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from contract.errors import malformed, out_of_range
from contract.limits import MAX_URL

# Letters, digits, hyphens, dots and, because Docker allows it in names, underscores.
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")


def peer_url(value: object, field: str = "url") -> str:
    """The URL in its one normal form: lower-case host, no trailing slash.

    Raises 400 when it is not a text and 422 when it cannot be the address of a peer.
    """
    if not isinstance(value, str):
        raise malformed(f"'{field}' must be a URL such as http://node7:5000", field)

    def refuse(why: str) -> Exception:
        return out_of_range(f"'{field}' {why}; a peer looks like http://node7:5000", field)

    text = value.strip()
    if len(text) > MAX_URL:
        raise refuse(f"has more than {MAX_URL} characters")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise refuse("holds characters that a URL cannot have")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refuse("is no URL") from None
    if parts.scheme not in {"http", "https"}:
        raise refuse("must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise refuse("must not hold a user name or a password")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or text.endswith(("?", "#")):
        raise refuse("must be a base address, without a path, a query or a fragment")
    host = _host(parts.hostname or "")
    if host is None:
        raise refuse("points to nothing")
    if port == 0 or (port is None and parts.netloc.endswith(":")):
        raise refuse("has no usable port")
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def host_and_port(url: str) -> tuple[str, int]:
    """Where to connect for a URL that `peer_url` has passed."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _host(host: str) -> str | None:
    """The host in normal form, or None where nobody can be listening."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().rstrip(".") if _HOST.fullmatch(host) and ".." not in host else None
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        return None
    return f"[{address}]" if address.version == 6 else str(address)
