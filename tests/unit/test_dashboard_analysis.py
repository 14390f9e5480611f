"""Numbers about graphs whose numbers are known."""

from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from recorded import BEGAN, Lab, lab, node

from dashboard import analysis as analysis_module
from dashboard.analysis import MOST_TOLD, Subject, analysis, distances, subject
from dashboard.past import over_time
from dashboard.reports import About, Member, OfMember
from dashboard.series import KEPT, Series


def of(graph: "nx.Graph[Any]", maps: dict[str, set[str]] | None = None) -> Subject:
    links: nx.DiGraph[str] = nx.relabel_nodes(graph.to_directed(), str)
    told = {name: frozenset(known) for name, known in (maps or {}).items()}
    return Subject(links, {name: f"node {name}" for name in links}, told, {})


def names(listed: Any) -> list[Any]:
    return [
        one["id"] if isinstance(one, dict) else [each["id"] for each in one]
        for one in listed["list"]
    ]


def test_a_path_is_all_bridges() -> None:
    told = analysis(of(nx.path_graph(5)))
    assert told["distances"] == {
        "of": 5,
        "exact": True,
        "from": 5,
        "diameter": 4,
        "radius": 2,
        "mean_path": 2.0,
    }
    assert names(told["articulation_points"]) == ["1", "2", "3"]
    assert names(told["bridges"]) == [["0", "1"], ["1", "2"], ["2", "3"], ["3", "4"]]
    assert told["degrees"] == {"1": 2, "2": 3}
    assert (told["mean_degree"], told["clustering"]) == (1.6, 0.0)


def test_a_complete_graph_has_none() -> None:
    told = analysis(of(nx.complete_graph(6)))
    assert (told["distances"]["diameter"], told["distances"]["mean_path"]) == (1, 1.0)
    assert told["clustering"] == 1.0
    assert told["bridges"]["count"] == told["articulation_points"]["count"] == 0
    assert told["components"] == [6]


def test_distances_are_of_the_largest_part() -> None:
    told = analysis(of(nx.disjoint_union(nx.path_graph(3), nx.cycle_graph(8))))
    assert told["components"] == [8, 3]
    assert (told["distances"]["of"], told["distances"]["diameter"]) == (8, 4)


def test_nobody_and_one_alone_have_no_distances() -> None:
    nobody = analysis(of(nx.Graph()))
    assert nobody["distances"]["mean_path"] is nobody["clustering"] is nobody["mean_degree"] is None
    assert nobody["components"] == []
    alone = analysis(of(nx.empty_graph(1), {"0": set()}))
    assert alone["distances"]["diameter"] == 0
    assert alone["distances"]["mean_path"] is alone["coverage"]["mean"] is None
    assert alone["agreement"] == {
        "maps": 1,
        "different": 1,
        "share": None,
        "mean_difference": None,
    }


def test_up_to_200_nodes_are_exact_and_more_are_sampled_and_say_so() -> None:
    exact = distances(nx.random_regular_graph(6, 200, seed=1))
    assert (exact["exact"], exact["from"]) == (True, 200)
    graph = nx.random_regular_graph(6, 1_000, seed=1)
    sampled = distances(graph)
    assert (sampled["exact"], sampled["from"]) == (False, analysis_module.SAMPLE)
    assert sampled["mean_path"] == pytest.approx(nx.average_shortest_path_length(graph), rel=0.01)
    assert sampled["diameter"] <= nx.diameter(graph)
    assert distances(graph) == sampled


def test_coverage_is_told_of_each_node_the_least_first() -> None:
    told = analysis(of(nx.empty_graph(3), {"0": {"1", "2"}, "1": {"0"}, "2": set()}))["coverage"]
    assert (told["mean"], told["least"]) == (0.5, 0.0)
    assert [(one, said["share"]) for one, said in told["nodes"].items()] == [
        ("2", 0.0),
        ("1", 0.5),
        ("0", 1.0),
    ]


