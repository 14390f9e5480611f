"""`p2p.py nemesis`: the same seed, the same faults; never too many away; every fault heals."""

import argparse
import json
import time
from typing import Any

import pytest

from lab import LabError, nemesis
from lab.dashboard import RefusedError
from lab.layout import Layout
from lab.nemesis import ThroughDashboard, drawn, most_away, options, play
from lab.progress import Progress
from lab.verification.schedule import PROCESSES, Act, at_random
from lab.verification.wishes import ASKED, wish
from node.faults.kinds import read
from node.overlay.frames import Record

NAMES = [f"node{number}" for number in range(1, 31)]
_BEFORE = (16, "freeze", ("node16",))
"""Before `most_away` could be chosen."""


def typed(line: str) -> Any:
    parser = argparse.ArgumentParser()
    options(parser)
    return parser.parse_args(line.split())


class Network:
    """A way to nodes that only writes down what is asked of them."""

    def __init__(self, refuses: str = "", stop_at: int = 10**9) -> None:
        self.refuses, self.stop_at = refuses, stop_at
        self.did: list[Act] = []
        self.healed: list[str] = []

    def names(self) -> list[str]:
        return NAMES

    def do(self, act: Act, by: str) -> None:
        assert by == "nemesis 7"
        if act.kind == self.refuses:
            raise LabError("they do not want to")
        if len(self.did) == self.stop_at:
            raise KeyboardInterrupt
        self.did.append(act)

    def heal(self, by: str) -> list[str]:
        self.healed.append(by)
        return []


def test_the_same_seed_is_the_same_schedule_and_another_is_another() -> None:
    chosen = typed("--seconds 120 --rate 60")
    assert drawn(chosen, 7, NAMES) == drawn(chosen, 7, NAMES)
    assert drawn(chosen, 7, NAMES) != drawn(chosen, 8, NAMES)


def test_what_verify_draws_has_not_changed() -> None:
    acts = at_random(7, 60.0, NAMES, PROCESSES)
    assert (len(acts), acts[0].kind, acts[0].nodes[:1]) == _BEFORE


@pytest.mark.parametrize("percent", [0, 10, 33, 50])
def test_never_more_than_the_limit_is_away(percent: int) -> None:
    chosen = typed(f"--seconds 600 --rate 120 --most-down {percent}")
    for seed in range(20):
        away = most_away(drawn(chosen, seed, NAMES))
        assert away <= len(NAMES) * percent / 100
        assert percent == 0 or away > 0


def test_only_kinds_that_were_chosen_come() -> None:
    acts = drawn(typed("--seconds 300 --rate 60 --kinds slow cut"), 7, NAMES)
    assert {act.kind for act in acts} == {"slow", "cut"}


def test_all_of_it_is_over_in_time_and_none_lasts_longer_than_asked() -> None:
    acts = drawn(typed("--seconds 100 --rate 60 --longest 5"), 7, NAMES)
    assert len(acts) > 50
    for act in acts:
        assert act.at + act.lasts <= 100.01
        assert 0 < act.lasts <= 5


def test_every_kind_is_a_wish_that_a_node_understands() -> None:
    own = Record(id="id0", name="node0", url="http://node0:5000")
    other = Record(id="id1", name="node9", url="http://node9:5000")
    for kind in ASKED:
        act = Act(0.0, 12.0, kind, ("node0",), ("node9",), 0.25 if kind == "loss" else 200.0)
        fault = read({**wish(act), "by": "me"}, "me", own, lambda _: other)
        assert fault.for_seconds == 12.0


def test_at_the_end_all_of_it_is_healed() -> None:
    acts = [Act(0.0, 0.05, "slow", ("node1",)), Act(0.1, 60.0, "freeze", ("node2",))]
    network = Network()
    done = play(acts, network, 0.3, Progress(quiet=True), 7)
    assert network.did == acts
    assert network.healed == ["nemesis 7"]
    assert (done["not_done"], done["not_healed"], done["stopped"]) == ([], [], False)


