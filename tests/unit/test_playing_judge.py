"""The judge of scenarios: each promise holds where it was kept, and breaks where it was not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from played import ZERO, broken, found, good, message, sample

from lab.playing.judge import judge
from lab.playing.record import Record
from lab.playing.table import table
from lab.verification.history import End
from scenario.cast import cast
from scenario.reading import read_text
from scenario.watching import Watch


def said(record: Record) -> dict[str, Any]:
    return judge(record, "python3 p2p.py run small.yaml --seed 1")


def failing(record: Record) -> list[str]:
    return [promise["name"] for promise in said(record)["promises"] if not promise["holds"]]


def test_a_good_run_keeps_all_and_is_plain_json() -> None:
    verdict = said(good())
    assert failing(good()) == []
    assert verdict["holds"]
    assert json.loads(json.dumps(verdict)) == verdict
    figures = verdict["figures"]
    assert (figures["delivery"], figures["everywhere"]) == (1.0, 1.0)
    assert figures["latency-p50"] == pytest.approx(0.5)
    assert figures["latency-p99"] == pytest.approx(2.5)
    assert figures["detection"] == 4.0
    # The last fault ended at 11 s; at 11.5 s maps were wrong, at 13 s right.
    assert figures["agreement"] == 2.0
    assert figures["healing"] == 0.5
    assert "HOLDS: 12 of 12" in table(verdict)


def lost() -> Record:
    record = good()
    record.history.sent.append(message(9, at=4))
    record.history.outboxes["node1"]["m9"] = End("failed", "its time ran out")
    return record


def doubled() -> Record:
    record = good()
    record.history.inboxes["node2"].append(found(message(1, at=1), 0.9))
    return record


def not_everywhere() -> Record:
    record = good()
    record.history.inboxes["node3"].clear()
    return record


def slow(after: float) -> Record:
    record = good()
    record.history.inboxes["node2"] = [
        replace(entry, at=entry.at + after) for entry in record.history.inboxes["node2"]
    ]
    return record


def queued() -> Record:
    record = good()
    record.history.sent.append(message(9, at=4))
    record.history.outboxes["node1"]["m9"] = End("queued", "no answer")
    return record


def death(**more: Any) -> Record:
    one = {"node": "node4", "at": 5.0, "seconds": 4.0, "strike": 0, "kind": "kill"}
    return broken(deaths=[{**one, **more}])


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (lost, {"delivery"}),
        (doubled, {"exactly-once"}),
        (not_everywhere, {"everywhere", "exactly-once"}),
        (lambda: slow(2.0), {"latency-p50"}),
        (lambda: slow(9.0), {"latency-p50", "latency-p99"}),
        (queued, {"delivery", "drained", "exactly-once"}),
        (lambda: death(seconds=5.5), {"detection"}),
        (lambda: death(seconds=None), {"detection"}),
        (lambda: death(seconds=None, back_after=6.0), {"detection"}),
        (lambda: broken(false=[{"at": 3.0, "by": "node1", "node": "node2"}]), {"false-deaths"}),
        (lambda: broken(samples=[sample(0), sample(12), sample(20, parts=2)]), {"healing"}),
        (
            lambda: broken(samples=[sample(0), sample(12), sample(17, parts=2), sample(18)]),
            {"healing"},
        ),
        (
            lambda: broken(samples=[sample(0), sample(12), sample(17, wrong=1), sample(18)]),
            {"agreement"},
        ),
        (lambda: broken(samples=[sample(0)]), {"healing", "agreement"}),
        (lambda: replace(good(), calm={"redundancy": 0.06}), {"redundancy"}),
        (lambda: replace(good(), calm={}), {"redundancy"}),
        (lambda: replace(good(), broken="(13) the links connect everybody"), {"exactly-once"}),
        (lambda: replace(good(), undone={0: "node4 does not run just now"}), {"steps"}),
    ],
)
def test_what_was_not_kept_is_said(record: Callable[[], Record], names: set[str]) -> None:
    one = record()
    assert set(failing(one)) == names
    verdict = said(one)
    for promise in verdict["promises"]:
        if not promise["holds"] and promise["name"] != "redundancy":
            assert promise["evidence"], promise["name"]
    assert not verdict["holds"]
    assert "BROKEN" in table(verdict)


def test_evidence_names_the_message_the_fault_and_the_events_around() -> None:
    record = lost()
    (piece,) = next(p for p in said(record)["promises"] if p["name"] == "delivery")["evidence"]
    assert "m9 from node1 to node2, accepted at 4.00 s, never arrived" in piece["text"]
    assert "failed to its sender (its time ran out)" in piece["text"]
    assert piece["events"] == ["5.50 s  node1  link.down  node4"]
    late = death(seconds=5.5)
    (piece,) = next(p for p in said(late)["promises"] if p["name"] == "detection")["evidence"]
    assert "under way then: kill node4, 6s" in piece["text"]
    assert "8.00 s  node2  member.dead  node4" in piece["events"]


def test_a_victim_that_was_back_in_time_owes_no_detection() -> None:
    assert failing(death(seconds=None, back_after=4.0)) == ["detection"]  # nothing was measured
    both = broken(
        deaths=[
            {"node": "node4", "at": 5.0, "seconds": 4.0, "strike": 0, "kind": "kill"},
            {"node": "node3", "at": 5.0, "seconds": None, "strike": 0, "back_after": 4.0},
        ]
    )
    assert failing(both) == []


def test_bounds_are_those_of_the_place_and_grow_with_the_network() -> None:
    text = """name: a
