"""A made-up network of which everything is written down, and a clock that tests set."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboard.clocks import Offset
from dashboard.history import History, Limits
from dashboard.observer import Observer
from dashboard.past import Wish, moment, page, picture
from dashboard.records import Contact
from dashboard.reports import (
    About,
    Batch,
    Counts,
    Event,
    Fault,
    FaultPeer,
    Member,
    Node,
    OfBroadcast,
    OfFault,
    OfMember,
    OfMessage,
    Own,
    Snapshot,
    State,
)
from dashboard.runfile import RunFile

BEGAN = 1_800_000_000.0
PLENTY = Limits(10**9, 1e9)


def node(number: int) -> Node:
    return Node(f"id{number}", f"node{number}", f"http://node{number}:5000")


class Lab:
    """An observer whose clock stands still, and the history of what it hears."""

    def __init__(self, data: Path, now: float = BEGAN, limits: Limits = PLENTY) -> None:
        self.now = now
        self.history = History(data, limits, self.clock, self.clock)
        self.runs = self.history.runs
        self.observer = Observer(50, clock=self.clock, recorder=self.history)
        self.history.begin(self.observer)
        self.seqs: dict[int, int] = {}

    def clock(self) -> float:
        return self.now

    def snapshot(
        self,
        number: int,
        knows: Iterator[int] | range,
        epoch: int = 1,
        faults: Sequence[Fault] = (),
    ) -> None:
        """A node tells all that it knows; its links are the two after it."""
        members = [
            Member(node(k).id, node(k).name, node(k).url, "alive") for k in knows if k != number
        ]
        links = [node(k).id for k in (number + 1, number + 2) if k in list(knows)]
        own = Own(*_names(number), epoch, self.now - 5)
        said = Snapshot(own, self.seqs.get(number, 0), self.now, members, links)
        said.faults = list(faults)
        self.observer.snapshot(said, Offset())

    def tells(self, number: int, type_: str, data: Any, before: float = 0.01) -> None:
        """A node tells of one thing, which happened a moment ago."""
        self.seqs[number] = self.seqs.get(number, 0) + 1
        event = Event(self.seqs[number], type_, self.now - before, data)
        self.observer.events(node(number).id, Batch(self.now, [event]), Offset())

    def message(self, sender: int, receiver: int, name: str, text: str = "hi") -> None:
        """A message leaves and arrives."""
        of = OfMessage(name, node(receiver), node(sender).name, text, 1, "", node(sender))
        self.tells(sender, "message.sent", of)
        self.tells(receiver, "message.received", of)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.observer.tick()

    def contact(self, number: int, contact: Contact) -> None:
        self.observer.contact(node(number).id, contact, "why not")

    def reads(self) -> RunFile:
        self.history.turn()
        return RunFile(self.runs.find(None))

    def at(self, when: float) -> dict[str, Any]:
        """The picture at a time."""
        with self.reads() as run:
            found = moment(run, round(when * 1e6))
            assert found is not None
            return picture(*found)

    def history_of(self, **wish: Any) -> dict[str, Any]:
        """All that is written down, or what is wished for."""
        asked = {
            "since": 0,
            "until": 2**60,
            "kinds": (),
            "node": None,
            "limit": 10_000,
            "after": None,
        }
        with self.reads() as run:
            return page(run, Wish(**{**asked, **wish}))

    def end(self) -> None:
        """The dashboard stops as it should."""
        self.history.stop(0)
        self.history.turn()
        self.history.close()

    def crash(self) -> None:
        """It is gone, and the system lets go of its lock."""
        self.history.turn()
        self.runs.let_go()


@contextmanager
def lab(data: Path, now: float = BEGAN, limits: Limits = PLENTY) -> Iterator[Lab]:
    made = Lab(data, now, limits)
    try:
        yield made
    finally:
        made.history.close()


def anything(lab: Lab, chance: random.Random, nodes: int) -> None:  # noqa: C901, PLR0912, PLR0915
    """Something happens, whatever it is."""
    who, other, third = chance.sample(range(1, nodes + 1), 3)
    name = f"m{chance.randint(1, 40)}"
    of = OfMessage(name, node(other), node(who).name, "texté \U0001f4a9", 1, "", node(who))
    states: tuple[State, ...] = ("alive", "suspect", "dead", "left")
    member = Member(*_names(third), chance.choice(states))
    contacts: tuple[Contact, ...] = ("lost", "refused", "unreachable", "silent", "open")
    counts = Counts(*(chance.randint(0, 9) for _ in range(4)))
    fault = Fault(
        f"f{chance.randint(1, 9)}",
        chance.choice(["drop", "crash", "freeze"]),
        chance.choice([None, [FaultPeer(node(other).id, node(other).name)]]),
        left_seconds=chance.choice([0.0, 20.0]),
        probability=0.5,
    )
    match chance.randint(0, 17):
        case 16:
            lab.tells(who, "fault.set", OfFault(fault))
        case 17:
            lab.tells(who, "fault.cleared", OfFault(fault, "expired"))
        case 0:
            lab.snapshot(who, range(1, nodes + 1), chance.randint(1, 3))
        case 1:
            lab.contact(who, chance.choice(contacts))
        case 2:
            lab.observer.resumed(node(who).id)
        case 3:
            lab.passes(chance.choice([0.5, 30.0, 700.0]))
        case 4:
            lab.observer.plain(
                f"plain{who}", f"plain{who}", f"http://plain{who}:1", [node(other).url], None
            )
        case 5:
            lab.tells(who, "link.up", About(node(other)))
        case 6:
            lab.tells(who, "link.down", About(node(other)))
        case 7:
            lab.tells(who, f"member.{member.state}", OfMember(member))
        case 8:
            lab.tells(who, "peer.forgotten", About(node(other)))
        case 9:
            lab.tells(who, "message.sent", _replaced(of, via=node(third)))
            lab.tells(third, "message.forwarded", _replaced(of, origin=node(third), hop=2))
        case 10:
            lab.tells(other, "message.received", of, before=chance.random())
        case 11:
            lab.tells(who, "message.failed", _replaced(of, reason="nobody is there"))
        case 12:
            said = OfBroadcast(name, node(who), None, node(who).name, "all")
            lab.tells(who, "broadcast.sent", said)
            lab.tells(other, "broadcast.received", _replaced(said, via=node(third), hop=2))
        case 13:
            place = chance.randint(1, 99)
            lab.tells(who, "message.queued", _replaced(of, number=place, counts=counts))
        case 14:
            why = _replaced(of, reason="no answer", again_in=2.5, counts=counts)
            lab.tells(who, "message.retried", why)
        case _ if chance.random() < 0.3:
            lab.tells(who, "message.discarded", _replaced(of, counts=counts))
        case _:
            lab.tells(who, chance.choice(["node.stopping", "node.started", "what.ever"]), None)


def comparable(told: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without what may differ: its number, and the order of links."""
    kept = {key: value for key, value in told.items() if key not in {"number", "hole"}}
    return {**kept, "links": sorted(told["links"])}


def _replaced(of: Any, **changes: Any) -> Any:
    from msgspec.structs import replace

    return replace(of, **changes)


def _names(number: int) -> tuple[str, str, str]:
    named = node(number)
    return named.id, named.name, named.url
