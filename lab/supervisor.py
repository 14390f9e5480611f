"""Local mode's supervisor: a process of its own that starts, watches and stops the programs.

It runs what `plan.json` says (SIGHUP: the plan has changed), writes what it runs into
`state.json`, and ends with all of it on SIGTERM. One thread, one loop: it waits for the
programs' output, for signals (a child's end is one, too) and for the next thing that is due.

A program that ends by itself is started again, later each time; one that keeps ending is
given up until the next `up`. A node whose end was asked for as a fault says so by its status:
it is started again at once, as often as somebody asks, and stays dead by itself for as long as
was wanted (`node.faults.down`).

Nothing outlives the supervisor, however it ends. All programs are in the process group of a
guardian, a shell of one line that reads from a pipe whose other end only the supervisor has.
Where the supervisor dies without having said `done`, the system closes the pipe and the
guardian kills the group and itself. Killing is no harm: everything that a program keeps is
in SQLite, and to survive a kill is what it promises.
"""

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from contract.exits import AGAIN
from lab.folder import Folder
from lab.layout import Layout
from lab.logfile import LogFile
from lab.processes import Identity, identify
from lab.programs import Program, environment, programs
from lab.wanted import Wanted, wanted

GRACE: Final = 5.0
"""Seconds that a program may take to end, as compose.yaml gives a container."""
FIRST_PAUSE: Final = 0.5
"""Seconds before a program that ended is started again; twice as long each time [guess]."""
LONGEST_PAUSE: Final = 30.0
MOST_CRASHES: Final = 5
"""In a row; then it is given up [guess: with these pauses after 8 seconds]."""
STEADY: Final = 30.0
"""Seconds after which a program counts as one that works, and its crashes as forgotten."""
_GUARDIAN: Final = 'read -r word; [ "$word" = done ] || kill -KILL 0'
_READ: Final = 65_536
_TRIES: Final = 20
_TRY_AGAIN: Final = 0.05


@dataclass
class _Child:
    """One program, and what became of it."""

    program: Program
    log: LogFile
    process: "subprocess.Popen[bytes] | None" = None
    identity: Identity | None = None
    began: float = 0.0
    crashes: int = 0
    status: int | None = None
    """How it ended last."""
    due: float | None = None
    """When it is started again."""
    killed_at: float | None = None
    """It was asked to end; from then on it is made to."""
    held: bool = False
    """It is not to run, until a plan says otherwise."""
    then: Program | None = None
    """What to start when it has ended; None: it is not wanted any more."""

    @property
    def state(self) -> str:
        """In one word, for `status`."""
        if self.killed_at is not None:
            return "stopping"
        if self.process is not None:
            return "running"
        if self.held:
            return "held"
        return "waiting" if self.due is not None else "failed"


