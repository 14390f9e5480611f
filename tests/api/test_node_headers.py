"""Header lines that a real node is sent, over a real socket."""

from collections.abc import Iterator

import pytest
from laboratory import Node, say, until

HELLO = b'{"sender": "a", "msg": "b"}'
LINES = b"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 27\r\n"
FORBIDDEN = {
    "no colon": b"Content-Length 27\r\n",
    "space before the colon": b"Transfer-Encoding : chunked\r\n",
    "goes on": b"X-A: 1\r\n and on\r\n",
    "no name": b": chunked\r\n",
}


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    one = Node(tmp_path_factory.mktemp("node"), "node1", P2P_SERVER=request.param)
    until(lambda: one.knows() == 0)
    yield one
    one.end()


def message(node: Node, lines: bytes) -> bytes:
    """All that comes back for a message with these header lines."""
    return say(node.port, b"POST /message HTTP/1.1\r\n" + lines + b"\r\n" + HELLO)


def test_proper_lines_bring_a_message(node: Node) -> None:
    assert message(node, LINES + b"x-odd!:  \xe9 \r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("line", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_could_be_understood_in_two_ways_is_refused(node: Node, line: bytes) -> None:
    before = node.printed()
    assert message(node, LINES + line).split()[1:2] == [b"400"]
    assert node.printed() == before, "nothing came, and nothing broke"
    assert node.knows() == 0, "and it is unharmed"
