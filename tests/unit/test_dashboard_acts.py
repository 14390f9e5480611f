"""Acts where something goes wrong in the middle: nothing is half done, and what may be is said."""

import time
from typing import Any

import pytest

from contract.errors import ApiError
from dashboard.acts import TOLD_LATE, Acts
from dashboard.records import Broken, Record
from dashboard.reports import Fault


class Network:
    """Three nodes, asked by the acts; the third does what a test wants."""

    def __init__(self, third: Exception) -> None:
        self.records = [
            Record(
                key=key, id=f"id{key}", name=f"node{key}", url=f"http://node{key}:5000", faults={}
            )
            for key in (1, 2, 3)
        ]
        self.third = third
        self.healed: list[tuple[str, str]] = []
        self.asked: list[Any] = []

    def shown(self) -> list[Record]:
        return self.records

    def speaking(self, wanted: str, _: str) -> Record:
        return next(record for record in self.records if wanted in {record.id, record.name})

    def set_fault(self, node: str, wish: Any) -> Any:
        self.asked.append(wish)
        if node == "id3":
            raise self.third
        return {"fault": {"id": f"fault of {node}", "left_seconds": 60}}

    def heal_one(self, node: str, fault: str) -> Any:
        self.healed.append((node, fault))
        return {}


WISH = {"kind": "freeze", "nodes": ["node1", "node2", "node3"]}


def refusal(network: Network) -> ApiError:
    there: Any = network
    acts = Acts(there, there)
    with pytest.raises(ApiError) as refused:
        acts.set(WISH, "somebody")
    assert acts.views() == []
    assert sorted(network.healed) == [("id1", "fault of id1"), ("id2", "fault of id2")]
    return refused.value


def test_where_one_refuses_the_others_are_healed_again() -> None:
    said = refusal(Network(ApiError(403, "faults are switched off", field="kind")))
    assert (said.status, said.field) == (403, "kind")
    assert said.message == "node3: faults are switched off: nothing is set"


@pytest.mark.parametrize("status", [502, 504])
def test_of_one_that_did_not_answer_it_is_said_that_nobody_knows(status: int) -> None:
    said = refusal(Network(ApiError(status, "node3: it does not answer in time")))
    assert said.message == (
        "node3: it does not answer in time: nothing is set; "
        "perhaps at node3, where it is healed once that is seen"
    )


def test_what_was_done_too_late_is_healed_once_it_is_seen() -> None:
    network = Network(ApiError(504, "node3: it does not answer in time"))
    there: Any = network
    acts = Acts(there, there)
    with pytest.raises(ApiError):
        acts.set(WISH, "somebody")
    assert ("id3", "late") not in network.healed
    act = network.asked[0]["act"]
    late = Fault("late", "freeze", left_seconds=60, act=act)
    network.records[2].faults["late"] = Broken(late, time.time() + 60)
    other = Fault("other", "freeze", left_seconds=60, act="freeze-another")
    network.records[2].faults["other"] = Broken(other, time.time() + 60)
    acts.take_back()
    assert [fault for node, fault in network.healed if node == "id3"] == ["late"]


def test_an_act_that_is_being_set_while_everything_is_healed_does_not_stay() -> None:
    network = Network(ApiError(500, "never"))
    there: Any = network
    acts = Acts(there, there)

    def heals_meanwhile(node: str, _wish: Any) -> Any:
        if node == "id2":
            acts.heal()
        return {"fault": {"id": f"fault of {node}", "left_seconds": 60}}

    there.set_fault = heals_meanwhile
    there.heal = lambda _: {"cleared": 0}
    with pytest.raises(ApiError) as refused:
        acts.set(WISH, "somebody")
    assert refused.value.status == 409
    assert acts.views() == []
    assert {node for node, _ in network.healed} == {"id1", "id2", "id3"}


def test_a_mistake_of_our_own_leaves_no_half_of_an_act(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(Network(KeyError("oh"))).status == 500
    assert "KeyError" in capsys.readouterr().err


def test_what_its_node_has_ended_is_over_though_its_events_come_later() -> None:
    network = Network(ApiError(504, "node3: it does not answer in time"))
    there: Any = network
    now = [1000.0]
    acts = Acts(there, there, clock=lambda: now[0])
    for record in network.records:  # set by a dashboard that has been started anew since
        fault = Fault("cold", "freeze", left_seconds=60, act="freeze-1")
        record.faults["cold"] = Broken(fault, time.time() + 60)
    heal_one = there.heal_one

    def silent_third(node: str, fault: str) -> Any:
        if node == "id3":
            raise network.third
        return heal_one(node, fault)

    there.heal_one = silent_third
    assert acts.undo("freeze-1") == {"id": "freeze-1", "not_reached": ["node3"]}
    (left,) = acts.views()
    assert [node["name"] for node in left["nodes"]] == ["node3"]
    now[0] += TOLD_LATE  # who still tells of it by then has it
    (left,) = acts.views()
    assert [node["name"] for node in left["nodes"]] == ["node1", "node2", "node3"]
