"""Names and addresses: resolved once, off the loop, never on the hot path.

A look-up waits inside C code, up to ten seconds for a name that vanished, and would stop
every green thread for as long (measured); so it runs in a real thread, its answer is kept,
and so is a failure, for a while. Docker's DNS also takes only about 100 questions at once.
"""

import contextlib
import socket
import time
from collections.abc import Callable

from contract.near import DOCKER_DNS, docker_dns
from contract.server import off_loop

FAILURE_KEPT = 5.0
"""Seconds for which a name that did not resolve is not asked for again [guess]."""
MOST_NAMES = 2_000


class UnresolvedError(OSError):
    """A name that did not resolve a moment ago is not asked for again yet."""


class Resolver:
    """Addresses of names, remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, str] = {}
        self._failed: dict[str, float] = {}

    def address(self, host: str) -> str:
        """The address of a host. Raises OSError when there is none."""
        known = self._known.get(host)
        if known is not None:
            return known
        if self._clock() - self._failed.get(host, float("-inf")) < FAILURE_KEPT:
            raise UnresolvedError(f"{host} did not resolve a moment ago")
        if len(self._known) + len(self._failed) > MOST_NAMES:
            self._known.clear()
            self._failed.clear()
        try:
            found = off_loop(socket.getaddrinfo, ascii_host(host), None, 0, socket.SOCK_STREAM)
        except OSError:
            self._failed[host] = self._clock()
            raise
        address = str(found[0][4][0])
        self._known[host] = address
        return address

    def forget(self, host: str) -> None:
        """Ask again next time: nobody answered at the address."""
        self._known.pop(host, None)


def docker_name(address: str) -> str | None:
    """The container's name, from Docker's DNS; None where there is none.

    A container's own name is not its host name, but on a user-defined network Docker
    answers a PTR question for its address with `<name>.<network>`. `/etc/hosts` would
    answer first and give the container's id, so the server itself is asked.
    """
    if not docker_dns():
        return None
    import dns.exception
    import dns.message
    import dns.query
    import dns.reversename

    question = dns.message.make_query(dns.reversename.from_address(address), "PTR")
    try:
        reply = dns.query.udp(question, DOCKER_DNS, timeout=2)
    except (dns.exception.DNSException, OSError):
        return None
    for answers in reply.answer:
        for answer in answers:
            return str(answer.target).rstrip(".").rsplit(".", 1)[0]
    return None


def resolves_for_others(name: str) -> bool:
    """Whether the network's DNS knows the name, `/etc/hosts` left aside."""
    if not docker_dns():
        return False
    import dns.exception
    import dns.message
    import dns.query

    try:
        reply = dns.query.udp(dns.message.make_query(name, "A"), DOCKER_DNS, timeout=2)
    except (dns.exception.DNSException, OSError):
        return False
    return bool(reply.answer)


def own_address() -> str:
    """The address that this machine has towards others; loopback where it is alone."""
    with (
        contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe,
        contextlib.suppress(OSError),
    ):
        # Connecting a datagram socket sends nothing; it only asks the routing table. The
        # address is from RFC 5737, "documentation".
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def ascii_host(host: str) -> str | bytes:
    """A host name as `getaddrinfo` wants it: it loads a table of Unicode for text [2 ms]."""
    return host.encode() if host.isascii() else host
