"""Which requests are plain, and what becomes of the others."""

import time
from email.utils import parsedate_to_datetime

import pytest

from contract.straight import Reply, encode, parse

LINES = (
    "POST /message HTTP/1.1",
    "Host: node2:5000",
    "User-Agent: p2p-lab",
    "Content-Type: application/json",
    "Content-Length: 12",
)


def request(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("iso-8859-1")


def test_a_plain_request_is_understood_and_its_body_left_alone() -> None:
    head = request(*LINES, "p2p-mac:  abc \t")
    found = parse(head + b'{"a": "\r\n\r\n"}')
    assert found is not None
    assert (found.path, found.head, found.length) == ("/message", len(head), 12)
    assert found.headers == {
        "Host": "node2:5000",
        "User-Agent": "p2p-lab",
        "Content-Type": "application/json",
        "Content-Length": "12",
        "P2P-Mac": "abc",
    }


@pytest.mark.parametrize(
    "first",
    [
        "GET /message HTTP/1.1",
        "post /message HTTP/1.1",
        "POST /message HTTP/1.0",
        "POST  /message HTTP/1.1",
        "POST /message  HTTP/1.1",
        "POST /message",
        "POST /mess%61ge HTTP/1.1",
        "POST /message?a=b HTTP/1.1",
        "POST /../message HTTP/1.1",
        "POST http://node2/message HTTP/1.1",
        "POST message HTTP/1.1",
        "",
    ],
)
def test_another_request_line_is_not_plain(first: str) -> None:
    assert parse(request(first, *LINES[1:])) is None


@pytest.mark.parametrize(
    "line",
    [
        "Transfer-Encoding: chunked",
        "Origin: http://evil.example",
        "Expect: 100-continue",
        "Connection: close",
        "X-Anything: 1",
        "Content-Length: 12",
        "Host: other",
        "Accept : text/plain",
        " Accept: text/plain",
        "Accept: a\n b",
        "Accept: a\rb",
        "Accept: a\0b",
        "Accept",
        "",
        ": a",
        "Accept: a\nTransfer-Encoding: chunked",
    ],
    ids=repr,
)
def test_any_other_header_line_makes_a_request_not_plain(line: str) -> None:
    assert parse(request(*LINES)) is not None
    found = parse(request(*LINES[:2], line, *LINES[2:]))
    assert found is None


@pytest.mark.parametrize(
    "length", ["", "-1", "+1", "1_0", "0x10", "\xb2", "1 2", "12345678", "9" * 5_000]
)
def test_a_length_that_is_no_small_number_is_not_plain(length: str) -> None:
    lines = [*LINES[:4], f"Content-Length: {length}"]
    assert parse(request(*lines)) is None


@pytest.mark.parametrize("without", range(1, 5))
def test_what_is_missing_makes_a_request_not_plain(without: int) -> None:
    needed = without != 2  # who it is need not be said
    lines = [line for at, line in enumerate(LINES) if at != without]
    assert (parse(request(*lines)) is None) == needed


def test_what_is_not_whole_is_not_plain_yet() -> None:
    whole = request(*LINES)
    assert all(parse(whole[:end]) is None for end in range(len(whole)))


def test_bytes_without_a_meaning_do_no_harm() -> None:
    for junk in (
        b"",
        b"\r\n\r\n",
        b"\xff" * 100 + b"\r\n\r\n",
        b"POST /\r\n\r\n",
        b"POST / \r\n\r\n",
    ):
        assert parse(junk) is None


def test_a_reply_has_its_length_and_the_time() -> None:
    head, _, body = encode(Reply(202, [("P2P-Node", "me")], b"{}\n")).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert (first, body) == ("HTTP/1.1 202 Accepted", b"{}\n")
    assert (headers["P2P-Node"], headers["Content-Length"]) == ("me", "3")
    assert abs(parsedate_to_datetime(headers["Date"]).timestamp() - time.time()) < 5
