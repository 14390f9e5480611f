"""The history of a world as bytes: one line a step, and the same seed gives the same bytes.

A line is JSON: the step's number, the time, the node, what happened, what the overlay
wanted. Nothing else is in it, no real time and no address of an object, so two traces can
be compared with `cmp`, and the first line that differs is where two runs part.
"""

from typing import BinaryIO

import msgspec

from node.overlay.inputs import Input
from node.overlay.outputs import Output


class Trace:
    """Writes to a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._write = file.write
        self._encode = msgspec.json.Encoder().encode

    def step(
        self, number: int, at: float, name: str, happened: Input, outputs: list[Output]
    ) -> None:
        """Write one step down."""
        done = [(type(output).__name__, output) for output in outputs]
        line = (number, round(at, 9), name, (type(happened).__name__, happened), done)
        self._write(self._encode(line) + b"\n")
