"""`down`: remove what `up` started, in whatever state it is, and nothing else."""

import argparse
import json
import os

from lab import LabError
from lab.engine import Engine, NoEngineError, refuse_foreign
from lab.folder import Folder, network_name
from lab.layout import Layout
from lab.options import name_option
from lab.progress import Progress, counted

DESCRIPTION = """Stop the network and remove its containers, volumes and network, or its
processes and their data. Works after a crash, and again when nothing is left. The image stays
(`docker image rm p2p-lab` removes it)."""
EXAMPLES = """  {prog} down
  {prog} down --name other         the network that `up --name other` started"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Stop a network."""
    folder = Folder(network_name(chosen.name))
    progress = Progress(quiet=chosen.json)
    removed = remove_all(folder, progress)
    if chosen.json:
        print(json.dumps({"name": folder.name, "removed": removed}))
    elif any(removed.values()):
        told = [counted(count, what) for what, count in removed.items() if count]
        print(f"Removed {' and '.join(told)} after {progress.seconds:.0f} s; nothing is left.")
    else:
        print("Nothing was running.")
    return 0


def remove_all(folder: Folder, progress: Progress) -> dict[str, int]:
    """Remove everything of a network; how much of what there was. Raises LabError."""
    removed = {
        "processes": _processes(folder, progress),
        "containers": _containers(folder, progress),
    }
    folder.remove()
    return removed


def _processes(folder: Folder, progress: Progress) -> int:
    """Stop local mode's processes; how many there were."""
    from lab.local import Local

    if os.name == "nt" or not folder.path.exists():
        return 0
    local = Local(folder)
    if local.runs:
        progress.say(f"Stopping {counted(len(local.running()), 'processes')}")
    return local.stop()


def _containers(folder: Folder, progress: Progress) -> int:
    """Remove the containers; how many there were."""
    from lab.containers import remove

    run = folder.run()
    engine = Engine(folder.name)
    try:
        present = engine.look().containers
    except NoEngineError as error:
        if run is not None and run.mode == "docker":
            raise LabError(
                f"{error}, so the containers cannot be removed now. Start Docker and try again."
            ) from None
        return 0
    if not present and (run is None or run.mode != "docker"):
        return 0
    refuse_foreign(folder.name, present)
    progress.say(f"Stopping {counted(len(present), 'containers')}")
    for line in remove(engine, run.layout if run else Layout()):
        progress.say(f"{line}: a container of yours is still in it, so it stays.")
    return len(present)
