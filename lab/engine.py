"""The Docker engine, through its own command line: contexts, Desktop and remote engines work.

Each call of `docker` costs some 50 ms, and `up` is measured: what has to be known before
anything is started is asked in three calls at once.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab import ROOT, LabError
from lab.layout import Layout

IMAGE: Final = "p2p-lab"
"""The tag in compose.yaml."""
_FIELDS: Final = (
    '{{.Label "com.docker.compose.service"}}',
    "{{.State}}",
    "{{.ID}}",
    '{{.Label "com.docker.compose.project.working_dir"}}',
)
_PATIENCE: Final = 20.0
"""Seconds for an answer of the engine [guess: Docker Desktop takes 10 when it just woke up]."""


class NoEngineError(LabError):
    """No engine can be used; the message says why."""


@dataclass(frozen=True)
class Container:
    """A container of our Compose project."""

    service: str
    state: str
    """`running`, `exited`, `created`, `dead`, …"""
    id: str
    project: str = ""
    """The folder whose compose.yaml it was started from."""

    @property
    def runs(self) -> bool:
        """Whether its program is at work."""
        return self.state == "running"


@dataclass(frozen=True)
class Look:
    """What the engine said when it was first asked."""

    containers: list[Container]
    labels: Mapping[str, str] | None = field(default=None)
    """Our image's labels; None where there is no such image."""


class Engine:
    """The engine as one network's owner sees it; `name` is the Compose project's."""

    def __init__(self, name: str) -> None:
        self.name = name

    def look(self) -> Look:
        """What is there. Raises NoEngineError."""
        if shutil.which("docker") is None:
            raise NoEngineError("Docker is not installed (there is no `docker` command)")
        listed, image, compose = _answers(
            self._list,
            ("image", "inspect", IMAGE, "--format", "{{json .Config.Labels}}"),
            ("compose", "version", "--short"),
        )
        if listed.status != 0:
            raise NoEngineError(f"Docker does not answer ({listed.reason})")
        if compose.status != 0:
            raise NoEngineError("`docker compose` is missing (Docker's Compose plugin, version 2)")
        labels = _labels(image.printed) if image.status == 0 else None
        return Look(_containers(listed.printed), labels)

    def containers(self) -> list[Container]:
        """The containers of the network, whatever they do. Raises NoEngineError."""
        (answer,) = _answers(self._list)
        if answer.status != 0:
            raise NoEngineError(f"Docker does not answer ({answer.reason})")
        return _containers(answer.printed)

    def last_lines(self, container: Container, lines: int = 12) -> str:
        """What a container printed last."""
        done = subprocess.run(
            ["docker", "logs", "--tail", str(lines), container.id],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
        return done.stdout.rstrip()

    def ended_with(self, container: Container) -> str:
        """How a container ended, in words."""
        (answer,) = _answers(
            ("inspect", container.id, "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}")
        )
        status, _, killed = answer.printed.strip().partition(" ")
        if killed == "true":
            return "ran out of memory"
        return f"ended with status {status or '?'}"

    def memory(self) -> int | None:
        """MiB of the machine that the engine runs on: on macOS and Windows a virtual one."""
        (answer,) = _answers(("info", "--format", "{{.MemTotal}}"))
        return int(answer.printed) // 1_048_576 if answer.printed.strip().isdecimal() else None

    def printed(self, service: str) -> str:
        """All that the container of a service has printed; empty where there is none."""
        found = [container for container in self.containers() if container.service == service]
        if not found:
            return ""
        (answer,) = _answers(("logs", found[0].id))
        return answer.printed

    @property
    def _list(self) -> tuple[str, ...]:
        return (
            *("ps", "--all", "--no-trunc"),
            *("--filter", f"label=com.docker.compose.project={self.name}"),
            *("--format", "\t".join(_FIELDS)),
        )


def refuse_foreign(name: str, containers: Sequence[Container]) -> None:
    """Leave alone what another copy of this project started. Raises LabError.

    Two checkouts on one machine have the same project name unless somebody says otherwise,
    and Compose would take the one's containers for the other's.
    """
    for container in containers:
        if container.project and Path(container.project).resolve() != ROOT.resolve():
            raise LabError(
                f"The containers of {name!r} were started from {container.project}: use them "
                f"there, or start your own with another --name and other --ports. (When that "
                f"folder is gone: docker compose -p {name} down -v)"
            )


def compose(*arguments: str) -> list[str]:
    """A command line for Compose. The profile makes all services known, and starts none."""
    return ["docker", "compose", "--profile", "100", *arguments]


def environment(name: str, layout: Layout) -> dict[str, str]:
    """What compose.yaml wants to know."""
    return {
        **os.environ,
        "COMPOSE_PROJECT_NAME": name,
        "COMPOSE_FILE": os.pathsep.join(_files(name)),
        "COMPOSE_PATH_SEPARATOR": os.pathsep,
        "COMPOSE_PROFILES": "",
        "P2P_NODES": str(layout.nodes),
        "P2P_PORTS": str(layout.hundreds),
        "P2P_PORTS_100": str(layout.hundreds * 100 + 100),
        "P2P_DASHBOARD_PORT": str(layout.dashboard),
        "DASHBOARD_READ_ONLY": "1" if layout.read_only else "",
    }


def _files(name: str) -> list[str]:
    """Ours, and where some nodes are somebody's own image (`lab.own`) what says so."""
    own = ROOT / ".p2p" / name / "own.yaml"
    return [str(ROOT / "compose.yaml"), *([str(own)] if own.exists() else [])]


@dataclass(frozen=True)
class _Answer:
    status: int
    printed: str
    reason: str
    """The first line of what it complained about."""


def _answers(*questions: tuple[str, ...]) -> list[_Answer]:
    """Ask several things at the same time. Raises NoEngineError when one takes too long."""
    with ExitStack() as stack:
        asked = [stack.enter_context(_ask(question)) for question in questions]
        try:
            return [_answer(process) for process in asked]
        except subprocess.TimeoutExpired:
            for process in asked:
                process.kill()
            raise NoEngineError(f"Docker did not answer within {_PATIENCE:.0f} seconds") from None


def _ask(question: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["docker", *question],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=ROOT,
    )


def _answer(process: subprocess.Popen[str]) -> _Answer:
    printed, complained = process.communicate(timeout=_PATIENCE)
    reasons = complained.strip().splitlines() or ["it does not say why"]
    return _Answer(process.returncode, printed, reasons[0].strip()[:300])


def _containers(lines: str) -> list[Container]:
    rows = (line.split("\t") for line in lines.splitlines())
    return [Container(*row) for row in rows if len(row) == len(_FIELDS)]


def _labels(text: str) -> dict[str, str]:
    said: Any = json.loads(text or "null")
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}
