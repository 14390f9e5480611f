"""Whether Linux's table of neighbours has room for N containers, and what to do where not.

One table holds the hardware addresses for all containers of a machine, two entries for each
pair that talked in the last half minute (`node.overlay.links`). Where it is full the network
still comes together, but later. Only root can make it larger, so this is advice.
"""

import contextlib
from pathlib import Path
from typing import Final

from lab.layout import Layout

ENTRIES_A_NODE: Final = 12
"""While they start: five for its links, two each for the dashboard and the bootstrap, three
for whom it met in vain [measured with 100]."""
LIMIT: Final = "net.ipv4.neigh.default.gc_thresh3"
BETTER: Final = 8192


def advice(layout: Layout, limit: int | None) -> str | None:
    """What to tell whoever starts so many containers; None where nothing is amiss."""
    needed = layout.nodes * ENTRIES_A_NODE
    if limit is None or needed <= limit:
        return None
    return (
        f"{layout.nodes} containers need some {needed:,} entries of this machine's table of "
        f"neighbours, and it has {limit:,}: they come together, but more slowly. More room, "
        f"until the next boot: sudo sysctl -w {LIMIT}={BETTER}"
    )


def limit_here() -> int | None:
    """Entries of the table; None where it is not Linux, or hides it."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys", *LIMIT.split(".")).read_text(encoding="ascii"))
    return None
