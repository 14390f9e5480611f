"""Running the project's tools, and telling how each went.

While a step runs, it says so; what a quiet step prints is shown only when it fails.
"""

import shutil
import subprocess
import sys
import tempfile
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


class Beside:
    """A step that runs while others do; its output is shown when it is waited for.

    It is polite (nice(1)): those others may watch the clock.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._name = name
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - until it has been shown
        self._began = time.monotonic()
        self._ended = self._began
        nice = ("nice", "-n", "19") if shutil.which("nice") else ()
        self._process = subprocess.Popen(
            [*nice, *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def result(self) -> Result:
        """Wait for its end, and show what it printed."""
        self._waiter.join()
        with self._output as output:
            output.seek(0)
            print(f"\n=== {self._name}", flush=True)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
        return Result(self._name, self._process.returncode, self._ended - self._began)

    def _wait(self) -> None:
        self._process.wait()
        self._ended = time.monotonic()


def line(result: Result) -> str:
    """One step in one line."""
    note = f"  {result.note}" if result.note else ""
    return f"{result.word:<7} {result.seconds:6.1f} s  {result.name}{note}"


def status(results: Sequence[Result]) -> int:
    """The exit status of all: that of the first step that failed."""
    return next((result.status for result in results if result.status != 0), 0)
