"""The network as processes, seen from the commands: start it, look at it, stop it.

The supervisor does the work (see `lab.supervisor`); this is what the commands say to it,
and what cleans up where there is none any more: after its crash the guardian has ended the
programs, and after a crash of both the pids in `state.json`, which carry their start times,
still tell what was ours.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from typing import Any, Final

from lab import ROOT, LabError
from lab.folder import Folder
from lab.layout import Layout
from lab.logfile import last_lines
from lab.processes import Identity, end, lives, tell
from lab.waiting import Starting
from lab.wanted import Wanted

GRACE: Final = 5.0
"""Seconds for programs without a supervisor to end by themselves."""
_PATIENCE: Final = 15.0
"""Seconds for the supervisor: it gives its programs five, and then kills them."""
_PAUSE: Final = 0.02


class Local:
    """One network's supervisor, from outside."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._serial = ""
        self._launched: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether a supervisor lives: it holds the lock, and nothing else can."""
        if not self._folder.lock.exists():
            return False
        from lab.supervisor import hold

        descriptor = hold(self._folder.lock)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def states(self) -> dict[str, dict[str, Any]]:
        """What the supervisor said last about each program."""
        said = self._folder.read("state.json").get("programs")
        return said if isinstance(said, dict) else {}

    def running(self) -> list[str]:
        """The programs that run."""
        return [name for name, said in self.states().items() if said.get("state") == "running"]

    def process(self, program: str) -> Identity | None:
        """The process of a program; None where it does not run just now."""
        return _identity(self.states().get(program, {}).get("process"))

    def start(self, layout: Layout, python: str, wanted: Wanted | None = None) -> None:
        """Have a supervisor run this; does not wait for the programs. Raises LabError."""
        self._serial = uuid.uuid4().hex
        running = self.runs
        if not running:
            self._end_what_is_left()
        self._folder.write(
            "plan.json",
            {
                "nodes": layout.nodes,
                "ports": layout.hundreds,
                "dashboard": layout.dashboard,
                "read_only": layout.read_only,
                "python": python,
                "serial": self._serial,
                **(wanted or Wanted()).said(),
            },
        )
        self._launched = None if running else self._launch()
        self._until_read(self._launched)

    def starting(self) -> Starting:
        """The way up, for who waits."""
        return Starting("programs", self._count, self._trouble)

    def stop(self) -> int:
        """Stop everything; how many processes there were. Raises LabError."""
        count = sum(1 for process in self._processes() if lives(process))
        supervisor = self._supervisor()
        if self.runs and supervisor is not None:
            tell(supervisor, signal.SIGTERM)
            if not self._until_gone():
                tell(supervisor, signal.SIGKILL)  # its guardian ends the programs
                if not self._until_gone():
                    raise LabError(f"The supervisor (process {supervisor.pid}) does not end.")
        if self._launched is not None:
            self._launched.wait()  # it is our child when it was started by this very command
        self._end_what_is_left()
        return count

    def last_words(self, program: str, lines: int = 12) -> str:
        """What a program printed last."""
        return "\n  ".join(last_lines(self._folder.logs / f"{program}.log", lines)) or "nothing"

    def _launch(self) -> "subprocess.Popen[bytes]":
        self._folder.path.mkdir(parents=True, exist_ok=True)
        with self._folder.supervisor_log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "lab.supervisor"),
                    *(self._folder.name, str(self._folder.root)),
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # no terminal, no Ctrl-C: it lives on without us
            )

    def _until_read(self, supervisor: "subprocess.Popen[bytes] | None") -> None:
        """Wait until the supervisor follows the new plan."""
        deadline = time.monotonic() + _PATIENCE
        told: Identity | None = None
        while self._folder.read("state.json").get("serial") != self._serial:
            if supervisor is not None and supervisor.poll() is not None:
                raise LabError(f"The supervisor ended:\n  {self._said()}")
            known = self._supervisor()
            if supervisor is None and known is not None and known != told:
                told = known
                tell(known, signal.SIGHUP)
            if time.monotonic() > deadline:
                raise LabError(f"The supervisor does not react:\n  {self._said()}")
            time.sleep(_PAUSE)  # the pace; the state's serial number ends the loop

    def _until_gone(self) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while self.runs:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)  # the pace; the free lock ends the loop
        return True

    def _end_what_is_left(self) -> None:
        end(self._processes(), GRACE)

    def _supervisor(self) -> Identity | None:
        return _identity(self._folder.read("state.json").get("supervisor"))

    def _processes(self) -> list[Identity]:
        known = [_identity(said.get("process")) for said in self.states().values()]
        return [process for process in known if process is not None]

    def _count(self) -> int | None:
        states = self.states()
        running = sum(said.get("state") in {"running", "held"} for said in states.values())
        return None if running == len(states) else running

    def _trouble(self) -> str | None:
        if not self.runs:
            return f"The supervisor ended:\n  {self._said()}"
        failed = [name for name, said in self.states().items() if said.get("state") == "failed"]
        if not failed:
            return None
        first = failed[0]
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        how = self.states()[first].get("ended") or "before it began"
        return (
            f"{first} keeps ending, last {how}{more}. The last that it printed:\n  "
            f"{self.last_words(first)}"
        )

    def _said(self) -> str:
        return "\n  ".join(last_lines(self._folder.supervisor_log, 12)) or "it does not say why"


def _identity(said: Any) -> Identity | None:
    try:
        return Identity(int(said["pid"]), str(said["started"]))
    except (KeyError, TypeError, ValueError):
        return None
