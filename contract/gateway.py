"""Where packets to elsewhere go: on Docker's default bridge that is the host.

Containers there have no names for each other; what the host publishes is reached at this
address, and so a bootstrap is found that was started with `-p 5000:5000`.
"""

import re
import socket
from pathlib import Path


def default_gateway(table: Path = Path("/proc/net/route")) -> str | None:
    """The address of the default gateway; None where there is none, or no such table."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and re.fullmatch("[0-9A-F]{8}", fields[2]):
            return socket.inet_ntoa(bytes.fromhex(fields[2])[::-1])
    return None
