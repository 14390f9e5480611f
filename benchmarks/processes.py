"""Our programs and plain nodes as processes on the loopback, and what they cost."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import requests

ROOT = Path(__file__).parents[1]
BASE_PORT = 7200
"""First of the ports that benchmarks use: away from a running laboratory's."""


class BenchmarkError(Exception):
    """A benchmark could not be run; the message says why."""


class Fleet:
    """Processes of one kind; stopped, whatever happens, when the `with` block ends."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="p2p-bench-")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._began: list[tuple[str, Mapping[str, str]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folder.cleanup()

    @property
    def pids(self) -> list[int]:
        """The processes that were started, in order."""
        return [process.pid for process in self._processes]

    def start(self, module: str, environment: Mapping[str, str]) -> int:
        """Start `python -m module`; its pid."""
        self._processes.append(self._start(len(self._processes), module, environment))
        self._began.append((module, environment))
        return self._processes[-1].pid

    def data(self, pid: int) -> Path:
        """The folder of a process' data."""
        return Path(self._folder.name) / f"data-{self.pids.index(pid)}"

    def kill(self, pid: int) -> None:
        """End a process where it stands."""
        process = self._processes[self.pids.index(pid)]
        process.kill()
        process.wait()

    def start_again(self, pid: int) -> int:
        """Start one that was killed with the same settings and data; its new pid."""
        number = self.pids.index(pid)
        self._processes[number] = self._start(number, *self._began[number])
        return self._processes[number].pid

    def printed(self, pid: int) -> str:
        """What a process has printed so far."""
        log = Path(self._folder.name) / f"{self.pids.index(pid)}.log"
        return log.read_text(encoding="utf-8")

    def _start(
        self, number: int, module: str, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        log = Path(self._folder.name) / f"{number}.log"
        data = str(Path(self._folder.name) / f"data-{number}")
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={
                    **os.environ,
                    "NODE_DATA": data,
                    "BOOTSTRAP_DATA": data,
                    "DASHBOARD_DATA": data,
                    **environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def bootstrap(self, port: int) -> int:
        """Start our bootstrap; its pid."""
        pid = self.start("bootstrap", {"BOOTSTRAP_HOST": "127.0.0.1", "BOOTSTRAP_PORT": str(port)})
        until(lambda: answers(port), "the bootstrap answers")
        return pid

    def node(self, number: int, port: int, bootstrap: int | None) -> int:
        """Start one of our nodes; its pid."""
        url = f"http://127.0.0.1:{port}"
        return self.start(
            "node",
            {
                "NODE_NAME": f"node{number}",
                "NODE_HOST": "127.0.0.1",
                "NODE_PORT": str(port),
                "NODE_URL": url,
                "NODE_PUBLIC_URL": url,
                "BOOTSTRAP_URL": f"http://127.0.0.1:{bootstrap}" if bootstrap else "none",
            },
        )

    def sample(self, port: int, bootstrap: int | None) -> int:
        """Start one of the assignment's nodes; its pid."""
        url = f"http://127.0.0.1:{bootstrap}" if bootstrap else ""
        return self.start("benchmarks.sample", {"NODE_PORT": str(port), "BOOTSTRAP_URL": url})


def answers(port: int) -> bool:
    """Whether `GET /` answers."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/", timeout=2).ok
    return False


def knows(port: int) -> int:
    """How many peers a node lists; 0 while it does not answer."""
    with contextlib.suppress(requests.RequestException, ValueError):
        return len(requests.get(f"http://127.0.0.1:{port}/peers", timeout=5).json()["peers"])
    return 0


def until(condition: Callable[[], bool], what: str, seconds: float = 180) -> float:
    """Wait for a condition; the seconds that it took. Raises BenchmarkError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise BenchmarkError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that processes have used, theirs and the kernel's for them."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def all_cpu_seconds() -> float:
    """CPU time that anybody on this machine has used."""
    line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    user, nice, system, _idle, _waiting, hard, soft, *_ = map(int, line[1:])
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK")


def private_mib(pid: int) -> float:
    """Memory that a process shares with nobody, in MiB."""
    return sum(_private_kib(pid)) / 1024


def _private_kib(pid: int) -> Iterator[int]:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Private_"):
            yield int(line.split()[1])


def need_linux() -> None:
    """CPU and memory are read from /proc. Raises BenchmarkError elsewhere."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchmarkError("this benchmark reads /proc, which only Linux has")
