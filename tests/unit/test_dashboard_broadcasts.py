"""One view a broadcast, which fills as its members report."""

from itertools import permutations
from typing import Any

import pytest

from dashboard import messages as module
from dashboard.broadcasts import Broadcast
from dashboard.clocks import Offset
from dashboard.messages import Messages
from dashboard.model import SHOWN_LEGS, SHOWN_MESSAGES
from dashboard.observer import Observer
from dashboard.reports import Batch, Event, Node, OfBroadcast, OfMessage, Own, Snapshot

ANNA, BERT, CLEO, DORA = (
    Node(name, name, f"http://{name}:5000") for name in ("anna", "bert", "cleo", "dora")
)
Report = tuple[str, str, OfBroadcast, float]


def sent(message: str = "m", at: float = 1.0) -> Report:
    return "anna", "broadcast.sent", OfBroadcast(message, ANNA, text="to all"), at


def received(member: Node, via: Node, hop: int, at: float, **more: Any) -> Report:
    said = OfBroadcast(
        **{"message": "m", "origin": ANNA, "via": via, "hop": hop, "text": "to all", **more}
    )
    return member.id, "broadcast.received", said, at


STORY = [
    sent(),
    received(BERT, ANNA, 1, 1.01),
    received(CLEO, BERT, 2, 1.02),
    received(DORA, BERT, 2, 1.03),
]


def told(*reports: Report) -> Messages:
    messages = Messages(audience=lambda _: 3)
    for report in reports:
        messages.report_broadcast(*report)
    return messages


def only(messages: Messages) -> Broadcast:
    (view,) = messages.newest(10)
    assert isinstance(view, Broadcast)
    return view


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_it_is_the_same_tree_whatever_comes_first(order: tuple[int, ...]) -> None:
    view = only(told(*(STORY[index] for index in order)))
    assert (view.id, view.origin, view.sender, view.text) == ("m", "anna", "anna", "to all")
    assert (view.reached, view.of, view.everybody, view.hops) == (3, 3, True, 2)
    assert (view.sent_at, view.last_at) == (1.0, 1.03)
    assert {(leg.start, leg.end) for leg in view.legs.values()} == {
        ("anna", "bert"),
        ("bert", "cleo"),
        ("bert", "dora"),
    }


def test_it_fills() -> None:
    fillings = []
    for count in range(1, 5):
        view = only(told(*STORY[:count]))
        fillings.append((view.reached, view.of, view.everybody))
    assert fillings == [(0, 3, False), (1, 3, False), (2, 3, False), (3, 3, True)]


def test_who_comes_later_and_gets_it_too_makes_the_number_larger() -> None:
    erna = Node("erna", "erna", "http://erna:5000")
    view = only(told(*STORY, received(erna, DORA, 3, 9.0)))
    assert (view.reached, view.of, view.everybody) == (4, 4, True)


def test_repetition_changes_nothing_and_is_no_news() -> None:
    messages = told(*STORY)
    messages.take_changed()
    for reporter, type_, said, at in STORY:
        messages.report_broadcast(reporter, type_, said, at + 100)
    assert messages.take_changed() == []
    assert (only(messages).last_at, messages.total) == (1.03, 1)


def test_only_the_origin_says_that_it_sent() -> None:
    messages = told()
    messages.report_broadcast("bert", *sent()[1:])
    assert messages.newest(10) == []


def test_the_origin_does_not_reach_itself() -> None:
    assert only(told(sent(), received(ANNA, BERT, 2, 1.5))).reached == 0


def test_what_the_origin_says_wins() -> None:
    lie = received(BERT, ANNA, 1, 0.9, text="something else", sender="nobody")
    assert only(told(lie)).text == "something else"
    assert only(told(lie, sent())).text == "to all"
    assert only(told(lie, sent())).sender == "anna"
    assert only(told(sent(), lie)).text == "to all"


def test_the_same_id_from_two_origins_is_two_broadcasts() -> None:
    other = received(CLEO, BERT, 1, 2.0, origin=BERT, text="mine")
    first, second = told(*STORY, other).newest(10)
    assert (first.id, first.text) == ("m", "to all")
    assert second.id != "m"
    assert second.text == "mine"


