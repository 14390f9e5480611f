"""`chaos`: break running nodes on purpose, one or many as one act, and heal them."""

import argparse
import json
from typing import Any, Final
from urllib.parse import quote

from lab import LabError
from lab.dashboard import Dashboard
from lab.folder import Folder, network_name
from lab.following import asking
from lab.options import name_option
from lab.status import last_run

DESCRIPTION = """Break nodes of the running network on purpose. A fault ends by itself after its
time, or with `heal`. What each kind does, and its own fields, is in docs/api.md, "Faults on
demand". Nothing is ever half done: where one node refuses, none is touched."""
EXAMPLES = """  {prog} chaos freeze node7 --seconds 20
  {prog} chaos crash node7 node8 --set down_seconds=15
  {prog} chaos delay node3 --set mean_ms=300
  {prog} chaos drop node3 --peers node4 node5 --direction out
  {prog} chaos isolate node9
  {prog} chaos partition node1 node2 node3              these three, and all others
  {prog} chaos partition node1 node2 / node3 node4      two groups; the rest hears both
  {prog} chaos halves --set seed=7                      two halves, by chance
  {prog} chaos bridge node9                             two halves, and node9 hears both
  {prog} chaos ring                                     each hears the one before and after
  {prog} chaos list
  {prog} chaos undo partition-1f3a                      one act, by its id or how that begins
  {prog} chaos heal                                     everything"""

KINDS: Final = (
    *("drop", "delay", "duplicate", "reorder", "throttle"),
    *("freeze", "crash", "disk-full", "clock-skew", "leave", "isolate", "partition"),
)
SHAPES: Final = ("halves", "bridge", "ring")
"""Partitions of all nodes, or of those that are named; a bridge's node is named."""
PATIENCE: Final = 30.0
"""Seconds for an act at a hundred nodes; each has twelve."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "kind", choices=(*KINDS, *SHAPES, "list", "undo", "heal"), help="what to do"
    )
    parser.add_argument("nodes", nargs="*", metavar="NODE", help="names; `/` between groups")
    parser.add_argument("--seconds", type=_seconds, metavar="S", help="for how long (60)")
    parser.add_argument("--peers", nargs="+", metavar="NODE", help="towards these only")
    parser.add_argument("--direction", choices=("in", "out", "both"), help="which way (both)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_field,
        metavar="FIELD=VALUE",
        help="a field of the kind's own; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Do it through the dashboard, which knows all nodes."""
    dashboard = Dashboard(last_run(Folder(network_name(chosen.name))).layout.dashboard, PATIENCE)
    with asking():
        if chosen.kind == "undo":
            said = dashboard.delete(f"/api/faults/{quote(_meant(dashboard, chosen.nodes))}")
        elif chosen.kind in {"list", "heal"}:
            if chosen.nodes:
                raise LabError(f"`chaos {chosen.kind}` is for the whole network.", 2)
            said = _list(dashboard) if chosen.kind == "list" else dashboard.delete("/api/faults")
        else:
            said = dashboard.post("/api/faults", body(chosen))
    print(json.dumps(said) if chosen.json else _in_words(chosen, said))
    return 1 if said.get("not_reached") else 0


def body(chosen: argparse.Namespace) -> dict[str, Any]:
    """What the dashboard is asked for. Raises LabError."""
    if not chosen.nodes and chosen.kind not in {"halves", "ring"}:
        raise LabError(f"Which nodes? `chaos {chosen.kind} node7`, for example.", 2)
    groups = _groups(chosen.nodes) if chosen.nodes else []
    asked: dict[str, Any] = {"kind": chosen.kind, "by": "the command line", **dict(chosen.set)}
    if chosen.kind == "partition":
        asked["groups"] = groups
    elif chosen.kind in SHAPES:
        asked |= _shape(chosen.kind, groups)
    elif len(groups) > 1:
        raise LabError("Only a partition has groups (`/`).", 2)
    else:
        asked["nodes"] = groups[0]
    if chosen.kind == "isolate":
        asked["kind"] = "drop"
    if chosen.seconds is not None:
        asked["for_seconds"] = chosen.seconds
    if chosen.peers:
        asked["peers"] = chosen.peers
    if chosen.direction:
        asked["direction"] = chosen.direction
    return asked


def _shape(shape: str, groups: list[list[str]]) -> dict[str, Any]:
    if len(groups) > 1:
        raise LabError(f"{shape} makes its groups itself.", 2)
    names = groups[0] if groups else []
    asked: dict[str, Any] = {"kind": "partition", "shape": shape}
    if shape == "bridge":
        asked["through"], *names = names
    return asked | ({"nodes": names} if names else {})


def _meant(dashboard: Dashboard, words: list[str]) -> str:
    """The act whose id is given, or begins so. Raises LabError."""
    if len(words) != 1:
        raise LabError("Which act? `chaos list` shows their ids.", 2)
    ids = [str(act.get("id")) for act in _list(dashboard).get("acts") or []]
    found = [one for one in ids if one == words[0]] or [o for o in ids if o.startswith(words[0])]
    if len(found) != 1:
        there = f"; there are {', '.join(ids)}" if ids else ""
        what = "Several acts begin" if found else "No act that lasts begins"
        raise LabError(f"{what} with {words[0][:60]!r}{there}.", 2)
    return found[0]


def _groups(words: list[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for word in words:
        if word == "/":
            groups.append([])
        else:
            groups[-1] += [name for name in word.split(",") if name]
    if not all(groups):
        raise LabError("There is a group without a node.", 2)
    return groups


def _list(dashboard: Dashboard) -> dict[str, Any]:
    return dashboard.get("/api/faults")


def _in_words(chosen: argparse.Namespace, said: dict[str, Any]) -> str:
    if chosen.kind == "heal":
        missed = said.get("not_reached") or []
        also = f"; not reached: {', '.join(missed)}" if missed else ""
        return f"Healed: {said.get('cleared')} faults ended{also}."
    if chosen.kind == "undo":
        missed = said.get("not_reached") or []
        return f"Undone: {said.get('id')}" + (
            f"; not reached: {', '.join(missed)}." if missed else "."
        )
    if chosen.kind == "list":
        acts = said.get("acts") or []
        return "\n".join(_act(act) for act in acts) or "Nothing is broken from here."
    return _act(said.get("act") or {})


def _act(act: dict[str, Any]) -> str:
    names = [str(node.get("name")) for node in act.get("nodes") or []]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    out = act.get("left_out") or []
    left = f"; left out, as they do not live: {', '.join(out)}" if out else ""
    joined = act.get("joined") or []
    came = f"; came later and fell under it: {', '.join(joined)}" if joined else ""
    missed = [f"{one.get('name')} ({one.get('why')})" for one in act.get("missed") or []]
    not_asked = f"; came later and could not be asked: {', '.join(missed)}" if missed else ""
    seconds = act.get("left_seconds")
    return f"{act.get('id')} at {shown}, {seconds} s left{left}{came}{not_asked}"


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3_600:
        raise argparse.ArgumentTypeError(f"must be more than 0, at most 3,600, not {text[:40]!r}")
    return value


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"must be FIELD=VALUE, not {text[:40]!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
