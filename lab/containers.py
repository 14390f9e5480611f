"""The network as containers: what `docker compose` is asked for, and what it answers.

Exactly the wanted services are named, so that 12 nodes are 12 containers and 14 with the
bootstrap and the dashboard; whatever runs already and is as it should be stays as it is.
"""

import contextlib
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from typing import IO, Any, Final

from lab import ROOT, LabError
from lab.engine import Container, Engine, compose, environment
from lab.layout import Layout
from lab.waiting import Starting

_DONE: Final = re.compile(r"\bContainer \S+-(?P<service>[a-z]+\d*)-\d+ +(Started|Running)\b")
_NOISE: Final = re.compile(
    r"\b(Container|Network|Volume) \S+ +(Creating|Created|Starting|Started|Running|Recreate|"
    r"Recreated|Stopping|Stopped|Removing|Removed|Waiting|Healthy)\b"
)
_ENDED: Final = ("exited", "dead", "restarting")
"""The last: it ended, and the engine is about to start it again (compose.yaml, `restart`)."""


class Containers:
    """One network's containers."""

    def __init__(self, engine: Engine, layout: Layout) -> None:
        self._engine = engine
        self._layout = layout
        self._process: subprocess.Popen[str] | None = None
        self._started: set[str] = set()
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None

    def start(self, present: list[Container]) -> None:
        """Begin to start what is missing and to remove what is too much; does not wait."""
        wanted = set(self._layout.programs)
        surplus = [
            container.service
            for container in present
            if container.service not in wanted and container.service.startswith("node")
        ]
        if surplus:
            self._remove(surplus)
        with _held_back_ctrl_c():
            self._process = subprocess.Popen(
                compose("up", "--detach", "--no-build", "--quiet-pull", *self._layout.programs),
                cwd=ROOT,
                env=environment(self._engine.name, self._layout),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                # A session of its own: Ctrl-C is for us, who then say what runs.
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    def starting(self) -> Starting:
        """The way up, for who waits."""
        return Starting("containers", self._count, self._trouble)

    def stop_starting(self) -> None:
        """Let Compose begin no more containers."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
        if self._process is not None:
            self._process.wait()
        # Ctrl-C may have come before the thread was on its feet; then there is none to wait for.
        if self._reader is not None and self._reader.is_alive():
            self._reader.join()

    def _read(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                done = _DONE.search(line)
                if done:
                    self._started.add(done["service"])
                elif line.strip() and not _NOISE.search(line):
                    self._lines.append(line.strip())

    def _count(self) -> int | None:
        if self._process is None or self._process.poll() == 0:
            return None
        return len(self._started)

    def _trouble(self) -> str | None:
        if self._process is None or self._process.poll() is None:
            return None
        if self._process.returncode != 0:
            if self._reader is not None:
                self._reader.join()
            return "Docker Compose could not start the containers:\n  " + "\n  ".join(
                self._lines[-10:] or [f"it ended with status {self._process.returncode}"]
            )
        wanted = set(self._layout.programs)
        ended = [
            container
            for container in self._engine.containers()
            if container.service in wanted and container.state in _ENDED
        ]
        return self._report(ended) if ended else None

    def _report(self, ended: list[Container]) -> str:
        first = ended[0]
        more = f" (and {len(ended) - 1} more ended)" if len(ended) > 1 else ""
        said = self._engine.last_lines(first).replace("\n", "\n  ") or "nothing"
        how = self._engine.ended_with(first)
        return f"The container of {first.service} {how}{more}. The last that it printed:\n  {said}"

    def _remove(self, services: list[str]) -> None:
        done = subprocess.run(
            compose("rm", "--stop", "--force", "--volumes", *services),
            cwd=ROOT,
            env=environment(self._engine.name, self._layout),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise LabError(f"The surplus nodes cannot be removed:\n  {done.stderr.strip()[-1000:]}")


@contextlib.contextmanager
def _held_back_ctrl_c() -> Iterator[None]:
    """Between the start of a process and knowing it, Ctrl-C would leave it to itself."""
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def remove(engine: Engine, layout: Layout) -> list[str]:
    """Remove a network's containers, their volumes and its network; what stays and why.

    Raises LabError.
    """
    done: subprocess.CompletedProcess[Any]
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            compose("down", "--volumes", "--timeout", "5"),
            cwd=ROOT,
            env=environment(engine.name, layout),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    told = [line.strip() for line in lines if line.strip() and not _NOISE.search(line)]
    if done.returncode != 0:
        raise LabError("Docker Compose could not remove everything:\n  " + "\n  ".join(told[-10:]))
    return [line for line in told if "still in use" in line]
