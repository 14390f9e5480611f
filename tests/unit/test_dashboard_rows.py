"""Whatever a node can tell comes back from a recording as it was told."""

import pytest

from dashboard import reports
from dashboard.entries import Happened, Told
from dashboard.model import Model
from dashboard.reports import (
    About,
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
)
from dashboard.rows import KINDS, Book, event, replay, rows

TELLER, OTHER, THIRD = (Node(f"id{k}", f"node{k}", f"http://node{k}:5000") for k in (1, 2, 3))
COUNTS = Counts(inbox=4, sent=3, failed=2, waiting=1)
FAULT = Fault(
    "f", "delay", [FaultPeer(OTHER.id, OTHER.name), FaultPeer("stranger", "who?")], "in", 59.5,
    "a teacher", "act", 0.5, 300.0, 20.0, 64.0, 10.0, -3.5, 1.5,
)  # fmt: skip
SAID = {
    OfFault: OfFault(FAULT, "expired"),
    About: About(OTHER),
    OfMember: OfMember(Member(OTHER.id, OTHER.name, OTHER.url, "suspect", "peer", 3)),
    OfMessage: OfMessage(
        *("m", OTHER, "node1", "text", 2, "no answer", TELLER, THIRD, 3, 17, 4.5, COUNTS)
    ),
    OfBroadcast: OfBroadcast("b", TELLER, THIRD, "node1", "text", 2, COUNTS),
}


@pytest.mark.parametrize("type_", sorted(reports._TYPES))
def test_an_event_comes_back_with_every_field(type_: str) -> None:
    said = SAID[reports._TYPES[type_]]
    told = said.fault if isinstance(said, OfFault) else said
    fields = [
        getattr(one, name)
        for one in {id(said): said, id(told): told}.values()
        for name in one.__struct_fields__
    ]
    assert None not in fields
    happened = Event(7, type_, 1_000.25, said)
    book = Book()
    (row,) = rows(Happened(1_001.0, TELLER.id, 2, [happened], [1_000.5]), book)
    assert KINDS[row.kind] == type_, "it has a place of its own"
    assert event(row, book) == happened


def test_a_snapshot_comes_back_with_its_faults() -> None:
    own = Own(TELLER.id, TELLER.name, TELLER.url, 2, 990.0)
    said = Snapshot(own, 7, 0.0, [], [OTHER.id], 1, 2, 3, 4, [FAULT, Fault("g", "freeze")])
    book = Book()
    book.who(OTHER)
    (row,) = rows(Told(1_001.0, 990.0, said), book)
    model = Model()
    replay(row, book, model)
    record = model.reducer.get(TELLER.id)
    assert record is not None
    assert [broken.fault for broken in record.broken] == said.faults
    assert [broken.until for broken in record.broken] == [1_060.5, 1_001.0]


def test_of_whom_the_book_knows_only_the_number_is_written() -> None:
    book = Book()
    who = book.who(OTHER)
    happened = Event(7, "fault.set", 1_000.0, OfFault(FAULT))
    (row,) = rows(Happened(1_001.0, TELLER.id, 2, [happened], [1_000.0]), book)
    assert f'[{who},["stranger","who?"]]' in row.data


def test_what_nobody_knows_yet_keeps_its_name() -> None:
    happened = Event(8, "what.ever", 1_000.0, None)
    book = Book()
    (row,) = rows(Happened(1_001.0, TELLER.id, 2, [happened], [1_000.0]), book)
    assert event(row, book) == happened
