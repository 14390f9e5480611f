"""`up`: check, build, start, wait until it is one network, say where to look."""

import argparse
import json
import os
import sys
from dataclasses import asdict

from lab import LabError, called, memory, own, ports
from lab.dashboard import Summary
from lab.folder import Folder, Mode, Run, network_name
from lab.layout import HIGHEST_HUNDREDS, LOWEST_HUNDREDS, MOST_NODES, Layout
from lab.options import name_option, number, setting
from lab.progress import Progress
from lab.wanted import Own, Wanted

DESCRIPTION = """Start the network: a bootstrap, a dashboard and N nodes. Returns when all nodes
are in one network. Again is harmless: what runs stays, what is missing is started, what is
too much is removed. Uses Docker, or without an engine processes of this machine."""
EXAMPLES = """  {prog} up                        50 nodes, the page at http://localhost:8080
  {prog} up --nodes 100            100 of them
  {prog} up --local --nodes 12     processes on 127.0.0.1, no Docker
  {prog} up --image mynode --mix 10         ten of the fifty are containers of your image
  {prog} up --command "python mynode.py"    local: all nodes are your program
  {prog} up --ports 61             node7 at localhost:6107 instead of 5007
  {prog} up --read-only            everybody may look, and nobody acts through the page"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "--nodes",
        "-n",
        type=number(1, MOST_NODES),
        default=setting("P2P_NODES", Layout.nodes),
        metavar="N",
        help=f"how many nodes, 1 to {MOST_NODES} (50)",
    )
    parser.add_argument(
        "--ports",
        type=number(LOWEST_HUNDREDS, HIGHEST_HUNDREDS),
        default=setting("P2P_PORTS", Layout.hundreds),
        metavar="H",
        help="the hundreds of the nodes' ports (50: node7 is at 5007)",
    )
    parser.add_argument(
        "--dashboard-port",
        type=number(1, 65535),
        default=setting("P2P_DASHBOARD_PORT", Layout.dashboard),
        metavar="PORT",
        help="where the page is (8080)",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=os.environ.get("DASHBOARD_READ_ONLY", "").strip() not in {"", "0"},
        help="a page for looking only, as for a class; the operator's token acts all the same",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--docker", action="store_true", help="containers, or not at all")
    where.add_argument("--local", action="store_true", help="processes of this machine")
    image = parser.add_mutually_exclusive_group()
    image.add_argument("--no-build", action="store_true", help="take the image as it is")
    image.add_argument("--build", action="store_true", help="build it though nothing changed")
    parser.add_argument("--force", action="store_true", help="start though memory looks short")
    parser.add_argument(
        "--timeout",
        type=number(1, 86_400),
        default=300,
        metavar="SECONDS",
        help="how long to wait for the network once it is started (300)",
    )
    own.options(parser)
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Start a network and wait for it."""
    layout = Layout(chosen.nodes, chosen.ports, chosen.dashboard_port, chosen.read_only)
    if layout.dashboard in Layout(layout.nodes, layout.hundreds, 0).ports:
        raise LabError(
            f"The dashboard cannot be at {layout.dashboard}, where a node or the bootstrap "
            f"is; take another --dashboard-port.",
            2,
        )
    folder = Folder(network_name(chosen.name))
    progress = Progress()
    try:
        mode, summary = start(chosen, layout, folder, progress)
    finally:
        progress.close()
    if chosen.json:
        print(
            json.dumps(
                {
                    "mode": mode,
                    "name": folder.name,
                    **asdict(layout),
                    "page": layout.page,
                    "seconds": round(progress.seconds, 2),
                    "summary": summary.said,
                }
            )
        )
    else:
        print(
            f"{layout.nodes} nodes are one network after {progress.seconds:.0f} s: open "
            f"{layout.page} (stop with `{_down(folder)}`)"
        )
    return 0


def start(
    chosen: argparse.Namespace, layout: Layout, folder: Folder, progress: Progress
) -> tuple[Mode, Summary]:
    """Start what was chosen, wherever it can run; where that is. Raises LabError."""
    from lab.engine import NoEngineError

    before = folder.run()
    if own.own_names(chosen, layout):
        if getattr(chosen, "image", None) and (chosen.local or _local_runs(folder)):
            raise LabError("--image is for containers; processes are started with --command.", 2)
        if getattr(chosen, "command", None):
            if chosen.docker:
                raise LabError("--command is for processes; containers have an --image.", 2)
            return "local", _as_processes(chosen, layout, folder, progress)
    if chosen.local or (not chosen.docker and _local_runs(folder)):
        return "local", _as_processes(chosen, layout, folder, progress)
    try:
        return "docker", _as_containers(chosen, layout, folder, progress)
    except NoEngineError as error:
        if chosen.docker or (before is not None and before.mode == "docker"):
            raise LabError(
                f"{error}. Start Docker and try again, or run it without: {called()} up --local"
            ) from None
        progress.say(f"{error}: starting the same programs as processes of this machine.")
        return "local", _as_processes(chosen, layout, folder, progress)


