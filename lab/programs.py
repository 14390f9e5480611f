"""What local mode runs: which program, with which settings. What compose.yaml says, as values.

The names are the ones of docs/api.md, "Settings". Everything listens on 127.0.0.1, and the
nodes call each other by that number too: `localhost` may mean ::1, where nobody listens.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab import ROOT
from lab.layout import BOOTSTRAP, DASHBOARD, Layout
from lab.wanted import Own, Wanted

_HOST: Final = "127.0.0.1"
_OURS: Final = ("NODE_", "BOOTSTRAP_", "DASHBOARD_")
_PASSED_ON: Final = {"dashboard": {"DASHBOARD_WEBHOOK_SECRET"}}
"""What a person may set for a program all the same, as in compose.yaml."""
_MODULES: Final = ("bootstrap", "dashboard", "node")
_SEEDS: Final = 3
"""Nodes that the dashboard asks besides the bootstrap, as in compose.yaml."""


@dataclass(frozen=True)
class Program:
    """One program to run: `python -m <module>` with these settings."""

    name: str
    module: str
    port: int
    settings: Mapping[str, str]
    code: str
    """A fingerprint of its sources: who has other ones is another program and starts anew,
    as a container does whose image has changed."""
    command: tuple[str, ...] = ()
    """Somebody's own program, instead of the module."""
    folder: str = str(ROOT)
    """Where it is run."""

    def line(self, python: str) -> list[str]:
        """The command that starts it."""
        return list(self.command) or [python, "-m", self.module]


def programs(layout: Layout, data: Path, wanted: Wanted | None = None) -> list[Program]:
    """Everything that a network is made of, in the order in which it starts."""
    code = {module: _code(module) for module in _MODULES}
    more = wanted or Wanted()
    later = [f"node{layout.nodes + number}" for number in range(1, more.later + 1)]
    return [
        _own(name, layout, more.own)
        if more.own is not None and name in more.own.names
        else _program(name, layout, data, code)
        for name in [*layout.programs, *later]
    ]


def environment(program: Program, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The whole environment of a program: ours, without settings that were meant for others."""
    kept = {
        key: value
        for key, value in inherited.items()
        if (not key.startswith(_OURS) and key != "PEERS")
        or key in _PASSED_ON.get(program.module, ())
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **program.settings}


def _program(name: str, layout: Layout, data: Path, code: Mapping[str, str]) -> Program:
    port = layout.port(name)
    folder = str(data / name)
    bootstrap = {"BOOTSTRAP_URL": _url(layout.port(BOOTSTRAP))}
    if name == BOOTSTRAP:
        settings = {
            "BOOTSTRAP_HOST": _HOST,
            "BOOTSTRAP_PORT": str(port),
            "BOOTSTRAP_DATA": folder,
        }
        return Program(name, "bootstrap", port, settings, code["bootstrap"])
    if name == DASHBOARD:
        settings = {
            **bootstrap,
            "DASHBOARD_HOST": _HOST,
            "DASHBOARD_PORT": str(port),
            "DASHBOARD_DATA": folder,
            "DASHBOARD_EXPECT": str(layout.nodes),
            "DASHBOARD_SEEDS": ",".join(_url(layout.port(node)) for node in layout.names[:_SEEDS]),
            **({"DASHBOARD_READ_ONLY": "1"} if layout.read_only else {}),
        }
        return Program(name, "dashboard", port, settings, code["dashboard"])
    settings = {
        **bootstrap,
        "NODE_NAME": name,
        "NODE_HOST": _HOST,
        "NODE_PORT": str(port),
        "NODE_URL": _url(port),
        "NODE_PUBLIC_URL": f"http://localhost:{port}",
        "NODE_DATA": folder,
    }
    return Program(name, "node", port, settings, code["node"])


def _own(name: str, layout: Layout, own: Own) -> Program:
    """Somebody's own node: it is told what the assignment's node has to know, and may ask."""
    port = layout.port(name)
    settings = {
        "PORT": str(port),
        "NODE_PORT": str(port),
        "NODE_HOST": _HOST,
        "NODE_NAME": name,
        "NODE_URL": _url(port),
        "BOOTSTRAP_URL": _url(layout.port(BOOTSTRAP)),
    }
    return Program(name, "node", port, settings, "", own.command, own.folder)


def _code(module: str) -> str:
    total = hashlib.sha256()
    for package in ("contract", module):
        for file in sorted((ROOT / package).rglob("*.py")):
            total.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return total.hexdigest()[:16]


def _url(port: int) -> str:
    return f"http://{_HOST}:{port}"
