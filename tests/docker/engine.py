"""The Docker engine as these tests use it: command lines typed as a person types them."""

import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


def typed(
    command: str, *, more: Sequence[str] = (), script: bool = False, seconds: float = 60
) -> str:
    """Run one command line in the project's folder; what it printed. Fails loudly.

    `more` are words behind it as they are; a `script` may have pipes and the like.
    """
    words = ["sh", "-c", command] if script else [*shlex.split(command), *more]
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def attempted(command: str) -> bool:
    """Run one command line that may fail."""
    done = subprocess.run(
        shlex.split(command), cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    return done.returncode == 0


def log(container: str) -> list[str]:
    """The lines that a container has printed."""
    done = subprocess.run(
        ["docker", "logs", container],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.splitlines()


def eventually(ask: Callable[[], T], wanted: Callable[[T], bool], seconds: float = 30) -> T:
    """Ask until the answer is as wanted; the answer, or a failure that shows the last one."""
    ends = time.monotonic() + seconds
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < ends, f"after {seconds} s it was still {answer!r}"
        time.sleep(0.1)
