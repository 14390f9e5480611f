"""A recording that is played: the live stream's own packets, piece by piece."""

from pathlib import Path
from typing import Any

import pytest
from recorded import BEGAN, Lab, node

from dashboard.playback import EmptyRunError, piece
from dashboard.reports import OfBroadcast, OfMessage
from dashboard.runfile import Hole
from dashboard.timeline import Surveys

EVER = 2**42
START = round(BEGAN * 1000)


class Viewer:
    """What a page does with packets, as far as these tests look at it."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.number = snapshot["number"]
        self.nodes = {one["key"]: one for one in snapshot["nodes"]}
        self.links = {tuple(edge) for edge in snapshot["links"]}
        self.knows = dict(snapshot["knows"])
        self.messages = {one["id"]: one for one in snapshot["messages"]}

    def take(self, delta: dict[str, Any]) -> None:
        assert delta["number"] == self.number + 1, "numbers have no holes"
        self.number += 1
        self.nodes |= {one["key"]: one for one in delta.get("nodes", [])}
        links = delta.get("links", {"add": [], "remove": []})
        self.links -= {tuple(edge) for edge in links["remove"]}
        self.links |= {tuple(edge) for edge in links["add"]}
        self.knows |= delta.get("knows", {})
        for one in delta.get("messages", []):
            before = self.messages.get(one["id"], {"path": []})["path"]
            whole = {**one, "path": before[: one["path_at"]] + one["path"], "path_at": 0}
            self.messages[one["id"]] = whole
        for key in delta.get("gone", []):
            self.nodes.pop(key, None)


def test_what_is_played_to_a_moment_is_what_that_moment_was(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        played = piece(run, START, EVER, 0, None)
        viewer = Viewer(played["snapshot"])
        assert len(played["deltas"]) == 40
        for delta in played["deltas"]:
            viewer.take(delta)
    then = lab.at(lab.now)
    assert {key: _still(one) for key, one in viewer.nodes.items()} == {
        one["key"]: _still(one) for one in then["nodes"]
    }
    assert viewer.links == {tuple(edge) for edge in then["links"]}
    assert viewer.knows == then["knows"]
    assert viewer.messages == {one["id"]: one for one in then["messages"]}


def test_each_arrival_is_a_step_of_its_own_and_says_what_happened(tmp_path: Path) -> None:
    lab = _three(tmp_path)
    lab.passes(1)
    lab.message(1, 2, "m1")
    lab.passes(0.5)
    lab.message(2, 3, "m2")
    with lab.reads() as run:
        deltas = piece(run, START + 500, EVER, 0, None)["deltas"]
    changed = [{view["key"] for view in one["nodes"]} for one in deltas if "messages" in one]
    assert changed == [{1, 2}, {2, 3}], "what was before the piece is no change in it"
    told = [(one["at"] - START, one["told"]) for one in deltas if one["told"]]
    assert told == [
        (1000, [["message.sent", 1, 2, "m1"], ["message.received", 2, 1, "m1"]]),
        (1500, [["message.sent", 2, 3, "m2"], ["message.received", 3, 2, "m2"]]),
    ]


def test_who_plays_fast_gets_fewer_deltas_and_the_same_end(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        fine, coarse = (piece(run, START, EVER, every, None) for every in (0, 1000))
    assert len(coarse["deltas"]) <= len(fine["deltas"]) / 2 + 1
    ends = []
    for played in (fine, coarse):
        viewer = Viewer(played["snapshot"])
        for delta in played["deltas"]:
            viewer.take(delta)
        ends.append(viewer.messages)
    assert ends[0] == ends[1]


def test_pieces_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        whole = piece(run, START, EVER, 0, None)
        first = piece(run, START, START + 4_000, 0, None)
        second = piece(run, first["to"], EVER, 0, None)
    assert (first["to"], first["last"], second["last"]) == (START + 4_000, False, True)
    both = first["deltas"] + second["deltas"]
    assert [(one["at"], one["told"]) for one in both] == [
        (one["at"], one["told"]) for one in whole["deltas"]
    ]


def test_a_piece_is_bounded_and_says_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.playback.MOST_ROWS", 10)
    lab = _busy(tmp_path)
    with lab.reads() as run:
        first = piece(run, START, EVER, 0, None)
        assert START < first["to"] < first["until"]
        assert not first["last"]
        assert all(one["at"] <= first["to"] for one in first["deltas"])
        assert first["deltas"], "and it came a way"
        pieces = [first]
        while not pieces[-1]["last"]:
            pieces.append(piece(run, pieces[-1]["to"], EVER, 0, None))
            assert pieces[-1]["to"] > pieces[-1]["from"]
    told = [fact[3] for one in pieces for delta in one["deltas"] for fact in delta["told"]]
    assert [one for one in told if one is not None] == [
        name for count in range(20) for name in (f"m{count}", f"m{count}", f"m{count}")
    ], "nothing twice, and nothing left out"


def test_before_the_beginning_is_the_beginning_and_after_the_end_the_end(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        early = piece(run, 0, START - 10_000, 0, None)
        late = piece(run, EVER - 1, EVER, 0, None)
    assert early["from"] == early["to"] == early["since"]
    assert late["from"] == late["to"] == late["until"]
    assert late["last"]
    assert late["deltas"] == []
    assert len(late["snapshot"]["messages"]) == 20


def test_a_run_that_is_being_written_is_played_up_to_just_now(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        played = piece(run, START, EVER, 0, round((lab.now + 60) * 1e6))
        assert played["growing"]
        assert played["until"] == round((lab.now + 60) * 1000) - 250
        set_back = piece(run, START, EVER, 0, round((BEGAN - 3_600) * 1e6))
    assert set_back["until"] == round(lab.now * 1000) - 250, "what is written stays visible"


def test_a_piece_ends_where_a_hole_ends_and_says_so(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    hole = Hole(round((BEGAN + 2) * 1e6), round((BEGAN + 3.5) * 1e6), None, None, "nobody listened")
    with lab.reads() as run:
        path = run.path
    from dashboard.runfile import RunFile

    with RunFile(path, write=True) as writing:
        writing.write_hole(hole)
    with lab.reads() as run:
        first = piece(run, START + 1_000, EVER, 0, None)
        assert (first["to"], first["cut"]) == (START + 3_500, True)
        assert [one["why"] for one in first["holes"]] == ["nobody listened"]
        second = piece(run, first["to"], EVER, 0, None)
        assert not second["cut"]
        glance = Surveys().timeline(run, None, None, 10, None)
    assert [(one["since"], one["why"]) for one in glance["holes"]] == [
        (START + 2_000, "nobody listened")
    ]


def test_a_broadcast_grows_by_what_is_new(tmp_path: Path) -> None:
    lab = _three(tmp_path)
    of = OfBroadcast("b1", node(1), None, "node1", "all")
    lab.tells(1, "broadcast.sent", of)
    lab.tells(2, "broadcast.received", OfBroadcast("b1", node(1), node(1), "node1", "all", 1))
    lab.history.turn()
    lab.passes(61)  # so that the next record makes a checkpoint
    for name in ("m1", "m2"):
        lab.message(1, 2, name)
        lab.history.turn()
        lab.passes(1)
    lab.passes(2)
    lab.tells(3, "broadcast.received", OfBroadcast("b1", node(1), node(2), "node1", "all", 2))
    with lab.reads() as run:
        assert len(run.places()) == 2
        played = piece(run, START + 62_000, EVER, 0, None)
    (view,) = [one for one in played["snapshot"]["messages"] if one["id"] == "b1"]
    (later,) = [one["messages"][0] for one in played["deltas"] if "messages" in one]
    assert (len(view["path"]), later["path_at"], len(later["path"])) == (1, 1, 1)


def test_an_empty_run_says_so(tmp_path: Path) -> None:
    from dashboard.runfile import About, RunFile

    with RunFile.make(tmp_path / "empty.sqlite", About("r", "r", False, 1, 0)) as run:
        with pytest.raises(EmptyRunError, match="empty"):
            piece(run, 0, EVER, 0, None)
        with pytest.raises(EmptyRunError, match="empty"):
            Surveys().timeline(run, None, None, 10, None)


# --- at a glance ----------------------------------------------------------------------------


def test_messages_are_counted_where_they_set_out(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    with lab.reads() as run:
        surveys = Surveys()
        for points in (1, 3, 10, 600):
            glance = surveys.timeline(run, None, None, points, None)
            assert sum(glance["sent"]) == 20, f"with {points} points"
            assert len(glance["sent"]) <= points
        part = surveys.timeline(run, START + 900, START + 1_100, 10, None)
    assert sum(part["sent"]) == 1


def test_what_came_since_is_added_and_counted_once(tmp_path: Path) -> None:
    lab = _busy(tmp_path)
    surveys = Surveys()
    with lab.reads() as run:
        surveys.timeline(run, None, None, 5, None)
    lab.passes(3)
    lab.message(1, 2, "late")
    with lab.reads() as run:
        glance = surveys.timeline(run, None, None, 5, None)
    assert sum(glance["sent"]) == 21


def test_a_death_is_one_mark_whoever_tells_of_it_and_a_return_another(tmp_path: Path) -> None:
    from dashboard.reports import Member, OfMember

    lab = _three(tmp_path)
    lab.passes(5)
    lab.contact(3, "refused")
    dead = OfMember(Member(*_names(3), "dead"))
    for teller in (1, 2):
        lab.passes(1)
        lab.tells(teller, "member.dead", dead)
    lab.passes(5)
    lab.snapshot(3, range(1, 4), epoch=2)
    with lab.reads() as run:
        marks = Surveys().timeline(run, None, None, 100, None)["marks"]
    told = [(one["kind"], one["names"], one["count"]) for one in marks]
    assert told == [
        ("started", ["the panel"], 1),
        ("joined", ["node1", "node2", "node3"], 3),
        ("dead", ["node3"], 1),
        ("back", ["node3"], 1),
    ]


def test_faults_are_marked(tmp_path: Path) -> None:
    lab = _three(tmp_path)
    lab.passes(5)
    lab.tells(2, "fault.set", None)
    lab.passes(5)
    lab.tells(2, "fault.cleared", None)
    with lab.reads() as run:
        marks = Surveys().timeline(run, None, None, 100, None)["marks"]
    assert [(one["kind"], one["names"]) for one in marks][-2:] == [
        ("fault", ["node2"]),
        ("healed", ["node2"]),
    ]


def _names(number: int) -> tuple[str, str, str]:
    one = node(number)
    return one.id, one.name, one.url


def _three(folder: Path) -> Lab:
    lab = Lab(folder)
    for number in (1, 2, 3):
        lab.snapshot(number, range(1, 4))
    return lab


def _busy(folder: Path) -> Lab:
    """Ten seconds with twenty messages, a death and a link that ends."""
    from dashboard.reports import About

    lab = _three(folder)
    for count in range(20):
        lab.passes(0.4)
        sender, receiver = 1 + count % 3, 1 + (count + 1) % 3
        lab.message(sender, receiver, f"m{count}")
        lab.passes(0.1)
        known = OfMessage(f"m{count}", node(receiver), origin=node(sender))
        lab.tells(sender, "message.delivered", known)
        if count == 8:
            lab.tells(1, "link.down", About(node(2)))
        if count == 12:
            lab.contact(3, "refused")
    return lab


def _still(view: dict[str, Any]) -> dict[str, Any]:
    """Without what is told once only."""
    return {name: value for name, value in view.items() if name != "least"}