def test_maps_agree_where_they_are_the_same() -> None:
    everybody = {str(k): {str(j) for j in range(4)} - {str(k)} for k in range(4)}
    whole = analysis(of(nx.empty_graph(4), everybody))["agreement"]
    assert whole == {"maps": 4, "different": 1, "share": 1.0, "mean_difference": 0.0}
    everybody["3"] = {"0"}
    differing = analysis(of(nx.empty_graph(4), everybody))["agreement"]
    # three agree: 6 of 12 ordered pairs; with the fourth each differs in two nodes
    assert differing == {"maps": 4, "different": 2, "share": 0.5, "mean_difference": 1.0}


def test_long_lists_are_cut_and_counted() -> None:
    told = analysis(of(nx.star_graph(MOST_TOLD + 50)))
    assert told["bridges"]["count"] == MOST_TOLD + 50
    assert len(told["bridges"]["list"]) == MOST_TOLD


def test_conflicts_are_told_with_who_says_what(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        for k in range(1, 5):
            network.snapshot(k, range(1, 5))
        gone = Member("id4", "node4", "http://node4:5000", "dead")
        network.tells(1, "member.dead", OfMember(gone))
        copies: list[Subject] = []
        network.observer.recorded(lambda model, _: copies.append(subject(model)))
    told = analysis(copies[0])["conflicts"]
    (state,) = told["states"]["list"]
    assert state["about"] == {"id": "id4", "name": "node4"}
    assert state["say"]["dead"] == {"count": 1, "nodes": [{"id": "id1", "name": "node1"}]}
    assert [one["id"] for one in state["say"]["alive"]["nodes"]] == ["id2", "id3"]
    one_sided = told["one_sided_links"]
    assert one_sided["count"] == 5
    first = one_sided["list"][0]
    assert (first["told_by"]["id"], first["not_by"]["id"]) == ("id1", "id2")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    real = analysis_module.analysis

    def counting(given: Subject) -> dict[str, Any]:
        calls.append(1)
        return real(given)

    monkeypatch.setattr(analysis_module, "analysis", counting)
    return calls


def ring(network: Lab, nodes: int) -> None:
    for k in range(1, nodes + 1):
        network.snapshot(k, range(1, nodes + 1))


def test_it_is_worked_out_once_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted(monkeypatch)
    with lab(tmp_path) as network:
        ring(network, 4)
        series = Series(network.observer)
        first = series.now()
        network.now += 60
        network.message(1, 2, "a message changes no graph")
        assert series.now() == {**first, "at": (BEGAN + 60) * 1000}
        assert len(calls) == 1
        network.tells(1, "link.up", About(node(4)))
        assert series.now()["conflicts"] != first["conflicts"]
        suspect = Member("id4", "node4", "http://node4:5000", "suspect")
        network.tells(1, "member.suspect", OfMember(suspect))
        assert series.now()["conflicts"]["states"]["count"] == 1
        assert len(calls) == 3


def test_the_numbers_over_time_are_kept_and_bounded(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        series = Series(network.observer)
        series.look()
        assert series.points() == []
        for k in range(1, 4):
            network.snapshot(k, range(1, 4))
            network.now += 10
            series.look()
        assert [(one["at"], one["nodes"]) for one in series.points()] == [
            ((BEGAN + 10) * 1000, 3),
            ((BEGAN + 20) * 1000, 3),
            ((BEGAN + 30) * 1000, 3),
        ]
        for _ in range(KEPT + 10):
            series.look()
        assert len(series.points()) == KEPT


def test_of_a_run_the_numbers_are_told_at_its_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.history.CHECKPOINT_RECORDS", 1)
    with lab(tmp_path) as network:
        ring(network, 3)
        for _ in range(20):
            network.now += 10
            network.message(1, 2, f"m{network.now}")
            network.history.turn()
        with network.reads() as run:
            every = over_time(run, 0, 2**60, 100)
            some = over_time(run, 0, 2**60, 5)
            part = over_time(run, round((BEGAN + 100) * 1e6), 2**60, 100)
        assert len(every) == len({one["at"] for one in every}) >= 10
        assert every[-1]["nodes"] == 3
        assert 3 <= len(some) <= 5
        assert [one for one in every if one["at"] >= (BEGAN + 100) * 1000] == part
