"""Requests that are as plain as can be, taken straight from the connection and answered.

A node gets requests by the hundred a second that all look the same: HTTP/1.1, a `POST`, a few
header lines, JSON of a length that is told. To make an environment for an application of each
(PEP 3333) costs more than to see that nothing about it is special [measured: it was a quarter of
all that fifty busy nodes did; without it one takes 5,800 messages a second instead of 3,190].

So here is what "plain" means, and whatever does not fit goes the ordinary way, which judges it.
Every header line must be one of those below, once, with its colon right behind the name and
nothing in it that could be understood in two ways (RFC 9112, section 5; `contract.headers`).
"""

import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple, Protocol

_NAMES: Final = {
    name.lower().encode(): name
    for name in (
        *("Host", "Content-Type", "Content-Length", "User-Agent", "Accept", "Accept-Encoding"),
        *("P2P-Time", "P2P-Mac"),
    )
}
_LENGTH: Final = 7
"""Digits of a length at most: a batch has one MiB."""


class Request(NamedTuple):
    """A plain `POST` of JSON."""

    path: str
    headers: Mapping[str, str]
    """By the names above, in that spelling."""
    head: int
    """Bytes up to its body."""
    length: int
    """Bytes of its body."""


class Reply(NamedTuple):
    """What goes back."""

    status: int
    headers: Iterable[tuple[str, str]]
    """Without the date and the length."""
    body: bytes


class Straight(Protocol):
    """A program that takes such requests."""

    def takes(self, request: Request) -> bool:
        """Whether it takes this one; else it goes the ordinary way."""

    def reply(self, request: Request, body: bytes) -> Reply | None:
        """Answer it; None: say nothing and hang up."""


def parse(begin: bytes) -> Request | None:
    """The request that these bytes begin with; None where it is not whole, or not plain."""
    head, whole, _ = begin.partition(b"\r\n\r\n")
    if not whole or not head.startswith(b"POST /"):
        return None
    first, *lines = head.split(b"\r\n")
    _, path, *rest = first.split(b" ")
    if rest != [b"HTTP/1.1"] or not path.replace(b"/", b"").isalpha():
        return None
    headers: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(b":")
        name = _NAMES.get(key.lower())
        odd = b"\n" in value or b"\r" in value or b"\0" in value
        if odd or not colon or name is None or name in headers:
            return None
        headers[name] = value.strip(b" \t").decode("iso-8859-1")
    length, json = headers.get("Content-Length", ""), headers.get("Content-Type")
    number = length.isascii() and length.isdigit() and len(length) <= _LENGTH
    if not number or json != "application/json" or not headers.get("Host"):
        return None
    return Request(path.decode("ascii"), headers, len(head) + 4, int(length))


def encode(reply: Reply) -> bytes:
    """A reply as it travels, on a connection that stays open."""
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        *(f"{name}: {value}" for name, value in reply.headers),
        f"Content-Length: {len(reply.body)}",
        f"Date: {_date(int(time.time()))}\r\n\r\n",
    ]
    return "\r\n".join(lines).encode("iso-8859-1") + reply.body


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """A time as HTTP writes it (RFC 9110, section 5.6.7), whatever language a machine speaks."""
    now = time.gmtime(second)
    day = "MonTueWedThuFriSatSun"[3 * now.tm_wday : 3 * now.tm_wday + 3]
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * now.tm_mon - 3 : 3 * now.tm_mon]
    return f"{day}, {now.tm_mday:02} {month} {now.tm_year} {time.strftime('%H:%M:%S', now)} GMT"
