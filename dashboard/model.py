"""What is known, and nothing else: no lock, no clock, no network.

    entries -> reducer, messages, rate -> topology -> views

The same entries in the same order give the same picture, whether they come from the nodes
just now or from a recording of last week. The observer puts a lock around one of these and
tells browsers what changed; a replay makes one from a checkpoint and asks for the picture.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from dashboard import conflicts
from dashboard.conflicts import Conflict
from dashboard.entries import (
    Answered,
    Away,
    Claimed,
    Contacted,
    Entry,
    Happened,
    Passed,
    Resumed,
    Told,
)
from dashboard.messages import Messages
from dashboard.rate import Rate
from dashboard.records import Record
from dashboard.reducer import Reducer
from dashboard.reports import Event, OfBroadcast, OfMessage
from dashboard.summary import summary
from dashboard.topology import Shape, Topology
from dashboard.views import fault_views, message_view, milliseconds, node_view

if TYPE_CHECKING:
    import networkx as nx

SHOWN_MESSAGES: Final = 200
"""Messages in a snapshot [docs/api.md]."""
MOST_CONFLICTS: Final = 3
"""Conflicts that the view of one node tells; the graph tells all [guess]."""
SHOWN_LEGS: Final = 5_000
"""Legs of broadcasts in a snapshot, those of the newest: fifty broadcasts among a hundred
nodes, 120 KB [docs/api.md; guess]."""


class Model:
    """The network, as far as it is known at one moment."""

    def __init__(self) -> None:
        self.reducer = Reducer()
        self.messages = Messages(audience=self.reducer.audience)
        self.topology = Topology(self.reducer)
        self.rate = Rate()
        self.version = 0
        """Grows when anything but messages may have changed: who is there, who knows whom."""
        self.conflicts = 0
        """How many there were when somebody last looked."""
        self._shape: Shape | None = None
        self._ways: dict[type, Callable[[Any], bool]] = {
            Told: self._told,
            Resumed: self._resumed,
            Happened: self._happened,
            Answered: self._answered,
            Contacted: self._contacted,
            Claimed: self._claimed,
            Passed: self._passed,
            Away: self._away,
        }

    def apply(self, entry: Entry) -> bool:
        """Take an entry in. False where there was no room for it, or it changed nothing."""
        if type(entry) is not Happened:
            self.version += 1
        return self._ways[type(entry)](entry)

    def event(self, node: str, event: Event, time: float, now: float) -> None:
        """One event of a node: `time` is when it happened, `now` when it came, by our clock."""
        if isinstance(event.data, OfMessage):
            self.reducer.counted(node, event)
            self.messages.report(node, event.type, event.data, time)
        elif isinstance(event.data, OfBroadcast):
            self.reducer.counted(node, event)
            self.messages.report_broadcast(node, event.type, event.data, time)
        else:
            self.version += 1
            self.reducer.event(node, event, now, time)

    def _told(self, entry: Told) -> bool:
        node = entry.said.node
        before = self.reducer.get(node.id)
        if before is not None and before.confirmed and before.epoch != node.epoch:
            self.messages.restarted(node.id)
        return self.reducer.snapshot(entry.said, entry.started, entry.at) is not None

    def _resumed(self, entry: Resumed) -> bool:
        self.reducer.resumed(entry.node, entry.at)
        return True

    def _happened(self, entry: Happened) -> bool:
        now = entry.at
        self.rate.count(len(entry.events), now)
        for event, time in zip(entry.events, entry.times, strict=True):
            self.event(entry.node, event, time, now)
        return True

    def _answered(self, entry: Answered) -> bool:
        record = self.reducer.plain(entry.node, entry.name, entry.url, entry.peers, entry.at)
        if record is not None and record.note != entry.note:
            record.note = entry.note
            self.reducer.changes.nodes.add(record.id)
        return record is not None

    def _contacted(self, entry: Contacted) -> bool:
        self.reducer.contact(entry.node, entry.contact, entry.at, entry.note)
        return True

    def _claimed(self, entry: Claimed) -> bool:
        return self.reducer.claimed(entry.node, entry.url, entry.at)

    def _passed(self, entry: Passed) -> bool:
        return self.reducer.tick(entry.at)

    def _away(self, entry: Away) -> bool:
        self.reducer.away(entry.at)
        return True

    # --- the picture --------------------------------------------------------------------------

    def settle(self) -> tuple[list[list[int]], list[list[int]]]:
        """Bring the graph up to date with the records; the links that came and that went."""
        changes = self.reducer.changes
        if changes.shape:
            self._shape = None
            changes.shape = False
        # A key that came back keeps its node, and its links are looked at with the others.
        gone = self.topology.forget(changes.hidden)
        changes.hidden.clear()
        added, removed = self.topology.update(sorted(changes.links))  # as any other process
        changes.links.clear()
        return added, gone + removed

    def shape(self) -> Shape:
        """What the settled graph looks like."""
        if self._shape is None:
            self._shape = self.topology.shape()
        return self._shape

    def summary(self, expected: int | None, now: float) -> dict[str, Any]:
        """SUMMARY of docs/api.md, of the settled graph."""
        return summary(
            self.reducer.shown(),
            self.shape(),
            expected=expected,
            messages=self.messages.total,
            now=now,
            events_per_second=self.rate.per_second(now),
            conflicts=self.conflicts,
        )

    def look_for_conflicts(self, now: float) -> list[Conflict]:
        """Look what contradicts what just now; who is concerned says so in its view.

        It follows from all the rest and from the time, so whoever tells a moment looks first.
        """
        there = conflicts.found(self.reducer, now)
        said: dict[str, list[str]] = {}
        for conflict in there:
            for record, text in conflict.said:
                said.setdefault(record.id, []).append(text)
        for record in self.reducer.shown():
            told = tuple(said.get(record.id, ())[:MOST_CONFLICTS])
            if told != record.conflicts:
                record.conflicts = told
                self.reducer.changes.nodes.add(record.id)
        self.conflicts = len(there)
        return there

    def graph(self, now: float) -> "nx.MultiDiGraph[str]":
        """The settled graph as one of networkx, with both kinds of edges, and the conflicts."""
        there = self.look_for_conflicts(now)
        graph = self.topology.whole(node_view)
        graph.graph["conflicts"] = {
            "count": len(there),
            "list": [conflict.view() for conflict in there[: conflicts.MOST]],
        }
        return graph

    def snapshot(
        self, expected: int | None, now: float, told: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A `snapshot` of docs/api.md without its number and run; `told` is the summary."""
        self.look_for_conflicts(now)
        records = list(self.reducer.shown())
        return {
            "at": milliseconds(now),
            "expected": expected,
            "summary": self.summary(expected, now) if told is None else told,
            "nodes": [node_view(record) for record in records],
            "links": [list(edge) for edge in self.topology.links.edges],
            "knows": {str(record.key): self.topology.known(record) for record in records},
            "faults": {
                str(record.key): fault_views(record, self.reducer.key)
                for record in records
                if record.broken
            },
            "messages": self.message_views(SHOWN_MESSAGES)[::-1],
        }

    def message_views(self, most: int) -> list[dict[str, Any]]:
        """The newest first; broadcasts with their paths while there is room for them."""
        views = []
        room = SHOWN_LEGS
        for view in reversed(self.messages.newest(most)):
            said = message_view(view, self.reducer.key)
            room -= len(said["path"])
            views.append(said if room >= 0 else {**said, "path": []})
        return views

    def records(self, nodes: Iterable[str]) -> list[Record]:
        """Those of some nodes that are shown."""
        found = (self.reducer.get(node) for node in nodes)
        return [record for record in found if record is not None and record.shown]
