"""All that is known, behind one lock, and the news of it for browsers.

`model` is pure and takes one entry at a time; here are the lock, the clock, the number of
what was told, and the recorder, which gets every entry in the order in which it counted.
Nothing that waits is done under the lock.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Protocol
from uuid import uuid4

import networkx as nx

from contract.limits import MAX_MEMBERS
from dashboard.clocks import Offset
from dashboard.entries import (
    Answered,
    Claimed,
    Contacted,
    Entry,
    Happened,
    Passed,
    Resumed,
    Told,
    whole,
)
from dashboard.load import Load
from dashboard.model import Model
from dashboard.records import Contact, Record
from dashboard.reports import Batch, Snapshot
from dashboard.teller import MOST_CHANGED, Teller
from dashboard.views import message_view

REMARK_EVERY: Final = 1.0
"""Seconds between two remarks about one node, at least: each is written down."""

REMARK_KEPT: Final = 600.0
"""Seconds for which a plain node's remark outlasts its answers [guess: as long as a ghost]."""


class Recorder(Protocol):
    """Who writes down what happens. Called under the lock: it must not wait."""

    @property
    def crowded(self) -> bool:
        """Whether so much waits to be written that whoever brings more had better wait, too."""

    def add(self, entry: Entry) -> None:
        """Something happened."""


