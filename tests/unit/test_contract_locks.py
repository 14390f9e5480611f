"""Locks that were there before eventlet: all made green, as eventlet's own search does it."""

import json
import subprocess
import sys

import pytest

COUNT = """
import gc, json, logging, threading
from contract import server
if {theirs}:
    server._find_locks_quickly = lambda: None
here = threading.RLock()
class Holder:
    pass
holder = Holder()
holder.lock, holder.locks = here, [threading.RLock()]
server.patch()
old = [held for held in gc.get_objects() if type(held).__module__ == "_thread"
       and type(held).__name__ == "RLock"]
print(json.dumps([len(old), type(logging._lock).__name__, type(here).__name__,
                  holder.lock is here, type(holder.locks[0]).__name__]))
"""


def counted(*, theirs: bool) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(theirs=theirs)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    assert "RLock" not in done.stderr
    return found


@pytest.fixture(autouse=True)
def _eventlet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2P_SERVER", "eventlet")


def test_as_many_are_green_as_by_eventlets_own_search() -> None:
    ours = counted(theirs=False)
    assert ours == counted(theirs=True)
    assert ours[1:] == ["_RLock", "_RLock", True, "_RLock"]
