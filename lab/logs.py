"""`logs`: what the programs have printed, of one or of all."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from lab import ROOT, LabError
from lab.engine import Engine, compose, environment
from lab.folder import Folder, Run, network_name
from lab.layout import Layout
from lab.logfile import last_lines, older
from lab.near import near
from lab.options import name_option, number
from lab.status import last_run

DESCRIPTION = """Show what a program has printed, or the last lines of all of them."""
EXAMPLES = """  {prog} logs node7
  {prog} logs node7 -f             and go on as it prints more
  {prog} logs --lines 3            the last three lines of each"""

_PAUSE = 0.2
_OF_ALL = 10
"""Lines of each program where none is named."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("program", nargs="?", metavar="NODE", help="node7, bootstrap, dashboard")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument(
        "--lines",
        type=number(0, 1_000_000),
        metavar="N",
        help=f"only the last N (all of one program, {_OF_ALL} of each of all)",
    )
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Show logs."""
    folder = Folder(network_name(chosen.name))
    known = last_run(folder)
    names = known.layout.programs if folder.run() else Layout(nodes=100).programs
    if chosen.program is not None and chosen.program not in names:
        shown = chosen.program[:60]
        raise LabError(f"No program is called {shown!r}.{near(shown, names)}", 2)
    lines = chosen.lines
    if lines is None and chosen.program is None:
        lines = _OF_ALL
    if known.mode == "local":
        wanted = names if chosen.program is None else [chosen.program]
        return _of_processes(folder, wanted, lines, follow=chosen.follow)
    return _of_containers(folder, known, chosen.program, lines, follow=chosen.follow)


def _of_containers(
    folder: Folder, known: Run, program: str | None, lines: int | None, *, follow: bool
) -> int:
    present = {container.service for container in Engine(folder.name).containers()}
    if not present or (program is not None and program not in present):
        raise LabError(f"There is no container of {program}." if present else "Nothing runs.")
    words = ["logs", f"--tail={'all' if lines is None else lines}"]
    if follow:
        words.append("--follow")
    if program is not None:
        words += ["--no-log-prefix", program]
    if not sys.stdout.isatty():
        words.insert(1, "--no-color")
    sys.stdout.flush()
    return subprocess.run(
        compose(*words), cwd=ROOT, env=environment(folder.name, known.layout), check=False
    ).returncode


def _of_processes(folder: Folder, names: list[str], lines: int | None, *, follow: bool) -> int:
    """Print what the supervisor kept; with a name before each line where there are several."""
    files = {name: folder.logs / f"{name}.log" for name in names}
    if not any(file.exists() for file in files.values()):
        raise LabError("Nothing runs.")
    wide = max(map(len, names)) if len(names) > 1 else 0
    tails = [Tail(file, f"{name:<{wide}} | " if wide else "") for name, file in files.items()]
    for tail in tails:
        tail.print_last(lines)
    while follow:
        for tail in tails:
            tail.print_new()
        time.sleep(_PAUSE)  # the pace at which files are looked at, until Ctrl-C
    return 0


class Tail:
    """The end of one log, wherever its file is turned over."""

    def __init__(self, path: Path, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        self._read = 0
        self._inode = 0

    def print_last(self, lines: int | None) -> None:
        """Print the last lines; from here on `print_new` goes on."""
        if self._path.exists():
            found = self._path.stat()
            self._read, self._inode = found.st_size, found.st_ino
            self._print("\n".join(last_lines(self._path, lines)))

    def print_new(self) -> None:
        """Print what has come since the last time."""
        if not self._path.exists():
            return
        found = self._path.stat()
        if found.st_ino != self._inode:  # turned over: the rest is in the older file
            self._print_from(older(self._path), self._read)
            self._read, self._inode = 0, found.st_ino
        self._read += self._print_from(self._path, self._read)

    def _print_from(self, path: Path, start: int) -> int:
        """Print whole lines from an offset on; how many bytes these were."""
        if not path.exists():
            return 0
        with path.open("rb") as file:
            file.seek(start)
            whole, newline, _ = file.read().rpartition(b"\n")
        if newline:
            self._print(whole.decode(errors="replace"))
        return len(whole) + len(newline)

    def _print(self, text: str) -> None:
        for line in text.splitlines():
            print(f"{self._prefix}{line}", flush=True)
