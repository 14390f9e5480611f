"""While a node fetches Flask, the others get their turns."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FETCH = """
from contract import server
server.patch()
import sys, threading, time
from node.door import PIECES, Door

assert "flask" not in sys.modules
loaded = []

def look():
    while "made" not in loaded:
        loaded.append(sum(name in sys.modules for name in PIECES))
        time.sleep(0)

def made():
    loaded.append("made")

threading.Thread(target=look, daemon=True).start()
time.sleep(0)  # it has its first turn
Door(None, None, made, None).app()
print(*dict.fromkeys(loaded))
"""


def test_somebody_else_runs_after_each_piece_of_flask() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", FETCH],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    # Not one or two steps from nothing to all of it, as where nobody else ever runs.
    assert seen[0] in {"0", "1", "2"}
    assert seen[-2:] == ["6", "made"]
    assert len(seen) >= 5
