"""What becomes of requests and answers between nodes: the arithmetic of each kind of fault."""

import statistics
import threading
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

import node.faults.wire
from contract.errors import ApiError
from node.connections import NoAnswerError, Reply
from node.faults import kinds
from node.faults.wire import Delay, Drop, Fate, Leg, Reorder, Throttle, Wire, rule
from node.overlay.frames import Record
from node.unanswered import UnansweredError

OWN = Record(id="own", name="node1", url="http://node1:5000")
B = Record(id="b", name="node2", url="http://node2:5000")
C = Record(id="c", name="node3", url="http://node3:5000")
LIVING = {member.id: member.url for member in (B, C)}
YES = Reply(200, {}, b"yes")  # type: ignore[arg-type]


def find(wanted: str) -> Record:
    for record in (B, C):
        if wanted in {record.id, record.name, record.url}:
            return record
    raise ApiError(404, f"no member is called '{wanted}'", field="to")


def wire_with(*faults: dict[str, Any], url_of: Callable[[str], str | None] = LIVING.get) -> Wire:
    made = Wire(url_of)
    rules = [rule(kinds.read(fault, "x", OWN, find), Random(1)) for fault in faults]
    made.rules = tuple(one for one in rules if one is not None)
    return made


class Receiver:
    """Counts what arrives, at which time since its making."""

    def __init__(self, answer: Reply | NoAnswerError = YES) -> None:
        self.began = time.monotonic()
        self.came: list[float] = []
        self._answer = answer
        self._some = threading.Condition()

    def send(self, _left: float) -> Reply:
        with self._some:
            self.came.append(time.monotonic() - self.began)
            self._some.notify()
        if isinstance(self._answer, NoAnswerError):
            raise self._answer
        return self._answer

    def wait_for(self, count: int) -> None:
        with self._some:
            assert self._some.wait_for(lambda: len(self.came) >= count, 5), self.came


def ask(
    wire: Wire, to: Record, receiver: Receiver, patience: float = 0.2, *, connected: bool = True
) -> tuple[str, float]:
    """How a request of ours ended, and after how many seconds."""
    began = time.monotonic()
    try:
        reply = wire.ask(to.url, 100, patience, connected=connected, send=receiver.send)
    except NoAnswerError as error:
        return str(error), time.monotonic() - began
    return reply.body.decode(), time.monotonic() - began


def not_before(due: float, seconds: float) -> bool:
    """Whether it was so late, and not much later: a busy machine has other things to do. How
    accurate a delay is `bench faults` measures."""
    return due - 0.005 < seconds < due + 1.0


def serve(wire: Wire, member: str | None, url: str | None = None) -> list[str]:
    """What a request of somebody else's came to: acted upon, answered."""
    done: list[str] = []
    try:
        wire.serve(member, url, 100, lambda: done.append("acted"))
    except UnansweredError:
        return done
    return [*done, "answered"]


@pytest.fixture(autouse=True)
def short_silences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.faults.wire, "HELD", 0.1)
    monkeypatch.setattr(node.faults.wire, "CONNECT_TIMEOUT", 0.1)


# --- which legs of which exchanges ------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "request_arrives", "acted", "answered"),
    [("out", 0, ["acted"], False), ("in", 1, [], False), ("both", 0, [], False)],
)
def test_a_direction_means_requests_one_way_and_answers_the_other(
    direction: str, request_arrives: int, acted: list[str], answered: bool
) -> None:
    wire = wire_with({"kind": "drop", "peers": ["b"], "direction": direction})
    receiver = Receiver()
    said, seconds = ask(wire, B, receiver)
    assert (said, len(receiver.came)) == ("no answer in time", request_arrives)
    assert 0.19 < seconds < 0.5, "as long as somebody waits, and no longer"
    assert serve(wire, "b") == acted + ["answered"] * answered


def test_others_are_not_touched() -> None:
    wire = wire_with({"kind": "drop", "peers": ["node2"]})
    receiver = Receiver()
    assert ask(wire, C, receiver)[0] == "yes"
    assert serve(wire, "c", C.url) == ["acted", "answered"]
    assert serve(wire, None) == ["acted", "answered"], "who does not say who he is is nobody"


