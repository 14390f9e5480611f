"""What every program says of its own process, by the names that all of Prometheus' clients have.

From `/proc` where there is one. macOS has none: what it does not say is left out.
"""

import os
import time
from pathlib import Path
from typing import Final

from contract.metrics import Page

_STARTED: Final = 22
"""Which field of `/proc/self/stat` is `starttime`, counted from 1 [proc(5)]."""


def tell(page: Page, started: float) -> None:
    """Add it to a page. `started`: when the program began, where the system does not say it."""
    page.gauge(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        _started() or started,
    )
    page.counter(
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        time.process_time(),
    )
    resident = _resident()
    if resident is not None:
        page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", resident)
    page.gauge("p2p_process_peak_memory_bytes", "The most that was resident so far.", _peak())
    try:  # both on Linux and on macOS
        page.gauge(
            "process_open_fds",
            "Number of open file descriptors.",
            len(list(Path("/dev/fd").iterdir())) - 1,  # the one that reads them
        )
    except OSError:
        return  # a system without


def _started() -> float | None:
    """When the process began, as Linux says; None elsewhere."""
    try:
        # The program's name stands in brackets and may have any character.
        after = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
        ticks = int(after.rpartition(")")[2].split()[_STARTED - 3])
        up = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    # By the clock of now: that which says when the machine began may have been set since.
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")


def _resident() -> int | None:
    """Bytes in memory now, as Linux says; None elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    """Bytes at most so far: Linux counts them in KiB, macOS in bytes [getrusage(2) of both]."""
    import resource
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