@dataclass
class Supervisor:
    """Keeps the programs of one network running."""

    folder: Folder
    clock: Callable[[], float] = time.monotonic
    _children: dict[str, _Child] = field(default_factory=dict)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _guardian: "subprocess.Popen[bytes] | None" = None
    _group: int = 0
    _serial: str = ""
    _python: str = sys.executable
    _stopping: bool = False
    _changed: bool = True

    def run(self) -> None:
        """Run until SIGTERM or SIGINT and until everything has ended."""
        self._log = LogFile(self.folder.supervisor_log)
        self._signals = _signals()
        self._selector.register(self._signals, selectors.EVENT_READ, self._signalled)
        self._watch_over()
        self._follow_plan()
        while not self._stopping or self._children:
            self._write_state()
            for key, _ in self._selector.select(self._until_due()):
                key.data()
            self._reap()
            self._do_what_is_due()
        self._write_state()
        self._dismiss_guardian()

    # --- what is wanted --------------------------------------------------------------------

    def _follow_plan(self) -> None:
        """Start what the plan has and is not there, stop what is there and not in it."""
        plan = self.folder.read("plan.json")
        try:
            layout = Layout(
                int(plan["nodes"]),
                int(plan["ports"]),
                int(plan["dashboard"]),
                plan.get("read_only") is True,
            )
            self._python, self._serial = str(plan["python"]), str(plan["serial"])
            more: Wanted = wanted(plan)
        except (KeyError, TypeError, ValueError) as error:
            self._say(f"the plan cannot be read ({error!r}); everything stays as it is")
            return
        there = {program.name: program for program in programs(layout, self.folder.data, more)}
        for child in list(self._children.values()):
            program = there.pop(child.program.name, None)
            child.held = child.program.name in more.held
            if program != child.program:
                self._replace(child, program)
            elif child.held:  # whoever wants it to end does that: there are several ways to
                child.due = None
            elif child.process is None:  # given up or waiting: `up` asks for another try
                child.crashes = 0
                self._start(child)
            elif child.killed_at is not None:
                child.then = program
        for program in there.values():
            log = LogFile(self.folder.logs / f"{program.name}.log")
            self._children[program.name] = _Child(program, log)
            self._start(self._children[program.name])
        self._changed = True

    def _replace(self, child: _Child, program: Program | None) -> None:
        child.then = program
        if child.process is None:
            self._succeed(child)
        else:
            self._ask_to_end(child)

    def _succeed(self, child: _Child) -> None:
        """Its process has ended on our wish: start what comes next, or forget it."""
        child.killed_at = None
        if child.then is not None and not self._stopping:
            child.program, child.then, child.crashes = child.then, None, 0
            self._start(child)
            return
        del self._children[child.program.name]
        if self._stopping:
            child.log.close()
        else:  # a node that is too much goes with what it kept, as a container does
            child.log.remove()
            shutil.rmtree(self.folder.data / child.program.name, ignore_errors=True)

    # --- starting and ending ---------------------------------------------------------------

    def _start(self, child: _Child) -> None:
        child.due = None
        child.began = self.clock()
        self._changed = True
        try:
            process = subprocess.Popen(
                child.program.line(self._python),
                cwd=child.program.folder,
                env=environment(child.program),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                process_group=self._group,
            )
        except OSError as error:
            self._say(f"{child.program.name} cannot be started: {error}")
            self._ended(child, None)
            return
        child.process, child.identity = process, identify(process.pid)
        output = process.stdout
        assert output is not None  # noqa: S101 - a pipe was asked for
        os.set_blocking(output.fileno(), False)
        self._selector.register(output, selectors.EVENT_READ, lambda: self._read(child, output))

    def _ask_to_end(self, child: _Child) -> None:
        if child.process is not None and child.killed_at is None:
            child.process.terminate()
            child.killed_at = self.clock() + GRACE
            self._changed = True

    def _reap(self) -> None:
        for child in list(self._children.values()):
            if child.process is not None and child.process.poll() is not None:
                self._close(child)
                status = child.process.returncode
                child.process = child.identity = None
                self._ended(child, status)
        if self._guardian is not None and self._guardian.poll() is not None:
            self._say("the guardian was ended by somebody; here is another one")
            self._watch_over()

    def _ended(self, child: _Child, status: int | None) -> None:
        self._changed = True
        child.status = status
        if child.killed_at is not None or self._stopping:
            self._succeed(child)
            return
        if child.held:
            self._say(f"{child.program.name} ended, as was asked for; it is held")
            return
        now = self.clock()
        if status == AGAIN:  # a fault that somebody asked for (`node.faults`): no crash
            child.due = now + FIRST_PAUSE
            self._say(f"{child.program.name} ended, as a fault was asked for; it starts again")
            return
        child.crashes = 1 if now - child.began > STEADY else child.crashes + 1
        how = "" if status is None else f" {ending(status)}"
        if child.crashes >= MOST_CRASHES:
            self._say(f"{child.program.name} ended{how} {child.crashes} times; given up")
            return
        pause = min(FIRST_PAUSE * 2 ** (child.crashes - 1), LONGEST_PAUSE)
        child.due = now + pause
        self._say(f"{child.program.name} ended{how}; it starts again in {pause:g} s")

    def _do_what_is_due(self) -> None:
        now = self.clock()
        for child in list(self._children.values()):
            if child.due is not None and child.due <= now:
                self._start(child)
            if child.killed_at is not None and child.killed_at <= now and child.process:
                self._say(f"{child.program.name} did not end when asked; killed")
                child.process.kill()
                child.killed_at = now + GRACE

    def _until_due(self) -> float | None:
        times = [
            moment
            for child in self._children.values()
            for moment in (child.due, child.killed_at)
            if moment is not None
        ]
        return max(0.0, min(times) - self.clock()) if times else None

    # --- output and signals ------------------------------------------------------------------

    def _read(self, child: _Child, output: IO[bytes]) -> None:
        """Take what a program printed; at its end stop listening."""
        try:
            printed = os.read(output.fileno(), _READ)
        except BlockingIOError:
            return
        if printed:
            with contextlib.suppress(OSError):  # a full disk shall not stop the network
                child.log.write(printed)
        else:
            self._selector.unregister(output)
            output.close()

    def _close(self, child: _Child) -> None:
        """Take the last words of a program that has ended."""
        output = child.process.stdout if child.process else None
        while output is not None and not output.closed:
            before = child.log.size
            self._read(child, output)
            if not output.closed and child.log.size == before:  # somebody else holds the pipe
                self._selector.unregister(output)
                output.close()

    def _signalled(self) -> None:
        for number in self._signals.recv(_READ):
            if number == signal.SIGHUP and not self._stopping:
                self._follow_plan()
            elif number in (signal.SIGTERM, signal.SIGINT):
                self._stop()

    def _stop(self) -> None:
        self._stopping = True
        for child in list(self._children.values()):
            child.then = None
            if child.process is None:
                self._succeed(child)
            else:
                self._ask_to_end(child)

    # --- the guardian --------------------------------------------------------------------------

    def _watch_over(self) -> None:
        """Start the guardian: in a group of its own, or in the one that the programs have."""
        command = ["/bin/sh", "-c", _GUARDIAN]
        for group in (self._group, 0):
            try:
                self._guardian = subprocess.Popen(
                    command, stdin=subprocess.PIPE, process_group=group
                )
            except OSError:  # nobody is left in the old group, so it is gone
                continue
            self._group = group or self._guardian.pid
            self._changed = True
            return

    def _dismiss_guardian(self) -> None:
        if self._guardian is not None:
            self._guardian.communicate(b"done\n")

    # --- telling -----------------------------------------------------------------------------

    def _write_state(self) -> None:
        if not self._changed:
            return
        own = identify(os.getpid())
        state: dict[str, Any] = {
            "supervisor": _written(own),
            "guardian": self._guardian.pid if self._guardian else None,
            "serial": self._serial,
            "programs": {
                name: {
                    "state": child.state,
                    "port": child.program.port,
                    "process": _written(child.identity),
                    "crashes": child.crashes,
                    "ended": None if child.status is None else ending(child.status),
                }
                for name, child in self._children.items()
            },
        }
        with contextlib.suppress(OSError):  # a full disk: the next change tries again
            self.folder.write("state.json", state)
            self._changed = False

    def _say(self, line: str) -> None:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        with contextlib.suppress(OSError):
            self._log.write(f"{stamp} {line}\n".encode())


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"with status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"


def hold(lock: Path) -> int | None:
    """Hold a network's lock as long as this process lives; None where another one does."""
    import fcntl  # not on Windows, where local mode is refused before

    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _written(process: Identity | None) -> dict[str, Any] | None:
    return None if process is None else {"pid": process.pid, "started": process.started}


def _signals() -> socket.socket:
    """A socket on which the signals arrive as bytes, so that one `select` waits for all."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reader


def main() -> None:
    """`python -m lab.supervisor <name> <root>`: started by `up`, in a session of its own."""
    folder = Folder(sys.argv[1], Path(sys.argv[2]))
    for _ in range(_TRIES):
        if hold(folder.lock) is not None:
            Supervisor(folder).run()
            return
        time.sleep(_TRY_AGAIN)  # whoever only looks whether it is held has it for a moment
    sys.exit(f"Another supervisor runs the network {folder.name!r} already.")


if __name__ == "__main__":
    main()