def test_it_stands_among_the_messages_in_their_order() -> None:
    messages = told(sent("one"))
    messages.report("bert", "message.received", OfMessage("two", BERT), 2.0)
    messages.report_broadcast(*sent("three", 3.0))
    assert [view.id for view in messages.newest(10)] == ["one", "two", "three"]
    assert [view.id for view in messages.take_changed()] == ["one", "two", "three"]
    assert messages.total == 3
    found = messages.get("two")
    assert found is not None
    assert found.number == 2
    assert messages.get("four") is None


def test_many_legs_leave_room_for_fewer_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEGS_KEPT", 6)
    messages = told()
    for name in ("one", "two", "three"):
        messages.report_broadcast(*sent(name))
        for member in (BERT, CLEO, DORA):
            messages.report_broadcast(*received(member, ANNA, 1, 2.0, message=name))
    assert [view.id for view in messages.newest(10)] == ["two", "three"]
    assert messages.get("one") is None


# --- as browsers get it -----------------------------------------------------------------


class Lab:
    """An observer that watches some nodes, and what a browser would be told."""

    def __init__(self, *nodes: Node) -> None:
        self.observer = Observer(None, clock=lambda: 100.0)
        self._seq = 0
        for node in nodes:
            own = Own(node.id, node.name, node.url, 1, 0.0)
            assert self.observer.snapshot(Snapshot(own, 1, 0.0, [], []), Offset())
        self.news()

    def says(self, *reports: Report) -> None:
        for reporter, type_, said, at in reports:
            self._seq += 1
            event = Event(self._seq, type_, at, said)
            self.observer.events(reporter, Batch(100.0, [event]), Offset())

    def news(self) -> dict[str, Any]:
        delta, _ = self.observer.tell(snapshot=False)
        return delta or {}

    def snapshot(self) -> dict[str, Any]:
        _, snapshot = self.observer.tell(snapshot=True)
        assert snapshot is not None
        return snapshot


def test_a_delta_has_only_the_new_part_of_the_path() -> None:
    lab = Lab(ANNA, BERT, CLEO, DORA)
    lab.says(*STORY[:2])
    (first,) = lab.news()["messages"]
    assert (first["kind"], first["from"], first["to"]) == ("broadcast", 1, None)
    assert (first["reached"], first["of"], first["state"]) == (1, 3, "sent")
    assert (first["path_at"], first["path"]) == (0, [[1, 2, 1010]])
    lab.says(*STORY[2:])
    (second,) = lab.news()["messages"]
    assert (second["path_at"], second["path"]) == (1, [[2, 3, 1020], [2, 4, 1030]])
    assert (second["reached"], second["state"], second["hops"]) == (3, "delivered", 2)
    assert (second["sent_at"], second["done_at"]) == (1000, 1030)
    (whole,) = lab.snapshot()["messages"]
    assert (whole["path_at"], whole["path"]) == (0, first["path"] + second["path"])
    assert lab.observer.message("m") == whole


def test_what_nobody_looked_at_is_in_the_snapshot_and_not_told_again() -> None:
    lab = Lab(ANNA, BERT, CLEO, DORA)
    lab.says(*STORY[:3])
    lab.observer.tell_nobody()
    (whole,) = lab.snapshot()["messages"]
    assert len(whole["path"]) == 2
    lab.says(STORY[3])
    (news,) = lab.news()["messages"]
    assert (news["path_at"], news["path"]) == (2, [[2, 4, 1030]])


def test_every_inbox_counts_it_once_the_origins_too() -> None:
    lab = Lab(ANNA, BERT, CLEO, DORA)
    lab.says(*STORY)
    assert [node["inbox"] for node in lab.news()["nodes"]] == [1, 1, 1, 1]


def test_the_paths_of_old_broadcasts_are_left_out_where_a_snapshot_grows_too_large() -> None:
    members = [Node(f"n{k}", f"n{k}", f"http://n{k}:5000") for k in range(60)]
    lab = Lab(ANNA, *members)
    for number in range(120):
        lab.says(
            *(received(member, ANNA, 1, 1.0, message=f"b{number}") for member in members),
        )
    told = lab.snapshot()["messages"]
    assert len(told) == 120 < SHOWN_MESSAGES
    assert sum(len(view["path"]) for view in told) <= SHOWN_LEGS
    assert [len(view["path"]) for view in (told[0], told[-1])] == [0, 60]
    assert told[0]["reached"] == 60
