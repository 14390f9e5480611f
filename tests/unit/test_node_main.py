"""A node one of whose threads fails ends: a thread that is silently missing is worse."""

import subprocess
import sys
from pathlib import Path

from contract.exits import BROKEN

ROOT = Path(__file__).parents[2]
SCRIPT = """
import node.__main__ as main, threading
threading.excepthook = main._end
def fail(error):
    raise error
for error in ({errors}):
    thread = threading.Thread(target=fail, args=(error,), name="courier-1")
    thread.start()
    thread.join()
print("it goes on")
"""


def ended(errors: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(errors=errors)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_thread_that_fails_ends_the_node_and_says_why() -> None:
    done = ended("ZeroDivisionError('oh'),")
    assert done.returncode == BROKEN
    assert "its thread courier-1 failed" in done.stdout
    assert "ZeroDivisionError: oh" in done.stderr
    assert "it goes on" not in done.stdout


def test_a_thread_that_ends_itself_is_no_failure() -> None:
    done = ended("SystemExit(1),")
    assert done.returncode == 0
    assert "it goes on" in done.stdout
