"""`sim`: the nodes' own protocol under a virtual clock, in the project's environment.

The simulator is a program of its own, and is started as one; it tells how far it is in
lines that become the bar here.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from lab import ROOT, environment
from lab.progress import Progress

DESCRIPTION = "Simulate a network; what stands behind `sim` goes to `python -m simulator`."
EXAMPLES = """  {prog} sim --nodes 100 --kill 50% --loss 5% --seed 7
  {prog} sim --nodes 30 --chaos 1 --seeds 200"""
PASSES_ON_ALL = True

_UNIT = "seconds of the world"


def options(_parser: argparse.ArgumentParser) -> None:
    """The simulator reads its own."""


def run(chosen: argparse.Namespace) -> int:
    """Run it and show how far it is; its exit status."""
    return show_module("simulator", chosen.rest, _UNIT)


def show_module(module: str, arguments: Sequence[str], unit: str) -> int:
    """Run one of the simulator's programs and draw the lines that it tells as a bar."""
    progress = Progress()
    if any(word.endswith((".yaml", ".yml")) for word in arguments):
        python = environment.ensure_yaml(progress)
    else:
        python = environment.ensure(progress)
    progress.close()
    command = [str(python), "-m", module, *arguments, "--progress"]
    # A file is meant where the person is, while modules are found where the project is.
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, _path()))}
    with subprocess.Popen(
        command, env=own, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stderr is not None  # noqa: S101 - a pipe was asked for
        for line in process.stderr:
            show(line.rstrip("\n"), progress, unit)
    progress.close()
    return process.returncode


def show(line: str, progress: Progress, unit: str = _UNIT) -> None:
    """One line of the simulator's: how far it is, or something for the person."""
    word, *rest = line.split(" ", 3)
    if word == "progress" and len(rest) == 3:
        progress.count(unit, round(float(rest[0])), max(1, round(float(rest[1]))))
        progress.note(rest[2])
    else:
        progress.close()
        print(line, file=sys.stderr, flush=True)


def _path() -> list[str | None]:
    return [str(ROOT), os.environ.get("PYTHONPATH")]
