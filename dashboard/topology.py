"""The network as a graph, and what can be said about it in one line.

The links between nodes live in a networkx graph that follows the reducer step by step.
Who knows whom is nearly everybody, N squared edges, and stays in the nodes' own maps; the
whole graph with both kinds of edges is put together when somebody asks for it.

The network counts as connected while every living node can be reached from every other
over links or acquaintance, in whichever direction. Since an acquaintance ends only when a
node is found dead, a split shows once the parts have given each other up, which takes
them some ten seconds.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec
import networkx as nx

from dashboard.records import LIVING, Record
from dashboard.reducer import STATES, Reducer


class Part(msgspec.Struct, frozen=True, order=True):
    """A component."""

    size: int
    since: float
    """When the oldest of its nodes started, in our seconds."""


class Shape(msgspec.Struct, frozen=True):
    """What the graph looks like at one moment."""

    parts: tuple["Part", ...]
    """The components of living nodes, largest first."""
    links: int
    coverage: float
    """How much of the living others a watched node knows, on average: 0 to 1."""


class Topology:
    """The graph of links between the nodes that are shown. Edge `a, b`: `a` reports it."""

    def __init__(self, reducer: Reducer) -> None:
        self._reducer = reducer
        self.links: nx.DiGraph[int] = nx.DiGraph()

    def update(self, nodes: Iterable[str]) -> tuple[list[list[int]], list[list[int]]]:
        """Follow the links of some nodes; returns the edges that came and that went."""
        added: list[list[int]] = []
        removed: list[list[int]] = []
        for node in nodes:
            record = self._reducer.get(node)
            if record is None or not record.shown:
                continue
            self.links.add_node(record.key)
            links = () if record.over else record.links
            wanted = {key for key in self._keys(links) if key != record.key}
            present = set(self.links.successors(record.key))
            added += ([record.key, key] for key in sorted(wanted - present))
            removed += ([record.key, key] for key in sorted(present - wanted))
        self.links.add_edges_from(added)
        self.links.remove_edges_from(removed)
        return added, removed

    def forget(self, keys: Iterable[int]) -> list[list[int]]:
        """Nodes are shown no more; returns the edges that went with them."""
        removed: list[list[int]] = []
        for key in keys:
            if key in self.links:
                removed += ([key, other] for other in self.links.successors(key))
                removed += ([other, key] for other in self.links.predecessors(key))
                self.links.remove_node(key)
        return removed

    def known(self, record: Record) -> list[int]:
        """The keys of the nodes that a node believes to live, in order."""
        if record.over:
            return []
        keys = self._reducer.keys
        return sorted(
            [
                keys[other]
                for other, belief in record.beliefs.items()
                if other in keys and belief.state in LIVING
            ]
        )

    def shape(self) -> Shape:
        """Components and coverage of the living.

        It is asked for with every delta that has news of links or maps, twenty times a second while
        a network changes. So coverage is taken from the votes, which are counted as they come, and
        not from N squared beliefs; and the components are found in the graph as it is, without a
        copy of it. A thousand nodes take a few ms this way, and many times that with networkx's
        own [guess].
        """
        living = {r.id: r for r in self._reducer.shown() if r.state in LIVING}
        since = {record.key: record.since for record in living.values()}
        parts = self._parts(since.keys())
        if len(parts) > 1:
            parts = self._joined(parts, living)
        watched = sum(record.watched for record in living.values())
        others = len(living) - 1
        coverage = self._known(living) / (others * watched) if others > 0 and watched else 0.0
        told = sorted((Part(len(p), min(since[key] for key in p)) for p in parts), reverse=True)
        return Shape(tuple(told), self.links.number_of_edges(), coverage)

    def _parts(self, keys: Collection[int]) -> list[set[int]]:
        """The components of some nodes, over links in whichever direction."""
        follows, leads = self.links._succ, self.links._pred  # noqa: SLF001 - without views of them
        left = set(keys)
        parts = []
        while left:
            part = [left.pop()]
            for key in part:  # which grows meanwhile
                if key not in follows:
                    continue
                for others in (follows[key], leads[key]):
                    for other in others:
                        if other in left:
                            left.remove(other)
                            part.append(other)
            parts.append(set(part))
        return parts

    def _known(self, living: dict[str, Record]) -> int:
        """How many living nodes the watched living ones know, all together.

        Each vote for a node is somebody's belief. The few that are watched and have ended, as a
        node that has said good-bye and still talks, have votes, too, which do not count here.
        """
        known = sum(record.votes[0] + record.votes[1] for record in living.values())
        for record in self._reducer.tellers():
            if record.watched and record.id not in living:
                known -= self._known_of(record, living)
        return known

    def whole(self, view: Callable[[Record], dict[str, Any]]) -> "nx.MultiDiGraph[str]":
        """Nodes, by id and with their views, and both kinds of edges, the kind as their key.

        What two nodes say about one thing is not made into one: `believed` has how many
        believe a node to be in which state, and a `link` that only one end reports is not
        `mutual`. `faults` are the kinds of what is done to a node on purpose. `since` is since
        when it is so, in milliseconds, as far as it was told.
        """
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        records = {record.key: record for record in self._reducer.shown()}
        for record in records.values():
            believed = dict(zip(STATES, record.votes, strict=True))
            faults = [one.fault.kind for one in record.broken]
            graph.add_node(record.id, **view(record), believed=believed, faults=faults)
        for record in records.values():
            for key in self.known(record):
                since = record.beliefs[records[key].id].since
                edge = {"kind": "knows", "since": since * 1000}
                graph.add_edge(record.id, records[key].id, "knows", **edge)
        for a, b in self.links.edges:
            since = round(records[a].links[records[b].id] * 1000)
            mutual = self.links.has_edge(b, a)
            edge = {"kind": "link", "since": since, "mutual": mutual}
            graph.add_edge(records[a].id, records[b].id, "link", **edge)
        return graph

    def _joined(self, parts: list[set[int]], living: dict[str, Record]) -> list[set[int]]:
        """Components of links that are one by acquaintance."""
        part_of = {key: number for number, part in enumerate(parts) for key in part}
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(parts)))
        for record in living.values():
            mine = part_of[record.key]
            met = {
                part_of[living[other].key]
                for other, belief in record.beliefs.items()
                if other in living and belief.living
            }
            graph.add_edges_from((mine, theirs) for theirs in met if theirs != mine)
        return [
            set().union(*(parts[number] for number in group))
            for group in nx.connected_components(graph)
        ]

    @staticmethod
    def _known_of(record: Record, living: Collection[str]) -> int:
        return sum(
            1
            for other, belief in record.beliefs.items()
            if belief.living and other in living and other != record.id
        )

    def _keys(self, nodes: Iterable[str]) -> Iterable[int]:
        keys = self._reducer.keys
        return (keys[node] for node in nodes if node in keys)
