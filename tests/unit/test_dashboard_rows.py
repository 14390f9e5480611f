"""Whatever a node can tell comes back from a recording as it was told."""

import pytest

from dashboard import reports
from dashboard.entries import Happened
from dashboard.reports import About, Counts, Event, Member, Node, OfBroadcast, OfMember, OfMessage
from dashboard.rows import KINDS, Book, event, rows

TELLER, OTHER, THIRD = (Node(f"id{k}", f"node{k}", f"http://node{k}:5000") for k in (1, 2, 3))
COUNTS = Counts(inbox=4, sent=3, failed=2, waiting=1)
SAID = {
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
    fields = [getattr(said, name) for name in said.__struct_fields__]
    assert None not in fields
    happened = Event(7, type_, 1_000.25, said)
    book = Book()
    (row,) = rows(Happened(1_001.0, TELLER.id, 2, [happened], [1_000.5]), book)
    assert KINDS[row.kind] == type_, "it has a place of its own"
    assert event(row, book) == happened


def test_what_nobody_knows_yet_keeps_its_name() -> None:
    happened = Event(8, "fault.set", 1_000.0, None)
    book = Book()
    (row,) = rows(Happened(1_001.0, TELLER.id, 2, [happened], [1_000.0]), book)
    assert event(row, book) == happened
