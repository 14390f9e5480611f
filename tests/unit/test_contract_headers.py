"""Header lines: what is read, and what is refused."""

import http.client
from io import BytesIO

import pytest

from contract.headers import BadHeadersError, read_headers


def read(text: bytes) -> list[tuple[str, str]]:
    return read_headers(BytesIO(text)).items()


@pytest.mark.parametrize(
    "text",
    [
        b"Host: node1:5000\r\nContent-Length: 12\r\n\r\n",
        b"Host:node1\nX-A: 1\nx-a: 2\n\n",
        b"A:  \t spaces around \t \r\nB:\r\nC: a:b\r\n\r\n",
        b"Name: caf\xe9\r\n!#$%&'*+-.^_`|~09azAZ: token\r\n\r\n",
        b"Cut: off",
        b"\r\n",
    ],
)
def test_proper_lines_are_read_as_the_library_reads_them(text: bytes) -> None:
    library = http.client.parse_headers(BytesIO(text))
    assert read(text) == [(name, value.strip(" \t")) for name, value in library.items()]
    ours = read_headers(BytesIO(text))
    for name in ("host", "X-A", "b", "C", "name", "none"):
        assert (ours.get(name) or "") == (library.get(name) or "").strip(" \t")
        assert (name in ours) == (name in library)


def test_what_follows_the_empty_line_is_left_where_it_is() -> None:
    source = BytesIO(b"A: 1\r\n\r\nthe body")
    read_headers(source)
    assert source.read() == b"the body"


@pytest.mark.parametrize(
    "line",
    [
        b"no colon",
        b": no name",
        b"Space : before the colon",
        b" Space: before the name",
        b"Two\tparts: 1",
        b"caf\xc3\xa9: not ASCII",
        b"A: 1\r\n and it goes on",
        b"A: a\rB: return",
        b"A: \0",
    ],
)
def test_what_the_rules_forbid_is_refused(line: bytes) -> None:
    with pytest.raises(BadHeadersError):
        read(b"Host: node1\r\n" + line + b"\r\n\r\n")


def test_there_is_an_end_to_lines_and_to_their_length() -> None:
    assert len(read(b"A: 1\r\n" * 100 + b"\r\n")) == 100
    with pytest.raises(http.client.HTTPException, match="more than 100"):
        read(b"A: 1\r\n" * 101 + b"\r\n")
    with pytest.raises(http.client.LineTooLong):
        read(b"A: " + b"x" * 65_536 + b"\r\n\r\n")