def _as_containers(
    chosen: argparse.Namespace, layout: Layout, folder: Folder, progress: Progress
) -> Summary:
    from lab import image, neighbours
    from lab.containers import Containers
    from lab.engine import Engine, refuse_foreign
    from lab.waiting import until_connected

    engine = Engine(folder.name)
    look = engine.look()
    refuse_foreign(folder.name, look.containers)
    if _local_runs(folder):
        raise LabError(f"It runs as processes already; stop that first: {_down(folder)}")
    running = [container.service for container in look.containers if container.runs]
    _check_ports(layout, running, folder)
    if not chosen.force:
        free = memory.available_here() if sys.platform == "linux" else engine.memory()
        memory.check(layout, sum(name.startswith("node") for name in running), free)
    tight = neighbours.advice(layout, neighbours.limit_here())
    if tight:
        progress.say(tight)
    if not chosen.no_build:
        wanted = image.fingerprint()
        if chosen.build or not image.is_current(look.labels, wanted):
            image.build(wanted, progress)
        progress.count("image", 1, 1)
    elif look.labels is None:
        raise LabError("There is no image yet; leave --no-build out once.")
    theirs = own.own(chosen, layout)
    folder.remember(Run("docker", layout), theirs)
    _say_image(chosen, folder, theirs)
    containers = Containers(engine, layout)
    plain = len(theirs.names) if theirs else 0
    try:
        containers.start(look.containers)
        return until_connected(layout, containers.starting(), progress, chosen.timeout, plain)
    except KeyboardInterrupt:
        containers.stop_starting()
        up = sum(container.runs for container in engine.containers())
        raise _interrupted(up, len(layout.programs), "containers", folder, progress) from None
    except LabError as error:
        containers.stop_starting()
        raise LabError(f"{error}\nWhat runs can be stopped with `{_down(folder)}`.") from None


def _as_processes(
    chosen: argparse.Namespace, layout: Layout, folder: Folder, progress: Progress
) -> Summary:
    from lab import environment, vendor
    from lab.local import Local
    from lab.waiting import until_connected

    if os.name == "nt":
        raise LabError("Local mode needs Linux or macOS; on Windows take Docker Desktop or WSL.")
    local = Local(folder)
    running = local.running() if local.runs else []
    before = folder.run()
    if running and before is not None and _moved(before.layout, layout):
        raise LabError(
            f"It runs already with other ports (--ports {before.layout.hundreds} "
            f"--dashboard-port {before.layout.dashboard}); stop that first: {_down(folder)}"
        )
    _check_ports(layout, running, folder)
    if not chosen.force:
        nodes = sum(name.startswith("node") for name in running)
        memory.check(layout, nodes, memory.available_here())
    theirs = own.own(chosen, layout)
    python = environment.ensure(progress)
    vendor.ensure(progress)
    folder.remember(Run("local", layout), theirs)
    plain = len(theirs.names) if theirs else 0
    try:
        local.start(layout, str(python), Wanted(own=theirs))
        return until_connected(layout, local.starting(), progress, chosen.timeout, plain)
    except KeyboardInterrupt:
        up = len(local.running())
        raise _interrupted(up, len(layout.programs), "programs", folder, progress) from None
    except LabError as error:
        raise LabError(f"{error}\nWhat runs can be stopped with `{_down(folder)}`.") from None


def _say_image(chosen: argparse.Namespace, folder: Folder, theirs: Own | None) -> None:
    """Tell Compose which services are another image; or that none is any more."""
    file = folder.path / own.OVERRIDE
    if theirs is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(own.override(own.checked_image(chosen.image), theirs.names), "utf-8")


def _moved(before: Layout, now: Layout) -> bool:
    return (before.hundreds, before.dashboard) != (now.hundreds, now.dashboard)


def _check_ports(layout: Layout, running: list[str], folder: Folder) -> None:
    """Refuse taken ports, except those where this very network listens already."""
    blocked = ports.taken(layout.ports)
    before = folder.run()
    if blocked and running:
        known = before.layout if before is not None else layout
        own = {known.port(name) for name in running}
        blocked = [port for port in blocked if port not in own]
    if blocked:
        other = _other_network(blocked, folder)
        hint = f"\nThe network {other.name!r} of yours is there: {_down(other)}" if other else ""
        raise LabError(f"{ports.refuse(layout, blocked, called())}{hint}")


def _other_network(blocked: list[int], folder: Folder) -> Folder | None:
    """Another network of this project that was started at these ports."""
    for other in folder.others():
        known = other.run()
        if known is not None and not known.layout.ports.keys().isdisjoint(blocked):
            return other
    return None


def _local_runs(folder: Folder) -> bool:
    from lab.local import Local

    return os.name != "nt" and Local(folder).runs


def _interrupted(up: int, programs: int, what: str, folder: Folder, progress: Progress) -> LabError:
    progress.close()
    return LabError(
        f"Stopped waiting: {up} of {programs} {what} run. Go on with `{called()} up`, stop them "
        f"with `{_down(folder)}`.",
        130,
    )


def _down(folder: Folder) -> str:
    option = "" if folder.name == "p2p" else f" --name {folder.name}"
    return f"{called()} down{option}"
