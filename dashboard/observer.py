"""All that is known, behind one lock, and the news of it for browsers.

The pure parts (`reducer`, `messages`, `topology`) take one report at a time; here are the
lock, the clock, and the translation into what docs/api.md calls NODE_VIEW, MESSAGE_VIEW,
SUMMARY, `snapshot` and `delta`. Nothing that waits is done under the lock.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import uuid4

import networkx as nx

from dashboard.clocks import Offset
from dashboard.messages import Messages
from dashboard.rate import Rate
from dashboard.records import Contact, Record
from dashboard.reducer import Reducer
from dashboard.reports import Batch, OfBroadcast, OfMessage, Snapshot
from dashboard.summary import summary
from dashboard.topology import Shape, Topology
from dashboard.views import message_view, milliseconds, node_view

SHOWN_MESSAGES: Final = 200
"""Messages in a snapshot [docs/api.md]."""
SHOWN_LEGS: Final = 5_000
"""Legs of broadcasts in a snapshot, those of the newest: fifty broadcasts among a hundred
nodes, 120 KB [docs/api.md; guess]."""


class Observer:
    """What the dashboard knows. Safe to use from any thread."""

    def __init__(self, expected: int | None, clock: Callable[[], float] = time.time) -> None:
        self.news = threading.Event()
        """Set when there is something to tell."""
        self._clock = clock
        self._lock = threading.Lock()
        self._reducer = Reducer()
        self._messages = Messages(audience=self._reducer.audience)
        self._topology = Topology(self._reducer)
        self._rate = Rate()
        self._expected = expected
        self._run = str(uuid4())
        self._number = 0
        self._added: list[list[int]] = []
        self._removed: list[list[int]] = []
        self._shape: Shape | None = None
        self._summary: dict[str, Any] = {}

    # --- reports ---------------------------------------------------------------------------

    def snapshot(self, said: Snapshot, clock: Offset) -> bool:
        """A node told all that it knows. False where there is no room for it."""
        now = self._clock()
        with self._lock:
            before = self._reducer.get(said.node.id)
            if before is not None and before.confirmed and before.epoch != said.node.epoch:
                self._messages.restarted(said.node.id)
            taken = self._reducer.snapshot(said, said.node.started + clock.seconds, now)
            self._updated()
        return taken is not None

    def resumed(self, node: str) -> None:
        """A node's events go on where they broke off."""
        with self._lock:
            self._reducer.resumed(node, self._clock())
            self._updated()

    def events(self, node: str, batch: Batch, clock: Offset) -> None:
        """Events of a node, in order."""
        now = self._clock()
        with self._lock:
            self._rate.count(len(batch.events), now)
            for event in batch.events:
                if isinstance(event.data, OfMessage):
                    self._reducer.counted(node, event)
                    at = clock.ours(event.time, now)
                    self._messages.report(node, event.type, event.data, at)
                elif isinstance(event.data, OfBroadcast):
                    self._reducer.counted(node, event)
                    at = clock.ours(event.time, now)
                    self._messages.report_broadcast(node, event.type, event.data, at)
                else:
                    self._reducer.event(node, event, now)
            self._updated()

    def plain(self, node: str, name: str, url: str, peers: list[str], note: str | None) -> bool:
        """A plain node answered. False where there is no room for it."""
        now = self._clock()
        with self._lock:
            record = self._reducer.plain(node, name, url, peers, now)
            if record is not None and record.note != note:
                record.note = note
                self._reducer.changes.nodes.add(record.id)
            self._updated()
        return record is not None

    def contact(self, node: str, contact: Contact, note: str | None = None) -> None:
        """Something became of our connection to a node."""
        with self._lock:
            self._reducer.contact(node, contact, self._clock(), note)
            self._updated()

    def tick(self) -> None:
        """A second has passed."""
        with self._lock:
            self._reducer.tick(self._clock())
            self._updated()
        self.news.set()  # the rate may have changed

    def _updated(self) -> None:
        if self._reducer.changes or self._messages.changed:
            self.news.set()

    def favoured(self, node: str, url: str, other: str) -> bool:
        """Whether more nodes say that one is at `url` than at `other`."""
        with self._lock:
            return self._reducer.favoured(node, url, other)

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

    def at(self, url: str) -> Record | None:
        """Who is at an address."""
        with self._lock:
            return self._reducer.at(url)

    def names(self) -> list[str]:
        """The names of all shown nodes."""
        with self._lock:
            return [record.name for record in self._reducer.shown()]

    def summary(self) -> dict[str, Any]:
        """SUMMARY."""
        with self._lock:
            self._settle()
            return self._now_summary()

    def graph(self) -> dict[str, Any]:
        """The whole graph as networkx's node-link JSON."""
        with self._lock:
            self._settle()
            whole = self._topology.whole(node_view)
        return dict(nx.node_link_data(whole))

    def messages(self, most: int) -> list[dict[str, Any]]:
        """MESSAGE_VIEWs, newest first."""
        with self._lock:
            return self._message_views(most)

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
            return delta, self._whole() if snapshot else None

    def tell_nobody(self) -> None:
        """Forget what changed: whoever comes gets a snapshot."""
        with self._lock:
            self._settle()
            self._reducer.take_changes()
            self._messages.take_changed()
            self._added, self._removed = [], []

    def _whole(self) -> dict[str, Any]:
        records = list(self._reducer.shown())
        self._summary = self._now_summary()
        return {
            "number": self._number,
            "at": milliseconds(self._clock()),
            "run": self._run,
            "expected": self._expected,
            "summary": self._summary,
            "nodes": [node_view(record) for record in records],
            "links": [list(edge) for edge in self._topology.links.edges],
            "knows": {str(record.key): self._topology.known(record) for record in records},
            "messages": self._message_views(SHOWN_MESSAGES)[::-1],
        }

    def _delta(self) -> dict[str, Any] | None:
        changes = self._reducer.take_changes()
        changed = self._shown(changes.nodes)
        parts: dict[str, Any] = {
            "nodes": [node_view(record) for record in changed],
            "gone": [key for key in changes.gone if not self._is_shown(key)],
            "knows": {
                str(record.key): self._topology.known(record)
                for record in self._shown(changes.knows)
            },
            "messages": [
                message_view(view, self._reducer.key, new=True)
                for view in self._messages.take_changed()
            ],
        }
        for record in changed:
            record.least = record.waiting
        if self._added or self._removed:
            parts["links"] = {"add": self._added, "remove": self._removed}
            self._added, self._removed = [], []
        now_summary = self._now_summary()
        if now_summary != self._summary:
            self._summary = parts["summary"] = now_summary
        parts = {name: part for name, part in parts.items() if part}
        if not parts:
            return None
        self._number += 1
        return {"number": self._number, "at": milliseconds(self._clock()), **parts}

    def _settle(self) -> None:
        """Bring the graph up to date with the records."""
        changes = self._reducer.changes
        if changes.shape:
            self._shape = None
            changes.shape = False
        # A key that came back keeps its node, and its links are looked at with the others.
        self._removed += self._topology.forget(changes.gone)
        added, removed = self._topology.update(changes.links)
        changes.links.clear()
        self._added += added
        self._removed += removed

    def _now_summary(self) -> dict[str, Any]:
        if self._shape is None:
            self._shape = self._topology.shape()
        return summary(
            self._reducer.shown(),
            self._shape,
            expected=self._expected,
            messages=self._messages.total,
            now=self._clock(),
            events_per_second=self._rate.per_second(self._clock()),
        )

    def _shown(self, nodes: Iterable[str]) -> list[Record]:
        records = (self._reducer.get(node) for node in nodes)
        return [record for record in records if record is not None and record.shown]

    def _is_shown(self, key: int) -> bool:
        return any(record.key == key for record in self._reducer.shown())

    def _message_views(self, most: int) -> list[dict[str, Any]]:
        """The newest first; broadcasts with their paths while there is room for them."""
        views = []
        room = SHOWN_LEGS
        for view in reversed(self._messages.newest(most)):
            said = message_view(view, self._reducer.key)
            room -= len(said["path"])
            views.append(said if room >= 0 else {**said, "path": []})
        return views
