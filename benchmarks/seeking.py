"""Any moment of an hour of a hundred nodes, in a real browser, from the press to the picture.

The same made-up hour as that of `history` is saved as a file and shown by a dashboard of its own,
with no network behind it. Then the timeline is pressed at places all over it. A press counts from
its event until the second frame after the model had the moment, which is when it is on the
screen. Each place is pressed in three rounds and the quickest counts: the machine has other
things to do. Between two presses of one place are so many others that the page has forgotten it.
"""

import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.history import write_hour
from benchmarks.processes import BASE_PORT, Fleet, answers, need_linux, until
from benchmarks.verdict import Figure
from dashboard import archive
from dashboard.runfile import RunFile
from dashboard.runs import Runs

DASHBOARD = BASE_PORT + 940
BAR = 200.0
"""Milliseconds from the press to the drawn picture, anywhere in the hour [issue 6]."""
PLACES = 40
ROUNDS = 3


def run(nodes: int, seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure it."""
    need_linux()
    with tempfile.TemporaryDirectory(prefix="p2p-bench-") as folder, Fleet() as fleet:
        say(f"{seconds:,.0f} s of {nodes} nodes are written, and saved as a file")
        data, file = Path(folder) / "hour", Path(folder) / "hour.p2prun"
        data.mkdir()
        write_hour(data, nodes, seconds)
        with RunFile(Runs(data).all()[0].path) as hour, file.open("wb") as output:
            output.writelines(archive.packed(hour))
        pid = fleet.start(
            "dashboard",
            {
                "DASHBOARD_HOST": "127.0.0.1",
                "DASHBOARD_PORT": str(DASHBOARD),
                "DASHBOARD_REPLAY": str(file),
            },
        )
        until(lambda: answers(DASHBOARD), f"the file is shown: {fleet.printed(pid)}")
        with Browser(1920, 1080) as browser:
            browser.open(f"http://127.0.0.1:{DASHBOARD}/")
            browser.until("window.p2p?.time.mode === 'past' && p2p.time.glance !== null")
            browser.until("!p2p.time.loading")
            say(f"{PLACES} places are pressed, {ROUNDS} times each")
            took = sorted(_pressed(browser))
    return [
        Figure("seek: press to drawn picture, median", statistics.median(took), None, " ms"),
        Figure(f"seek: the slowest of {PLACES}", took[-1], None, " ms", at_most=BAR),
    ]


def _pressed(browser: Browser) -> list[float]:
    """Milliseconds for each place."""
    box = browser.page.locator(".timeline").bounding_box()
    chance = random.Random(5)
    places = [chance.uniform(2, box["width"] - 2) for _ in range(PLACES)]
    best = [float("inf")] * PLACES
    for _ in range(ROUNDS):
        for place, x in enumerate(places):
            before = browser.page.evaluate("p2p.time.drawn.wishes")
            browser.page.mouse.click(box["x"] + x, box["y"] + 30)
            browser.until(f"!p2p.time.loading && p2p.time.drawn.wishes > {before}")
            best[place] = min(best[place], browser.page.evaluate("p2p.time.drawn.after"))
    return best
