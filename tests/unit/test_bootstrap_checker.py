"""The checker: slow, in turn, hard to fool. No network and no waiting here."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bootstrap.checker import LEARN, PACE, ROUND, Checker, in_time, over_http
from bootstrap.registry import Registry
from contract.itself import Itself
from contract.registration import Registration

ONE, TWO, NEW = "http://node1:5000", "http://node2:5000", "http://node9:5000"
BY_ADDRESS = "http://203.0.113.1:5000"


class Network:
    """Peers that answer as they are told, and a clock that only they and `wait` move."""

    def __init__(self) -> None:
        self.peers: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.pauses: list[float] = []
        self.time = 0.0
        self.each_takes = 0.0
        self.stop_after: int | None = None

    def ask(self, url: str) -> list[str] | None:
        self.asked.append(url)
        self.time += self.each_takes
        return self.peers.get(url)

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.time += seconds
        return len(self.pauses) == self.stop_after


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.db")
    yield registry
    registry.close()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def checker(registry: Registry, network: Network) -> Checker:
    return Checker(
        registry,
        Itself(5000, "bootstrap"),
        network.ask,
        chance=random.Random(7),
        clock=lambda: network.time,
    )


def list_peers(registry: Registry, *urls: str) -> None:
    for url in urls:
        registry.register(Registration(url))


def test_everybody_is_asked_once_a_round(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, TWO)
    checker.walk(network.wait)
    assert sorted(network.asked) == [ONE, TWO]


def test_the_order_is_a_matter_of_chance(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, TWO)
    network.peers = {ONE: [], TWO: []}
    for _ in range(20):
        checker.walk(network.wait)
    assert {network.asked[at] for at in range(0, 40, 2)} == {ONE, TWO}


def test_a_round_of_few_takes_no_less_than_a_round_should(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, TWO)
    network.each_takes = 5
    checker.walk(network.wait)
    assert network.time == ROUND
    assert network.pauses == [ROUND / 2 - 5] * 2


def test_never_more_than_two_are_asked_a_second(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, *(f"http://node{port}:5000" for port in range(1, 1001)))
    checker.walk(network.wait)
    assert set(network.pauses) == {PACE}


def test_slow_peers_do_not_make_the_pauses_negative(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE)
    network.each_takes = ROUND + 1
    checker.walk(network.wait)
    assert network.pauses == [0]


def test_an_empty_registry_does_not_spin(network: Network, checker: Checker) -> None:
    checker.walk(network.wait)
    assert network.pauses == [PACE]


def test_the_walk_ends_in_the_middle_when_told(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, TWO)
    network.stop_after = 1
    checker.walk(network.wait)
    assert len(network.asked) == 1


def test_a_silent_peer_is_dropped_after_three_rounds_with_a_line(
    registry: Registry,
    network: Network,
    checker: Checker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    list_peers(registry, ONE, TWO)
    network.peers = {TWO: []}
    lists = []
    for _ in range(4):
        checker.walk(network.wait)
        lists.append(registry.urls())
    assert lists == [[ONE, TWO], [ONE, TWO], [TWO], [TWO]]
    assert capsys.readouterr().out == f"Dropped {ONE}: silent 3 times in a row\n"


def test_a_peer_that_others_name_is_listed_once_it_has_answered(
    registry: Registry,
    network: Network,
    checker: Checker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    list_peers(registry, ONE)
    network.peers = {ONE: [NEW], NEW: []}
    checker.walk(network.wait)
    assert registry.urls() == [ONE]
    checker.walk(network.wait)
    assert registry.urls() == [ONE, NEW]
    assert capsys.readouterr().out == f"Found {NEW}\n"


def test_a_dead_peer_that_others_still_name_does_not_come_back(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, TWO)
    network.peers = {ONE: [TWO]}
    for _ in range(10):
        checker.walk(network.wait)
    assert registry.urls() == [ONE]


def test_it_never_asks_itself_nor_learns_of_itself(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE, "http://bootstrap:5000")  # from before it had that name
    network.peers = {ONE: ["http://bootstrap:5000", "http://127.0.0.1:5000"]}
    checker.walk(network.wait)
    assert network.asked == [ONE]
    assert registry.to_check() == ["http://bootstrap:5000", ONE]


def test_the_localhost_of_another_machine_is_not_ours(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, ONE)
    network.peers = {ONE: ["http://localhost:5001", "http://127.0.0.1:5002", NEW]}
    checker.walk(network.wait)
    assert registry.to_check() == [ONE, NEW]


def test_a_peer_on_this_machine_may_name_others_here(
    registry: Registry, network: Network, checker: Checker
) -> None:
    list_peers(registry, "http://127.0.0.1:5001")
    network.peers = {"http://127.0.0.1:5001": ["http://127.0.0.1:5002"]}
    checker.walk(network.wait)
    assert "http://127.0.0.1:5002" in registry.to_check()


def test_an_answer_in_time_is_passed_on() -> None:
    assert in_time(lambda url: [url], deadline=10)(ONE) == [ONE]


def test_a_peer_that_never_finishes_is_given_up() -> None:
    never = threading.Event()
    try:
        assert in_time(lambda _: [ONE] if never.wait(60) else None, deadline=0.01)(ONE) is None
    finally:
        never.set()


class FakeSession(requests.Session):
    """Answers without a network; remembers what it was asked and how."""

    def __init__(self, answers: dict[str, bytes | Exception]) -> None:
        super().__init__()
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def get(self, url: Any, **how: Any) -> requests.Response:
        self.calls.append((url, how))
        said = self.answers["/" + url.split("/", 3)[3]]
        if isinstance(said, Exception):
            raise said
        response = requests.Response()
        response.status_code = 200
        response.iter_content = _in_chunks(said)  # type: ignore[method-assign]
        response.close = lambda: None  # type: ignore[method-assign]
        return response


def _in_chunks(body: bytes) -> Callable[..., Iterator[bytes]]:
    def iter_content(size: int = 1, decode_unicode: bool = False) -> Iterator[bytes]:  # noqa: ARG001
        return (body[at : at + size] for at in range(0, len(body), size))

    return iter_content


def test_a_peer_is_asked_by_address_under_its_name_briefly_and_without_redirects() -> None:
    session = FakeSession({"/": b"{}", "/peers": b'{"peers": ["%s"]}' % TWO.encode()})
    assert over_http(session)("http://localhost:18599") == [TWO]
    assert [url for url, _ in session.calls] == [
        "http://127.0.0.1:18599/",
        "http://127.0.0.1:18599/peers",
    ]
    for _, how in session.calls:
        assert how["headers"]["Host"] == "localhost:18599"
        assert how["timeout"] <= 2
        assert how["allow_redirects"] is False


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.Timeout(), OSError()])
def test_a_peer_that_does_not_answer_is_silent(error: Exception) -> None:
    assert over_http(FakeSession({"/": error}))(BY_ADDRESS) is None


@pytest.mark.parametrize("said", [b"<html>", b"", b"[1, 2]", requests.ConnectionError()])
def test_a_peer_without_a_list_is_alive_all_the_same(said: bytes | Exception) -> None:
    assert over_http(FakeSession({"/": b"hi", "/peers": said}))(BY_ADDRESS) == []


def test_an_endless_answer_is_cut_off() -> None:
    session = FakeSession({"/": b"x" * 1_000_000, "/peers": b" " * 100_000_000})
    assert over_http(session)(BY_ADDRESS) == []


def test_only_so_many_are_taken_from_one_answer() -> None:
    many = b"[" + b",".join(b'"http://n%d"' % at for at in range(4_000)) + b"]"
    assert len(over_http(FakeSession({"/": b"", "/peers": many}))(BY_ADDRESS) or []) == LEARN


def test_a_name_without_an_address_is_silent() -> None:
    assert over_http(FakeSession({}))("http://name.invalid:5000") is None
