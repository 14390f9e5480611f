"""Where nobody may send us: addresses that a webhook must not lead to.

Whoever can make a program call an address of his choice calls from inside its network (CWE-918,
"server-side request forgery"). What a laboratory has inside, the networks of containers, is
allowed, as that is what webhooks are for. What is not: link-local addresses, where clouds keep the
credentials of a machine (169.254.169.254), those that are many machines or none, and this very
machine, but for programs that are themselves on the loopback.

An address is judged by all that it may mean: IPv6 has room for an IPv4 address in several
disguises (RFC 4291, 2.5.5; RFC 6052; RFC 3056; RFC 4380), and some way to it may exist.
"""

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_NOBODY: Final = ipaddress.ip_network("0.0.0.0/8")
_METADATA: Final = frozenset({"100.100.100.200", "fd00:ec2::254"})
"""Where clouds keep credentials outside link-local addresses (Alibaba, Amazon)."""


def refusal(address: str, *, loopback: bool) -> str | None:
    """Why nothing may be sent to an address; None where it may. `loopback`: whether it is there."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "is no address"
    return next((why for one in _meant(found) if (why := _refusal(one, loopback=loopback))), None)


def _refusal(address: Address, *, loopback: bool) -> str | None:
    if address.is_link_local or str(address) in _METADATA:
        return "is link-local, or where clouds keep credentials"
    if address.is_multicast or str(address) == "255.255.255.255":
        return "is many machines"
    if address.is_unspecified or address in _NOBODY:
        return "is no machine"
    if address.is_loopback and not loopback:
        return "is this very machine"
    return None


def _meant(address: Address) -> list[Address]:
    """An address, and those that are written inside it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inside: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    inside += address.teredo or ()
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (int(address) >> 32 == 0 and low > 0xFFFF):  # "compatible", obsolete
        inside.append(ipaddress.IPv4Address(low))
    return [address, *(one for one in inside if one is not None)]