def test_a_fault_for_all_touches_also_who_does_not_say_who_he_is() -> None:
    wire = wire_with({"kind": "drop"})
    assert serve(wire, None) == []
    assert ask(wire, C, Receiver())[0] == "no answer in time"


def test_whoever_lives_at_the_address_is_meant() -> None:
    wire = wire_with({"kind": "drop", "peers": ["b"]})
    assert serve(wire, "another id", B.url) == [], "started anew without its disk"
    forgotten = wire_with({"kind": "drop", "peers": ["b"]}, url_of={}.get)
    assert serve(forgotten, "another id", B.url) == [], "and nobody remembers who was there"
    moved = wire_with({"kind": "drop", "peers": ["b"]}, url_of={"b": "http://elsewhere:1"}.get)
    assert ask(moved, Record(id="?", name="?", url="http://elsewhere:1"), Receiver())[0] != "yes"


def test_who_has_no_connection_waits_for_one() -> None:
    wire = wire_with({"kind": "drop", "direction": "out"})
    assert ask(wire, B, Receiver(), connected=False)[0] == "no connection in time"
    refused = NoAnswerError("connection refused")
    refused.refused = True
    inward = wire_with({"kind": "drop", "direction": "in"})
    assert ask(inward, B, Receiver(refused), connected=False)[0] == "no connection in time"
    assert ask(wire_with(), B, Receiver(refused))[0] == "connection refused"


def test_the_end_of_a_connection_is_a_packet_too() -> None:
    wire = wire_with({"kind": "drop", "peers": ["b"], "direction": "in"})
    assert not wire.hears_end(B.url)
    assert wire.hears_end(C.url)


# --- each kind ----------------------------------------------------------------------------------


def fate(effect: Any, leg: Leg = "out", size: int = 0) -> Fate:
    found = Fate()
    effect.touch(found, leg, size)
    return found


def test_so_many_are_lost_as_the_probability_says() -> None:
    drop = Drop({"probability": 0.3}, Random(1))
    lost = sum(fate(drop).lost for _ in range(10_000))
    assert 2_850 < lost < 3_150, "three standard deviations"


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize("jitter", [0, 20, 100])
def test_delays_have_the_mean_that_was_asked_for(distribution: str, jitter: int) -> None:
    values = {"mean_ms": 100, "jitter_ms": jitter, "distribution": distribution}
    delay = Delay(values, Random(1))
    drawn = [fate(delay).delay for _ in range(20_000)]
    assert statistics.fmean(drawn) == pytest.approx(0.1, rel=0.01)
    assert 0 <= min(drawn) <= max(drawn) <= 0.2
    if distribution == "uniform":
        assert max(drawn) - min(drawn) == pytest.approx(2 * jitter / 1_000, rel=0.01)
    elif jitter == 20:
        assert statistics.stdev(drawn) == pytest.approx(0.02, rel=0.02)


def test_so_many_are_held_back() -> None:
    reorder = Reorder({"probability": 0.2, "mean_ms": 50}, Random(1))
    held = [fate(reorder).delay for _ in range(10_000)]
    back = [delay for delay in held if delay]
    assert 1_880 < len(back) < 2_120
    assert statistics.fmean(back) == pytest.approx(0.05, rel=0.02)
    assert 0.025 <= min(back) <= max(back) <= 0.075


def test_a_slow_way_takes_one_after_the_other_each_way_by_itself() -> None:
    now = 0.0
    slow = Throttle({"bytes_per_second": 1_000}, Random(1), lambda: now)
    assert fate(slow, "out", 800).delay == pytest.approx(1.0)
    assert fate(slow, "out", 300).delay == pytest.approx(1.5), "behind the first"
    assert fate(slow, "in", 300).delay == pytest.approx(0.5)
    now = 10.0
    assert fate(slow, "out", 800).delay == pytest.approx(1.0), "nobody saves up"


def test_what_would_wait_too_long_is_lost_and_takes_no_room() -> None:
    slow = Throttle({"bytes_per_second": 100}, Random(1), lambda: 0.0)
    assert fate(slow, "out", 300).delay == pytest.approx(5.0)
    for _ in range(3):
        assert fate(slow, "out", 300).lost


