"""`.p2p/<name>/` in the project: what was started, and everything that local mode writes.

Files are replaced, never half written: a crash between two lines leaves the old one.

    run.json     what `up` started last, so that `status`, `send`, `logs` and `down` find it
    plan.json    what the supervisor shall run        (written by `up`, read by it)
    state.json   what it runs, with pids              (written by it, read by everybody)
    lock         held while a supervisor lives
    data/<program>/   logs/<program>.log   supervisor.log
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lab import ROOT, LabError
from lab.layout import Layout
from lab.wanted import Own, wanted

Mode = Literal["docker", "local"]


@dataclass(frozen=True)
class Run:
    """What `up` started."""

    mode: Mode
    layout: Layout


class Folder:
    """One network's folder. Its name is also the Compose project's."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        self.name = name
        self.root = root
        self.path = root / ".p2p" / name
        self.logs = self.path / "logs"
        self.data = self.path / "data"
        self.lock = self.path / "lock"
        self.supervisor_log = self.path / "supervisor.log"

    def others(self) -> "list[Folder]":
        """The other networks of this project that are written down."""
        found = self.path.parent.glob("*/run.json")
        return [Folder(p.parent.name, self.root) for p in found if p.parent.name != self.name]

    def run(self) -> Run | None:
        """What was started last; None where nothing is known."""
        said = self.read("run.json")
        try:
            mode: Mode = "local" if said["mode"] == "local" else "docker"
            read_only = said.get("read_only") is True
            return Run(mode, Layout(said["nodes"], said["ports"], said["dashboard"], read_only))
        except (KeyError, TypeError):
            return None

    def own(self) -> Own | None:
        """Which of its nodes are somebody's own program; None where all are ours."""
        try:
            return wanted(self.read("run.json")).own
        except (KeyError, TypeError, ValueError):
            return None

    def remember(self, run: Run, own: Own | None = None) -> None:
        """Write down what is being started."""
        self.write(
            "run.json",
            {
                "mode": run.mode,
                "nodes": run.layout.nodes,
                "ports": run.layout.hundreds,
                "dashboard": run.layout.dashboard,
                **({} if own is None else {"own": own.said()}),
                "read_only": run.layout.read_only,
            },
        )

    def read(self, file: str) -> dict[str, Any]:
        """A JSON file's object; an empty one where it is missing or broken."""
        try:
            said = json.loads((self.path / file).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def write(self, file: str, value: Mapping[str, Any]) -> None:
        """Replace a JSON file in one step."""
        self.path.mkdir(parents=True, exist_ok=True)
        new = self.path / f"{file}.{os.getpid()}"
        new.write_text(json.dumps(value), encoding="utf-8")
        new.replace(self.path / file)

    def remove(self) -> None:
        """Take everything away."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.path.exists():
            raise LabError(f"{self.path} cannot be removed; is a file in it open or not yours?")


def network_name(given: str | None) -> str:
    """A network's name, from the option or as Compose takes it. Raises LabError."""
    name = given or os.environ.get("COMPOSE_PROJECT_NAME") or "p2p"
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", name):
        raise LabError(
            f"A network cannot be called {name[:60]!r}: take lower-case letters, digits, "
            "'-' and '_', and begin with a letter or digit.",
            2,
        )
    return name
