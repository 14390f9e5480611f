"""What is true, from what nodes say: one voice among many, and our own connection."""

from collections.abc import Iterable
from typing import Any

import pytest

from contract.limits import MAX_MEMBERS
from dashboard.clocks import Offset
from dashboard.observer import Observer
from dashboard.records import Belief, Record
from dashboard.reducer import GHOST, MOST_RECORDS, Reducer
from dashboard.reports import (
    About,
    Batch,
    Counts,
    Event,
    Member,
    Node,
    OfBroadcast,
    OfMember,
    OfMessage,
    Own,
    Snapshot,
    State,
)

NOW = 1_000.0


class Lab:
    """A reducer, and nodes that speak as they are told."""

    def __init__(self) -> None:
        self.reducer = Reducer()
        self._seq = 0

    def snapshot(
        self, name: str, knows: Iterable[str] = (), *, url: str = "", node: str = "", epoch: int = 1
    ) -> Record:
        own = Own(node or name, name, url or f"http://{name}:5000", epoch, 0.0)
        members = [member(other) for other in knows if other != name]
        record = self.reducer.snapshot(Snapshot(own, 1, 0.0, members, []), 0.0, NOW)
        assert record is not None
        return record

    def says(self, name: str, about: Member, now: float = NOW) -> None:
        self._seq += 1
        event = Event(self._seq, f"member.{about.state}", now, OfMember(about))
        self.reducer.event(name, event, now)

    def stops(self, name: str) -> None:
        self.reducer.event(name, Event(1, "node.stopping", NOW, None), NOW)

    def state(self, name: str) -> str | None:
        record = self.reducer.get(name)
        return record.state if record is not None and record.shown else None

    def shown(self) -> list[str]:
        return sorted(record.name for record in self.reducer.shown())


def member(name: str, state: State = "alive", url: str = "") -> Member:
    return Member(name, name, url or f"http://{name}:5000", state)


NAMES = ["a", "b", "c", "d", "e"]


@pytest.fixture
def lab() -> Lab:
    """Five nodes that know each other, all watched."""
    made = Lab()
    for name in NAMES:
        made.snapshot(name, NAMES)
    return made


def test_the_first_node_shows_all_the_others() -> None:
    lab = Lab()
    lab.snapshot("a", NAMES)
    assert lab.shown() == NAMES
    assert lab.reducer.watched == 1
    assert set(lab.reducer.take_addresses()) == {f"http://{name}:5000" for name in "bcde"}


def test_keys_are_small_and_stay(lab: Lab) -> None:
    keys = {record.name: record.key for record in lab.reducer.shown()}
    assert sorted(keys.values()) == [1, 2, 3, 4, 5]
    lab.reducer.contact("c", "refused", NOW)
    lab.reducer.tick(NOW + GHOST)
    assert lab.shown() == ["a", "b", "d", "e"]
    lab.snapshot("f")
    lab.snapshot("c")
    again = {record.name: record.key for record in lab.reducer.shown()}
    assert again["c"] == keys["c"]
    assert again["f"] == 6


# --- who is alive ---------------------------------------------------------------------


@pytest.mark.parametrize("said", ["suspect", "dead", "left"])
def test_nobody_kills_a_node_that_we_are_connected_to(lab: Lab, said: State) -> None:
    for name in "abde":
        lab.says(name, member("c", said))
    assert lab.state("c") == "alive"


def test_a_lost_connection_is_a_suspicion_and_a_refusal_a_death(lab: Lab) -> None:
    lab.reducer.contact("c", "lost", NOW)
    assert lab.state("c") == "suspect"
    lab.reducer.contact("c", "refused", NOW)
    assert lab.state("c") == "dead"
    lab.snapshot("c", NAMES, epoch=2)
    assert lab.state("c") == "alive"


def test_where_we_cannot_tell_more_than_half_must_call_it_dead(lab: Lab) -> None:
    lab.reducer.contact("c", "unreachable", NOW)
    states = []
    for name in "abde":
        lab.says(name, member("c", "dead"))
        states.append(lab.state("c"))
    assert states == ["suspect", "suspect", "dead", "dead"]


def test_a_vote_counts_only_while_the_voter_is_watched(lab: Lab) -> None:
    lab.reducer.contact("c", "unreachable", NOW)
    for name in "abd":
        lab.says(name, member("c", "dead"))
    assert lab.state("c") == "dead"
    lab.reducer.contact("a", "lost", NOW)
    lab.reducer.contact("b", "lost", NOW)
    assert lab.state("c") == "suspect"  # one says dead, one alive
    lab.reducer.resumed("a", NOW)
    assert lab.state("c") == "dead"


