"""Whether N nodes fit into the memory that is left."""

import contextlib
import platform
import subprocess
from pathlib import Path
from typing import Final

from lab import LabError
from lab.layout import Layout

NODE_MIB: Final = 45
"""What a node needs at most: 34 MiB of Python, 4 of its container's shim, 1 of its port's
proxy (measured), and some room."""
REST_MIB: Final = 250
"""The dashboard with 100 nodes' events, the bootstrap, and the commands themselves [guess]."""


def need(layout: Layout) -> int:
    """MiB that a network takes."""
    return layout.nodes * NODE_MIB + REST_MIB


def check(layout: Layout, running: int, available: int | None) -> None:
    """Refuse a network that does not fit; `running` nodes of it have their memory already.

    `available` is in MiB, None where nobody knows. Raises LabError.
    """
    needed = need(layout) - (running * NODE_MIB + REST_MIB if running else 0)
    if available is None or needed <= available:
        return
    fit = max(0, (available - REST_MIB) // NODE_MIB)
    advice = f"{fit} nodes fit: --nodes {fit}." if fit else "Not even one node fits."
    raise LabError(
        f"{layout.nodes} nodes need some {needed} MiB of memory and {available} are free. "
        f"{advice} (--force tries all the same.)"
    )


def available_here() -> int | None:
    """MiB that programs of this machine can still get; None where it does not say."""
    system = platform.system()  # and not sys.platform, of which mypy believes only one
    if system == "Linux":
        return _linux()
    return _macos() if system == "Darwin" else None


def _linux() -> int | None:
    found = []
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        kib = next(line for line in lines if line.startswith("MemAvailable:")).split()[1]
        found.append(int(kib) // 1024)
    with contextlib.suppress(OSError, ValueError):  # "max", or no such limit here
        group = Path("/sys/fs/cgroup")
        most = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        found.append((most - used) // 1_048_576)
    return min(found, default=None)


def _macos() -> int | None:
    """Half of what is installed: macOS compresses and swaps, and has no word for "available"."""
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        said = subprocess.run(
            ["sysctl", "-n", "hw.memsize"], capture_output=True, text=True, timeout=5, check=True
        )
        return int(said.stdout) // 1_048_576 // 2
    return None
