"""Messages of the past: put together from what nodes told, page by page, whole."""

from pathlib import Path
from typing import Any

from recorded import Lab, node

from dashboard import history
from dashboard.old_messages import Asked, page
from dashboard.reports import OfBroadcast, OfMessage
from dashboard.runfile import Position


def asked(**more: Any) -> Asked:
    return Asked(
        **{
            "since": 0,
            "until": 2**52,
            "node": None,
            "text": None,
            "limit": 100,
            "before": None,
            **more,
        }
    )


def pages(lab: Lab, **more: Any) -> list[dict[str, Any]]:
    """All pages, one after the other, with names instead of places."""
    found = []
    before = None
    for _ in range(100):
        with lab.reads() as run:
            said = page(run, asked(before=before, **more))
        names = [one["name"] for one in said["nodes"]]
        for one in said["messages"]:
            one["from"] = None if one["from"] is None else names[one["from"]]
            one["to"] = None if one["to"] is None else names[one["to"]]
            one["path"] = [
                (None if a is None else names[a], None if b is None else names[b])
                for a, b, _ in one["path"]
            ]
        found.append(said)
        if said["next"] is None:
            return found
        at, n = said["next"].split("-")
        before = Position(int(at), int(n))
    raise AssertionError("the pages never end")


def texts(lab: Lab, **more: Any) -> list[str]:
    return [one["text"] for said in pages(lab, **more) for one in said["messages"]]


def busy(tmp_path: Path, messages: int, chapter: int, monkeypatch: Any) -> Lab:
    """Six nodes in a ring, and messages between two of them, chapter by chapter."""
    monkeypatch.setattr(history, "CHECKPOINT_RECORDS", chapter)
    lab = Lab(tmp_path)
    for number in range(1, 7):
        lab.snapshot(number, range(1, 7))
    for number in range(messages):
        lab.message(1 + number % 6, 1 + (number + 2) % 6, f"m{number}", f"text {number}")
        lab.passes(0.01)
        if number % 5 == 0:
            lab.history.turn()
    return lab


def test_pages_go_back_to_the_beginning_and_have_each_message_once(
    tmp_path: Path, monkeypatch: Any
) -> None:
    lab = busy(tmp_path, 240, 40, monkeypatch)
    with lab.reads() as run:
        assert len(run.places()) > 5  # else nothing is tried out
    expected = [f"text {number}" for number in range(239, -1, -1)]
    for limit in (1000, 100, 7):
        assert texts(lab, limit=limit) == expected, limit
    (first, *_) = pages(lab, limit=7)
    assert len(first["messages"]) == 7
    newest = first["messages"][0]
    assert (newest["from"], newest["to"]) == ("node6", "node2")
    assert newest["state"] == "received"


def test_what_became_of_a_message_in_a_later_chapter_is_told(
    tmp_path: Path, monkeypatch: Any
) -> None:
    lab = busy(tmp_path, 10, 40, monkeypatch)
    late = OfMessage("late", node(3), "node1", "arrives late", 1, "", node(1))
    lab.tells(1, "message.sent", late)
    for number in range(100):  # two chapters
        lab.message(4, 5, f"between{number}", "between")
        lab.passes(0.01)
        lab.history.turn()
    lab.tells(3, "message.received", late)
    lab.tells(1, "message.delivered", late)
    (found,) = [
        one for said in pages(lab) for one in said["messages"] if one["text"] == "arrives late"
    ]
    assert found["state"] == "delivered"
    assert texts(lab)[-11] == "arrives late"  # where it began


def test_the_shortest_way_is_that_of_the_links_when_it_arrived(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    for number in range(1, 7):
        lab.snapshot(number, range(1, 7))  # each is linked with the two after it
    sent = OfMessage("m", node(3), "node1", "a detour", 1, "", node(1), node(2))
    lab.tells(1, "message.sent", sent)
    for hop, (at, via) in enumerate(((2, 4), (4, 3)), 2):
        of = OfMessage("m", node(3), origin=node(at), via=node(via), hop=hop)
        lab.tells(at, "message.forwarded", of)
    lab.tells(
        3, "message.received", OfMessage("m", node(3), "node1", "a detour", 1, "", node(1), hop=3)
    )
    ((found,),) = [said["messages"] for said in pages(lab)]
    assert found["path"] == [("node1", "node2"), ("node2", "node4"), ("node4", "node3")]
    assert (found["hops"], found["shortest"]) == (3, 1)


def test_a_broadcast_has_its_tree_and_questions_are_answered(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    for number in range(1, 4):
        lab.snapshot(number, range(1, 4))
    said = OfBroadcast("b", node(1), None, "node1", "To All")
    lab.tells(1, "broadcast.sent", said)
    lab.tells(2, "broadcast.received", OfBroadcast("b", node(1), node(1), "node1", "To All", 1))
    lab.tells(3, "broadcast.received", OfBroadcast("b", node(1), node(2), "node1", "To All", 2))
    lab.message(2, 3, "m", "to one")
    ((to_one, to_all),) = [one["messages"] for one in pages(lab)]
    assert (to_one["text"], to_all["text"]) == ("to one", "To All")
    assert to_all["path"] == [("node1", "node2"), ("node2", "node3")]
    assert (to_all["kind"], to_all["state"], to_all["reached"]) == ("broadcast", "delivered", 2)
    assert texts(lab, text="to ALL") == ["To All"]
    assert texts(lab, node="node1") == ["To All"]
    assert texts(lab, node="id3") == ["to one", "To All"], "it got the broadcast, too"
    assert texts(lab, node="id4") == []
    assert texts(lab, until=1) == []
    assert texts(lab, since=2**51) == []


def test_history_of_one_message_is_all_that_was_said_of_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    for number in range(1, 4):
        lab.snapshot(number, range(1, 4))
    lab.message(1, 2, 'a"b', "odd")
    lab.message(1, 2, 'a"bc', "longer")
    lab.message(1, 3, "a", "shorter")
    kinds = [one["type"] for one in lab.history_of(message='a"b')["records"]]
    assert kinds == ["message.sent", "message.received"]
    assert lab.history_of(message="nothing")["records"] == []
    (only,) = lab.history_of(message='a"b', kinds=(kinds_of("message.received"),))["records"]
    assert only["data"]["text"] == "odd"
    assert lab.history_of(message='a"b', kinds=(kinds_of("link.up"),))["records"] == []


def kinds_of(name: str) -> int:
    from dashboard.rows import CODES

    return CODES[name]
