"""Requests as real sockets bring them: taken straight or not, they get the same answers."""

import socket
from collections.abc import Iterator

import pytest
from laboratory import Node, until

BODY = b'{"sender": "a", "msg": "b"}'


def request(path: bytes = b"/message", body: bytes = BODY, more: bytes = b"") -> bytes:
    return (
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%b"
        b"Content-Length: %d\r\n\r\n%b" % (path, more, len(body), body)
    )


STRANGE = b"X-Strange: 1\r\n"
"""Makes a request go the ordinary way."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    one = Node(tmp_path_factory.mktemp("node"), "node1")
    until(lambda: one.knows() == 0)
    yield one
    one.end()


def answers(node: Node, *pieces: bytes, count: int) -> list[tuple[bytes, dict[str, str], bytes]]:
    """Send the pieces one after the other; so many answers: first line, headers, body."""
    with socket.create_connection(("127.0.0.1", node.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        stream = connection.makefile("rb")
        found = []
        for _ in range(count):
            first = stream.readline().strip()
            headers = {}
            while line := stream.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            found.append((first, headers, stream.read(int(headers["content-length"]))))
        return found


def told(node: Node, *pieces: bytes, count: int = 1) -> list[tuple[bytes, bytes]]:
    return [(first, body) for first, _, body in answers(node, *pieces, count=count)]


RECEIVED = (b"HTTP/1.1 200 OK", b'{"status": "received"}\n')


def test_both_ways_have_the_same_answer_and_headers(node: Node) -> None:
    straight, ordinary = (answers(node, request(more=more), count=1)[0] for more in (b"", STRANGE))
    assert (straight[0], straight[2]) == (ordinary[0], ordinary[2]) == RECEIVED
    assert straight[1].keys() == ordinary[1].keys()
    assert straight[1]["p2p-node"] == ordinary[1]["p2p-node"]


def test_many_at_once_on_one_connection_are_answered_in_order(node: Node) -> None:
    wrong = request(body=b"{}")
    sent = request() + wrong + request(more=STRANGE) + wrong + request()
    status = [first.split()[1] for first, _ in told(node, sent, count=5)]
    assert status == [b"200", b"400", b"200", b"400", b"200"]


def test_a_request_that_comes_in_pieces_is_put_together(node: Node) -> None:
    whole = request()
    for cut in (1, 20, whole.index(b"\r\n\r\n") + 2, len(whole) - len(BODY), len(whole) - 1):
        assert told(node, whole[:cut], whole[cut:]) == [RECEIVED]


def test_a_long_body_is_read_whole(node: Node) -> None:
    body = b'{"sender": "a", "msg": "%b"}' % (b"x" * 10_000)
    assert told(node, request(body=body)) == [RECEIVED]


@pytest.mark.parametrize("path", [b"/nothing", b"/register", b"/status"])
def test_what_the_door_does_not_take_goes_the_ordinary_way(node: Node, path: bytes) -> None:
    ((first, body),) = told(node, request(path))
    assert first.split()[1] in {b"400", b"404", b"405"}
    assert body.startswith(b'{"error": ')


def test_too_much_is_refused_before_it_is_read(node: Node) -> None:
    head = request().replace(b"Content-Length: %d" % len(BODY), b"Content-Length: 9999999")
    ((first, _),) = told(node, head)
    assert first.split()[1] == b"413"


def test_another_host_is_refused(node: Node) -> None:
    ((first, _),) = told(node, request().replace(b"Host: localhost", b"Host: evil.example"))
    assert first.split()[1] == b"403"


def test_who_goes_away_in_the_middle_changes_nothing(node: Node) -> None:
    before = node.printed()
    for end in (40, len(request()) - 1):
        with socket.create_connection(("127.0.0.1", node.port), timeout=5) as connection:
            connection.sendall(request()[:end])
    with socket.create_connection(("127.0.0.1", node.port), timeout=5) as connection:
        connection.sendall(request().replace(b": %d" % len(BODY), b": %d" % (len(BODY) + 5)))
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65_536) == b"", "five bytes of it never came"
    assert told(node, request()) == [RECEIVED]
    assert node.printed().removeprefix(before) == "Received message from a: b\n"
