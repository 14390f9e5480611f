"""A recorded run instead of a network: the page shows it, and nobody is asked anything.

The file is imported into a folder of its own that goes away again, and the picture stands
still at the run's end. Any other moment is a question to `/api/graph?at=`.
"""

import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from contract import server
from contract.errors import ApiError
from dashboard import archive
from dashboard.acting import Acting
from dashboard.archive import RefusedError
from dashboard.checkpoints import BrokenCheckpointError, Moment
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.past import moment
from dashboard.recall import Recall
from dashboard.rows import BrokenRowError
from dashboard.runfile import SUFFIX, RunFile
from dashboard.runs import Runs
from dashboard.settings import Settings
from dashboard.web import create_app

REFUSAL: Final = "this is a replay: there is no network behind it"


class NoNetwork(Control):
    """Refuses whatever a node would have to be asked for."""

    def __init__(self) -> None:
        """There is nobody to ask."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__"):
            raise ApiError(409, REFUSAL)
        return super().__getattribute__(name)


def show(chosen: Settings, file: Path, listener: socket.socket) -> int:
    """Show a run until SIGTERM or SIGINT; the exit status."""
    with tempfile.TemporaryDirectory(prefix="p2p-replay-") as folder:
        recall = Recall(Path(folder), None, read_only=True)
        try:
            done, last = _load(recall.runs, file)
        except (RefusedError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            print(f"{file} cannot be shown: {why}.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        observer = Observer(
            last.expected, clock=lambda: last.at, model=last.model, replay_of=done.name
        )
        app, live = create_app(
            observer,
            NoNetwork(),
            hosts=chosen.allowed_hosts,
            recall=recall,
            no_faults=ApiError(409, REFUSAL),
            acting=Acting(chosen.operator_token, read_only=chosen.read_only),
        )
        host, port = listener.getsockname()[:2]
        print(f"Dashboard listens on http://{host}:{port}", flush=True)
        print(f"Replay of {done.name}: {done.records:,} records", flush=True)
        live.start()
        server.serve(app, listener)
    return 0


def _load(runs: Runs, file: Path) -> tuple[archive.Imported, Moment]:
    """Import a file, and what the network looked like at its end. Raises RefusedError, OSError."""
    runs.folder.mkdir(parents=True)
    run = archive.new_id()
    path = runs.folder / f"{run}{SUFFIX}"
    made = round(time.time() * 1e6)
    done = archive.imported(archive.pieces_of(file), path, made, archive.MOST_UNPACKED)
    runs.current = done.id
    with RunFile(path) as opened:
        ends = opened.ends()
        try:
            found = None if ends is None else moment(opened, ends[1].at)
        except (BrokenRowError, BrokenCheckpointError) as error:
            raise RefusedError(str(error)) from None
    if found is None:
        raise RefusedError("there is nothing in it")
    state = found[0]
    state.model.messages.quiet = False
    return done, state
