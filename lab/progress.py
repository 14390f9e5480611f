"""How far it is: one line that fills up for a person, plain lines for a log.

    [██████████████······] 1 of 1 image · 52 of 52 containers · 34 of 50 nodes    9 s

Where the output is no terminal, a line is printed when a count is complete and every few
seconds in between, without any control character.
"""

import os
import shutil
import sys
import time
from typing import Final, TextIO

_EVERY: Final = 5.0
"""Seconds between two plain lines while a count grows [guess]."""
_BAR: Final = 24
"""Characters of the bar."""
_HIDE: Final = "\r\x1b[K"


class Progress:
    """Counts that go from 0 to their goal, in the order in which they were added."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._drawn = self._stream.isatty() and os.environ.get("TERM") != "dumb" and os.name != "nt"
        self._full, self._empty = self._blocks()
        self._counts: dict[str, list[int]] = {}
        self._complete: set[str] = set()
        self._began = time.monotonic()
        self._said = 0.0
        self._note = ""
        self._last = ""

    def count(self, what: str, done: int, goal: int) -> None:
        """Set how many of a thing are done."""
        self._counts[what] = [min(done, goal), goal]
        if self._drawn:
            self._draw()
        else:
            self._print(what, min(done, goal), goal)

    def note(self, text: str) -> None:
        """What is happening right now: behind the counts, in a log every few seconds."""
        self._note = text
        if self._drawn:
            self._draw()
        elif text and time.monotonic() - self._said >= _EVERY:
            self._said = time.monotonic()
            self.say(f"{self.seconds:4.0f} s  {text}")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._quiet:
            return
        hide = _HIDE if self._drawn and self._last else ""
        self._write(f"{hide}{line}\n")
        self._last = ""

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn and self._last and not self._quiet:
            self._write(_HIDE)
        self._last = ""

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def _draw(self) -> None:
        if self._quiet:
            return
        done = sum(count[0] for count in self._counts.values())
        goal = sum(count[1] for count in self._counts.values()) or 1
        filled = _BAR * done // goal
        bar = self._full * filled + self._empty * (_BAR - filled)
        counts = " · ".join(f"{done} of {goal} {what}" for what, (done, goal) in self._items())
        line = f"[{bar}] {counts}  {self.seconds:.0f} s"
        if self._note:
            line += f"  {self._note}"
        line = line[: shutil.get_terminal_size().columns - 1]
        if line != self._last:
            self._last = line
            self._write(_HIDE + line)

    def _print(self, what: str, done: int, goal: int) -> None:
        now = time.monotonic()
        complete = done == goal
        if complete and what in self._complete:
            return
        if complete:
            self._complete.add(what)
        elif now - self._said < _EVERY:
            return
        self._said = now
        self.say(f"{self.seconds:4.0f} s  {done} of {goal} {what}")

    def _items(self) -> list[tuple[str, list[int]]]:
        return list(self._counts.items())

    def _blocks(self) -> tuple[str, str]:
        try:
            "█·".encode(self._stream.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return "#", "."
        return "█", "·"

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


def counted(number: int, plural: str) -> str:
    """A number of things in words: "1 process", "3 processes"."""
    one = plural.removesuffix("es") if plural.endswith("sses") else plural.removesuffix("s")
    return f"{number} {one if number == 1 else plural}"
