"""Running the project's tools, and telling how each went.

While a step runs, it says so; what a quiet step prints is shown only when it fails.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab import ROOT

SKIPPED = "left out"
_PRINTING = threading.Lock()


@dataclass(frozen=True)
class Result:
    """How one step went."""

    name: str
    status: int
    """Its exit status."""
    seconds: float
    note: str = ""
    """Why it was left out, or what else is to be known."""

    @property
    def word(self) -> str:
        """In one word."""
        if self.note.startswith(SKIPPED):
            return "-"
        return "ok" if self.status == 0 else "FAILED"


def quietly(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Result:
    """Run a step; print what it said only when it fails."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    result = Result(name, done.returncode, time.monotonic() - began)
    with _PRINTING:
        print(line(result), flush=True)
        if done.returncode != 0:
            sys.stdout.buffer.write(done.stdout)
            sys.stdout.flush()
    return result


def aloud(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Result:
    """Run a step whose output is shown as it comes."""
    print(f"\n=== {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    return Result(name, done.returncode, time.monotonic() - began)


def line(result: Result) -> str:
    """One step in one line."""
    note = f"  {result.note}" if result.note else ""
    return f"{result.word:<7} {result.seconds:6.1f} s  {result.name}{note}"


def status(results: Sequence[Result]) -> int:
    """The exit status of all: that of the first step that failed."""
    return next((result.status for result in results if result.status != 0), 0)