def test_delays_add_up_and_a_late_answer_is_none() -> None:
    wire = wire_with(
        {"kind": "delay", "mean_ms": 60, "direction": "out"},
        {"kind": "delay", "mean_ms": 80, "direction": "in"},
    )
    said, seconds = ask(wire, B, Receiver(), 1.0)
    assert said == "yes"
    assert not_before(0.14, seconds)
    said, seconds = ask(wire, B, Receiver(), 0.1)
    assert said == "no answer in time"
    assert not_before(0.1, seconds)


def test_what_leaves_later_than_anybody_waits_arrives_all_the_same() -> None:
    wire = wire_with({"kind": "delay", "mean_ms": 300, "direction": "out"})
    receiver = Receiver()
    said, seconds = ask(wire, B, receiver, 0.1)
    assert said == "no answer in time"
    assert not_before(0.1, seconds)
    assert receiver.came == []
    receiver.wait_for(1)
    assert not_before(0.3, receiver.came[0])


def test_what_is_on_its_way_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.faults.wire, "MOST_LATE", 1)
    wire = wire_with({"kind": "delay", "mean_ms": 300, "direction": "out"})
    first, second = Receiver(), Receiver()
    ask(wire, B, first, 0.01)
    ask(wire, B, second, 0.01)
    first.wait_for(1)
    ask(wire, B, third := Receiver(), 0.01)
    third.wait_for(1)
    assert second.came == []


def test_requests_come_twice_either_way() -> None:
    wire = wire_with({"kind": "duplicate", "probability": 1})
    receiver = Receiver()
    assert ask(wire, B, receiver)[0] == "yes"
    receiver.wait_for(2)
    assert serve(wire, "b") == ["acted", "acted", "answered"]


def test_a_refusal_is_an_answer() -> None:
    def refuse() -> None:
        raise ApiError(421, "another node lives here now")

    with pytest.raises(ApiError):
        wire_with().serve("b", None, 1, refuse)
    with pytest.raises(UnansweredError):
        wire_with({"kind": "drop", "direction": "out"}).serve("b", None, 1, refuse)


# --- frozen and full -------------------------------------------------------------------------


def test_nothing_moves_while_frozen_and_all_of_it_afterwards() -> None:
    wire = wire_with()
    wire.freeze()
    receiver, done = Receiver(), []
    threads = [
        threading.Thread(target=target, daemon=True)
        for target in (
            lambda: done.append(ask(wire, B, receiver)[0]),
            lambda: done.append(" ".join(serve(wire, "b"))),
            lambda: (wire.wait_thawed(), done.append("timer")),
        )
    ]
    for thread in threads:
        thread.start()
    threads[0].join(0.3)
    assert (done, receiver.came, wire.frozen) == ([], [], True)
    wire.thaw()
    for thread in threads:
        thread.join(5)
    assert sorted(done) == ["acted answered", "timer", "yes"]


def test_an_answer_that_came_while_we_were_frozen_for_long_is_too_late() -> None:
    wire = wire_with()

    def send(_left: float) -> Reply:
        wire.freeze()
        threading.Timer(0.2, wire.thaw).start()
        return YES

    with pytest.raises(NoAnswerError):
        wire.ask(B.url, 1, 0.1, connected=True, send=send)
    assert wire.ask(B.url, 1, 5.0, connected=True, send=send) is YES


def test_who_waits_longest_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.faults.wire, "MOST_HELD", 2)
    wire = wire_with()
    wire.freeze()
    came: dict[int, list[str]] = {}
    threads = [
        threading.Thread(target=lambda n=n: came.update({n: serve(wire, "b")}), daemon=True)
        for n in range(3)
    ]
    for n, thread in enumerate(threads):
        thread.start()
        if n == 2:
            threads[0].join(5)  # has to go for the third
        else:
            while len(wire._places) <= n:
                time.sleep(0.001)  # the pace; that it waits is the condition
    assert came == {0: []}
    wire.thaw()
    for thread in threads:
        thread.join(5)
    assert came == {0: [], 1: ["acted", "answered"], 2: ["acted", "answered"]}
    assert not wire._places
