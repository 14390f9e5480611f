"""What nodes told while nobody listened, read in their own logs afterwards.

A node keeps its last few thousand events (`GET /events`). When the dashboard was away, or a
node started anew, what was missed is asked for here, one node after the other and slowly:
nobody waits for it, and the network has better things to do.
"""

import threading
import time
from typing import Final

from dashboard.asking import Asking, NoAnswerError
from dashboard.history import History, Missing
from dashboard.observer import Observer
from dashboard.reports import Event, NonsenseError, logged
from dashboard.subscriptions import Subscriptions

PAGE: Final = 1_000
"""Events in one question: some 400 KB."""
PAGES: Final = 10
"""Questions to one node: more than its log can hold, 4,096 [contract.limits]."""
LOOK_EVERY: Final = 0.5
"""Seconds between two looks whether something is missing."""
BETWEEN: Final = 0.05
"""Seconds between two questions: a hundred nodes take some ten seconds [guess]."""
QUIET: Final = 10.0
"""Seconds without anything missing after which the time without a dashboard counts as filled as
far as it can be [guess]."""


class Backfill:
    """Fills the holes of a history from the nodes' logs."""

    def __init__(
        self, history: History, observer: Observer, subscriptions: Subscriptions, asking: Asking
    ) -> None:
        self._history = history
        self._observer = observer
        self._subscriptions = subscriptions
        self._asking = asking

    def start(self) -> None:
        """Begin to look, in a thread."""
        threading.Thread(target=self._run, name="backfill", daemon=True).start()

    def _run(self) -> None:
        filled, quiet_since = False, time.monotonic()
        while True:
            time.sleep(LOOK_EVERY)  # a pace, not a wait for something
            for missing in self._history.take_missing():
                self._fill(missing)
                filled, quiet_since = True, time.monotonic()
            if filled and time.monotonic() - quiet_since > QUIET:
                filled = False
                self._history.filled()

    def _fill(self, missing: Missing) -> None:
        record = self._observer.find(missing.node)
        if record is None:
            return
        url = self._subscriptions.way_to(record)
        events: list[Event] = []
        after = missing.after
        for _ in range(PAGES):
            time.sleep(BETWEEN)  # a pace
            path = f"/events?after={after}&limit={PAGE}"
            try:
                reply = self._asking.ask("GET", url, path)
                if reply.status != 200:
                    break
                batch, following = logged(reply.body, missing.node, missing.epoch)
            except (NoAnswerError, NonsenseError):
                break  # it is gone, or another one lives there: what there is stays a hole
            events += batch.events
            if following <= after or following >= missing.until:
                break
            after = following
        self._history.fill(missing, in_order(events))


def in_order(events: list[Event]) -> list[Event]:
    """Each number once, in order."""
    return [event for _, event in sorted({event.seq: event for event in events}.items())]
