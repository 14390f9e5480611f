"""The command line: everything that a person does from outside the network.

It runs before anything is installed, so all that `up`, `down`, `status`, `send` and `logs`
need is Python's standard library; a command's module is imported when that command runs.

    main                            which command is meant; near misses; Ctrl-C
    up  down  status  send  logs    a network's life, one file a command
    verify                          is what the README promises true (its parts: verification/)
    run                             a scenario played, and a verdict (its parts: playing/)
    sim                             the simulator, a program of its own
    check  test  bench  lock  dev  clean                    the project's own life

    layout         names and ports: node7 is at localhost:5007
    folder         `.p2p/<name>/`: what was started, and all that local mode writes
    dashboard      asking the dashboard, the one who sees the whole network
    progress       a bar for people, plain lines for logs
    ports  memory  what is looked at before anything is started
    waiting        the way from "started" to "all in one network"

    engine  image  containers       the network as containers
    local  supervisor  programs  processes  logfile     the network as processes
    own  wanted                     somebody's own node; what is to run beyond a layout
    environment  vendor  chromium   what has to be on the machine, made when it is missing
    steps  pagetests                running the project's tools and tests
    screenshots  photography        the pictures of the docs, from a network that runs
    options  near                   what commands ask for alike; what was meant by a wrong name
"""

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
"""The project's folder; all commands work in it, from wherever they are called."""


class LabError(Exception):
    """The command cannot do what was asked; the message says why and what to do."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
        """The exit status: 1 it did not work, 2 it was asked wrongly."""


def called() -> str:
    """How this program is called on this machine."""
    return "py p2p.py" if os.name == "nt" else "python3 p2p.py"
