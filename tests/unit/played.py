"""A record of a run that was good, to be broken by tests in one way each."""

from dataclasses import replace
from typing import Any

from lab.playing.record import Record
from lab.verification.history import EVERYBODY, End, Found, History, Sent
from scenario.cast import cast
from scenario.reading import read_text

TEXT = """name: Small & <bold>
teaches: What </p><script>alert(1)</script> teaches
nodes: 4
seconds: 20s
workload: {messages: 1, broadcasts: 0.1}
chapters: [{at: 0s, title: "<i>Calm</i>", text: "a & b"}]
steps:
  - {at: 5s, kill: node4, for: 6s}
expect:
  delivery: 100%
  everywhere: 100%
  throughput: 0.1
  latency-p50: 1s
  latency-p99: 3s
  detection: 5s
  false-deaths: 0
  healing: 5s
  agreement: 5s
  drained: 5s
  redundancy: 0.05
"""
ZERO = 1_000.0
NODES = ("node1", "node2", "node3", "node4")


def message(number: int, sender: str = "node1", to: str = "node2", at: float = 1.0) -> Sent:
    when = ZERO + at
    return Sent(f"m{number}", sender, to, f"text {number}", number, when, when)


def found(sent: Sent, after: float = 0.5) -> Found:
    return Found(sent.id, sent.sender, sent.text, (sent.accepted_at or 0.0) + after)


def history() -> History:
    first, second = message(1, at=1), message(2, at=2)
    waiting = message(3, to="node4", at=6)
    said = message(4, to=EVERYBODY, at=3)
    return History(
        where="4 processes",
        seed=1,
        seconds=20,
        nodes=list(NODES),
        sent=[first, second, waiting, said],
        inboxes={
            "node1": [found(said)],
            "node2": [found(first), found(second), found(said)],
            "node3": [found(said)],
            "node4": [found(said), found(waiting, 2.5)],
        },
        outboxes={"node1": {m.id: End("delivered") for m in (first, second, waiting)}},
    )


def sample(at: float, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"at": at, "running": 4, "awake": 4, "least": 3, "mean": 3.0, "most": 3}
    return {**row, "asked": 4, "wrong": 0, "parts": 1, "links": 6, **more}


def graph(at: float, down: bool = False) -> dict[str, Any]:
    nodes = [[name, "down" if down and name == "node4" else "up"] for name in NODES]
    return {"at": at, "nodes": nodes, "links": [[0, 1], [1, 2], [0, 2], [2, 3]]}


def good() -> Record:
    script = cast(read_text(TEXT))
    dead = sample(9, running=3, awake=3, least=2, mean=2.0, most=2, wrong=0, asked=3)
    watch = {
        "samples": [sample(0), sample(5.5, wrong=3), dead, sample(11.5, wrong=2), sample(13)],
        "deaths": [{"node": "node4", "at": 5.0, "seconds": 4.0, "strike": 0, "kind": "kill"}],
        "joins": [],
        "false": [],
        "graphs": {"before": graph(0), "during": graph(9, down=True), "after": graph(20)},
    }
    return Record(
        script=script,
        place="local",
        words="4 processes",
        zero=ZERO,
        history=history(),
        watch=watch,
        done={0: (5.01, 11.02)},
        calm={"redundancy": 0.0},
        events=[[5.5, "node1", "link.down", "node4"], [8.0, "node2", "member.dead", "node4"]],
        real_seconds=25.0,
        began=1_700_000_000.0,
    )


def broken(**watch: Any) -> Record:
    record = good()
    return replace(record, watch={**record.watch, **watch})