def test_who_stops_it_has_everything_healed() -> None:
    acts = [Act(0.0, 60.0, "slow", (name,)) for name in ("node1", "node2", "node3")]
    network = Network(stop_at=2)
    done = play(acts, network, 60.0, Progress(quiet=True), 7)
    assert done["stopped"]
    assert network.did == acts[:2]
    assert network.healed == ["nemesis 7"]


def test_it_ends_in_time_where_the_network_is_slower_than_the_schedule() -> None:
    class Slow(Network):
        def do(self, act: Act, by: str) -> None:
            super().do(act, by)
            time.sleep(0.3)  # what is to be shown

    acts = [Act(0.01 * n, 9.0, "slow", ("node1",)) for n in range(10)]
    network = Slow()
    done = play(acts, network, 0.5, Progress(quiet=True), 7)
    assert len(network.did) == 2
    assert {one["why"] for one in done["not_done"]} == {"the time is over"}


def test_the_dashboard_is_asked_to_undo_its_own_acts_and_nobody_elses() -> None:
    asked: list[str] = []

    class Board:
        def get(self, _: str) -> Any:
            acts = [("freeze-1", "freeze", "nemesis 7"), ("freeze-2", "freeze", "a teacher")]
            acts += [("crash-3", "crash", "nemesis 7"), ("drop-4", "drop", "nemesis 7")]
            return {"acts": [{"id": i, "kind": kind, "by": by} for i, kind, by in acts]}

        def delete(self, path: str) -> Any:
            asked.append(path)
            if path.endswith("drop-4"):
                raise RefusedError("it is over", 404)
            return {"not_reached": ["node5"]}

    way = ThroughDashboard(Layout())
    way._dashboard = Board()  # type: ignore[assignment]
    assert way.heal("nemesis 7") == ["node5"]
    assert asked == ["/api/faults/freeze-1", "/api/faults/drop-4"]


def test_a_fault_that_cannot_be_done_is_told_and_the_rest_goes_on() -> None:
    acts = [Act(0.0, 9.0, "freeze", ("node1",)), Act(0.0, 9.0, "slow", ("node2",))]
    done = play(acts, Network(refuses="freeze"), 0.1, Progress(quiet=True), 7)
    assert [one["why"] for one in done["not_done"]] == ["they do not want to"]
    assert len(done["done"]) == 1


def test_the_schedule_is_kept_in_time() -> None:
    came: list[float] = []

    class Timed(Network):
        def do(self, act: Act, by: str) -> None:
            came.append(time.monotonic())
            super().do(act, by)

    began = time.monotonic()
    acts = [Act(0.1, 9.0, "slow", ("node1",)), Act(0.6, 9.0, "slow", ("node1",))]
    play(acts, Timed(), 0.7, Progress(quiet=True), 7)
    assert came[0] - began >= 0.1
    assert came[1] - began >= 0.6


def test_a_dry_run_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = Network()
    monkeypatch.setattr(nemesis, "ThroughDashboard", lambda _: network)
    chosen = typed("--seed 7 --dry-run --seconds 60 --json")
    assert nemesis.run(chosen) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seed"] == 7
    assert [act["kind"] for act in told["acts"]] == [a.kind for a in drawn(chosen, 7, NAMES)]
    assert network.did == []


def test_of_two_nodes_nobody_would_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    monkeypatch.setattr(network, "names", lambda: ["node1", "node2"])
    monkeypatch.setattr(nemesis, "ThroughDashboard", lambda _: network)
    with pytest.raises(LabError, match="3 living nodes"):
        nemesis.run(typed("--seed 7"))


@pytest.mark.parametrize(
    "line",
    [
        *("--rate 0", "--rate 121", "--rate often", "--seconds 4", "--seconds 3601"),
        *("--kinds explode", "--most-down 101", "--most-down -1", "--longest 1", "--seed -1"),
    ],
)
def test_impossible_wishes_are_refused(line: str) -> None:
    with pytest.raises(SystemExit) as refused:
        typed(line)
    assert refused.value.code == 2
