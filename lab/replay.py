"""`replay`: show a run that somebody saved, without any network."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from lab import ROOT, LabError, environment, ports
from lab.layout import Layout
from lab.options import number, setting
from lab.progress import Progress
from lab.vendor import ensure as ensure_page

DESCRIPTION = """Show a recorded run (.p2prun) on the page, with no network behind it. A run is
saved by `GET /api/runs/<id>/export` of the dashboard that saw it. Ctrl-C ends it."""
EXAMPLES = """  {prog} replay lesson-3.p2prun
  {prog} replay lesson-3.p2prun --dashboard-port 8090"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the .p2prun file")
    parser.add_argument(
        "--dashboard-port",
        type=number(1, 65535),
        default=setting("P2P_DASHBOARD_PORT", Layout.dashboard),
        metavar="PORT",
        help="where the page is (8080, or the next one that is free)",
    )


def run(chosen: argparse.Namespace) -> int:
    """Show it until somebody has seen enough. Raises LabError."""
    file: Path = chosen.file
    if not file.is_file():
        raise LabError(f"There is no file {str(file)[:200]!r}.", 2)
    progress = Progress()
    python = environment.ensure(progress)
    ensure_page(progress)
    progress.close()
    port = free_port(chosen.dashboard_port)
    print(f"http://localhost:{port} shows {file.name}; Ctrl-C ends it.", flush=True)
    with subprocess.Popen(
        [str(python), "-m", "dashboard"], cwd=ROOT, env=program(file, port)
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # it got the same signal, and says good-bye by itself
            return 0


def program(file: Path, port: int) -> dict[str, str]:
    """The environment of a dashboard that shows a file."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DASHBOARD_")}
    return {
        **kept,
        "DASHBOARD_HOST": "127.0.0.1",
        "DASHBOARD_PORT": str(port),
        "DASHBOARD_REPLAY": str(file.absolute()),
    }


def free_port(wanted: int) -> int:
    """The port that was asked for, or else the next one that is free. Raises LabError."""
    found = next((port for port in range(wanted, min(wanted + 100, 65536)) if ports.free(port)), 0)
    if not found:
        raise LabError(f"No port from {wanted} on is free; choose another with --dashboard-port.")
    if found != wanted:
        print(f"Port {wanted} is taken, so the page is at {found}.", file=sys.stderr)
    return found
