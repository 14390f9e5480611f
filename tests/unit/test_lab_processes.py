"""Pids that are not what they were, and logs that do not grow."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import processes
from lab.logfile import LogFile, last_lines, older
from lab.logs import Tail

PATIENT = "import sys; print(flush=True); sys.stdin.read()"
STUBBORN = "import signal, sys; signal.signal(15, signal.SIG_IGN); " + PATIENT


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    yield from _running(PATIENT)


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[bytes]]:
    yield from _running(STUBBORN)


def _running(code: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it is where we want it
        yield process
        process.kill()


def identity(process: subprocess.Popen[bytes]) -> processes.Identity:
    found = processes.identify(process.pid)
    assert found is not None
    return found


def test_a_running_process_is_itself(child: subprocess.Popen[bytes]) -> None:
    assert processes.lives(identity(child))
    assert identity(child) == identity(child)


def test_what_was_killed_does_not_live_even_before_it_is_reaped(
    child: subprocess.Popen[bytes],
) -> None:
    known = identity(child)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and still a zombie
    assert not processes.lives(known)


def test_nobody_else_gets_a_signal(child: subprocess.Popen[bytes]) -> None:
    """The number is right and the start is not: another process that got an old one's pid."""
    before = processes.Identity(child.pid, "long ago")
    assert not processes.tell(before, signal.SIGKILL)
    assert processes.end([before], 1) == 0
    assert child.poll() is None


def test_the_patient_one_ends_when_asked(child: subprocess.Popen[bytes]) -> None:
    assert processes.end([identity(child)], 10) == 1
    assert child.wait(5) == -signal.SIGTERM


def test_the_stubborn_one_is_made_to(stubborn: subprocess.Popen[bytes]) -> None:
    assert processes.end([identity(stubborn)], 0.1) == 1
    assert stubborn.wait(5) == -signal.SIGKILL


def test_ps_knows_processes_as_well_as_proc(child: subprocess.Popen[bytes]) -> None:
    """On macOS there is no /proc."""
    first = processes._from_ps(child.pid)
    assert first
    assert first == processes._from_ps(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes._from_ps(child.pid) is None
    child.wait()
    assert processes._from_ps(child.pid) is None


def test_a_log_is_bounded_and_has_the_newest_lines(tmp_path: Path) -> None:
    path = tmp_path / "node1.log"
    log = LogFile(path, most=1000)
    for number in range(500):
        log.write(b"line %d\n" % number)
    log.close()
    assert path.stat().st_size <= 1000
    assert older(path).stat().st_size <= 1000
    assert last_lines(path, 3) == ["line 497", "line 498", "line 499"]
    kept = last_lines(path, None)
    assert kept == [f"line {number}" for number in range(500 - len(kept), 500)]
    assert len(kept) > 100


def test_a_log_goes_on_where_it_was(tmp_path: Path) -> None:
    for number in range(2):
        log = LogFile(tmp_path / "log")
        log.write(b"line %d\n" % number)
        log.close()
    assert last_lines(tmp_path / "log", None) == ["line 0", "line 1"]


@pytest.mark.parametrize("step", [1, 7, 100])
def test_who_follows_a_log_misses_and_repeats_nothing_when_it_is_turned_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], step: int
) -> None:
    log = LogFile(tmp_path / "log", most=1500)
    log.write(b"line -1\n")
    tail = Tail(log.path, "node1 | ")
    tail.print_last(1)
    for number in range(300):
        log.write(b"line %d\n" % number)
        if number % step == 0:
            tail.print_new()
    log.write(b"half a")
    tail.print_new()
    log.write(b" line\n")
    tail.print_new()
    log.close()
    wanted = [f"node1 | line {number}" for number in range(-1, 300)]
    assert capsys.readouterr().out.splitlines() == [*wanted, "node1 | half a line"]
