"""Writing down what happens: nothing is lost in silence, and nothing grows for ever."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from recorded import BEGAN, PLENTY, Lab, lab, node

from contract.errors import ApiError
from dashboard import history as history_module
from dashboard import rows
from dashboard.entries import Happened
from dashboard.history import AWAY, TIDY_EVERY, TRY_AGAIN, Limits
from dashboard.reports import Event, Node, OfMessage
from dashboard.rows import MOST_NAMED, Book
from dashboard.runfile import BrokenRunError, RunFile
from dashboard.runs import GO_ON, Runs


def names(network: Lab) -> list[str]:
    return [record["type"] for record in network.history_of()["records"]]


def path_of(network: Lab) -> Path:
    with network.reads() as run:
        return run.path


def started(network: Lab, nodes: int = 3) -> None:
    for k in range(1, nodes + 1):
        network.snapshot(k, range(1, nodes + 1))


def test_what_comes_too_quickly_is_lost_with_its_number_and_then_the_picture_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "MOST_WAITING", 10)
    with lab(tmp_path) as network:
        started(network)
        for number in range(20):
            network.now += 1
            network.message(1, 2, f"m{number}")
        told = network.history_of()
        assert told["holes"] == [
            {
                "since": (BEGAN + 4) * 1000,
                "until": (BEGAN + 20) * 1000,
                "node": None,
                "lost": 33,
                "why": "it came quicker than it could be written",
            }
        ]
        assert len(told["records"]) == 1 + 3 + 7
        live = network.observer.snapshot_now()
        then = network.at(network.now)
        assert then["messages"] == live["messages"]
        assert then["hole"] is None
        assert network.at(BEGAN + 10)["hole"]["lost"] == 33
        network.now += 1
        network.message(1, 2, "afterwards")
        assert names(network)[-1] == "message.received"


def test_a_long_text_counts_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MOST_WAITING", 20)
    with lab(tmp_path) as network:
        started(network)
        network.message(1, 2, "long", "x" * 9_000)
        assert network.history.state()["lost"] == 1


def test_who_brings_more_waits_while_it_is_crowded_and_not_while_nothing_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "MOST_WAITING", 20)
    with lab(tmp_path) as network:
        started(network)
        network.history.turn()
        assert not network.observer.crowded
        for number in range(6):
            network.message(1, 2, f"m{number}")
        assert network.observer.crowded
        network.history.turn()
        assert not network.observer.crowded
        for number in range(6):
            network.message(1, 2, f"n{number}")
        assert network.observer.crowded
        network.message(1, 2, "long", "x" * 9_000)
        assert network.history.state()["lost"] > 0
        assert not network.observer.crowded, "there is a hole already, and the picture must go on"


def test_a_full_disk_is_said_once_and_is_a_hole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lab(tmp_path) as network:
        started(network)
        file = network.reads()
        file.close()
        assert network.history._file is not None
        full = network.history._file.db.execute("PRAGMA page_count").fetchone()[0]
        network.history._file.db.execute(f"PRAGMA max_page_count={full}")
        for number in range(50):
            network.now += 0.01
            network.message(1, 2, f"m{number}", "x" * 1_000)
        network.history.turn()
        said = capsys.readouterr().err
        assert "database or disk is full" in said
        assert network.history.state()["state"] == "failing"
        network.message(1, 2, "lost as well")
        network.history.turn()
        assert capsys.readouterr().err == ""
        network.now += TRY_AGAIN + 0.1  # and the disk has room again: another connection
        network.history.turn()
        assert "being written again" in capsys.readouterr().err
        network.message(2, 1, "here")
        told = network.history_of()
        (hole,) = told["holes"]
        assert hole["lost"] == network.history.dropped == 102
        assert told["records"][-1]["data"]["message"] == "here"
        assert network.at(network.now)["messages"] == network.observer.snapshot_now()["messages"]


def test_what_comes_while_a_write_fails_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.history.turn()

        def fails(_queue: object) -> None:
            network.message(1, 2, "meanwhile")
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as broken:
            broken.setattr(network.history, "_write", fails)
            network.message(1, 2, "first")
            network.history.turn()
        assert network.history.state()["lost"] == 4
        assert network.history.dropped == 4
        network.now += TRY_AGAIN + 0.1
        network.history.turn()
        assert [hole["lost"] for hole in network.history_of()["holes"]] == [4]
        assert network.at(network.now)["messages"] == network.observer.snapshot_now()["messages"]


def test_where_nothing_can_be_written_the_dashboard_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").write_text("in the way")
    network = Lab(tmp_path / "data")
    started(network)
    network.history.turn()
    assert "cannot be written" in capsys.readouterr().err
    assert network.observer.summary()["alive"] == 3
    network.now += TRY_AGAIN + 0.1
    network.history.turn()
    assert capsys.readouterr().err == "", "it is said once"
    network.history.flush(0.0)
    with pytest.raises(ApiError) as error:
        network.runs.find(None)
    assert error.value.status == 404
    network.history.close()


@pytest.mark.parametrize("how", ["garbage", "foreign", "newer", "cut"])
def test_a_broken_file_is_set_aside_and_a_new_run_begun(
    tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with lab(tmp_path) as network:
        started(network)
        path = path_of(network)
    content = path.read_bytes()
    if how == "garbage":
        path.write_bytes(b"garbage" * 1_000)
    elif how == "cut":
        path.write_bytes(content[:3_000])
    else:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA application_id=7" if how == "foreign" else "PRAGMA user_version=99")
    with lab(tmp_path) as again:
        started(again)
        assert len(names(again)) == 4
        assert again.runs.find(None) != path
    (kept,) = path.parent.glob("*.broken-*")
    assert kept.name.startswith(path.name)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert kept.name in said
    expected = {
        "garbage": "not a database",
        "foreign": "no run of ours",
        "newer": "schema is version 99",
        "cut": "malformed",
    }
    assert expected[how] in said


def test_a_file_that_breaks_under_our_hands_is_set_aside_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lab(tmp_path) as network:
        started(network)
        path = path_of(network)
        file = network.history._file
        assert file is not None
        file.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as raw:
            raw.seek(4096)
            raw.write(b"\xff" * (path.stat().st_size - 4096))
        file.db.execute("PRAGMA cache_size=1")
        file.db.execute("PRAGMA shrink_memory")
        network.message(1, 2, "lost")
        network.history.turn()
        assert "is kept as" in capsys.readouterr().err
        network.now += TRY_AGAIN + 0.1
        network.message(1, 2, "refused, as its picture is not there yet")
        network.history.turn()
        network.message(1, 2, "kept")
        assert names(network)[-2:] == ["message.sent", "message.received"]
        assert network.at(network.now)["messages"] == network.observer.snapshot_now()["messages"]


def test_a_dashboard_that_comes_back_goes_on_with_its_run_and_the_pause_is_a_hole(
    tmp_path: Path,
) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + 600) as again:
        assert again.runs.current is None
        started(again)
        told = again.history_of()
        assert len(again.runs.all()) == 1
        (hole,) = told["holes"]
        assert (hole["since"], hole["until"]) == (BEGAN * 1000, (BEGAN + 600) * 1000)
        assert hole["why"] == AWAY
        types = [record["type"].removeprefix("dashboard.") for record in told["records"]]
        assert types == ["started", *["snapshot"] * 3, "stopped", "started", *["snapshot"] * 3]
        between = again.at(BEGAN + 300)
        assert between["hole"] == hole
        assert between["run"] == network.observer.run
        assert {one["watched"] for one in between["nodes"]} == {False}
        assert again.at(BEGAN + 600)["run"] == again.observer.run


def test_the_same_after_a_crash(tmp_path: Path) -> None:
    network = Lab(tmp_path)
    started(network)
    network.crash()
    with lab(tmp_path, BEGAN + 600) as again:
        started(again)
        assert names(again).count("dashboard.stopped") == 1
        assert [hole["why"] for hole in again.history_of()["holes"]] == [AWAY]


def test_after_a_day_another_run_begins(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + GO_ON + 1) as again:
        started(again)
        assert len(names(again)) == 4
        assert [run.about.records for run in again.runs.all()] == [4, 5]


def test_what_a_nodes_log_still_has_is_written_at_its_time(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + 600) as again:
        again.seqs = {1: 9, 2: 0, 3: 0}
        started(again)
        assert [hole["node"] for hole in again.history_of()["holes"]] == [None, "id1"]
        (missing,) = again.history.take_missing()
        assert (missing.node, missing.after, missing.until) == ("id1", 0, 9)
        of = OfMessage("m", node(2), "node1", "meanwhile", 1, "", node(1))
        logged = [Event(seq, "message.sent", BEGAN + 100 + seq, of) for seq in range(4, 10)]
        again.history.fill(missing, logged)
        told = again.history_of()
        of_one = [hole for hole in told["holes"] if hole["node"] == "id1"]
        assert [(hole["lost"], hole["until"]) for hole in of_one] == [(3, (BEGAN + 104) * 1000)]
        times = [record["time"] for record in told["records"] if record["type"] == "message.sent"]
        assert times == [(BEGAN + 100 + seq) * 1000 for seq in range(4, 10)]
        assert again.at(BEGAN + 103)["messages"] == []
        assert [one["text"] for one in again.at(BEGAN + 104)["messages"]] == ["meanwhile"]
        before = again.at(BEGAN + 500)
        again.history.filled()
        assert again.at(BEGAN + 500) == before


def test_what_a_node_told_before_it_started_anew_stays_a_hole(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + 600) as again:
        again.seqs = {1: 2}
        again.snapshot(1, range(1, 4), epoch=2)
        again.history.turn()
        (missing,) = again.history.take_missing()
        logged = [Event(seq, "node.started", BEGAN + 100 + seq, None) for seq in (1, 2)]
        again.history.fill(missing, logged)
        (hole,) = [one for one in again.history_of()["holes"] if one["node"]]
        assert (hole["since"], hole["until"]) == (BEGAN * 1000, (BEGAN + 101) * 1000)
        assert (hole["lost"], "started anew" in hole["why"]) == (None, True)
        again.now += 60
        again.seqs = {1: 1}
        again.snapshot(1, range(1, 4), epoch=3)  # this time we saw how it ended
        again.history.turn()
        (missing,) = again.history.take_missing()
        again.history.fill(missing, [Event(1, "node.started", BEGAN + 650, None)])
        assert [one for one in again.history_of()["holes"] if one["node"]] == [hole]


def test_a_time_that_was_filled_gets_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + 600) as again:
        again.seqs = {1: 50}
        started(again)
        again.history.turn()
        (missing,) = again.history.take_missing()
        logged = [
            Event(seq, "message.sent", BEGAN + seq, OfMessage(f"m{seq}", node(2), text="t"))
            for seq in range(1, 51)
        ]
        again.history.fill(missing, logged)
        before = [again.at(BEGAN + second)["messages"] for second in (5, 25, 45)]
        monkeypatch.setattr(history_module, "CHECKPOINT_RECORDS", 10)
        again.history.filled()
        with again.reads() as run:
            places = [place.at for place in run.places()]
        assert sum(BEGAN * 1e6 < at < (BEGAN + 600) * 1e6 for at in places) == 5
        assert [again.at(BEGAN + second)["messages"] for second in (5, 25, 45)] == before
        assert [len(messages) for messages in before] == [5, 25, 45]


def test_a_hole_in_a_nodes_numbers_is_a_hole_of_that_node(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.message(1, 2, "m")
        network.now += 5
        network.seqs[1] += 7  # seven that nobody heard of
        network.snapshot(1, range(1, 4))
        network.now += 5
        network.seqs[2] = 3
        network.snapshot(2, range(1, 4), epoch=2)  # it has started anew
        holes = network.history_of()["holes"]
    assert [(hole["node"], hole["lost"]) for hole in holes] == [("id1", 7), ("id2", 3)]
    assert holes[0]["since"] == BEGAN * 1000
    assert holes[0]["until"] == (BEGAN + 5) * 1000


def test_two_dashboards_do_not_write_into_one_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lab(tmp_path) as first, lab(tmp_path) as second:
        first.history.turn()
        second.history.turn()
        assert "another dashboard writes there" in capsys.readouterr().err
        first.history.close()
        second.now += TRY_AGAIN + 0.1
        started(second)
        second.history.turn()
        assert second.history.state()["state"] == "on"


def test_a_clock_that_is_set_back_keeps_the_order(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.now -= 3_600
        network.message(1, 2, "m")
        types = names(network)
        assert types[-2:] == ["message.sent", "message.received"]
        assert [one["id"] for one in network.at(BEGAN)["messages"]] == ["m"]


def test_a_run_that_is_too_large_loses_its_oldest_chapters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "CHECKPOINT_RECORDS", 50)
    limits = Limits(400_000, 1e9)
    with lab(tmp_path, limits=limits) as network:
        started(network)
        for number in range(2_000):
            network.now += 1
            network.message(1, 2, f"m{number}", "x" * 200)
            if number % 20 == 0:
                network.history.turn()
        network.now += 2 * TIDY_EVERY
        network.history.turn()
        network.history.turn()
        with network.reads() as run:
            ends = run.ends()
            assert run.size() <= limits.size
            assert run.size() > limits.size / 4
            assert run.about().records == len(network.history_of()["records"])
        assert ends is not None
        oldest = network.at(ends[0].at / 1e6)
        assert len(oldest["messages"]) == 200
        assert network.at(network.now)["messages"] == network.observer.snapshot_now()["messages"]


def test_what_is_too_old_goes_whole_runs_first(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    later = BEGAN + 3 * GO_ON
    with lab(tmp_path, later, Limits(10**9, 2 * GO_ON)) as again:
        started(again)
        again.history.turn()
        assert len(again.runs.all()) == 2
        again.now += TIDY_EVERY + 1
        again.history.turn()
        assert len(again.runs.all()) == 1
        for _ in range(3):
            again.now += 90
            again.message(1, 2, "m")
            again.history.turn()
        again.now += 2 * GO_ON - 100
        again.history.turn()
        with again.reads() as run:
            assert run.about().records < 4 + 6


def test_pages_end_where_they_say_and_miss_nothing(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        for number in range(25):
            network.now += 1
            network.message(1 + number % 3, 1 + (number + 1) % 3, f"m{number}")
        network.history.turn()
        everything = network.history_of()
        assert everything["next"] is None
        from dashboard.runfile import Position

        found, after = [], None
        for _ in range(100):
            told = network.history_of(limit=7, after=after)
            assert len(told["records"]) <= 7
            found += told["records"]
            if told["next"] is None:
                break
            after = Position(*map(int, told["next"].split("-")))
        assert found == everything["records"]
        only = network.history_of(kinds=(rows.CODES["message.received"],), node="node2")["records"]
        assert {(one["type"], one["node"]["name"]) for one in only} == {
            ("message.received", "node2")
        }
        assert len(only) == 9
        last = network.history_of(newest=True, limit=7)
        assert last["records"] == everything["records"][-7:]
        assert last["next"] is None
        received = rows.CODES["message.received"]
        of_one = network.history_of(newest=True, limit=2, kinds=(received,), node="node2")
        assert of_one["records"] == only[-2:]
        until = round(1000 * only[-1]["at"]) - 1
        earlier = network.history_of(
            newest=True, limit=2, kinds=(received,), node="node2", until=until
        )
        assert earlier["records"] == only[-3:-1]


def test_a_search_in_vain_ends_and_says_where_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.past.MOST_ROWS", 10)
    with lab(tmp_path) as network:
        started(network)
        for number in range(25):
            network.now += 1
            network.message(1, 2, f"m{number}")
        told = network.history_of(node="nobody")
    assert told["records"] == []
    assert told["next"] is not None


def test_whom_the_book_has_no_room_for_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_NAMED >= 10_000
    monkeypatch.setattr(rows, "MOST_NAMED", 2)
    book = Book()
    who = [book.who(node(k)) for k in (1, 2, 3)]
    assert who == [1, 2, ("id3", "node3", "http://node3:5000")]
    assert [book.node(one) for one in who] == [node(1), node(2), node(3)]
    assert (book.reporter("id3"), book.id("id3"), book.id(1)) == ("id3", "id3", "id1")
    of = OfMessage("m", node(3), "s", "t", 1, "", Node("id1", "node1", "http://node1:5000"))
    entry = Happened(BEGAN, "id3", 1, [Event(1, "message.sent", BEGAN, of)], [BEGAN])
    (row,) = rows.rows(entry, book)
    assert rows.event(row, book).data == of


def test_runs_are_renamed_and_deleted_but_not_the_one_that_is_written(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        started(network)
        network.end()
    with lab(tmp_path, BEGAN + 2 * GO_ON) as again:
        started(again)
        again.history.turn()
        new, old = again.runs.all()
        assert again.runs.rename(old.about.id, "The first") == {
            "id": old.about.id,
            "name": "The first",
        }
        with pytest.raises(ApiError) as error:
            again.runs.rename(new.about.name, "The first")
        assert error.value.status == 409
        for bad in ("", " ", "x" * 64, "two\nlines", "\u202e"):
            with pytest.raises(ApiError):
                again.runs.rename("The first", bad)
        with pytest.raises(ApiError) as error:
            again.runs.remove(new.about.id)
        assert error.value.status == 409
        again.runs.remove("The first")
        assert [run.about.id for run in again.runs.all()] == [new.about.id]
        assert not [path for path in old.path.parent.iterdir() if old.about.id in path.name]


def test_a_run_of_another_schema_says_so(tmp_path: Path) -> None:
    with lab(tmp_path, limits=PLENTY) as network:
        path = path_of(network)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version=2")
    with pytest.raises(BrokenRunError, match="schema is version 2, and this program knows 1"):
        RunFile(path)
    assert Runs(tmp_path).all() == []