def test_good_bye_means_left_whatever_comes_of_the_connection(lab: Lab) -> None:
    lab.stops("c")
    assert lab.state("c") == "left"
    lab.reducer.contact("c", "lost", NOW, "the connection was closed")
    lab.reducer.contact("c", "refused", NOW, "connection refused")
    record = lab.reducer.get("c")
    assert record is not None
    assert (record.state, record.note) == ("left", "it said good-bye")
    lab.snapshot("c", NAMES, epoch=2)
    assert lab.state("c") == "alive"


def test_ghosts_stay_for_a_while_and_do_not_come_back_by_hearsay(lab: Lab) -> None:
    lab.reducer.contact("c", "refused", NOW)
    lab.reducer.tick(NOW + GHOST - 1)
    assert lab.state("c") == "dead"
    lab.reducer.tick(NOW + GHOST)
    assert lab.state("c") is None
    lab.snapshot("f", ["a"])
    lab.says("f", member("c", "dead"))
    lab.says("a", member("c", "dead"))
    assert lab.state("c") is None


def test_somebody_who_is_doubted_is_asked(lab: Lab) -> None:
    lab.says("a", member("c", "suspect"))
    assert lab.reducer.take_doubts() == {"c"}
    assert lab.reducer.take_doubts() == set()


def test_a_dead_node_that_members_see_again_is_looked_for_at_once(lab: Lab) -> None:
    lab.reducer.take_addresses()
    lab.reducer.contact("c", "refused", NOW)
    lab.says("a", member("c", "dead"))
    assert lab.reducer.take_addresses() == {}
    lab.says("a", member("c", "alive"))
    assert lab.reducer.take_addresses() == {"http://c:5000": "http://a:5000"}


# --- who is where -----------------------------------------------------------------------


def test_a_new_node_at_an_address_replaces_the_old_one(lab: Lab) -> None:
    lab.reducer.contact("c", "refused", NOW)
    lab.reducer.take_changes()
    lab.snapshot("c", NAMES, node="c2")
    assert lab.shown() == NAMES
    assert lab.reducer.get("c") is None
    assert lab.reducer.take_changes().gone == [3]


def test_a_new_node_of_the_same_name_replaces_a_dead_one_elsewhere(lab: Lab) -> None:
    lab.reducer.contact("c", "refused", NOW)
    lab.snapshot("c", NAMES, node="c2", url="http://172.17.0.9:5000")
    assert lab.shown() == NAMES


def test_two_living_nodes_may_have_one_name(lab: Lab) -> None:
    lab.snapshot("c", NAMES, node="c2", url="http://172.17.0.9:5000")
    assert lab.shown() == ["a", "b", "c", "c", "d", "e"]


def test_others_cannot_rename_or_move_a_node(lab: Lab) -> None:
    lab.says("a", Member("c", "victim", "http://evil:666", "alive"))
    record = lab.reducer.get("c")
    assert record is not None
    assert (record.name, record.url) == ("c", "http://c:5000")


def test_a_plain_node_answers_for_itself_and_has_no_vote(lab: Lab) -> None:
    record = lab.reducer.plain("p", "homework", "http://p:5000", ["http://a:5000"], NOW)
    assert record is not None
    assert (record.kind, record.state, record.knows) == ("plain", "alive", 1)
    assert lab.reducer.watched == 5
    lab.reducer.contact("p", "refused", NOW)
    assert lab.state("p") == "dead"


def test_most_of_the_others_know_where_a_node_is(lab: Lab) -> None:
    lab.says("e", member("c", url="http://liar:5000"))
    assert lab.reducer.favoured("c", "http://c:5000", "http://liar:5000")
    assert not lab.reducer.favoured("c", "http://liar:5000", "http://c:5000")


# --- liars ------------------------------------------------------------------------------


def test_inventions_of_one_are_not_shown(lab: Lab) -> None:
    for number in range(100):
        lab.says("e", member(f"invented{number}"))
    assert lab.shown() == NAMES


def test_inventions_of_the_first_vanish_when_others_do_not_know_them() -> None:
    lab = Lab()
    lab.snapshot("a", [*NAMES, "invented"])
    assert "invented" in lab.shown()
    for name in NAMES[1:]:
        lab.snapshot(name, NAMES)
    lab.reducer.tick(NOW + 1)
    assert lab.shown() == NAMES


def test_however_much_is_invented_there_is_room_for_the_real(lab: Lab) -> None:
    for number in range(MOST_RECORDS + 500):
        lab.says("e", member(f"invented{number}"))
    lab.snapshot("f", NAMES)
    assert lab.shown() == [*NAMES, "f"]
    believes = lab.reducer.get("e")
    assert believes is not None
    assert len(believes.beliefs) <= 2 * MAX_MEMBERS


# --- what readers must look at ------------------------------------------------------------


