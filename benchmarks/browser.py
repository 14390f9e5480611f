"""A real Chromium without a GPU, and the CPU that all its processes use."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from benchmarks.processes import BenchmarkError, cpu_seconds, until

CALM_FOR = 0.5
"""Seconds without work after which a browser counts as at rest [guess]."""
CALM_CPU = 0.06
"""... which is this much of a core: three ticks of the clock that counts CPU time."""
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]


class Browser:
    """One page of one browser; closed, whatever happens, when the `with` block ends."""

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        self._size = {"width": width, "height": height}

    def __enter__(self) -> Self:
        from playwright.sync_api import sync_playwright

        path = os.environ.get("P2P_CHROMIUM") or next(
            filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
        )
        if path is None:
            raise BenchmarkError("no Chromium is on the PATH; P2P_CHROMIUM can name one")
        root = os.geteuid() == 0  # Chromium has no sandbox for root
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(
            executable_path=path, args=FLAGS + ["--no-sandbox"] * root
        )
        self.fresh()
        return self

    def fresh(self) -> None:
        """A page of somebody who was never here: nothing is remembered, nothing is cached."""
        self.page: Any = self._chromium.new_page(viewport=self._size)
        for context in self._chromium.contexts:
            if context is not self.page.context:
                context.close()
        # Not the first visit: the tour of that would be measured, too.
        self.page.add_init_script("localStorage.setItem('p2p.tour', '1')")
        self._tools: Any = None

    def rest(self, seconds: float = 30) -> None:
        """Wait until the browser has done what a new window makes it do, which is no page's time.

        Opening one costs Chromium a third of a second of CPU for its own surfaces [measured].
        """

        def calm() -> bool:
            before = self.cpu_seconds()
            time.sleep(CALM_FOR)
            return self.cpu_seconds() - before <= CALM_CPU * CALM_FOR

        until(calm, "the browser rests", seconds)

    def heap_mib(self) -> float:
        """What the page's script holds, after its garbage is collected."""
        if self._tools is None:
            self._tools = self.page.context.new_cdp_session(self.page)
        self._tools.send("HeapProfiler.collectGarbage")
        return float(self._tools.send("Runtime.getHeapUsage")["usedSize"]) / 2**20

    def __exit__(self, *_: object) -> None:
        self._chromium.close()
        self._playwright.stop()

    def open(self, url: str) -> None:
        """Go there; returns when the page's modules have run."""
        self.page.goto(url, wait_until="load")

    def until(self, condition: str, seconds: float = 60) -> None:
        """Wait until a JavaScript expression is true. Raises BenchmarkError.

        Asked from outside: Playwright's own waiting evaluates a text within the page, which
        the page's Content-Security-Policy forbids.
        """
        until(lambda: bool(self.page.evaluate(condition)), condition, seconds)

    def cpu_seconds(self) -> float:
        """CPU time of all of the browser's processes so far, Playwright's driver left out."""
        pids = [pid for pid in _descendants(os.getpid()) if _name(pid).startswith("chrom")]
        if not pids:
            raise BenchmarkError("the browser's processes are not to be found")
        return cpu_seconds(pids)


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text(encoding="ascii").split()):
            yield child
            yield from _descendants(child)


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
