"""By which names a program may be called: the guard against DNS rebinding.

A page somewhere on the web can make a browser send requests to `localhost`, or point its
own domain at 127.0.0.1. It cannot choose what the browser puts into `Host`; so that must
be a name that the program can have: an address, a name without a dot (a container,
`localhost`), or one that was configured.
"""

import ipaddress
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

_LONGEST = 300
"""Characters of a name (RFC 1035: 253) and its port, and some more."""
_NAME = re.compile(r"[a-z0-9_-]{1,63}")


def host_allowed(host: str, allowed: Collection[str] = ()) -> bool:
    """Whether a `Host` header can mean this program; `allowed` are its names with dots."""
    if len(host) > _LONGEST:
        return False
    name, local = _name_of(host)
    return local or (name is not None and name in {a.lower() for a in allowed})


@lru_cache(maxsize=256)  # a node is called by few names, hundreds of times a second
def _name_of(host: str) -> tuple[str | None, bool]:
    """The name in a `Host`, and whether it can only be meant for this network."""
    name = _hostname(host)
    return name, name is not None and (_local(name) or name == "host.docker.internal")


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _local(host: str) -> bool:
    """Whether a name can only be meant for this network: an address or a single label."""
    if _NAME.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
