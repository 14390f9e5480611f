"""The dashboard under load: its bars (issue 5), each as a figure.

Real are the dashboard, its history on disk and its live stream. Made up are the nodes: a *swarm* in
one process that speaks the events protocol as nodes do (`swarm`), and browsers without a window
(`viewers`). What counts is the CPU time of the dashboard's process, over the time by the wall, so
other work on the machine does not count as the dashboard's; where it gets no CPU because others
have it, it falls behind, which the delays show.

*None lost* means: each node numbers its events without holes, and afterwards the run's file has
each of these numbers once, and the picture has as many messages, and at each node as many in
inbox and outbox, as the node itself.

What was emitted is a figure, too: where other programs have the processor, the swarm emits less
than it should, and all other figures are worth nothing.

    emit      what telling costs a node
    hundred   100 nodes: 1,000 events a second, 10,000 for a minute, five browsers, 40,000
    thousand  1,000 nodes: 5,000 events a second
"""

import contextlib
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

import requests

from benchmarks.processes import (
    ROOT,
    BenchmarkError,
    Fleet,
    cpu_seconds,
    need_linux,
    private_mib,
    until,
)
from benchmarks.verdict import Figure
from dashboard import rows
from dashboard.runfile import RunFile
from dashboard.runs import Runs
from dashboard.stream import ACKNOWLEDGED_TOGETHER

PARTS: Final = ("emit", "hundred", "thousand")
Say = Callable[[str], None]

CORE: Final = 70.0
"""Percent of one core [issue 5]."""
DELAY: Final = 150.0
"""Milliseconds from emitted to told, p99 [issue 5]."""
FIVE: Final = 1.5
"""What five browsers may cost, against one [issue 5]."""
ALONE: Final = 5.0
HEARD: Final = 50.0
"""Microseconds of a node's time for an event that nobody hears, and that one hears [issue 5]."""
FLAT: Final = 12.0
"""MiB that private memory may grow in the rest of a run, after its first third: what is kept is
bounded, and is full by then [guess: SQLite's log and Python's arenas breathe by some]."""
AGAIN: Final = 30.0
"""Seconds after a flood within which all is as before [guess]."""
WARM: Final = 3.0
"""Seconds of a rate before it is measured."""


def run(*, quick: bool, seed: int, parts: Sequence[str], say: Say) -> Iterator[Figure]:
    """Measure all of it, or some parts."""
    need_linux()
    chosen = parts or PARTS
    if "emit" in chosen:
        yield from _emit(quick, say)
    if "hundred" in chosen:
        yield from _hundred(quick, seed, say)
    if "thousand" in chosen:
        yield from _thousand(quick, seed, say)


# --- what it costs a node ---------------------------------------------------------------------


