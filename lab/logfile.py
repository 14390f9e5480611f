"""A program's log: bounded, the newest lines are always there.

As Compose keeps them (`max-size: 1m, max-file: 2`): when the file is full it becomes the
older one, and the older one before it goes.
"""

from collections import deque
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1_048_576


class LogFile:
    """Where one program's output goes."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self.path = path
        self._most = most
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self.size = self._file.tell()

    def write(self, printed: bytes) -> None:
        """Add what was printed."""
        if self.size + len(printed) > self._most:
            self._file.close()
            self.path.replace(older(self.path))
            self._file = self.path.open("ab", buffering=0)
            self.size = 0
        self._file.write(printed)
        self.size += len(printed)

    def close(self) -> None:
        """No more comes."""
        self._file.close()

    def remove(self) -> None:
        """Close it and take it away."""
        self.close()
        self.path.unlink(missing_ok=True)
        older(self.path).unlink(missing_ok=True)


def older(path: Path) -> Path:
    """Where the lines before a log's first one are."""
    return path.with_name(path.name + ".1")


def last_lines(path: Path, lines: int | None) -> list[str]:
    """The newest lines of a log; all that is kept with None."""
    found: deque[str] = deque(maxlen=lines)
    for file in (older(path), path):
        if file.exists():
            with file.open(encoding="utf-8", errors="replace") as text:
                found.extend(line.rstrip("\n") for line in text)
    return list(found)
