"""The network for other programs: networkx, Gephi, Graphviz, a spreadsheet, a script.

    graph.json     networkx's node-link form
    graph.graphml  for most graph programs
    graph.gexf     for Gephi
    graph.dot      for Graphviz
    edges.csv, edges.jsonl, messages.csv, messages.jsonl

Names, texts and notes come from the network. Each format has its own way of being fooled, so
each has its own guard: XML takes no control characters, DOT reads backslashes in labels, and
a spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula (CWE-1236), which
is why such a cell gets an apostrophe in front, as OWASP advises.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import networkx as nx

from contract.text import one_line

if TYPE_CHECKING:
    from dashboard.model import Model

MOST_MESSAGES: Final = 2_000
"""Messages in a file: all that are kept [dashboard.messages]."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NO_XML: Final = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
"""No characters at all, and no XML could hold them (XML 1.0, section 2.2)."""


class Picture(NamedTuple):
    """What is exported: a copy, which nobody changes any more."""

    graph: "nx.MultiDiGraph[str]"
    messages: list[dict[str, Any]]
    """MESSAGE_VIEWs, newest first."""


class Format(NamedTuple):
    """How it is written down."""

    mimetype: str
    write: Callable[[Picture], str]


def picture(model: "Model", now: float) -> Picture:
    """What there is to export of a model, at a moment."""
    model.settle()
    return Picture(model.graph(now), model.message_views(MOST_MESSAGES))


# --- graphs ---------------------------------------------------------------------------------


def _json(whole: Picture) -> str:
    return msgspec.json.encode(nx.node_link_data(whole.graph)).decode()


def _graphml(whole: Picture) -> str:
    return "\n".join(nx.generate_graphml(_flat(whole.graph)))


def _gexf(whole: Picture) -> str:
    return "\n".join(nx.generate_gexf(_flat(whole.graph), version="1.2draft"))


def _dot(whole: Picture) -> str:
    return "".join(_dot_lines(whole.graph))


def _flat(graph: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """A graph with one plain value an attribute, and edges that have numbers of their own."""
    flat: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, told in graph.nodes(data=True):
        believed = {f"believed_{state}": count for state, count in told["believed"].items()}
        known = {
            field: value
            for field, value in told.items()
            if value is not None and field not in {"id", "believed", "faults", "conflicts"}
        }
        if told["faults"]:
            known["faults"] = " ".join(told["faults"])
        known["conflicts"] = len(told["conflicts"])
        flat.add_node(_plain(node), label=_plain(told["name"]), **_texts({**known, **believed}))
    for number, (start, end, edge) in enumerate(graph.edges(data=True), 1):
        flat.add_edge(_plain(start), _plain(end), f"e{number}", **_texts(edge))
    return flat


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    return {
        field: _plain(value) if isinstance(value, str) else value for field, value in values.items()
    }


def _plain(text: str) -> str:
    """A text that XML can hold."""
    return one_line(text).translate(_NO_XML)


def _dot_lines(graph: "nx.MultiDiGraph[str]") -> Iterator[str]:
    yield "digraph p2p {\n"
    keys = {}
    for node, told in graph.nodes(data=True):
        keys[node] = f"n{told['key']}"
        yield (
            f"  {keys[node]} [label={_quoted(told['name'])}, id={_quoted(node)}, "
            f"tooltip={_quoted(told['url'])}, class={_quoted(told['state'])}];\n"
        )
    for start, end, edge in graph.edges(data=True):
        style = "solid" if edge["kind"] == "link" else "dotted"
        yield f'  {keys[start]} -> {keys[end]} [class="{edge["kind"]}", style={style}];\n'
    yield "}\n"


def _quoted(text: str) -> str:
    """A quoted string of DOT that shows just this text (Graphviz, "escString")."""
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- tables ---------------------------------------------------------------------------------


def _edges(whole: Picture) -> Iterator[dict[str, Any]]:
    names = {node: told["name"] for node, told in whole.graph.nodes(data=True)}
    for start, end, edge in whole.graph.edges(data=True):
        yield {
            "source": start,
            "source_name": names[start],
            "target": end,
            "target_name": names[end],
            "kind": edge["kind"],
            "since": edge["since"],
            "mutual": edge.get("mutual"),
        }


def _messages(whole: Picture) -> Iterator[dict[str, Any]]:
    nodes = {told["key"]: (node, told["name"]) for node, told in whole.graph.nodes(data=True)}
    for told in whole.messages:
        start, start_name = nodes.get(told["from"], (None, None))
        end, end_name = nodes.get(told["to"], (None, None))
        yield {
            "id": told["id"],
            "kind": told["kind"],
            "from": start,
            "from_name": start_name,
            "to": end,
            "to_name": end_name,
            **{field: told[field] for field in _FIELDS},
            "path": [[nodes.get(key, (None, None))[0] for key in leg[:2]] for leg in told["path"]],
        }


_FIELDS: Final = (
    *("sender", "text", "state", "attempt", "reason", "sent_at", "received_at", "done_at"),
    *("hops", "reached", "of"),
)
_EDGE: Final = ("source", "source_name", "target", "target_name", "kind", "since", "mutual")
_MESSAGE: Final = ("id", "kind", "from", "from_name", "to", "to_name", *_FIELDS)


def _csv(fields: Iterable[str], rows: Iterable[dict[str, Any]]) -> str:
    """A table as RFC 4180 has it."""
    kept = list(fields)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(kept)
    writer.writerows([_cell(row[field]) for field in kept] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return "" if value is None else value
    value = value.replace("\0", "\\x00")
    return f"'{value}" if value.startswith(_FORMULA) else value


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(msgspec.json.encode(row).decode() + "\n" for row in rows)


FORMATS: Final[dict[str, Format]] = {
    "graph.json": Format("application/json", _json),
    "graph.graphml": Format("application/graphml+xml", _graphml),
    "graph.gexf": Format("application/gexf+xml", _gexf),
    "graph.dot": Format("text/vnd.graphviz", _dot),
    "edges.csv": Format("text/csv", lambda whole: _csv(_EDGE, _edges(whole))),
    "edges.jsonl": Format("application/jsonl", lambda whole: _lines(_edges(whole))),
    "messages.csv": Format("text/csv", lambda whole: _csv(_MESSAGE, _messages(whole))),
    "messages.jsonl": Format("application/jsonl", lambda whole: _lines(_messages(whole))),
}