def test_what_is_said_twice_is_no_news(lab: Lab) -> None:
    lab.reducer.take_changes()
    lab.says("a", member("b"))
    lab.reducer.event("a", Event(1, "peer.learned", NOW, About(Node("b", "b", "http://b"))), NOW)
    assert not lab.reducer.take_changes()


def test_links_and_acquaintance_are_told_by_whose_they_are(lab: Lab) -> None:
    lab.reducer.take_changes()
    there = About(Node("b", "b", "http://b:5000"))
    lab.reducer.event("a", Event(1, "link.up", NOW, there), NOW)
    assert lab.reducer.take_changes().links == {"a"}
    lab.says("a", member("b", "dead"))
    assert lab.reducer.take_changes().knows == {"a"}
    lab.reducer.event("a", Event(2, "link.down", NOW, there), NOW)
    assert lab.reducer.take_changes().links == {"a"}
    record = lab.reducer.get("a")
    assert record is not None
    assert (record.links, record.knows) == ({}, 3)


def test_a_snapshot_is_the_whole_truth(lab: Lab) -> None:
    lab.says("a", member("x"))
    lab.snapshot("a", ["b"])
    record = lab.reducer.get("a")
    assert record is not None
    assert record.beliefs == {"b": Belief("alive", "http://b:5000", int(NOW))}
    votes = lab.reducer.get("c")
    assert votes is not None
    assert votes.votes == [3, 0, 0, 0]


# --- how many messages there are ---------------------------------------------------------------


def of_message(type_: str, counts: Counts | None = None, **more: Any) -> Event:
    said = OfMessage("m", Node("b", "b", "http://b:5000"), counts=counts, **more)
    return Event(2, f"message.{type_}", NOW, said)


def counters(reducer: Reducer, node: str = "a") -> tuple[int, int, int, int]:
    record = reducer.get(node)
    assert record is not None
    return record.inbox, record.sent, record.failed, record.waiting


def holding(inbox: int, sent: int, failed: int, waiting: int) -> Reducer:
    """Node `a`, whose snapshot said that it has so many."""
    reducer = Reducer()
    own = Own("a", "a", "http://a:5000", 1, 0.0)
    reducer.snapshot(Snapshot(own, 1, 0.0, [], [], inbox, sent, failed, waiting), 0.0, NOW)
    reducer.take_changes()
    return reducer


def test_what_a_snapshot_had_already_is_not_added_up_once_more() -> None:
    """A node stores a message, and a moment later tells of it: a snapshot may lie in between."""
    reducer = holding(1, 0, 0, 2)
    reducer.counted("a", of_message("received", Counts(1, 0, 0, 2)))
    reducer.counted("a", of_message("sent", Counts(1, 0, 0, 2)))
    assert counters(reducer) == (1, 0, 0, 2)
    assert not reducer.take_changes(), "and is no news"


def test_what_a_node_says_that_it_has_is_what_it_has() -> None:
    reducer = holding(5, 5, 5, 5)
    for type_ in ("queued", "failed", "delivered", "discarded"):
        reducer.counted("a", of_message(type_, Counts(6, 2, 0, 1)))
        assert counters(reducer) == (6, 2, 0, 1)
    assert reducer.take_changes().nodes == {"a"}
    whole = OfBroadcast("m", Node("b", "b", "http://b:5000"), counts=Counts(7, 2, 0, 1))
    reducer.counted("a", Event(3, "broadcast.received", NOW, whole))
    assert counters(reducer) == (7, 2, 0, 1)


def test_of_a_node_that_tells_no_counts_they_are_added_up() -> None:
    reducer = holding(0, 0, 0, 0)
    reducer.counted("a", of_message("sent"))
    assert counters(reducer) == (0, 0, 0, 1)
    reducer.counted("a", of_message("sent", attempt=2))
    reducer.counted("a", of_message("delivered"))
    assert counters(reducer) == (0, 1, 0, 0)
    reducer.counted("a", of_message("failed"))
    assert counters(reducer) == (0, 1, 1, 0), "never below nothing"


def test_browsers_hear_of_the_fewest_that_waited_since_the_packet_before() -> None:
    """Between two packets all may have left and others come: then none of them has stayed."""
    observer = Observer(None)
    own = Own("a", "a", "http://a:5000", 1, 0.0)
    observer.snapshot(Snapshot(own, 1, 0.0, [], [], waiting=3), Offset())

    def waits(*counts: int) -> tuple[int, int]:
        told = [of_message("sent", Counts(0, 0, 0, count)) for count in counts]
        observer.events("a", Batch(NOW, told), Offset())
        delta, _ = observer.tell(snapshot=False)
        assert delta is not None
        (node,) = delta["nodes"]
        return node["waiting"], node["least"]

    assert waits(4) == (4, 3)
    assert waits(2, 1, 5) == (5, 1)
    assert waits(6) == (6, 5)
    assert waits(0, 6, 7) == (7, 0)
