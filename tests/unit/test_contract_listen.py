"""The listening socket of every program."""

import socket
from contextlib import ExitStack

from contract import server


def test_accepted_connections_send_what_there_is_at_once() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(server.listen("127.0.0.1", 0))
        stack.enter_context(socket.create_connection(listener.getsockname()[:2]))
        accepted = stack.enter_context(listener.accept()[0])
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
