"""Numbers about the network's shape, with networkx: what a course on graphs asks of one.

All of it is about the living nodes. *Links* are taken as a graph without directions: an edge
where at least one end reports it. What is said of distances is said of its largest component.

* components; diameter, radius and mean path: exact up to `EXACT` nodes, above from a sample of
  nodes, and said which (a sampled diameter is a lower bound)
* clustering (Watts and Strogatz 1998), degrees, articulation points and bridges (Tarjan 1974)
* coverage: how much of the living others each node knows; *agreement*: of all pairs of nodes
  with a map, how many have the very same one, and how far apart maps are on average
* conflicts: of whom maps say different things, and links that only one end reports. Both are
  told as they are, with who says what; nobody's word is averaged away

It takes milliseconds for a hundred nodes and seconds for a thousand, so it is worked out
outside the event loop, from a copy.
"""

import random
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import networkx as nx

from dashboard.records import LIVING

if TYPE_CHECKING:
    from dashboard.model import Model

EXACT: Final = 200
"""Nodes up to which distances are exact [issue 5]."""
SAMPLE: Final = 50
"""Nodes from which distances are taken above that: the mean path of 1,000 nodes is then within
1 % [measured]."""
MOST_TOLD: Final = 200
"""Conflicts, nodes or edges in one list; how many there are is told beside it."""


class Subject(NamedTuple):
    """What is looked at: a copy."""

    links: "nx.DiGraph[str]"
    """Links as their ends report them, living nodes only, by id."""
    names: dict[str, str]
    maps: dict[str, frozenset[str]]
    """Of each living node whose word is current: whom it believes alive, among the living."""
    said: dict[str, dict[str, list[str]]]
    """Of whom the maps do not all say the same: who says which state."""


def subject(model: "Model") -> Subject:
    """A copy of what is looked at, of a settled model."""
    living = {record.id: record for record in model.reducer.shown() if record.state in LIVING}
    by_key = {record.key: record.id for record in living.values()}
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(living)
    links.add_edges_from(
        (by_key[a], by_key[b]) for a, b in model.topology.links.edges if a in by_key and b in by_key
    )
    tellers = [record for record in living.values() if record.watched]
    maps = {
        record.id: frozenset(
            node
            for node, belief in record.beliefs.items()
            if belief.living and node in living and node != record.id
        )
        for record in tellers
    }
    said: dict[str, dict[str, list[str]]] = {}
    for record in model.reducer.shown():
        if sum(count > 0 for count in record.votes) > 1:
            of: dict[str, list[str]] = {}
            for teller in tellers:
                belief = teller.beliefs.get(record.id)
                if belief is not None:
                    of.setdefault(belief.state, []).append(teller.id)
            said[record.id] = of
    names = {record.id: record.name for record in model.reducer.shown()}
    return Subject(links, names, maps, said)


def analysis(of: Subject) -> dict[str, Any]:
    """ANALYSIS of docs/api.md, but for its time."""
    graph = of.links.to_undirected()
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    largest = graph.subgraph(parts[0]) if parts else graph
    degrees = [degree for _, degree in graph.degree]
    articulation = sorted(nx.articulation_points(graph))
    bridges = sorted(tuple(sorted(edge)) for edge in nx.bridges(graph))
    return {
        "nodes": graph.number_of_nodes(),
        "links": graph.number_of_edges(),
        "components": [len(part) for part in parts[:MOST_TOLD]],
        "distances": distances(largest),
        "clustering": _rounded(nx.average_clustering(graph)) if degrees else None,
        "degrees": {str(degree): count for degree, count in sorted(Counter(degrees).items())},
        "mean_degree": _rounded(sum(degrees) / len(degrees)) if degrees else None,
        "articulation_points": _listed(_node(of, node) for node in articulation),
        "bridges": _listed([_node(of, a), _node(of, b)] for a, b in bridges),
        "coverage": coverage(of),
        "agreement": agreement(of),
        "conflicts": conflicts(of),
    }


