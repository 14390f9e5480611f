"""`logs`: what the programs have printed, of one or of all."""

import argparse
import subprocess
import sys

from lab import ROOT, LabError
from lab.engine import Engine, compose, environment
from lab.folder import Folder, Run, network_name
from lab.layout import Layout
from lab.near import near
from lab.options import name_option, number
from lab.status import last_run

DESCRIPTION = """Show what a program has printed, or the last lines of all of them."""
EXAMPLES = """  {prog} logs node7
  {prog} logs node7 -f             and go on as it prints more
  {prog} logs --lines 3            the last three lines of each"""

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
