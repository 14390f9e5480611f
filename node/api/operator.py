"""Who may set faults: the operator, by his token, or whoever sits at the machine itself.

With `P2P_OPERATOR_TOKEN` everybody needs it. Without one the node takes faults from its own
machine's loopback addresses and, in a container on a network of Docker's that has names, from it:
there are the dashboard and the other containers, and from its gateway comes what was sent to a
port that is published on 127.0.0.1. Others are told to set a token.
"""

import hmac
import ipaddress
from pathlib import Path

from contract.errors import ApiError
from node.resolver import docker_dns
from node.settings import Settings

ROUTES = Path("/proc/net/route")


class UnauthorisedError(ApiError):
    """401: a token is needed. The answer must say how it is given (RFC 9110, section 15.5.2)."""

    def __init__(self, message: str) -> None:
        super().__init__(401, message)


def check(settings: Settings, authorization: str | None, remote: str) -> None:
    """Raise 403 where faults are switched off, and 401 where this is nobody who may set them."""
    if not settings.faults:
        raise ApiError(403, "faults are switched off at this node (P2P_FAULTS=off)")
    token = settings.operator_token
    if token is None:
        if not _is_near(remote):
            raise UnauthorisedError(
                "faults are taken from this very machine only, unless the node has a token: "
                "start it with P2P_OPERATOR_TOKEN"
            )
        return
    scheme, _, given = (authorization or "").partition(" ")
    # Compared in constant time, or the time it takes would tell how much of it is right.
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise UnauthorisedError(
            "this needs the operator's token (P2P_OPERATOR_TOKEN): "
            "send the header 'Authorization: Bearer <token>'"
        )


def _is_near(remote: str) -> bool:
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or (docker_dns() and on_link(address))


def on_link(address: ipaddress.IPv4Address | ipaddress.IPv6Address, table: Path = ROUTES) -> bool:
    """Whether an address is in a network that this machine has a card in, by Linux's table."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return False
    if address.version != 4:
        return False
    number = int.from_bytes(address.packed, "little")  # the table has them turned round
    for line in lines:
        fields = line.split()
        if len(fields) < 8 or fields[1] == "00000000" or fields[2] != "00000000":
            continue  # the way to elsewhere
        if number & int(fields[7], 16) == int(fields[1], 16):
            return True
    return False
