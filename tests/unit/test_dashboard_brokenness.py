"""What is done to nodes on purpose is known: live, in the past, and where an event was missed."""

from pathlib import Path
from typing import Any

from recorded import Lab, lab, node

from dashboard.checkpoints import frozen, packed, unpacked
from dashboard.reports import Fault, FaultPeer, OfFault

CUT = Fault(
    "cut",
    "drop",
    [FaultPeer(node(2).id, node(2).name)],
    "out",
    30.0,
    "a teacher",
    "act1",
    probability=1.0,
)
FROZEN = Fault("ice", "freeze", left_seconds=20.0)
DEAD = Fault("dead", "crash", left_seconds=10.0, down_seconds=10.0)


def three(lab: Lab) -> None:
    for number in (1, 2, 3):
        lab.snapshot(number, range(1, 4))


def now(lab: Lab) -> dict[str, Any]:
    """Kinds, by key, as a browser gets them."""
    told: dict[str, Any] = lab.observer.snapshot_now()["faults"]
    return {key: [fault["kind"] for fault in faults] for key, faults in told.items()}


def test_a_fault_is_told_whole_as_it_is_set_and_gone_as_it_is_cleared(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.observer.tell(snapshot=False)
        one.tells(1, "fault.set", OfFault(CUT), before=0.0)
        delta, _ = one.observer.tell(snapshot=False)
        assert delta is not None
        assert delta["faults"] == {
            "1": [
                {
                    "id": "cut",
                    "kind": "drop",
                    "peers": [2],
                    "direction": "out",
                    "until": round((one.now + 30) * 1000),
                    "by": "a teacher",
                    "act": "act1",
                    "probability": 1.0,
                }
            ]
        }
        assert "nodes" not in delta
        one.tells(1, "fault.cleared", OfFault(CUT, "healed"))
        delta, _ = one.observer.tell(snapshot=False)
        assert delta is not None
        assert delta["faults"] == {"1": []}
        assert now(one) == {}


def test_a_snapshot_replaces_what_was_known(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.set", OfFault(CUT))
        one.snapshot(1, range(1, 4), faults=[FROZEN])
        assert now(one) == {"1": ["freeze"]}
        one.snapshot(1, range(1, 4), epoch=2)
        assert now(one) == {}


def test_one_whose_end_was_missed_goes_by_itself_and_not_before(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.set", OfFault(CUT), before=0.0)
        one.tells(2, "fault.set", OfFault(FROZEN), before=5.0)
        one.passes(15.9)
        assert now(one) == {"1": ["drop"], "2": ["freeze"]}
        one.passes(0.2)
        assert now(one) == {"1": ["drop"]}
        one.passes(15.0)
        assert now(one) == {}
        # In the past it is as it was then, though nobody told of an end.
        assert one.at(one.now - 16.0)["faults"].keys() == {"1", "2"}
        assert one.at(one.now - 10.0)["faults"].keys() == {"1"}
        assert one.at(one.now)["faults"] == {}


def test_who_is_dead_has_no_fault_but_the_one_that_killed_it(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.set", OfFault(CUT))
        one.tells(2, "fault.set", OfFault(CUT))
        one.tells(2, "fault.set", OfFault(DEAD))
        one.contact(1, "refused")
        one.contact(2, "refused")
        assert now(one) == {"2": ["crash"]}
        delta, _ = one.observer.tell(snapshot=False)
        assert delta is not None
        assert [fault["kind"] for fault in delta["faults"]["2"]] == ["crash"]
        assert delta["faults"]["1"] == []


def test_the_graph_names_the_kinds(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.set", OfFault(CUT))
        one.tells(1, "fault.set", OfFault(FROZEN))
        graph = one.observer.graph()
        assert {told["name"]: told["faults"] for told in graph["nodes"]} == {
            "node1": ["drop", "freeze"],
            "node2": [],
            "node3": [],
        }


def test_what_happened_says_which_fault(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.cleared", OfFault(CUT, "expired"))
        (told,) = [r for r in one.history_of()["records"] if r["type"] == "fault.cleared"]
        assert told["data"] == {
            "fault": {
                "id": "cut",
                "kind": "drop",
                "peers": [{"id": node(2).id, "name": "node2"}],
                "direction": "out",
                "left_seconds": 30.0,
                "by": "a teacher",
                "act": "act1",
                "probability": 1.0,
            },
            "reason": "expired",
        }


def test_nobody_fills_a_node_with_faults(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        for number in range(100):
            one.tells(1, "fault.set", OfFault(Fault(f"f{number}", "drop", left_seconds=60)))
        assert len(now(one)["1"]) == 64


def test_a_checkpoint_keeps_faults_with_their_ends(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        three(one)
        one.tells(1, "fault.set", OfFault(CUT), before=0.0)
        kept: list[bytes] = []
        one.observer.recorded(
            lambda model, now: kept.append(packed(frozen(model, now, "session", None)))
        )
        model = unpacked(kept[0]).model
        model.settle()
        assert model.snapshot(None, one.now)["faults"] == one.observer.snapshot_now()["faults"]
        assert now(one) == {"1": ["drop"]}
