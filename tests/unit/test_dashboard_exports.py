"""What other programs get: loaded with them, names and texts of strangers included."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from recorded import BEGAN, lab

from dashboard.clocks import Offset
from dashboard.exports import FORMATS, Picture, picture
from dashboard.reports import Member, Node, OfBroadcast, OfMessage, Own, Snapshot

HOSTILE = [
    "node1",
    '=cmd|"/c calc"!A1',
    'a"b\\',
    "\x00\x1b[2J\n\r\t",
    "<script>alert(1)</script>&amp;",
    "+1 -2 @x \u202e \ufffe ü 💩",
    "-- ]; evil [label=",
]


def named(number: int) -> Node:
    return Node(f"id{number}", HOSTILE[number], f"http://node{number}:5000")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    copies: list[Picture] = []
    with lab(tmp_path_factory.mktemp("data")) as network:
        every = range(len(HOSTILE))
        for k in every:
            members = [
                Member(named(j).id, named(j).name, named(j).url, "alive") for j in every if j != k
            ]
            links = [named(j).id for j in every if j in {k + 1, k - 1}]
            own = Own(named(k).id, named(k).name, named(k).url, 1, BEGAN)
            network.observer.snapshot(Snapshot(own, 0, BEGAN, members, links), Offset())
        for k in range(1, len(HOSTILE)):
            text = HOSTILE[k] + "\nsecond line"
            of = OfMessage(f"m{k}", named(k), HOSTILE[k], text, 1, "", named(0))
            network.tells(0, "message.sent", of)
            network.seqs.pop(0)
        everybody = OfBroadcast("b", named(0), None, "node1", "all")
        network.observer.events("id0", _batch(network.now, "broadcast.sent", everybody), Offset())
        network.observer.recorded(lambda model, at: copies.append(picture(model, at)))
    return copies[0]


def _batch(now: float, type_: str, data: Any) -> Any:
    from dashboard.reports import Batch, Event

    return Batch(now, [Event(1, type_, now, data)])


def written(shown: Picture, name: str) -> str:
    return FORMATS[name].write(shown)


def edges(graph: Any) -> list[tuple[str, str, str]]:
    return sorted((start, end, edge["kind"]) for start, end, edge in graph.edges(data=True))


def test_node_link_json_is_what_networkx_reads(shown: Picture) -> None:
    graph = nx.node_link_graph(json.loads(written(shown, "graph.json")))
    assert edges(graph) == edges(shown.graph)
    read = {node: {**told, "id": node} for node, told in graph.nodes(data=True)}
    assert read == dict(shown.graph.nodes(data=True))
    assert isinstance(graph, nx.DiGraph)


@pytest.mark.parametrize("name", ["graph.graphml", "graph.gexf"])
def test_xml_is_what_networkx_reads(shown: Picture, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(written(shown, name), encoding="utf-8")
    graph = nx.read_graphml(file) if name.endswith("graphml") else nx.read_gexf(file)
    assert edges(graph) == edges(shown.graph)
    labels = {node: told["label"] for node, told in graph.nodes(data=True)}
    for k, hostile in enumerate(HOSTILE):
        if hostile.isprintable():
            assert labels[f"id{k}"] == hostile
    assert labels["id3"] == "\\x00\\x1b[2J\\n\\r\\t"
    assert {told["state"] for _, told in graph.nodes(data=True)} == {"alive"}
    assert {told["believed_alive"] for _, told in graph.nodes(data=True)} == {6}
    links = [edge for *_, edge in graph.edges(data=True) if edge["kind"] == "link"]
    assert {edge["mutual"] for edge in links} == {True}
    assert {edge["since"] for edge in links} == {BEGAN * 1000}


STRING = r'"(?:[^"\\\n]|\\.)*"'
DOT = re.compile(
    rf"""digraph\ p2p\ \{{\n
    (?:\ \ n\d+\ \[label={STRING},\ id={STRING},\ tooltip={STRING},\ class={STRING}\];\n)*
    (?:\ \ n\d+\ ->\ n\d+\ \[class="(?:link|knows)",\ style=(?:solid|dotted)\];\n)*
    \}}\n""",
    re.VERBOSE,
)


def test_dot_keeps_to_the_grammar_whatever_names_say(shown: Picture) -> None:
    text = written(shown, "graph.dot")
    assert DOT.fullmatch(text)
    assert text.count(" -> ") == shown.graph.number_of_edges()
    labels = [re.sub(r"\\(.)", r"\1", one[1:-1]) for one in re.findall(rf"label=({STRING})", text)]
    assert [one for one in labels if one in HOSTILE] == [
        one for one in HOSTILE if one.isprintable()
    ]


def test_dot_is_what_graphviz_reads(shown: Picture) -> None:
    dot = shutil.which("dot")
    if dot is None:
        pytest.skip("Graphviz is not installed on this machine")
    done = subprocess.run(
        [dot, "-Tjson0"],
        input=written(shown, "graph.dot"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said["objects"]) == len(HOSTILE)
    assert len(said["edges"]) == shown.graph.number_of_edges()


def test_a_table_of_edges(shown: Picture) -> None:
    rows = list(csv.DictReader(io.StringIO(written(shown, "edges.csv"), newline="")))
    found = sorted((row["source"], row["target"], row["kind"]) for row in rows)
    assert found == edges(shown.graph)
    lines = [json.loads(line) for line in written(shown, "edges.jsonl").splitlines()]
    assert sorted((line["source"], line["target"], line["kind"]) for line in lines) == found
    assert {line["mutual"] for line in lines} == {True, None}


def test_no_cell_of_a_table_is_a_formula(shown: Picture) -> None:
    for name in ("edges.csv", "messages.csv"):
        rows = list(csv.reader(io.StringIO(written(shown, name), newline="")))
        assert len({len(row) for row in rows}) == 1
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert "'" + HOSTILE[1] in cells
        assert "\0" not in "".join(cells)


def test_messages_as_tables_and_lines_keep_their_texts(shown: Picture) -> None:
    rows = list(csv.DictReader(io.StringIO(written(shown, "messages.csv"), newline="")))
    lines = [json.loads(line) for line in written(shown, "messages.jsonl").split("\n")[:-1]]
    assert len(rows) == len(lines) == len(HOSTILE)
    by_id = {line["id"]: line for line in lines}
    for k in range(1, len(HOSTILE)):
        line = by_id[f"m{k}"]
        assert (line["from"], line["to"]) == ("id0", f"id{k}")
        assert (line["from_name"], line["to_name"]) == (HOSTILE[0], HOSTILE[k])
        assert line["text"] == HOSTILE[k] + "\nsecond line"
    assert by_id["b"]["kind"] == "broadcast"
    assert {row["id"] for row in rows} == set(by_id)
    assert next(row for row in rows if row["id"] == "m2")["text"] == HOSTILE[2] + "\nsecond line"
