"""What the end of a connection tells, with a stream that does as it is told."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from contract.itself import Itself
from dashboard import watch as watch_module
from dashboard.addresses import Addresses
from dashboard.asking import Asking, NoAnswerError
from dashboard.clocks import Offset
from dashboard.observer import Observer
from dashboard.plain import Found
from dashboard.reports import EVENT, Member, Own, Packet, Snapshot, State
from dashboard.stream import NoEventsError, StreamError
from dashboard.subscriptions import Subscriptions
from dashboard.watch import Watch

URL = "http://node1:5000"
SNAPSHOT = {
    "node": {"id": "one", "name": "node1", "url": URL, "epoch": 1, "started": 1.0},
    "seq": 0,
    "at": 1.0,
    "members": [],
    "links": [],
}
CLOSED = StreamError("the connection was closed", refused=True)
REFUSED = StreamError("connection refused", refused=True)
NO_WAY = StreamError("there is no way to it")


class Script:
    """How the next connections go: each opens or not, and ends with an error."""

    def __init__(self) -> None:
        self.opens: list[Exception | None] = []
        self.ends: list[Exception] = []
        self.during: Callable[[], None] = lambda: None

    def stream(self, *_: Any) -> "Script":
        return self

    def open(self) -> None:
        error = self.opens.pop(0)
        if error is not None:
            raise error

    def emit(self, *_: Any) -> None:
        pass

    def end(self) -> None:
        pass

    def close(self) -> None:
        pass

    def packets(self) -> Iterator[Packet]:
        data = msgspec.msgpack.encode(["snapshot", SNAPSHOT])
        yield Packet(EVENT, "/events", msgspec.Raw(data))
        self.during()
        raise self.ends.pop(0)


class Lab:
    """One watch and what becomes of its node."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.observer = Observer(None)
        addresses = Addresses()
        subscriptions = Subscriptions(
            self.observer, addresses, Asking(addresses), Itself(18_080, "dashboard")
        )
        self.watch = Watch(URL, subscriptions)

    def connects(self, *, then: Exception) -> str | None:
        self.script.opens.append(None)
        self.script.ends.append(then)
        self.watch._connection()
        return self.state()

    def fails(self, error: Exception) -> str | None:
        self.script.opens.append(error)
        self.watch._connection()
        return self.state()

    def state(self) -> str | None:
        record = self.observer.find("node1")
        return None if record is None else record.state


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    script = Script()
    monkeypatch.setattr(watch_module, "Stream", script.stream)
    monkeypatch.setattr(Watch, "run", lambda _: None)  # of addresses that are heard of here
    return Lab(script)


def test_a_process_that_died_and_a_port_where_nobody_listens(lab: Lab) -> None:
    assert lab.connects(then=CLOSED) == "suspect"
    assert lab.fails(REFUSED) == "dead"


def test_a_container_that_died_and_took_its_address_with_it(lab: Lab) -> None:
    """Its kernel said good-bye, and now there is no way to it: not a cut in the network."""
    _sees(lab, "alive")
    assert lab.connects(then=CLOSED) == "suspect"
    assert lab.fails(NO_WAY) == "dead"


def test_a_cut_in_the_network_is_no_death_while_others_see_it(lab: Lab) -> None:
    _sees(lab, "alive")
    assert lab.connects(then=NO_WAY) == "suspect"
    assert lab.fails(NO_WAY) == "suspect"
    _sees(lab, "dead")
    assert lab.state() == "dead"


def test_where_we_hung_up_ourselves_nobody_is_called_dead(lab: Lab) -> None:
    _sees(lab, "alive")
    lab.script.during = lab.watch.give_up
    assert lab.connects(then=CLOSED) == "suspect"
    assert lab.fails(NO_WAY) == "suspect"


def test_it_lives_again(lab: Lab) -> None:
    lab.connects(then=CLOSED)
    assert lab.fails(REFUSED) == "dead"
    assert lab.connects(then=REFUSED) == "suspect"


def test_a_plain_node_is_asked_until_it_is_gone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Found | Exception] = [
        Found("plain", ["http://node9:5000"]),
        NoAnswerError("it does not answer in time", late=True),
        Found("plain", []),
        NoAnswerError("it does not answer in time", late=True),
        Found("plain", []),
        NoAnswerError("connection refused", refused=True),
    ]
    states = []

    def look(*_: Any) -> Found:
        record = lab.observer.at(URL)
        states.append(None if record is None else record.state)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(watch_module, "look", look)
    monkeypatch.setattr(watch_module, "PLAIN_EVERY", 0.001)
    lab.fails(NoEventsError("it answers 404 and has no events"))
    assert states == [None, *["alive"] * 5]
    record = lab.observer.at(URL)
    assert record is not None
    assert (record.kind, record.state, record.note) == ("plain", "dead", "connection refused")
    assert answers == []


def _sees(lab: Lab, state: State) -> None:
    """Another node, which is watched, says how ours is."""
    members = [Member("one", "node1", URL, state)]
    own = Own("two", "node2", "http://node2:5000", 1, 0.0)
    lab.observer.snapshot(Snapshot(own, 1, 0.0, members, []), Offset())
