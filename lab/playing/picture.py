"""The network before, during and after: three pictures in which each node stays where it is.

Positions come from the links of before and after together, drawn by springs (Fruchterman and
Reingold 1991) from a circle, with no chance in it. Where the network was parted, one part is
drawn towards the left and one towards the right, so that a cut looks like one. Large networks
are laid out as a sunflower's seeds: springs would take minutes, and show a ball of wool.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

SIZE: Final = 320
"""Pixels of a picture's side."""
MARGIN: Final = 22
SPRINGS: Final = 120
"""Nodes up to which springs are used: a second [measured: 100 nodes 0.8 s]."""
ROUNDS: Final = 90
NAMED: Final = 60
"""Nodes up to which each has its number in it."""
GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_TITLES: Final = {"before": "Before", "during": "At its worst", "after": "After"}

Place = tuple[float, float]


def pictures(said: Mapping[str, Any]) -> str:
    """All that there are, side by side."""
    graphs = said["graphs"]
    if not graphs:
        return ""
    where = _places(graphs, said["sides"])
    parts = len(set(said["sides"].values()))
    return "".join(
        _picture(which, graphs[which], where, divided=which == "during" and parts > 1)
        for which in _TITLES
        if which in graphs
    )


def _picture(
    which: str, graph: Mapping[str, Any], where: Mapping[str, Place], *, divided: bool
) -> str:
    nodes, links = graph["nodes"], graph["links"]
    few = len(nodes) <= NAMED
    radius = 11.0 if few else max(2.2, 60 / math.sqrt(len(nodes)))
    parts = []
    if divided:
        parts.append(f'<line class="cut" x1="{SIZE / 2}" y1="8" x2="{SIZE / 2}" y2="{SIZE - 8}"/>')
    width = 1.3 if few else max(0.25, 8 / math.sqrt(len(links) or 1))
    drawn = []
    for a, b in links:
        (x1, y1), (x2, y2) = where[nodes[a][0]], where[nodes[b][0]]
        drawn.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    parts.append(f'<path class="links" stroke-width="{width:.2f}" d="{"".join(drawn)}"/>')
    for name, state in nodes:
        parts.append(_node(name, state, where[name], radius, few=few))
    up = sum(state == "up" for _, state in nodes)
    words = f"{up:,} of {len(nodes):,} run, {len(links):,} links"
    return (
        f'<figure class="graph"><svg viewBox="0 0 {SIZE} {SIZE}" role="img" '
        f'aria-label="{_TITLES[which]}: {words}">{"".join(parts)}</svg>'
        f"<figcaption><b>{_TITLES[which]}</b> <span>{graph['at']:g} s · {words}</span></figcaption>"
        f"</figure>"
    )


def _node(name: str, state: str, at: Place, radius: float, *, few: bool) -> str:
    x, y = at
    label = escape(name.removeprefix("node"))
    tip = f"<title>{escape(name)}, {state}</title>"
    if state == "down":  # another shape, and not only another colour
        r = radius * 0.75
        shape = (
            f'<path class="node down" d="M{x - r:.1f} {y - r:.1f}L{x + r:.1f} {y + r:.1f}'
            f'M{x + r:.1f} {y - r:.1f}L{x - r:.1f} {y + r:.1f}"/>'
        )
        return f"<g>{tip}{shape}</g>"
    if state == "frozen":
        side = radius * 1.7
        shape = (
            f'<rect class="node frozen" x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" '
            f'width="{side:.1f}" height="{side:.1f}" rx="3"/>'
        )
    else:
        shape = f'<circle class="node up" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    text = f'<text class="name" x="{x:.1f}" y="{y + 3.4:.1f}">{label}</text>' if few else ""
    return f"<g>{tip}{shape}{text}</g>"


# --- where -------------------------------------------------------------------------------------


def _places(graphs: Mapping[str, Any], sides: Mapping[str, int]) -> dict[str, Place]:
    names: list[str] = []
    links: set[tuple[str, str]] = set()
    for which in ("before", "after", "during"):
        graph = graphs.get(which)
        if graph is None:
            continue
        known = set(names)
        names += [name for name, _ in graph["nodes"] if name not in known]
        if which != "during" or not links:
            links |= {(graph["nodes"][a][0], graph["nodes"][b][0]) for a, b in graph["links"]}
    if len(names) > SPRINGS:
        return _sunflower(names, sides)
    return _springs(names, sorted(links), sides)


