"""`verify`: is what the README promises true? Messages, faults, and a check of every inbox."""

import argparse
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lab import LabError, called
from lab.folder import Folder, network_name
from lab.layout import HIGHEST_HUNDREDS, LOWEST_HUNDREDS, MOST_NODES, Layout
from lab.options import number
from lab.progress import Progress
from lab.verification.checker import Verdict, check
from lab.verification.history import History, load, save, writable
from lab.verification.place import Place

DESCRIPTION = """Show that no accepted message is lost, doubled or out of order, whatever happens.
Starts a network of its own beside yours, lets everybody send numbered messages while nodes are
killed, frozen, restarted, cut off, slowed down, and while disks are full; heals it, and
compares every inbox with every outbox. Exit status 0: the promise holds; 1: it is broken, or
nothing could be shown."""
EXAMPLES = """  {prog} verify                       12 processes for 3 minutes
  {prog} verify --docker              50 containers for 5 minutes
  {prog} verify --sim --seeds 200     the simulator, 200 seeds, 30 nodes each
  {prog} verify --seed 7 --seconds 60 the same faults and messages as another run of seed 7
  {prog} verify --keep run.history    keep what was seen, and judge it again:
  {prog} verify --judge run.history"""

NAME: Final = "p2p-verify"
HUNDREDS: Final = 73
DASHBOARD: Final = 7380
"""Where its network is: away from where people's are."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--local", action="store_true", help="processes of this machine (so)")
    where.add_argument("--docker", action="store_true", help="containers")
    where.add_argument("--sim", action="store_true", help="the simulator: minutes in seconds")
    where.add_argument("--judge", metavar="FILE", type=Path, help="a kept history, again")
    add = parser.add_argument
    add("--nodes", "-n", type=number(3, MOST_NODES), metavar="N", help="12; containers 50; sim 30")
    add("--seconds", type=number(5, 86_400), metavar="S", help="180; containers 300; sim 60")
    add("--seed", type=number(0, 2**31), metavar="N", help="of faults and messages (by chance)")
    add("--seeds", type=number(1, 100_000), default=1, metavar="N", help="sim: so many runs (1)")
    add("--rate", type=_rate, default=20.0, metavar="X", help="messages a second in all (20)")
    add("--pause", type=_rate, default=4.0, metavar="S", help="seconds between two faults (4)")
    add("--durability", choices=("normal", "full"), default="normal", help="of the nodes (normal)")
    add("--keep", metavar="FILE", type=Path, help="write what was seen to a file")
    add("--leave", action="store_true", help="leave the network running afterwards")
    add("--json", action="store_true", help="the figures as JSON")
    add(
        "--ports",
        type=number(LOWEST_HUNDREDS, HIGHEST_HUNDREDS),
        default=HUNDREDS,
        metavar="H",
        help=f"the hundreds of the nodes' ports ({HUNDREDS})",
    )
    add(
        "--dashboard-port",
        type=number(1, 65535),
        default=DASHBOARD,
        metavar="PORT",
        help=f"where to watch it ({DASHBOARD})",
    )
    add("--name", default=NAME, metavar="NAME", help=f"of its network ({NAME})")


def run(chosen: argparse.Namespace) -> int:
    """Make the run and judge it."""
    if chosen.seeds > 1 and not chosen.sim:
        raise LabError("--seeds is for --sim: a network of real programs has one run a call.", 2)
    if chosen.keep is not None:
        writable(chosen.keep)  # rather now than after the run
    if chosen.judge is not None:
        return _judge(load(chosen.judge), chosen)
    if chosen.sim:
        return _simulate(chosen)
    from lab.verification.trial import Pace, trial

    seed = chosen.seed if chosen.seed is not None else time.time_ns() % 2**31
    nodes = chosen.nodes or (50 if chosen.docker else 12)
    seconds = chosen.seconds or (300 if chosen.docker else 180)
    layout = Layout(nodes, chosen.ports, chosen.dashboard_port)
    pace = Pace(chosen.rate, chosen.pause)
    progress = Progress()
    with _network(chosen, layout, progress) as place:
        history = trial(place, seed, float(seconds), pace, progress)
    if chosen.keep is not None:
        save(history, chosen.keep)
    return _judge(history, chosen)


def _simulate(chosen: argparse.Namespace) -> int:
    """Seed after seed; all are judged, and the first that breaks is told."""
    from lab.verification.simulated import simulate

    progress = Progress()
    try:
        total, history = simulate(
            first=1 if chosen.seed is None else chosen.seed,
            seeds=chosen.seeds,
            nodes=chosen.nodes or 30,
            seconds=chosen.seconds or 60,
            progress=progress,
        )
    finally:
        progress.close()
    if chosen.keep is not None:
        save(history, chosen.keep)
    return _tell(history, total, chosen)


def _judge(history: History, chosen: argparse.Namespace) -> int:
    return _tell(history, check(history), chosen)


def _tell(history: History, verdict: Verdict, chosen: argparse.Namespace) -> int:
    from lab.verification.report import as_json, table

    if chosen.json:
        print(json.dumps(as_json(history, verdict)))
    else:
        print(table(history, verdict))
        if verdict.problems and chosen.keep is None and chosen.judge is None:
            where = "--sim " if chosen.sim else "--docker " if chosen.docker else ""
            again = f"verify {where}--seed {history.seed} --keep FILE"
            print(f"Again, to look closer: `{called()} {again}`")
    return 0 if verdict.holds else 1


@contextlib.contextmanager
def _network(chosen: argparse.Namespace, layout: Layout, progress: Progress) -> Iterator[Place]:
    """A network of its own; taken away again whatever happens."""
    from lab import down, environment, up
    from lab.engine import Engine
    from lab.verification.containers import Containers
    from lab.verification.processes import Processes

    folder = Folder(network_name(chosen.name))
    if folder.run() is not None:
        raise LabError(
            f"A network {folder.name!r} is there already: a run of `verify` that was left or "
            f"is going on. `{called()} down --name {folder.name}` removes it."
        )
    wanted = argparse.Namespace(
        local=not chosen.docker,
        docker=chosen.docker,
        build=False,
        no_build=False,
        force=False,
        timeout=300,
    )
    # Ctrl-C while it starts or runs still takes everything away below.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with _durability(chosen.durability):
            mode, _ = up.start(wanted, layout, folder, progress)
            progress.say(f"{layout.nodes} nodes are one network: watch it at {layout.page}")
            if mode == "docker":
                yield Containers(Engine(folder.name), layout)
            else:
                yield Processes(folder, layout, str(environment.python()))
    finally:
        progress.note("")
        if chosen.leave:
            progress.say(f"It goes on: `{called()} down --name {folder.name}` stops it.")
        else:
            down.remove_all(folder, progress)
        progress.close()


@contextlib.contextmanager
def _durability(wanted: str) -> Iterator[None]:
    """What the programs inherit, and compose.yaml reads."""
    before = os.environ.get("P2P_DURABILITY")
    os.environ["P2P_DURABILITY"] = wanted
    try:
        yield
    finally:
        if before is None:
            del os.environ["P2P_DURABILITY"]
        else:
            os.environ["P2P_DURABILITY"] = before


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.01 <= value <= 1_000:
        raise argparse.ArgumentTypeError(f"must be from 0.01 to 1,000, not {text[:40]!r}")
    return value
