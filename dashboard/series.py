"""The numbers of the analysis over time: of now, as long as the dashboard runs, and of a run.

What is worked out is kept until something changes (`Model.version`), so a hundred pages that ask
cost one analysis. Somebody looks now and then by himself, so that there is a line to draw;
where nothing has changed he takes the numbers of before.
"""

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from contract.server import off_loop
from dashboard.model import Model
from dashboard.observer import Observer
from dashboard.pulse import Pulse
from dashboard.views import milliseconds

if TYPE_CHECKING:
    from dashboard.analysis import Subject

EVERY: Final = 10.0
"""Seconds between two points [guess]."""
KEPT: Final = 720
"""Points that are kept: two hours; half a megabyte."""
SHARE: Final = 20
"""An analysis may take one part in so many of the time: a thousand nodes are looked at less
often [guess]."""


class Series:
    """Looks at an observer's network."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._points: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._version = -1
        self._last: dict[str, Any] = {}
        self._cost = 0.0
        self.pulse = Pulse(observer)
        """What is followed more closely, since it costs little."""

    def start(self) -> None:
        """Begin to look, in threads."""
        self.pulse.start()
        threading.Thread(target=self._run, name="analysis", daemon=True).start()

    def now(self) -> dict[str, Any]:
        """ANALYSIS of now."""
        from dashboard.analysis import analysis, subject

        with self._lock:  # whoever comes meanwhile gets the same answer
            found: list[tuple[int, float, Subject | None]] = []

            def look(model: Model, at: float) -> None:
                known = model.version == self._version
                found.append((model.version, at, None if known else subject(model)))

            self._observer.recorded(look)
            version, at, of = found[0]
            if of is not None:
                began = time.monotonic()
                self._last = off_loop(analysis, of)
                self._cost = time.monotonic() - began
                self._version = version
            return {"at": milliseconds(at), **self._last}

    def points(self) -> list[dict[str, Any]]:
        """The numbers over time, oldest first."""
        return list(self._points)

    def look(self) -> None:
        """Add a point, if there is anybody to look at."""
        from dashboard.analysis import point

        whole = self.now()
        if whole["nodes"]:
            self._points.append(point(whole["at"], whole))

    def _run(self) -> None:
        while True:
            time.sleep(max(EVERY, self._cost * SHARE))  # a pace, not a wait for something
            self.look()
