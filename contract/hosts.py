"""By which names a program may be called: the guard against DNS rebinding.

A page somewhere on the web can make a browser send requests to `localhost`, or point its
own domain at 127.0.0.1. It cannot choose what the browser puts into `Host`; so that must
be a name that the program can have: an address, a name without a dot (a container,
`localhost`), or one that was configured.
"""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9_-]{1,63}")


def host_allowed(host: str, allowed: Collection[str] = ()) -> bool:
    """Whether a `Host` header can mean this program; `allowed` are its names with dots."""
    name = _hostname(host)
    if name is None:
        return False
    return _local(name) or name == "host.docker.internal" or name in {a.lower() for a in allowed}


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
