"""The network's pulse: who lives, what travels and how quickly, every two seconds for two hours.

`series` follows the shape of the network, which is dear to work out; this follows what a person
watches while he breaks something, and is cheap: counts that are there already, and the newest
messages, looked at once a second while anything is told. A page that is opened now can draw
what was before it came, and all pages draw the same.

What a message took is from when its attempt left until it arrived, by the dashboard's clock
(which estimates each node's). News come up to a tenth of a second late, so a second is looked at
when it has been over for another one. Only kept messages can be looked at, 2,000 of them; above
some 1,000 a second latencies are therefore of a sample, the newest.
"""

import threading
import time
from collections import deque
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from dashboard.broadcasts import Broadcast
from dashboard.messages import KEPT
from dashboard.views import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.messages import Message
    from dashboard.model import Model
    from dashboard.observer import Observer

EVERY: Final = 2.0
"""Seconds between two beats [guess: a death is seen within one, and an hour has 1,800]."""
BEATS: Final = 3_600
"""Beats that are kept: two hours, as long as `series` keeps; less than a megabyte."""
LATE: Final = 1.0
"""Seconds that news of a message may be late [batches leave ten times a second]."""


class Beat(NamedTuple):
    """What is so at one moment, and what happened since the beat before, a second."""

    at: int
    """Milliseconds."""
    alive: int
    suspect: int
    dead: int
    left: int
    components: int
    links: int
    events: float
    sent: float
    """New messages a second, broadcasts too."""
    delivered: float
    failed: float
    waiting: int
    """Messages that wait at their senders now."""
    p50: float | None
    """Milliseconds that a message took that arrived since the beat before: the median."""
    p99: float | None


class Ended(NamedTuple):
    """What became of messages within some time."""

    arrived: int = 0
    failed: int = 0
    took: tuple[float, ...] = ()
    """Milliseconds, of those whose departure was told of."""


class Pulse:
    """Feels an observer's network."""

    def __init__(self, observer: "Observer") -> None:
        self._observer = observer
        self._beats: deque[Beat] = deque(maxlen=BEATS)
        self._before: tuple[float, int, int] | None = None
        self._idle = 0

    def start(self) -> None:
        """Begin to feel it, in a thread."""
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def after(self, at: int) -> list[Beat]:
        """The beats after a moment, oldest first."""
        beats = list(self._beats)
        return [beat for beat in beats if beat.at > at] if at else beats

    def look(self) -> None:
        """Add a beat."""
        self._observer.recorded(self._look)

    def _look(self, model: "Model", now: float) -> None:
        told = model.summary(None, now)
        if not told["nodes"] and not self._beats:
            return  # nobody has come yet
        then, received, total = self._before or (
            now - EVERY,
            self._observer.received,
            model.messages.total,
        )
        seconds = max(now - then, 0.1)  # a clock that was set back
        came = self._observer.received - received
        # What is over is looked at once more after the last news.
        self._idle = 0 if came else self._idle + 1
        ended = Ended()
        if self._idle < 3:
            views = model.messages.newest(KEPT)
            ended = ended_between(views, then - LATE, now - LATE)
        self._before = (now, self._observer.received, model.messages.total)
        p50, p99 = quantiles(ended.took)
        self._beats.append(
            Beat(
                milliseconds(now) or 0,
                told["alive"],
                told["suspect"],
                told["dead"],
                told["left"],
                told["components"],
                told["links"],
                round(came / seconds, 1),
                round((model.messages.total - total) / seconds, 2),
                round(ended.arrived / seconds, 2),
                round(ended.failed / seconds, 2),
                sum(record.waiting for record in model.reducer.shown()),
                p50,
                p99,
            )
        )

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)  # a pace, not a wait for something
            self.look()


def ended_between(views: "Iterable[Message | Broadcast]", since: float, until: float) -> Ended:
    """What of these messages arrived or failed after `since` and not after `until`."""
    arrived = failed = 0
    took = []
    for view in views:
        if isinstance(view, Broadcast):
            last = view.last_at
            if view.everybody and last is not None and since < last <= until:
                arrived += 1
        elif view.received_at is not None:
            if since < view.received_at <= until:
                arrived += 1
                left = view.sent_at
                if left is not None:
                    took.append(max(0.0, (view.received_at - left) * 1000))
        elif view.state == "failed" and view.done_at is not None and since < view.done_at <= until:
            failed += 1
    return Ended(arrived, failed, tuple(took))


def quantiles(values: tuple[float, ...]) -> tuple[float | None, float | None]:
    """The median and the 99th percentile (nearest rank); nothing of nothing."""
    if not values:
        return None, None
    ranked = sorted(values)
    median, most = (ranked[ceil(share * len(ranked)) - 1] for share in (0.5, 0.99))
    return round(median, 1), round(most, 1)
