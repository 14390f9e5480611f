"""The judge of `verify`: it must see each kind of broken promise, and nothing where none is."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab import LabError
from lab.verification.checker import check
from lab.verification.history import EVERYBODY, End, Fault, Found, History, Sent, load, save
from lab.verification.report import as_json, table
from lab.verification.schedule import AWAY, CONTAINERS, PROCESSES, at_random

NODES = ["node1", "node2", "node3"]


def sent(number: int, to: str = "node2", **more: object) -> Sent:
    message = Sent(f"m{number}-{to}", "node1", to, f"text {number} to {to}", number, 10.0 + number)
    return replace(message, **{"accepted_at": 10.5 + number, **more})  # type: ignore[arg-type]


def found(message: Sent, **more: object) -> Found:
    entry = Found(message.id, message.sender, message.text, 11.0 + message.number)
    return replace(entry, **more)  # type: ignore[arg-type]


def good() -> History:
    """Three messages to node2, one to node3 that failed, and a broadcast."""
    first, second, third = sent(1), sent(2), sent(3)
    failed, all_ = sent(1, "node3"), sent(1, EVERYBODY)
    return History(
        where="3 processes",
        seed=7,
        seconds=10,
        nodes=NODES,
        sent=[first, second, third, failed, all_],
        inboxes={
            "node1": [found(all_)],
            "node2": [found(first), found(all_), found(second), found(third)],
            "node3": [found(all_)],
        },
        outboxes={
            "node1": {m.id: End("delivered") for m in (first, second, third)}
            | {failed.id: End("failed", "its time ran out")},
            "node2": {},
            "node3": {},
        },
    )


def kinds(history: History) -> list[str]:
    return [problem.kind for problem in check(history).problems]


def test_a_good_history_holds_and_is_counted() -> None:
    verdict = check(good())
    assert verdict.problems == []
    assert verdict.holds
    assert (verdict.accepted, verdict.delivered, verdict.failed) == (4, 3, 1)
    assert (verdict.broadcasts, verdict.copies) == (1, 3)
    assert verdict.longest is not None
    assert verdict.longest.seconds == pytest.approx(0.5)
    assert verdict.unavailable is not None
    assert verdict.unavailable.seconds == pytest.approx(0.5)


def test_nothing_accepted_shows_nothing() -> None:
    history = good()
    history.sent, history.inboxes = [], {name: [] for name in NODES}
    assert not check(history).holds
    assert "NOTHING SHOWN: no message" in table(history, check(history))


def test_faults_that_never_were_show_nothing() -> None:
    history = good()
    history.faults = [Fault(11.0, 12.0, "freeze node2", (), done=False)]
    assert not check(history).holds
    assert "NOTHING SHOWN: no fault" in table(history, check(history))
    history.faults.append(Fault(11.0, 12.0, "freeze node3", ("node3",)))
    assert check(history).holds


@pytest.mark.parametrize("status", ["delivered", "queued", None])
def test_lost_whatever_its_sender_believes(status: str | None) -> None:
    history = good()
    del history.inboxes["node2"][2]
    if status is None:
        del history.outboxes["node1"]["m2-node2"]
    else:
        history.outboxes["node1"]["m2-node2"] = End(status)
    assert kinds(history) == ["lost"]


def test_a_broadcast_that_one_has_not() -> None:
    history = good()
    history.inboxes["node3"] = []
    assert kinds(history) == ["lost"]
    assert "missing at 1 of 3: node3" in check(history).problems[0].words


def test_a_broadcast_is_not_for_whoever_came_later() -> None:
    history = good()
    history.inboxes["node3"] = []
    history.joined = {"node3": 12.0}
    assert check(history).holds
    history.joined = {"node3": 11.0}
    assert kinds(history) == ["lost"]


def test_doubled_in_one_inbox_or_in_two() -> None:
    history = good()
    history.inboxes["node2"].append(found(history.sent[2], at=99.0))
    assert kinds(history) == ["doubled"]
    history = good()
    history.inboxes["node3"].append(found(history.sent[0]))
    assert kinds(history) == ["doubled"]
    history = good()
    history.inboxes["node3"].append(found(history.sent[4]))
    assert kinds(history) == ["doubled"]


def test_a_message_under_another_id_is_the_same_message_twice() -> None:
    history = good()
    history.inboxes["node2"].append(found(history.sent[2], id="another"))
    assert sorted(kinds(history)) == ["doubled", "invented"]


def test_disorder() -> None:
    history = good()
    inbox = history.inboxes["node2"]
    inbox[2], inbox[3] = inbox[3], inbox[2]
    assert kinds(history) == ["disorder"]
    assert "number 2 from node1 to node2" in check(history).problems[0].words


def test_invented_or_done_though_refused() -> None:
    history = good()
    history.inboxes["node3"].append(Found("x", "node2", "never said", 1.0))
    assert kinds(history) == ["invented"]
    history = good()
    history.sent[0] = replace(history.sent[0], accepted_at=None, refused="404 no such member")
    assert kinds(history) == ["invented"]


@pytest.mark.parametrize("change", [{"text": "another"}, {"sender": "node3"}])
def test_changed(change: dict[str, str]) -> None:
    history = good()
    history.inboxes["node2"][0] = replace(history.inboxes["node2"][0], **change)
    assert kinds(history) == ["changed"]


def test_arrived_and_its_sender_does_not_know() -> None:
    history = good()
    history.outboxes["node1"]["m1-node2"] = End("queued", "no answer")
    assert kinds(history) == ["untold"]
    history.outboxes["node1"]["m1-node2"] = End("failed", "its time ran out")
    assert kinds(history) == []
    assert check(history).unsure == 1


def test_what_nobody_answered_may_be_there_once_or_not_at_all() -> None:
    history = good()
    history.sent[0] = replace(history.sent[0], accepted_at=None)
    assert check(history).unknown == 1
    assert kinds(history) == []
    del history.inboxes["node2"][0]
    assert kinds(history) == []
    history.inboxes["node2"] += [found(history.sent[0]), found(history.sent[0])]
    assert set(kinds(history)) == {"doubled", "disorder"}


def test_an_inbox_that_cannot_be_read_is_no_excuse() -> None:
    history = good()
    del history.inboxes["node2"]
    assert kinds(history) == ["lost"]


def test_nothing_is_asked_of_who_is_gone() -> None:
    history = good()
    history.gone = ["node2"]
    del history.inboxes["node2"], history.outboxes["node2"]
    verdict = check(history)
    assert verdict.problems == []
    assert verdict.exempt == 3


def test_a_kept_history_is_judged_the_same(tmp_path: Path) -> None:
    history = good()
    history.faults = [Fault(11.0, 12.0, "freeze node2, 1 s", ("node2",))]
    save(history, tmp_path / "run")
    again = load(tmp_path / "run")
    assert again == history
    assert table(again, check(again)) == table(history, check(history))
    assert "freeze node2, 1 s" in table(again, check(again))


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip at all",
        gzip.compress(b"no JSON"),
        gzip.compress(b"[" * 100_000),
        gzip.compress(json.dumps({"schema": 99, "history": {}}).encode()),
        gzip.compress(json.dumps({"schema": 1, "history": {"where": "x"}}).encode()),
        gzip.compress(json.dumps({"schema": 1, "history": []}).encode()),
        gzip.compress(b'{"schema": 1}')[:-4],
    ],
)
def test_what_is_no_history_is_refused_with_the_reason(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(LabError, match=str(file)):
        load(file)


def test_the_json_has_all_problems() -> None:
    history = good()
    del history.inboxes["node2"][0]
    said = as_json(history, check(history))
    assert said["lost"] == 1
    assert not said["holds"]
    assert said["problems"][0]["message"] == "m1-node2"


# --- the schedule of faults --------------------------------------------------------------------


def test_the_same_seed_is_the_same_schedule_and_has_all_kinds() -> None:
    names = [f"node{k}" for k in range(1, 13)]
    assert at_random(7, 180, names, PROCESSES) == at_random(7, 180, names, PROCESSES)
    assert at_random(7, 180, names, PROCESSES) != at_random(8, 180, names, PROCESSES)
    assert {act.kind for act in at_random(7, 1_000, names, CONTAINERS)} == set(CONTAINERS)


@pytest.mark.parametrize("seed", range(20))
def test_never_more_than_a_third_is_away_and_all_is_over_in_time(seed: int) -> None:
    names = [f"node{k}" for k in range(1, 13)]
    acts = at_random(seed, 120, names, CONTAINERS, pause=0.5)
    assert all(0 < act.at < act.at + act.lasts <= 120 for act in acts)
    for act in acts:
        away = [
            name
            for other in acts
            if other.kind in AWAY and other.at <= act.at < other.at + other.lasts
            for name in other.nodes
        ]
        assert len(away) == len(set(away)) <= 4
        assert not set(act.nodes) & set(act.others)
