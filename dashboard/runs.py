"""The folder of all runs: which there are, which one is being written, what they may take.

    <data>/history/<id>.sqlite          one run each (`runfile`)
    <data>/history/<id>.sqlite.broken-…  what could not be read: set aside, never deleted
    <data>/history/lock                 held by the dashboard that writes

A dashboard that comes back goes on with the run that it wrote, so that a pause of ten
minutes is a hole in one run and not the end of it.
"""

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from contract.errors import ApiError, out_of_range
from contract.text import checked, one_line
from dashboard.runfile import SUFFIX, About, BrokenRunError, RunFile

FOLDER: Final = "history"
UNFINISHED: Final = ".importing"
UPLOAD: Final = ".upload"
"""What is being imported, and the file that it comes from."""
MAX_RUN_NAME: Final = 63
"""Characters of a run's name, as of a node's."""
GO_ON: Final = 24 * 3600
"""Seconds after which a dashboard that comes back begins another run [guess: a day]."""
MOST_RUNS: Final = 200
"""Runs that are listed, and kept [guess]."""


class Run(NamedTuple):
    """A run, as it is listed. Times in microseconds."""

    about: About
    since: int | None
    until: int | None
    size: int
    path: Path


class Runs:
    """The runs in a folder. Each call opens the files that it needs, and closes them."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER
        self.current: str | None = None
        """The id of the run that is being written; None where none is."""
        self._lock: int | None = None

    # --- reading ------------------------------------------------------------------------------

    def all(self) -> list[Run]:
        """Those that can be read, the newest first. A broken one is not listed."""
        found = []
        for path in self._paths():
            with contextlib.suppress(BrokenRunError, sqlite3.Error), RunFile(path) as run:
                ends = run.ends()
                since, until = (None, None) if ends is None else (ends[0].at, ends[1].at)
                found.append(Run(run.about(), since, until, size_of(path), path))
        found.sort(key=lambda run: (run.until or run.about.made, run.about.made), reverse=True)
        return found[:MOST_RUNS]

    def find(self, wanted: str | None) -> Path:
        """The file of a run by its id or name; without one the current run. Raises 404."""
        if wanted is None:
            if self.current is None:
                raise ApiError(404, "nothing is being written down here, so there is no run")
            return self._path(self.current)
        runs = self.all()
        for run in runs:
            if run.about.id == wanted:
                return run.path
        for run in runs:
            if run.about.name == wanted:
                return run.path
        raise ApiError(404, f"there is no run '{one_line(wanted[:80])}'", field="run")

    @contextlib.contextmanager
    def reading(self, wanted: str | None) -> Iterator[RunFile]:
        """A run to read, by its id or name. Raises 404, 422 where the file is broken."""
        path = self.find(wanted)
        try:
            with RunFile(path) as run:
                yield run
        except BrokenRunError as error:
            raise out_of_range(f"this run cannot be read: {error}", "run") from None
        except sqlite3.DatabaseError as error:
            raise out_of_range(f"this run cannot be read: {error}", "run") from None

    # --- changing -----------------------------------------------------------------------------

    def rename(self, wanted: str, name: str) -> dict[str, Any]:
        """Call a run otherwise. Raises 404, 409."""
        name = run_name(name)
        path = self.find(wanted)
        with contextlib.closing(RunFile(path, write=True)) as run:
            own = run.about().id
            if any(one.about.name == name and one.about.id != own for one in self.all()):
                raise ApiError(409, "another run has this name", field="name")
            run.rename(name)
        return {"id": own, "name": name}

    def remove(self, wanted: str) -> dict[str, Any]:
        """Delete a run. Raises 404, 409 for the one that is being written."""
        path = self.find(wanted)
        with RunFile(path) as run:
            about = run.about()
        if about.id == self.current:
            raise ApiError(409, "this run is being written; it cannot be deleted", field="run")
        delete(path)
        return {"id": about.id, "status": "deleted"}

    def free_name(self, name: str, own: str | None = None) -> str:
        """A name that no other run has: this one, or this one with a number."""
        taken = {run.about.name for run in self.all() if run.about.id != own}
        number = 1
        free = name
        while free in taken:
            number += 1
            end = f" ({number})"
            free = name[: MAX_RUN_NAME - len(end)] + end
        return free

    # --- writing ------------------------------------------------------------------------------

    def hold(self) -> bool:
        """Keep other dashboards from writing here; False where one does."""
        if self._lock is not None:
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # Windows, where only replays run, each in a folder of its own
            return True
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        for suffix in (UNFINISHED, UPLOAD):  # a crash left them behind
            for path in self.folder.glob(f"*{suffix}*"):
                path.unlink()
        return True

    def let_go(self) -> None:
        """Let others write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def to_write(self, now: float) -> RunFile:
        """The run to go on with, or a new one. What cannot be read is set aside."""
        self._set_broken_aside()
        own = [run for run in self.all() if not run.about.imported]
        if own and now - (own[0].until or 0) / 1e6 < GO_ON:
            run = RunFile(own[0].path, write=True)
        else:
            run = self.new(now)
        self.current = run.about().id
        return run

    def new(self, now: float) -> RunFile:
        """A new run, called by its time."""
        stamp = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
        about = About(str(uuid4()), self.free_name(stamp), False, round(now * 1e6), 0)
        return RunFile.make(self._path(about.id), about)

    def total(self) -> int:
        """Bytes of all runs on the disk."""
        return sum(size_of(path) for path in self._paths())

    def set_aside(self, path: Path, why: str) -> None:
        """Keep a file under another name, and say so."""
        aside = path.with_name(f"{path.name}.broken-{time.time_ns() // 1_000_000}")
        print(
            f"The run {path} cannot be read ({why}). It is kept as {aside.name}; "
            "a new one is begun.",
            file=sys.stderr,
            flush=True,
        )
        for suffix in ("-wal", "-shm"):
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        path.rename(aside)

    def _set_broken_aside(self) -> None:
        for path in self._paths():
            try:
                RunFile(path, write=True).close()
            except BrokenRunError as error:
                self.set_aside(path, str(error))

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def _path(self, run: str) -> Path:
        return self.folder / f"{run}{SUFFIX}"


def run_name(name: object) -> str:
    """A name for a run. Raises 400, 422."""
    text = checked(name, "name", MAX_RUN_NAME).strip()
    if one_line(text) != text:
        raise out_of_range("'name' must be one line of printable characters", "name")
    return text


def size_of(path: Path) -> int:
    """Bytes on the disk, with those that SQLite keeps beside it."""
    total = 0
    for suffix in ("", "-wal"):
        with contextlib.suppress(OSError):  # it was removed just now
            total += path.with_name(path.name + suffix).stat().st_size
    return total


def delete(path: Path) -> None:
    """Delete a run's files."""
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
