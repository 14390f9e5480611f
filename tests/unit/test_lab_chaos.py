"""`p2p.py chaos`: what is typed becomes what the dashboard is asked for."""

import argparse
import subprocess
import sys
from typing import Any

import pytest

from lab import ROOT, LabError
from lab.chaos import KINDS, _meant, body, options
from lab.dashboard import operator
from node.faults import kinds


def typed(line: str) -> Any:
    parser = argparse.ArgumentParser()
    options(parser)
    return parser.parse_args(line.split())


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (
            "freeze node7 --seconds 20",
            {"kind": "freeze", "nodes": ["node7"], "for_seconds": 20.0},
        ),
        (
            "delay node1 node2 --set mean_ms=300 --set distribution=uniform",
            {
                "kind": "delay",
                "nodes": ["node1", "node2"],
                "mean_ms": 300,
                "distribution": "uniform",
            },
        ),
        (
            "drop node3 --peers node4 node5 --direction out",
            {"kind": "drop", "nodes": ["node3"], "peers": ["node4", "node5"], "direction": "out"},
        ),
        ("isolate node9", {"kind": "drop", "nodes": ["node9"]}),
        ("partition node1,node2", {"kind": "partition", "groups": [["node1", "node2"]]}),
        (
            "partition node1 node2 / node3",
            {"kind": "partition", "groups": [["node1", "node2"], ["node3"]]},
        ),
        ("halves --set seed=7", {"kind": "partition", "shape": "halves", "seed": 7}),
        ("ring --seconds 9", {"kind": "partition", "shape": "ring", "for_seconds": 9.0}),
        (
            "ring node1 node2 node3 node4",
            {"kind": "partition", "shape": "ring", "nodes": ["node1", "node2", "node3", "node4"]},
        ),
        ("bridge node9", {"kind": "partition", "shape": "bridge", "through": "node9"}),
    ],
)
def test_words_become_a_wish(line: str, asked: dict[str, Any]) -> None:
    assert body(typed(line)) == {**asked, "by": "the command line"}


@pytest.mark.parametrize(
    "line",
    [
        *("freeze", "partition node1 /", "partition / node1", "freeze node1 / node2"),
        *("bridge", "halves node1 / node2"),
    ],
)
def test_what_makes_no_sense_is_said_before_anybody_is_asked(line: str) -> None:
    with pytest.raises(LabError) as refusal:
        body(typed(line))
    assert refusal.value.status == 2


def test_every_kind_that_nodes_have_can_be_typed() -> None:
    assert set(KINDS) == set(kinds.KINDS) | {"isolate", "partition"}


class Acting:
    """A dashboard that knows three acts."""

    def get(self, _: str) -> Any:
        return {"acts": [{"id": "freeze-1a"}, {"id": "freeze-1b"}, {"id": "partition-7"}]}


@pytest.mark.parametrize(
    ("words", "meant"), [(["partition"], "partition-7"), (["freeze-1b"], "freeze-1b")]
)
def test_an_act_is_named_by_how_its_id_begins(words: list[str], meant: str) -> None:
    there: Any = Acting()
    assert _meant(there, words) == meant


@pytest.mark.parametrize("words", [[], ["freeze"], ["crash"], ["freeze-1a", "freeze-1b"]])
def test_an_act_that_is_not_clear_is_not_undone(words: list[str]) -> None:
    there: Any = Acting()
    with pytest.raises(LabError) as refusal:
        _meant(there, words)
    assert refusal.value.status == 2


@pytest.mark.parametrize("words", [["explode"], ["freeze", "n", "--seconds", "0"], ["heal", "n"]])
def test_wrong_words_end_with_two(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "p2p.py"), "chaos", *words, "--name", "there-is-none"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr


def test_the_operators_token_is_shown_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("P2P_OPERATOR_TOKEN", raising=False)
    assert operator() == {}
    monkeypatch.setenv("P2P_OPERATOR_TOKEN", "a token of some length")
    assert operator() == {"Authorization": "Bearer a token of some length"}
