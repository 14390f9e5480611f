"""Something is awaited: one line that turns for a person, a line for each news in a log.

⠹ waiting: connection refused; next try in 6 s (3 attempts)    41 s
"""

import os
import shutil
import sys
import time
from typing import Final, TextIO

_TURNS: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN: Final = "|/-\\"
"""Where the terminal has no such signs."""
_EVERY: Final = 0.1
"""Seconds between two turns: smooth enough, and nothing to look at [guess]."""
_HIDE: Final = "\r\x1b[K"


class Spinner:
    """One line on a terminal; `quiet` shows nothing at all."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._drawn = self._stream.isatty() and os.environ.get("TERM") != "dumb" and os.name != "nt"
        try:
            _TURNS.encode(self._stream.encoding or "ascii")
            self._turns = _TURNS
        except (UnicodeEncodeError, LookupError):
            self._turns = _PLAIN
        self._began = time.monotonic()
        self._turned = float("-inf")
        self._turn = 0
        self._shown = False
        self._news = ""

    def show(self, text: str, news: str) -> None:
        """What is so now. `news` is what of it is worth a line of a log, where it is new."""
        if self._quiet:
            return
        now = time.monotonic()
        if not self._drawn:
            if news != self._news:
                self._news = news
                self._write(f"{now - self._began:4.0f} s  {news}\n")
        elif now - self._turned >= _EVERY:
            self._turned = now
            self._turn = (self._turn + 1) % len(self._turns)
            line = f"{self._turns[self._turn]} {text}    {now - self._began:.0f} s"
            self._write(_HIDE + line[: shutil.get_terminal_size().columns - 1])
            self._shown = True

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write(_HIDE)
            self._shown = False

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
