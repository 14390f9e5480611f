"""Asking all nodes, again and again, whom they believe alive and to whom they have links.

Each is asked for its `/status` by itself, over a connection that is kept; who does not answer
within a moment is not waited for. What is true is told by who does the steps.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

from lab.layout import Layout
from lab.playing.doing import Doer
from lab.verification.asking import NoAnswerError, Node
from scenario.watching import State, Watch

AT_ONCE: Final = 8
PATIENCE: Final = 2.0
"""Seconds for a node's answer [guess: four times a link's patience]."""
LIVING: Final = frozenset({"alive", "suspect"})


class Looker(threading.Thread):
    """Looks until it is stopped."""

    def __init__(
        self,
        watch: Watch,
        doer: Doer,
        layout: Layout,
        own: frozenset[str],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(name="looker", daemon=True)
        self._watch = watch
        self._doer = doer
        self._layout = layout
        self._own = own
        self._clock = clock
        self._nodes: dict[str, Node] = {}
        self._halt = threading.Event()
        self._lock = threading.Lock()
        self.pause = pause(layout.nodes)
        self.looks = 0
        self.failure: BaseException | None = None

    def stop(self) -> None:
        """No further look."""
        self._halt.set()

    def run(self) -> None:
        """One look after the other."""
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                while not self._halt.is_set():
                    began = time.monotonic()
                    self._look(pool)
                    self._halt.wait(max(0.05, self.pause - (time.monotonic() - began)))
        except BaseException as error:  # noqa: BLE001 - reported by whoever waits for us
            self.failure = error
        finally:
            for node in self._nodes.values():
                node.close()

    def after(self, at: float) -> bool:
        """Whether the last look was later, and all was well in it."""
        with self._lock:
            last = self._watch.samples[-1] if self._watch.samples else None
            return last is not None and last["at"] > at and self._watch.true

    def _look(self, pool: ThreadPoolExecutor) -> None:
        names = [name for name in self._doer.there if name not in self._own]
        truth: dict[str, State] = {}
        for name in names:
            down, frozen = name in self._doer.down, name in self._doer.frozen
            truth[name] = "down" if down else "frozen" if frozen else "up"
        asked = [name for name in names if truth[name] == "up"]
        said = dict(zip(asked, pool.map(self._ask, asked), strict=True))
        beliefs: dict[str, set[str]] = {}
        links: dict[str, set[str]] = {}
        for name, status in said.items():
            if status is not None and name not in self._doer.down | self._doer.frozen:
                beliefs[name], links[name] = read(status, truth)
        with self._lock:
            # The time is that of the last answer, so that nothing is said to be seen too early.
            self._watch.look(self._clock(), truth, beliefs, links)
        self.looks += 1

    def _ask(self, name: str) -> Mapping[str, Any] | None:
        node = self._nodes.get(name)
        if node is None:
            node = self._nodes[name] = Node(name, self._layout.port(name), PATIENCE)
        try:
            answer = node.get("/status")
        except NoAnswerError:
            return None
        return answer.said if answer.status == 200 else None


def read(status: Mapping[str, Any], there: Mapping[str, State]) -> tuple[set[str], set[str]]:
    """Whom a node believes alive, and to whom it has links; by the names that there are."""
    believed, linked = set(), set()
    members = status.get("members")
    links = status.get("links")
    held = set(links) if isinstance(links, list) else set()
    for member in members if isinstance(members, list) else ():
        if not isinstance(member, dict):
            continue
        name = str(member.get("name"))
        if name not in there:
            continue
        if member.get("state") in LIVING:
            believed.add(name)
        if member.get("id") in held:
            linked.add(name)
    return believed, linked


def pause(nodes: int) -> float:
    """Seconds between two looks: an answer costs a node a millisecond or two."""
    return 0.5 if nodes <= 20 else 1.0 if nodes <= 60 else 2.0


def host(url: str) -> str:
    """Whose address it is."""
    return urlsplit(url).hostname or url
