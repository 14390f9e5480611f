"""The look at ports, with ports that are really taken."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lab import ports
from lab.layout import Layout

HUNDREDS = 217


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listen(sockets: ExitStack, address: str = "127.0.0.1", port: int = 0) -> int:
    listener = sockets.enter_context(socket.create_server((address, port)))
    return int(listener.getsockname()[1])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_port_where_nobody_listens_is_free() -> None:
    assert ports.free(free_port())


def test_a_port_is_free_again_at_once_after_its_server_has_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port)) as caller:
            called, _ = listener.accept()
            called.close()  # the server closes first: its port stays in TIME_WAIT
            caller.recv(1)
    assert ports.free(port)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what AirPlay does
def test_a_port_where_somebody_listens_is_taken(sockets: ExitStack, address: str) -> None:
    port = listen(sockets, address)
    assert not ports.free(port)
    assert ports.taken([port, free_port()]) == [port]


def test_a_port_that_is_bound_and_silent_is_taken(sockets: ExitStack) -> None:
    silent = sockets.enter_context(socket.socket())
    silent.bind(("127.0.0.1", 0))
    assert not ports.free(silent.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="others are asked through lsof")
def test_who_listens_is_named(sockets: ExitStack) -> None:
    assert f"(process {os.getpid()})" in ports.owner(listen(sockets))


@pytest.mark.skipif(sys.platform != "linux", reason="others are asked through lsof")
def test_who_only_calls_from_a_port_is_named_too(sockets: ExitStack) -> None:
    caller = sockets.enter_context(socket.create_connection(("127.0.0.1", listen(sockets))))
    port = caller.getsockname()[1]
    assert not ports.free(port)
    assert f"(process {os.getpid()})" in ports.owner(port)


def test_airplay_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_container", lambda _: "")
    monkeypatch.setattr(ports, "_listeners_from_proc", lambda _: [])
    monkeypatch.setattr(ports, "_listeners_from_lsof", lambda _: ["ControlCenter (process 523)"])
    assert "AirPlay Receiver" in ports.owner(5000)


def test_a_refusal_names_what_is_taken_and_offers_what_is_free(sockets: ExitStack) -> None:
    layout = Layout(3, HUNDREDS, free_port())
    port = listen(sockets, port=layout.port("node2"))
    said = str(ports.refuse(layout, ports.taken(layout.ports), "python3 p2p.py"))
    assert f"{port} (node2): " in said
    assert "dashboard-port" not in said
    words = said.split()
    offered = Layout(3, int(words[words.index("--ports") + 1]), layout.dashboard)
    assert "up --nodes 3 --ports" in said
    assert ports.taken(offered.ports) == []


def test_another_port_for_the_page_is_offered(sockets: ExitStack) -> None:
    layout = Layout(2, HUNDREDS, listen(sockets))
    words = str(ports.refuse(layout, [layout.dashboard], "p2p")).split()
    assert "--ports" not in words
    assert ports.free(int(words[words.index("--dashboard-port") + 1]))
