"""Which process a pid means: a number is used again, so its start time goes with it.

Nothing here is ever ended by its number alone.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.02
"""Seconds between two looks at processes that are ending."""


@dataclass(frozen=True)
class Identity:
    """One process of this machine, and no other one that gets its number later."""

    pid: int
    started: str


def identify(pid: int) -> Identity | None:
    """The process that has this number now; None when it has ended (a zombie has)."""
    started = _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)
    return None if started is None else Identity(pid, started)


def lives(process: Identity) -> bool:
    """Whether this very process is still there."""
    return identify(process.pid) == process


def tell(process: Identity, number: signal.Signals) -> bool:
    """Send a signal to this very process; False when it has ended."""
    if not lives(process):
        return False
    with contextlib.suppress(ProcessLookupError):  # it ended just now
        os.kill(process.pid, number)
    return True


def end(processes: Iterable[Identity], grace: float) -> int:
    """Ask processes to end, and after `grace` seconds make them; how many there were."""
    left = [process for process in processes if tell(process, signal.SIGTERM)]
    count = len(left)
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(_PAUSE)  # the pace; that they have ended ends the loop
        left = [process for process in left if lives(process)]
    for process in left:
        tell(process, signal.SIGKILL)
    return count


def _from_proc(pid: int) -> str | None:
    """Linux: clock ticks since the machine started, and which start of the machine."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        return None
    fields = stat.rsplit(")", 1)[1].split()  # a program's name may hold spaces and ")"
    return None if fields[0] in "ZX" else f"{boot[:8]}-{fields[19]}"


def _from_ps(pid: int) -> str | None:
    """macOS: the second in which it started."""
    said = subprocess.run(
        ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,  # 1 when there is none
    )
    state, _, started = said.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else " ".join(started.split())
