"""Timers: each calls back once and in order, moved ones when they should, cancelled ones never;
with the plain threads of tests, and with eventlet's, where nobody wakes up in vain."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys, threading, time
from contract import server
if sys.argv[1] == "eventlet":
    server.patch()
from node.clock import Clock
from node.timers import Timers

came, wakes = [], []
last = threading.Event()

def ran_out(key):
    came.append(key)
    if key == "first":
        timers.set("after first", 0.1)
    if key == "last":
        last.set()

timers = Timers(ran_out, Clock())
wait = timers._alarm.wait
def counted(seconds):
    wait(seconds)
    wakes.append(seconds)
timers._alarm.wait = counted
thread = threading.Thread(target=timers.run)
thread.start()
time.sleep(0)
timers.set("last", 0.8)
timers.set("never", 30)
timers.set("replaced", 0.3)
timers.set("first", 0.1)
timers.set("replaced", 0.5)
timers.set("cancelled", 0.05)
timers.cancel("cancelled")
timers.cancel("cancelled")
timers.cancel("nobody")
assert last.wait(10)
timers.set("set again", 0.1)
timers.cancel("set again")
timers.set("set again", 0.2)
while "set again" not in came:
    time.sleep(0.02)
timers.stop()
thread.join(5)
print(json.dumps([came, len(wakes), thread.is_alive()]))
"""


def ran(kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    monkeypatch.setenv("P2P_SERVER", kind)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    came, wakes, alive = json.loads(done.stdout)
    assert not alive, "it stops"
    return came, wakes


@pytest.mark.parametrize("kind", ["eventlet", "threading"])
def test_each_timer_runs_out_once_in_order_and_cancelled_ones_never(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, _ = ran(kind, monkeypatch)
    assert came == ["first", "after first", "replaced", "last", "set again"]


def test_with_eventlet_nobody_wakes_up_for_what_was_moved_or_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came, wakes = ran("eventlet", monkeypatch)
    assert wakes <= len(came) + 1, "once for each that ran out, once to stop"


SLEEPER = """
import json
from contract import server
server.patch()
import eventlet
from eventlet.hubs import get_hub
hub = get_hub()
turns = []
wait = hub.wait
def counted(seconds=None):
    turns.append(seconds)
    wait(seconds)
hub.wait = counted
for k in range(1, 6):
    with eventlet.Timeout(0.2 * k):
        eventlet.sleep(0)  # the call is answered, and the hub has seen its time limit
turns.clear()
eventlet.sleep(1.5)
print(json.dumps(len(turns)))
"""


def test_the_hub_does_not_wake_up_for_a_time_limit_that_was_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("P2P_SERVER", "eventlet")
    done = subprocess.run(
        [sys.executable, "-c", SLEEPER], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) <= 2
