"""Who is near: what a program takes from its own machine, and from nobody else without a token.

Near is this very machine, by its loopback addresses, and, in a container on a network of Docker's
that has names, that network: there are the other containers, and from its gateway comes what was
sent to a port that is published on 127.0.0.1.
"""

import ipaddress
from pathlib import Path
from typing import Final

ROUTES: Final = Path("/proc/net/route")
DOCKER_DNS: Final = "127.0.0.11"
"""Docker's embedded DNS server, there on every user-defined network."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_near(remote: str) -> bool:
    """Whether who asks from this address sits at the machine, or in its network of containers."""
    try:
        address: Address = ipaddress.ip_address(remote)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if address.version == 6 else None
    address = mapped or address
    return address.is_loopback or (docker_dns() and on_link(address))


def docker_dns(configuration: Path = Path("/etc/resolv.conf")) -> bool:
    """Whether this is a container on a network of Docker's with names."""
    try:
        return DOCKER_DNS in configuration.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def on_link(address: Address, table: Path = ROUTES) -> bool:
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