def _sunflower(names: Sequence[str], sides: Mapping[str, int]) -> dict[str, Place]:
    parts = sorted(set(sides.values())) if len(set(sides.values())) == 2 else []
    if not parts:
        return _seeds(names, SIZE / 2, SIZE / 2, SIZE / 2 - MARGIN / 2)
    found: dict[str, Place] = {}
    for number in (0, 1):
        mine = [name for name in names if sides.get(name, parts[1]) == parts[number]]
        x = SIZE * (1 + 2 * number) / 4
        found |= _seeds(mine, x, SIZE / 2, SIZE / 4 - 6)
    return found


def _seeds(names: Sequence[str], x: float, y: float, radius: float) -> dict[str, Place]:
    found = {}
    for number, name in enumerate(names):
        away = radius * math.sqrt((number + 0.5) / len(names))
        angle = number * GOLDEN
        found[name] = (x + away * math.cos(angle), y + away * math.sin(angle))
    return found


def _springs(
    names: Sequence[str], links: Sequence[tuple[str, str]], sides: Mapping[str, int]
) -> dict[str, Place]:
    count = len(names)
    place = {name: number for number, name in enumerate(names)}
    two = len(set(sides.values())) == 2
    aim = [0.0] * count
    if two:
        aim = [-0.6 if sides.get(name, 1) == 0 else 0.6 for name in names]
    order = sorted(range(count), key=lambda k: (aim[k], k))
    xs, ys = [0.0] * count, [0.0] * count
    for turn, k in enumerate(order):
        angle = 2 * math.pi * turn / max(1, count) + math.pi / 2
        xs[k], ys[k] = math.cos(angle), math.sin(angle)
    ends = [(place[a], place[b]) for a, b in links]
    ideal = 1.1 / math.sqrt(max(1, count))
    for turn in range(ROUNDS):
        heat = 0.12 * (1 - turn / ROUNDS)
        _one_round(xs, ys, ends, aim, ideal, heat, two=two)
    return _fitted(names, xs, ys, aim, two=two)


def _one_round(
    xs: list[float],
    ys: list[float],
    ends: Sequence[tuple[int, int]],
    aim: Sequence[float],
    ideal: float,
    heat: float,
    *,
    two: bool,
) -> None:
    count = len(xs)
    dx, dy = [0.0] * count, [0.0] * count
    for a in range(count):
        for b in range(a + 1, count):
            x, y = xs[a] - xs[b], ys[a] - ys[b]
            push = 2.2 * ideal * ideal / (x * x + y * y + 1e-6)
            dx[a] += x * push
            dy[a] += y * push
            dx[b] -= x * push
            dy[b] -= y * push
    for a, b in ends:
        if two and aim[a] != aim[b]:
            continue  # what crosses the cut must not pull its sides together
        x, y = xs[a] - xs[b], ys[a] - ys[b]
        pull = 0.35 * math.hypot(x, y) / ideal * 0.2
        dx[a] -= x * pull
        dy[a] -= y * pull
        dx[b] += x * pull
        dy[b] += y * pull
    for k in range(count):
        dx[k] -= 0.25 * (xs[k] - aim[k]) if two else 0.12 * xs[k]
        dy[k] -= 0.12 * ys[k]
        far = math.hypot(dx[k], dy[k])
        if far > 1e-9:
            step = min(far, heat) / far
            xs[k] += dx[k] * step
            ys[k] += dy[k] * step


def _fitted(
    names: Sequence[str],
    xs: Sequence[float],
    ys: Sequence[float],
    aim: Sequence[float],
    *,
    two: bool,
) -> dict[str, Place]:
    """Into the picture; with two parts each into its half."""
    found: dict[str, Place] = {}
    halves = sorted(set(aim)) if two else [0.0]
    for number, side in enumerate(halves):
        mine = [k for k in range(len(names)) if aim[k] == side]
        if not mine:
            continue
        left = MARGIN + number * SIZE / 2 if two else MARGIN
        width = SIZE / (2 if two else 1) - 2 * MARGIN
        low_x, low_y = min(xs[k] for k in mine), min(ys[k] for k in mine)
        wide = max(max(xs[k] for k in mine) - low_x, 1e-6)
        high = max(max(ys[k] for k in mine) - low_y, 1e-6)
        for k in mine:
            x = left + width * (xs[k] - low_x) / wide
            y = MARGIN + (SIZE - 2 * MARGIN) * (ys[k] - low_y) / high
            found[names[k]] = (x, y)
    return found
