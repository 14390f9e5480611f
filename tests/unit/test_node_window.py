"""How many batches may be under way to a peer; and the transport that keeps to it."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any

import pytest

from node.connections import NoAnswerError, Reply
from node.overlay import window
from node.overlay.frames import Batch, Digest, Frame, Ihave, Prune, Push, Record, encode, parse
from node.overlay.inputs import Answered, Input, Overflowed, Silent
from node.overlay.window import MOST, Windows
from node.seal import Seal
from node.transport import Transport

OWN = Record(id="own", name="node1", url="http://127.0.0.1:1")
FAR = Record(id="far", name="node2", url="http://127.0.0.1:2")


def after(*answers: float) -> int:
    windows = Windows()
    for seconds in answers:
        windows.answered(FAR.url, seconds)
    return windows.of(FAR.url)


def test_the_window_is_as_long_as_the_way_and_never_more_than_its_bound() -> None:
    assert after() == 1, "nobody knows yet"
    assert after(0.001) == 1
    assert after(0.1) == 4
    assert after(0.2) == after(5.0) == MOST


def test_a_peer_that_is_near_and_busy_gets_no_more_requests() -> None:
    assert after(0.4, 0.002, 0.4, 0.5) == 1


def test_after_a_silence_the_way_is_measured_anew_and_few_are_remembered() -> None:
    windows = Windows()
    windows.answered(FAR.url, 0.2)
    windows.silent(FAR.url)
    assert windows.of(FAR.url) == 1
    for k in range(window.REMEMBERED + 10):
        windows.answered(f"http://node{k}:5000", 0.2)
    assert windows.of("http://node1:5000") == 1


def push(number: int) -> Push:
    return Push("x", 1, number, 1, f"m{number}", "node1", "hello")


class Held:
    """Connections whose answers come when the test lets them."""

    def __init__(self) -> None:
        self.asked: list[tuple[Frame, ...]] = []
        self.answers: list[threading.Event] = []
        self.fails = False

    def request(self, _method: str, _url: str, _path: str, body: bytes, *_: Any) -> Reply:
        answer = threading.Event()
        self.asked.append(parse(body).frames)
        self.answers.append(answer)
        assert answer.wait(10)
        if self.fails:
            raise NoAnswerError("no answer in time")
        return Reply(200, HTTPMessage(), encode(Batch(FAR, (), OWN.id)))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def happened() -> list[Input]:
    return []


@pytest.fixture
def transport(held: Held, happened: list[Input]) -> Transport:
    made = Transport(held, lambda: OWN, happened.append, Seal(None, time.time))  # type: ignore[arg-type]
    made.start()
    return made


def say(transport: Transport, frame: Frame) -> None:
    transport.send(FAR.url, FAR.id, frame)


def test_where_the_way_is_long_a_push_does_not_wait_for_the_answer_before_it(
    transport: Transport, held: Held, happened: list[Input]
) -> None:
    transport._windows.answered(FAR.url, 0.1)
    say(transport, Digest("0" * 16, True))
    until(lambda: len(held.asked) == 1)
    say(transport, Digest("1" * 16, True))
    say(transport, push(1))
    until(lambda: len(held.asked) == 2)
    assert held.asked[1] == (push(1),), "what holds the network together keeps its order"
    for number in range(2, 9):
        say(transport, push(number))
    until(lambda: len(held.asked) == 4)
    assert len(held.asked) == window.Windows.of(transport._windows, FAR.url)
    held.answers[0].set()
    until(lambda: len(held.asked) == 5)
    assert isinstance(held.asked[4][0], Digest)
    for answer in held.answers:
        answer.set()
    until(lambda: not transport._lanes and not transport._aside)
    assert sum(len(frames) for frames in held.asked) == 10, "and nothing was sent twice"
    assert all(isinstance(one, Answered) for one in happened)


def test_where_the_way_is_short_a_push_waits_for_its_turn(transport: Transport, held: Held) -> None:
    transport._windows.answered(FAR.url, 0.01)
    say(transport, push(1))
    until(lambda: len(held.asked) == 1)
    say(transport, push(2))
    say(transport, Prune("x"))
    assert not transport._aside
    held.answers[0].set()
    until(lambda: len(held.asked) == 2)
    assert held.asked[1] == (push(2), Prune("x"))
    held.answers[1].set()


def test_an_announcement_alone_is_in_no_hurry(transport: Transport, held: Held) -> None:
    transport._windows.answered(FAR.url, 0.2)
    say(transport, push(1))
    until(lambda: len(held.asked) == 1)
    say(transport, Ihave(()))
    assert not transport._aside
    held.answers[0].set()
    until(lambda: len(held.asked) == 2)
    held.answers[1].set()


def test_a_push_that_got_lost_beside_another_is_told_as_lost_and_accuses_nobody(
    transport: Transport, held: Held, happened: list[Input]
) -> None:
    transport._windows.answered(FAR.url, 0.2)
    say(transport, Digest("0" * 16, True))
    until(lambda: len(held.asked) == 1)
    say(transport, push(1))
    until(lambda: len(held.asked) == 2)
    held.fails = True
    held.answers[1].set()
    until(lambda: happened == [Overflowed(FAR.id)])
    held.answers[0].set()
    until(lambda: len(happened) == 2)
    assert isinstance(happened[1], Silent)