class Observer:
    """What the dashboard knows. Safe to use from any thread."""

    def __init__(
        self,
        expected: int | None,
        clock: Callable[[], float] = time.time,
        recorder: Recorder | None = None,
        *,
        model: Model | None = None,
        replay_of: str | None = None,
    ) -> None:
        self.news = threading.Event()
        """Set when there is something to tell."""
        self.calm = threading.Event()
        """Set when all is told in time again that was not: whoever was told gets a snapshot."""
        self.run = str(uuid4())
        """The name of this life of the dashboard."""
        self.expected = expected
        self.received = 0
        """Events that nodes have told."""
        self.holes = 0
        """Holes in the numbers of their events."""
        self.odd: Counter[str] = Counter()
        """What came and was not taken, by kind: `nonsense` (a stream that made none, and was
        ended), `repeated` (events that had come before), `unasked` (addresses where nobody may
        send us)."""
        self.watches: Callable[[], dict[str, int]] = dict
        """How many addresses are watched, by state; whoever watches says it."""
        self.told = 0
        """Deltas that had news of the network in them; `delay` is how many seconds they waited
        for their delta, from the first news on, all of them together."""
        self.delay = 0.0
        self.load = Load()
        """How late it is."""
        self._news_since: float | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._model = Model() if model is None else model
        self._replay_of = replay_of
        self._reducer = self._model.reducer
        self._messages = self._model.messages
        self._recorder = recorder
        self._teller = Teller(self._model, expected)
        self._remarks: dict[str, tuple[str, float]] = {}

    # --- reports ---------------------------------------------------------------------------

    def snapshot(self, said: Snapshot, clock: Offset) -> bool:
        """A node told all that it knows. False where there is no room for it."""
        return self._take(Told(self._now(), said.node.started + clock.seconds, said))

    def resumed(self, node: str) -> None:
        """A node's events go on where they broke off."""
        self._take(Resumed(self._now(), node))

    def events(self, node: str, batch: Batch, clock: Offset) -> None:
        """Events of a node, in order."""
        now = self._now()
        record = self._reducer.get(node)
        epoch = 0 if record is None else record.epoch
        times = clock.all_ours([event.time for event in batch.events], now)
        if times:
            self.load.came(now - times[-1], len(times))
        self._take(Happened(now, node, epoch, batch.events, times))

    def plain(self, node: str, name: str, url: str, peers: list[str], note: str | None) -> bool:
        """A plain node answered. False where there is no room for it."""
        remark, since = self._remarks.get(node, (None, 0.0))
        if note is None and self._now() - since < REMARK_KEPT:
            note = remark
        return self._take(Answered(self._now(), node, name, url, peers, note))

    def contact(self, node: str, contact: Contact, note: str | None = None) -> None:
        """Something became of our connection to a node."""
        self._take(Contacted(self._now(), node, contact, note))

    def claimed(self, node: str, url: str) -> None:
        """A program at an address claims to be a node that we are connected to elsewhere."""
        self._take(Claimed(self._now(), node, url))

    def oddity(self, kind: str, count: int = 1) -> None:
        """Something came that is not taken: count it."""
        with self._lock:
            self.odd[kind] += count

    def hole(self) -> None:
        """Some of a node's events did not come."""
        with self._lock:
            self.holes += 1

    def remark(self, node: str, note: str) -> None:
        """Something is odd about a node, which changes nothing else: its `note` says so."""
        now = self._now()
        with self._lock:
            record = self._reducer.get(node)
            before = self._remarks.get(node, ("", float("-inf")))
            if record is None or note == record.note or 0 <= now - before[1] < REMARK_EVERY:
                return
            if node not in self._remarks and len(self._remarks) >= MAX_MEMBERS:
                del self._remarks[next(iter(self._remarks))]
            self._remarks[node] = (note, now)
            contact = record.contact
        self._take(Contacted(now, node, contact, note))

    def tick(self) -> None:
        """A second has passed."""
        now = self._now()
        self._take(Passed(now))
        with self._lock:
            self._model.look_for_conflicts(now)
            self.load.left_out = self._messages.untold
        if self.load.second():
            self.calm.set()
        self.news.set()  # the rate may have changed

    def recorded(self, give: Callable[[Model, float], None]) -> None:
        """Hand the settled model to somebody, at a moment between two entries."""
        with self._lock:
            self._settle()
            give(self._model, self._now())

    def _take(self, entry: Entry) -> bool:
        with self._lock:
            taken = self._model.apply(entry)
            if type(entry) is Happened:
                self.received += len(entry.events)
            if self._recorder is not None and (taken or type(entry) is not Passed):
                self._recorder.add(entry)
            self._updated()
        return taken

    def _now(self) -> float:
        return whole(self._clock())

    def _updated(self) -> None:
        if self._reducer.changes or self._messages.changed:
            if self._news_since is None:
                self._news_since = time.monotonic()
            if not self.news.is_set():
                self.news.set()

    def favoured(self, node: str, url: str, other: str) -> bool:
        """Whether more nodes say that one is at `url` than at `other`."""
        with self._lock:
            return self._reducer.favoured(node, url, other)

    @property
    def crowded(self) -> bool:
        """Whether more comes than can be written down."""
        return self._recorder is not None and self._recorder.crowded

    @property
    def hints(self) -> bool:
        """Whether somebody has spoken of addresses, or doubts, since the last time."""
        return self._reducer.hints

    def take_addresses(self) -> dict[str, str]:
        """Addresses that nodes have spoken of since the last time, and who did."""
        with self._lock:
            return self._reducer.take_addresses()

    def take_doubts(self) -> set[str]:
        """Addresses of watched nodes whose life somebody doubts."""
        with self._lock:
            records = map(self._reducer.get, self._reducer.take_doubts())
            return {record.url for record in records if record is not None and record.watched}

    # --- what is known -----------------------------------------------------------------------

    def find(self, wanted: str) -> Record | None:
        """A shown node by id, name or address. Where two have a name, a living one."""
        with self._lock:
            record = self._reducer.get(wanted)
            if record is not None and record.shown:
                return record
            named = [r for r in self._reducer.shown() if wanted in {r.name, r.url}]
            return min(named, key=lambda r: r.state not in {"alive", "suspect"}, default=None)

    def known(self, node: str) -> Record | None:
        """The node with this id."""
        with self._lock:
            return self._reducer.get(node)

    def at(self, url: str) -> Record | None:
        """Who is at an address."""
        with self._lock:
            return self._reducer.at(url)

    def shown(self) -> list[Record]:
        """All shown nodes."""
        with self._lock:
            return list(self._reducer.shown())

    def names(self) -> list[str]:
        """The names of all shown nodes."""
        with self._lock:
            return [record.name for record in self._reducer.shown()]

    def summary(self) -> dict[str, Any]:
        """SUMMARY."""
        with self._lock:
            self._settle()
            return self._now_summary()

    def snapshot_now(self) -> dict[str, Any]:
        """A `snapshot` for somebody who does not follow the stream."""
        with self._lock:
            self._settle()
            self._model.look_for_conflicts(self._clock())
            return self._whole()

    def graph(self) -> dict[str, Any]:
        """The whole graph as networkx's node-link JSON."""
        return dict(nx.node_link_data(self.network()))

    def network(self) -> "nx.MultiDiGraph[str]":
        """The whole graph: a copy, which nobody changes any more."""
        with self._lock:
            self._settle()
            return self._model.graph(self._now())

    def messages(self, most: int) -> list[dict[str, Any]]:
        """MESSAGE_VIEWs, newest first."""
        with self._lock:
            return self._model.message_views(most)

    def message(self, shown: str) -> dict[str, Any] | None:
        """One MESSAGE_VIEW, with the whole path."""
        with self._lock:
            view = self._messages.get(shown)
            return None if view is None else message_view(view, self._reducer.key)

    # --- live ----------------------------------------------------------------------------------

    def tell(self, *, snapshot: bool) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """What changed since the last time, if anything did; and a snapshot, if one is wanted.

        Both are of the same moment: the next delta follows the snapshot.
        """
        with self._lock:
            self._settle()
            delta = self._delta()
            if not snapshot:
                return delta, None
            self._teller.summary = self._now_summary()
            return delta, self._whole(self._teller.summary)

    def tell_nobody(self) -> None:
        """Forget what changed: whoever comes gets a snapshot."""
        with self._lock:
            self._teller.forget()
            self._news_since = None

    def _whole(self, told: dict[str, Any] | None = None) -> dict[str, Any]:
        told = self._now_summary() if told is None else told
        return self._teller.snapshot(self.run, self._clock(), told)

    def _delta(self) -> dict[str, Any] | None:
        delta = self._teller.delta(self._clock(), self._now_summary(), MOST_CHANGED)
        if delta is not None and self._news_since is not None:
            self.delay += time.monotonic() - self._news_since
            self.told += 1
            self._news_since = None
        return delta

    def _settle(self) -> None:
        """Bring the graph up to date with the records."""
        self._teller.settle()

    def _now_summary(self) -> dict[str, Any]:
        told = self._model.summary(self.expected, self._clock())
        told["busy"] = self.load.view()
        told["line"] += self.load.words()
        if self._replay_of is not None:
            told["line"] = f"Replay of {self._replay_of}, at its end: {told['line']}"
        return told
