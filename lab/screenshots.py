"""`screenshots`: the pictures of docs/screenshots/, made anew from a network that really runs."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from lab import ROOT, LabError, chromium, environment
from lab.options import number
from lab.progress import Progress

DESCRIPTION = """Start a small network of processes, do in its page what a person does, and keep a
picture of each state, dark and light, as docs/screenshots/STATE-THEME.webp. The network is ended
afterwards. With --url the one that runs there is used instead, and left as it is, but for a node
that freezes, one that crashes and one that is slow for some minutes."""
EXAMPLES = """  {prog} screenshots
  {prog} screenshots --only path broadcast
  {prog} screenshots --url http://localhost:8080 --out /tmp/pictures"""

OUT: Final = ROOT / "docs" / "screenshots"
_NAME: Final = "p2p-screenshots"


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "--nodes", type=number(6, 100), default=24, metavar="N", help="how many nodes (24)"
    )
    parser.add_argument(
        "--ports",
        type=number(11, 650),
        default=71,
        metavar="H",
        help="the hundreds of the nodes' ports (71)",
    )
    parser.add_argument(
        "--dashboard-port",
        type=number(1, 65_535),
        default=8071,
        metavar="PORT",
        help="where the page is (8071)",
    )
    parser.add_argument("--url", metavar="URL", help="take the network whose page is there")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=OUT, help="where to put them")
    parser.add_argument("--only", metavar="STATE", nargs="+", default=[], help="only these states")


def run(chosen: argparse.Namespace) -> int:
    """Make them."""
    progress = Progress()
    python = environment.ensure(progress, dev=True)
    browser = chromium.find() or chromium.install(progress)
    progress.close()
    if browser is None:
        raise LabError(f"There is no Chromium. {chromium.ADVICE}")
    own = {**os.environ, "P2P_CHROMIUM": browser}
    take = [str(python), "-m", "lab.photography", str(chosen.out), *chosen.only]
    if chosen.url is not None:
        return _call([*take, "--url", chosen.url], own)
    page = f"http://localhost:{chosen.dashboard_port}"
    lab = [sys.executable, str(ROOT / "p2p.py")]
    start = [*lab, "up", "--local", "--name", _NAME, "--nodes", str(chosen.nodes)]
    start += ["--ports", str(chosen.ports), "--dashboard-port", str(chosen.dashboard_port)]
    try:
        return _call(start, own) or _call([*take, "--url", page], own)
    finally:
        _call([*lab, "down", "--name", _NAME], own)


def _call(command: list[str], own: dict[str, str]) -> int:
    return subprocess.run(
        command, cwd=ROOT, env=own, stdin=subprocess.DEVNULL, check=False
    ).returncode
