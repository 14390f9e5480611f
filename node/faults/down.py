"""A node that is dead for a while: what it writes down as it dies, and reads as it starts.

A process that is gone cannot count seconds. So it leaves a note in its data folder, and ends.
Whoever keeps it running (Docker by its restart policy, the local supervisor, a person) starts
it again at once; it finds the note, and waits before it opens its port or its store. To
everybody else that is a machine on which nothing listens.

The note says by the wall's clock until when, since that is the only one that goes on. A clock
that was set meanwhile cannot keep the node away longer than was asked for.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from node.settings import DOWN, WEBHOOKS

_STORED: Final = ("node.sqlite*", f"{WEBHOOKS}*")
"""What is lost with the disk: the store, its log, the webhooks, and those that were set aside. A
folder may hold what is not ours."""


class Note(msgspec.Struct):
    """What the node wrote as it died."""

    until: float
    """Seconds since 1970."""
    seconds: float
    lose_disk: bool


def write(folder: Path, seconds: float, *, lose_disk: bool) -> None:
    """Leave the note, safely on disk. Raises OSError."""
    said = msgspec.json.encode(Note(time.time() + seconds, seconds, lose_disk))
    draft = folder / f"{DOWN}.new"
    with draft.open("wb") as file:
        file.write(said)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / DOWN)


def wait_out(
    folder: Path,
    sleep: Callable[[float], None] = time.sleep,
    wall: Callable[[], float] = time.time,
) -> None:
    """Stay dead as long as the note says, and take the disk away where it says so."""
    path = folder / DOWN
    try:
        note = msgspec.json.decode(path.read_bytes(), type=Note)
    except (msgspec.DecodeError, OSError) as error:
        print(f"{path} cannot be read ({error}); starting as if it were not there")
    else:
        left = min(max(0.0, note.until - wall()), note.seconds)
        if left:
            print(
                f"This node is down for another {left:.1f} s, as a fault was asked for", flush=True
            )
            sleep(left)
        if note.lose_disk:
            print("All that this node had on disk is lost, as a fault was asked for", flush=True)
            for stored in _STORED:
                for lost in folder.glob(stored):
                    lost.unlink()
    path.unlink(missing_ok=True)