def _emit(quick: bool, say: Say) -> Iterator[Figure]:
    count, rate = (3_000, 1_000) if quick else (10_000, 1_000)
    say(f"a node emits {count:,} events, unheard and heard")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.teller", str(count), str(rate)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"the node that tells failed: {done.stderr[-500:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    yield Figure("emitting, nobody listens", told["bare"], None, " µs", at_most=ALONE)
    yield Figure("... with one subscriber, all included", told["heard"], None, " µs", at_most=HEARD)


# --- a dashboard that watches a swarm ---------------------------------------------------------


class Told:
    """A program that is told by lines of JSON what to do, and answers each with one."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **said: Any) -> Any:
        """Tell it something; what it answers. Raises BenchmarkError."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(said) + "\n")
            self._process.stdin.flush()
        return self.heard()

    def heard(self) -> Any:
        """Its next line. Raises BenchmarkError."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError(f"{self._process.args} has ended")
        return json.loads(line)

    def end(self) -> None:
        """Have it end."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Scene:
    """A swarm, a dashboard that watches it, and browsers."""

    def __init__(self, nodes: int, seed: int, say: Say) -> None:
        self.nodes = nodes
        self._seed = seed
        self._say = say

    def __enter__(self) -> Self:
        _many_files()
        self._fleet = Fleet()
        self.swarm = Told("benchmarks.swarm", "--nodes", str(self.nodes), "--seed", str(self._seed))
        self._told = [self.swarm]
        try:
            first = self.swarm.heard()
            began = time.monotonic()
            self.pid = self._fleet.start(
                "dashboard",
                {
                    "DASHBOARD_HOST": "127.0.0.1",
                    "DASHBOARD_PORT": "0",
                    "DASHBOARD_SEEDS": first["urls"][0],
                    "BOOTSTRAP_URL": "none",
                },
            )
            until(self._listens, "the dashboard listens")
            line = next(
                line for line in self._fleet.printed(self.pid).splitlines() if "listens on" in line
            )
            self.url = line.rpartition(" ")[2]
            until(self._all_here, "all nodes are watched", 120)
            self._say(
                f"{self.nodes:,} nodes are watched after {time.monotonic() - began:.1f} s, "
                f"{cpu_seconds([self.pid]):.1f} s of CPU, {private_mib(self.pid):.0f} MiB"
            )
            self.viewers = Told("benchmarks.viewers", self.url.rpartition(":")[2])
            self._told.append(self.viewers)
            self.browsers(1)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for told in self._told:
            told.end()
        self._fleet.__exit__()

    def browsers(self, count: int) -> None:
        """Have so many browsers look."""
        self.viewers.ask(browsers=count)
        until(lambda: self.metric("browsers") == count, f"{count} browsers look", 20)

    def get(self, path: str) -> Any:
        """One question to the dashboard."""
        return requests.get(self.url + path, timeout=60).json()

    def metric(self, name: str) -> float:
        """One of its numbers, as Prometheus reads it."""
        page = requests.get(self.url + "/metrics", timeout=60).text
        for line in page.splitlines():
            if line.startswith(f"p2p_dashboard_{name} "):
                return float(line.rpartition(" ")[2])
        raise BenchmarkError(f"the dashboard has no number {name}")

    def _listens(self) -> bool:
        printed = self._fleet.printed(self.pid)
        if "Traceback" in printed:
            raise BenchmarkError(f"the dashboard ended: {printed[-500:]}")
        return " listens on " in printed

    def _all_here(self) -> bool:
        said = self.get("/api/status")
        return bool(said["watched"] == self.nodes and said["coverage"] == 1)

    def measure(self, rate: float, seconds: float) -> dict[str, Any]:
        """So many events a second for a time: what they cost, and how soon they were told."""
        self.swarm.ask(rate=rate)
        time.sleep(WARM)
        self.viewers.ask(report=True)
        memory, cpu = [private_mib(self.pid)], cpu_seconds([self.pid])
        before, began = self.swarm.ask(report=True), time.monotonic()
        for _ in range(6):
            time.sleep(seconds / 6)  # the time that is looked at
            memory.append(private_mib(self.pid))
        passed = time.monotonic() - began
        cpu = cpu_seconds([self.pid]) - cpu
        after, seen = self.swarm.ask(report=True), self.viewers.ask(report=True)
        if seen["gone"]:
            raise BenchmarkError(f"{seen['gone']} browsers have lost the dashboard")
        events = after["emitted"] - before["emitted"]
        first = seen["viewers"][0]
        told = {
            "rate": events / passed,
            "core": 100 * cpu / passed,
            "each": 1e6 * cpu / max(1, events),
            "grown": max(memory[3:]) - memory[2],
            "delay": first["delay"],
            "holes": sum(viewer["holes"] for viewer in seen["viewers"]),
            "deltas": first["deltas"],
            "busy": [viewer["busy"] for viewer in seen["viewers"]],
        }
        others = (after["cpu"] - before["cpu"]) / passed
        self._say(
            f"{told['rate']:,.0f} events/s: {told['core']:.0f} % of a core, {told['each']:.0f} µs "
            f"an event; told after {_ms(first['delay'])}; memory {memory[0]:.0f} to "
            f"{memory[-1]:.0f} MiB (the swarm: {100 * others:.0f} %, {1000 * after['late']:.0f} ms "
            "late at most)"
        )
        return told

    def quiet(self, seconds: float = 90.0) -> tuple[Any, float]:
        """Stop it all and wait until everything has been taken; the swarm's word, and how long."""
        self.swarm.ask(rate=0)
        took = until(self._drained, "all that was emitted is taken", seconds)
        return self.swarm.ask(report=True), took

    def _drained(self) -> bool:
        said = self.swarm.ask(report=True)
        taken = said["unacknowledged"] < ACKNOWLEDGED_TOGETHER  # of each node; the rest come later
        return taken and not (said["waiting"] or said["unsent"])

    def lost(self) -> tuple[int, int]:
        """Events that the history does not have, or the picture not; once all is quiet."""
        said, _ = self.quiet()
        until(lambda: self.metric("history_queue_events") == 0, "all is written down")
        until(lambda: self._recorded_up_to(said), "the last is written down", 20)
        self.get("/api/history?limit=1")  # which waits for what is just being written
        written = self._written()
        missing = 0
        for node, told in said["nodes"].items():
            numbers = written.get(node, Counter())
            missing += sum(1 for seq in range(1, told["seq"] + 1) if numbers[seq] != 1)
            missing += sum(count for seq, count in numbers.items() if not 1 <= seq <= told["seq"])
        return missing, self._wrong(said)

    def _recorded_up_to(self, said: Any) -> bool:
        return self.metric("events_received_total") <= self.metric(
            "history_records_total"
        ) + self.metric("history_dropped_total") or bool(said["gaps"])

    def _wrong(self, said: Any) -> int:
        """In how many numbers picture and nodes differ."""
        shown = {node["id"]: node for node in self.get("/api/graph")["nodes"]}
        wrong = sum(
            shown[node][field] != told[field]
            for node, told in said["nodes"].items()
            for field in ("inbox", "sent", "waiting", "failed")
        )
        return wrong + abs(self.get("/api/status")["messages"] - int(said["messages"]))

    def _written(self) -> dict[str, Counter[int]]:
        """The numbers of the events of each node, as they stand in the run's file."""
        found: dict[str, Counter[int]] = {}
        with RunFile(Runs(self._data()).all()[0].path) as run:
            book = run.book()
            for node, kind, seq in run.db.execute("SELECT node, kind, seq FROM records"):
                if rows.is_event(kind):
                    found.setdefault(book.id(node), Counter())[seq] += 1
        return found

    def _data(self) -> Path:
        return self._fleet.data(self.pid)


def _many_files() -> None:
    """A thousand connections at both ends need as many open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _ms(delay: dict[str, float | None]) -> str:
    told = [delay["0.5"], delay["0.99"]]
    if None in told:
        return "nothing"
    return f"{told[0]:.0f} ms, p99 {told[1]:.0f} ms"


# --- a hundred nodes --------------------------------------------------------------------------


def _hundred(quick: bool, seed: int, say: Say) -> Iterator[Figure]:
    with Scene(100, seed, say) as scene:
        calm = scene.measure(1_000, 8 if quick else 20)
        yield Figure(
            "100 nodes, 1,000 events/s: told after, p99",
            calm["delay"]["0.99"] or float("inf"),
            None,
            " ms",
            at_most=DELAY,
        )
        much = scene.measure(10_000, 12 if quick else 60)
        yield Figure(
            "10,000 events/s, one browser: emitted", much["rate"], None, "/s", at_least=9_500
        )
        yield Figure("... of a core", much["core"], None, " %", at_most=CORE)
        yield Figure("... told after, p99", much["delay"]["0.99"] or float("inf"), None, " ms")
        yield Figure("... private memory grown", much["grown"], None, " MiB", at_most=FLAT)
        missing, wrong = scene.lost()
        yield Figure("... events that the history has not", missing, None, "", at_most=0)
        yield Figure("... numbers wrong in the picture", wrong, None, "", at_most=0)
        yield from _five(scene, 5 if quick else 12)
        yield from _flood(scene, 5 if quick else 10, say)


def _five(scene: Scene, seconds: float) -> Iterator[Figure]:
    one = scene.measure(10_000, seconds)
    scene.browsers(5)
    five = scene.measure(10_000, seconds)
    scene.browsers(1)
    yield Figure(
        "five browsers: of a core",
        five["core"],
        one["core"],
        " %",
        at_most=FIVE,
        of="one",
    )
    yield Figure("... packets missed by one of them", five["holes"], None, "", at_most=0)


def _flood(scene: Scene, seconds: float, say: Say) -> Iterator[Figure]:
    """More than it can take: it says so, tells less often, and is itself again soon."""
    scene.viewers.ask(report=True)
    scene.swarm.ask(rate=40_000)
    began = time.monotonic()
    said = {"/api/status": False, "/metrics": False}
    emitted = scene.swarm.ask(report=True)["emitted"]
    while time.monotonic() - began < seconds:
        time.sleep(0.5)  # now and then
        said["/api/status"] |= scene.get("/api/status")["busy"] is not None
        said["/metrics"] |= scene.metric("busy") == 1
    report = scene.swarm.ask(report=True)
    rate = (report["emitted"] - emitted) / (time.monotonic() - began)
    seen = scene.viewers.ask(report=True)["viewers"][0]
    said["the stream"] = bool(seen["busy"])
    ended = time.monotonic()
    scene.swarm.ask(rate=1_000)
    until(lambda: _calm(scene), "it is itself again", 120)
    again = time.monotonic() - ended
    say(
        f"{rate:,.0f} events/s for {seconds:.0f} s: {seen['deltas'] / seconds:.1f} deltas/s, told "
        f"after {_ms(seen['delay'])}, {seen['holes']} packets missed; said so in "
        f"{', '.join(where for where, so in said.items() if so) or 'no place'}"
    )
    yield Figure("40,000 events/s: places that say so, of 3", sum(said.values()), None, "", 3)
    yield Figure("... itself again after", again, None, " s", at_most=AGAIN)
    report, _ = scene.quiet()
    lost = scene.metric("history_dropped_total")
    told = sum(
        hole["lost"] or 0
        for hole in scene.get("/api/timeline?points=1")["holes"]  # of the whole recording
        if hole["node"] is None
    )
    say(f"events lost by nodes' logs {report['gaps']:,}, left out of the history {lost:,.0f}")
    yield Figure("... left out of the history, and not told as a hole", lost - told, None, "", 0, 0)
    yield Figure("... wrong in the picture afterwards", _counts(scene, report), None, "", at_most=0)


def _calm(scene: Scene) -> bool:
    """Whether it is not busy any more, and tells as soon as before."""
    scene.viewers.ask(report=True)
    time.sleep(1.0)  # what is looked at
    delay = scene.viewers.ask(report=True)["viewers"][0]["delay"]["0.99"]
    return scene.get("/api/status")["busy"] is None and delay is not None and delay < 2 * DELAY


def _counts(scene: Scene, said: Any) -> int:
    """At how many nodes the picture has other counts than the node."""
    shown = {node["id"]: node for node in scene.get("/api/graph")["nodes"]}
    return sum(
        any(shown[node][field] != told[field] for field in ("inbox", "sent", "waiting"))
        for node, told in said["nodes"].items()
    )


# --- a thousand -------------------------------------------------------------------------------


def _thousand(quick: bool, seed: int, say: Say) -> Iterator[Figure]:
    nodes = 300 if quick else 1_000
    with Scene(nodes, seed, say) as scene:
        told = scene.measure(5_000, 8 if quick else 30)
        name = f"{nodes:,} nodes, 5,000 events/s: emitted"
        yield Figure(name, told["rate"], None, "/s", at_least=4_750)
        yield Figure("... of a core", told["core"], None, " %", at_most=CORE)
        yield Figure("... told after, p99", told["delay"]["0.99"] or float("inf"), None, " ms")
        yield Figure("... private memory grown", told["grown"], None, " MiB", at_most=FLAT)
        missing, wrong = scene.lost()
        yield Figure("... events that the history has not", missing, None, "", at_most=0)
        yield Figure("... numbers wrong in the picture", wrong, None, "", at_most=0)