workload: {messages: 1}
steps: [{at: 1s, kill: node3}]
seconds: 20s
expect: {detection: {sim: 2s, local: 5s, each-tenfold: 4s}, delivery: {docker: 100%}}
"""
    deaths = [{"node": "node3", "at": 1.0, "seconds": 4.0, "strike": 0}]
    verdicts = {}
    for place, nodes in (("sim", 12), ("local", 12), ("sim", 1_000)):
        script = cast(read_text(text), nodes)
        record = replace(broken(deaths=deaths), script=script, place=place)
        one = next(p for p in said(record)["promises"] if p["name"] == "detection")
        verdicts[place, nodes] = (one["bound"], one["holds"])
    assert verdicts == {
        ("sim", 12): (2, False),
        ("local", 12): (5, True),
        ("sim", 1_000): (6, True),
    }


def test_of_nodes_of_somebodys_own_only_their_own_promise_is_judged() -> None:
    record = broken(samples=[])
    twice = doubled().history
    own = replace(record.script, own=frozenset(record.script.nodes))
    plain = replace(record, script=own, history=twice, calm={})
    assert failing(plain) == []  # at least once, and no overlay
    words = {p["name"]: p["words"][1] for p in said(plain)["promises"]}
    assert words["agreement"] == "a plain node promises no such thing"
    plain.history.inboxes["node2"] = []
    assert "delivery" in failing(plain)


def test_a_message_curve_counts_what_waits() -> None:
    rows = said(good())["messages"]
    assert [row["accepted"] for row in rows[:8]] == [0, 1, 1, 0, 0, 0, 1, 0]
    assert [row["waiting"] for row in rows[5:10]] == [0, 1, 1, 0, 0]
    assert rows[6]["p99"] == pytest.approx(2.5)
    assert ZERO + rows[-1]["at"] >= ZERO + 20


def test_the_death_of_somebodys_own_node_is_no_detection() -> None:
    """Nobody of ours knew that it lived, so nobody noticed: no figure, and not one near 0 s."""
    script = good().script
    victims = {name for one in script.strikes if one.kind == "kill" for name in one.nodes}
    assert victims
    watch = Watch(replace(script, own=frozenset(victims)))
    others = sorted(set(script.nodes) - victims)
    beliefs = {name: set(others) - {name} for name in others}
    for at in range(40):
        watch.look(at, dict.fromkeys(others, "up"), beliefs, {})
    watch.finish()
    assert watch.deaths == []
    record = replace(good(), script=replace(script, own=frozenset(victims)))
    (promise,) = (p for p in said(record)["promises"] if p["name"] == "detection")
    assert (promise["figure"], promise["words"][0]) == (None, "none")
    assert promise["words"][1] == "a plain node promises no such thing"