def distances(component: "nx.Graph[str]") -> dict[str, Any]:
    """How far it is from one node to another, in links."""
    count = component.number_of_nodes()
    exact = count <= EXACT
    chosen = list(component)
    if not exact:
        chosen = random.Random(count).sample(sorted(chosen), SAMPLE)  # noqa: S311 - repeatable
    furthest, total, pairs = [], 0, 0
    for node in chosen:
        reached = nx.single_source_shortest_path_length(component, node)
        furthest.append(max(reached.values()))
        total += sum(reached.values())
        pairs += len(reached) - 1
    return {
        "of": count,
        "exact": exact,
        "from": len(chosen),
        "diameter": max(furthest, default=None),
        "radius": min(furthest, default=None),
        "mean_path": _rounded(total / pairs) if pairs else None,
    }


def coverage(of: Subject) -> dict[str, Any]:
    """How much of the living others each node knows: 0 to 1."""
    others = of.links.number_of_nodes() - 1
    shares = {node: len(known) / others for node, known in of.maps.items()} if others > 0 else {}
    least = sorted(shares.items(), key=lambda one: (one[1], one[0]))
    return {
        "mean": _rounded(sum(shares.values()) / len(shares)) if shares else None,
        "least": _rounded(least[0][1]) if least else None,
        "nodes": {
            node: {"name": of.names.get(node), "share": _rounded(share)}
            for node, share in least[:MOST_TOLD]
        },
    }


def agreement(of: Subject) -> dict[str, Any]:
    """Whether the maps agree."""
    # A map is without its owner, who knows himself as well.
    whole = {node: known | {node} for node, known in of.maps.items()}
    same = Counter(whole.values())
    count = len(whole)
    pairs = count * (count - 1)
    agreeing = sum(size * (size - 1) for size in same.values())
    believers = Counter(node for known in whole.values() for node in known)
    differing = sum(2 * size * (count - size) for size in believers.values())
    return {
        "maps": count,
        "different": len(same),
        "share": _rounded(agreeing / pairs) if pairs else None,
        "mean_difference": _rounded(differing / pairs) if pairs else None,
    }


def conflicts(of: Subject) -> dict[str, Any]:
    """What nodes contradict each other in."""
    one_sided = [(a, b) for a, b in of.links.edges if not of.links.has_edge(b, a)]
    return {
        "states": _listed(
            {
                "about": _node(of, node),
                "say": {
                    state: {"count": len(who), "nodes": [_node(of, one) for one in who[:10]]}
                    for state, who in sorted(said.items())
                },
            }
            for node, said in sorted(of.said.items())
        ),
        "one_sided_links": _listed(
            {"told_by": _node(of, a), "not_by": _node(of, b)} for a, b in sorted(one_sided)
        ),
    }


def point(at: int, whole: dict[str, Any]) -> dict[str, Any]:
    """The numbers of an analysis that are followed over time."""
    return {
        "at": at,
        "nodes": whole["nodes"],
        "links": whole["links"],
        "components": len(whole["components"]),
        "diameter": whole["distances"]["diameter"],
        "mean_path": whole["distances"]["mean_path"],
        "exact": whole["distances"]["exact"],
        "clustering": whole["clustering"],
        "mean_degree": whole["mean_degree"],
        "articulation_points": whole["articulation_points"]["count"],
        "bridges": whole["bridges"]["count"],
        "coverage": whole["coverage"]["mean"],
        "agreement": whole["agreement"]["share"],
    }


def _listed(values: Iterable[Any]) -> dict[str, Any]:
    listed = list(values)
    return {"count": len(listed), "list": listed[:MOST_TOLD]}


def _node(of: Subject, node: str) -> dict[str, str]:
    return {"id": node, "name": of.names.get(node, "")}


def _rounded(value: float) -> float:
    return round(value, 4)
