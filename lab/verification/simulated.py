"""The simulator, seed after seed: it tells what was sent and found, and is judged like all."""

import json
import os
import subprocess
from typing import Final

from lab import ROOT, LabError, environment
from lab.progress import Progress
from lab.verification.checker import Problem, Verdict, check
from lab.verification.history import History, parse

LONGEST_LINE: Final = 256 * 1024 * 1024
"""Bytes of one seed's history [guess: 100 nodes for ten minutes have some 30 MiB]."""


def simulate(
    *, first: int, seeds: int, nodes: int, seconds: int, progress: Progress
) -> tuple[Verdict, History]:
    """Run and judge them all; one verdict over all of them, and a history to keep.

    The history is that of the first seed that broke something, else of the last one.
    Raises LabError where the simulator fails.
    """
    python = environment.ensure(progress)
    command = [
        *(str(python), "-m", "simulator.history"),
        *("--first", str(first), "--seeds", str(seeds)),
        *("--nodes", str(nodes), "--seconds", str(seconds)),
    ]
    total, kept = Verdict(), None
    faults = []
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        progress.count("seeds", 0, seeds)
        for done in range(1, seeds + 1):
            line = process.stdout.readline(LONGEST_LINE)
            if not line:
                break
            said = json.loads(line)
            history = parse(said["history"])
            verdict = check(history)
            if said["broken"]:
                verdict.problems.append(Problem("invariant", "", said["broken"]))
            _add(total, verdict, history.seed)
            faults += history.faults
            if kept is None or not _broke(kept):
                kept = history
            progress.count("seeds", done, seeds)
            progress.note(f"{total.accepted:,} messages, {len(total.problems)} problems")
    if process.returncode != 0 or kept is None:
        raise LabError(f"The simulator ended with status {process.returncode}.")
    kept.where = f"simulator, {nodes} nodes, {seeds} seeds from {first}"
    kept.faults = faults
    return total, kept


def _broke(history: History) -> bool:
    return bool(check(history).problems)


def _add(total: Verdict, one: Verdict, seed: int) -> None:
    """Count a run with the others."""
    for field in _COUNTS:
        setattr(total, field, getattr(total, field) + getattr(one, field))
    total.problems += [p._replace(words=f"seed {seed}: {p.words}") for p in one.problems]
    total.waits = sorted(total.waits + one.waits)
    for which in ("longest", "unavailable"):
        mine, other = getattr(total, which), getattr(one, which)
        if other is not None and (mine is None or other.seconds > mine.seconds):
            setattr(total, which, other)


_COUNTS: Final = (
    "asked", "accepted", "broadcasts", "delivered", "copies",
    "failed", "unsure", "refused", "unknown", "exempt", "tried", "done",
)  # fmt: skip
