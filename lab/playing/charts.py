"""What the report draws over time: plain SVG that stands in the page itself.

All charts have the same width and the same time axis, so that one moment is one vertical line
through all of them. Colours are the page's (CSS classes), nothing here knows dark from light.
Every text that came from a file is escaped.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any, Final, NamedTuple

WIDTH: Final = 1000
LEFT: Final = 50
RIGHT: Final = 18
PLOT: Final = WIDTH - LEFT - RIGHT
LETTER: Final = 5.9
"""Width of a letter of 11 pixels, on average [measured: system fonts have 5.4 to 6.1]."""
LANE: Final = 24
TICKS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200)

Step = Mapping[str, Any]
Point = tuple[float, float]


class Axis(NamedTuple):
    """From seconds to pixels."""

    end: float

    def x(self, seconds: float) -> float:
        """Where a time is."""
        return LEFT + PLOT * min(max(seconds, 0.0), self.end) / self.end

    def ticks(self) -> list[float]:
        """Seconds that are written below."""
        pace = next((tick for tick in TICKS if self.end / tick <= 12), TICKS[-1])
        return [pace * k for k in range(int(self.end / pace) + 1)]


class Line(NamedTuple):
    """One curve: what it is called, its class, and its points in seconds and values."""

    name: str
    look: str
    points: Sequence[Point]
    steps: bool = False
    dots: bool = False


def axis(said: Mapping[str, Any]) -> Axis:
    """One for all charts of a run."""
    last = [said["seconds"], *(s["at"] for s in said["samples"][-1:])]
    last += [row["at"] for row in said["messages"] if row["arrived"]][-1:]
    return Axis(max(1.0, *last))


def timeline(said: Mapping[str, Any], over: Axis) -> str:
    """Chapters above, what was done below."""
    chapters = said["chapters"]
    parts = []
    head = 30 if chapters else 8
    for number, chapter in enumerate(chapters):
        left = over.x(chapter["at"])
        following = chapters[number + 1]["at"] if number + 1 < len(chapters) else over.end
        width = over.x(following) - left
        room = int((width - 30) / LETTER)
        title = _cut(chapter["title"], room)
        parts.append(
            f"<g><title>{escape(chapter['title'])}</title>"
            f'<rect class="chapter c{number % 2}" x="{left:.1f}" y="0" width="{width:.1f}" '
            f'height="22"/><text class="number" x="{left + 7:.1f}" y="15">{number + 1}</text>'
            f'<text class="title" x="{left + 20:.1f}" y="15">{escape(title)}</text></g>'
        )
    lanes, bars = _lanes(said["steps"], over)
    height = head + max(1, lanes) * LANE + 26
    top = head
    for step, lane, label, left_label in bars:
        parts.append(_bar(step, over, top + lane * LANE, label, left_label))
    if not bars:
        parts.append(f'<text class="soft" x="{LEFT}" y="{head + 16}">Nothing was broken.</text>')
    return _svg(
        "timeline", height, [*_grid(over, head, height - 20), *parts, *_seconds(over, height)]
    )


def chart(  # noqa: PLR0913 - a chart has as many sides
    title: str,
    lines: Sequence[Line],
    over: Axis,
    steps: Iterable[Step],
    *,
    band: Sequence[tuple[float, float, float]] = (),
    area: Line | None = None,
    log: bool = False,
    height: int = 170,
    unit: str = "",
) -> str:
    """Curves over time. `band`: time, low, high. `area`: filled down to nought."""
    top, bottom = 12, height - 22
    values = [v for line in [*lines, *([area] if area else [])] for _, v in line.points]
    values += [high for _, _, high in band]
    scale = _Log(values, top, bottom) if log else _Linear(values, top, bottom)
    parts = _shades(steps, over, top, bottom)
    parts += _grid(over, top, bottom)
    for value, words in scale.ticks():
        y = scale.y(value)
        parts.append(
            f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{LEFT - 7}" y="{y + 3.5:.1f}" text-anchor="end">{words}</text>'
        )
    if area is not None and area.points:
        parts.append(_area(area, over, scale, bottom))
    if band:
        forth = " ".join(f"{over.x(at):.1f},{scale.y(high):.1f}" for at, _, high in band)
        back = " ".join(f"{over.x(at):.1f},{scale.y(low):.1f}" for at, low, _ in reversed(band))
        parts.append(f'<polygon class="band" points="{forth} {back}"/>')
    for line in lines:
        parts += _curve(line, over, scale)
    if not values:
        middle = (top + bottom) / 2
        parts.append(f'<text class="soft" x="{LEFT + 12}" y="{middle}">Nothing to show.</text>')
    legend = "".join(
        f'<span class="key"><i class="{line.look}"></i>{escape(line.name)}</span>'
        for line in [*([area] if area else []), *lines]
    )
    svg = _svg(title, height, [*parts, *_seconds(over, height)])
    more = f' <span class="unit">{escape(unit)}</span>' if unit else ""
    return (
        f'<figure><figcaption><b>{escape(title)}</b>{more}<span class="keys">{legend}</span>'
        f"</figcaption>{svg}</figure>"
    )


# --- scales ------------------------------------------------------------------------------------


class _Linear:
    def __init__(self, values: Sequence[float], top: float, bottom: float) -> None:
        self._top, self._bottom = top, bottom
        most = max([1e-9, *values])
        rough = most / 3
        power = 10 ** math.floor(math.log10(rough))
        self._pace = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough - 1e-12)
        if most >= 2:
            self._pace = max(1.0, self._pace)
        self._most = max(most, self._pace) * 1.06

    def y(self, value: float) -> float:
        return float(self._bottom - (self._bottom - self._top) * value / self._most)

    def ticks(self) -> list[tuple[float, str]]:
        count = int(self._most / self._pace)
        return [(self._pace * k, f"{self._pace * k:g}") for k in range(count + 1)]


class _Log:
    """For times: each line is ten times the one below."""

    def __init__(self, values: Sequence[float], top: float, bottom: float) -> None:
        self._top, self._bottom = top, bottom
        there = [value for value in values if value > 0]
        self._low = math.floor(math.log10(max(1e-4, min(there, default=0.001))))
        self._high = max(self._low + 1, math.ceil(math.log10(max(there, default=1.0))))

    def y(self, value: float) -> float:
        share = (math.log10(max(value, 10.0**self._low)) - self._low) / (self._high - self._low)
        return self._bottom - (self._bottom - self._top) * min(1.0, share)

    def ticks(self) -> list[tuple[float, str]]:
        powers = range(self._low, self._high + 1)
        return [
            (10.0**p, f"{10.0**p:g} s" if p >= 0 else f"{10.0 ** (p + 3):g} ms") for p in powers
        ]


# --- parts -------------------------------------------------------------------------------------


def _svg(name: str, height: float, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(name)}">'
        f"{''.join(parts)}</svg>"
    )


def _grid(over: Axis, top: float, bottom: float) -> list[str]:
    return [
        f'<line class="grid" x1="{over.x(t):.1f}" y1="{top}" x2="{over.x(t):.1f}" y2="{bottom}"/>'
        for t in over.ticks()
    ]


def _seconds(over: Axis, height: float) -> list[str]:
    return [
        f'<text class="tick" x="{over.x(t):.1f}" y="{height - 6:.1f}" text-anchor="middle">'
        f"{t:g}{' s' if t == 0 else ''}</text>"
        for t in over.ticks()
    ]


def _shades(steps: Iterable[Step], over: Axis, top: float, bottom: float) -> list[str]:
    parts = []
    for step in steps:
        began, ended = _span(step)
        left = over.x(began)
        if ended is None or step["kind"] in {"restart", "join"}:
            parts.append(
                f'<line class="event" x1="{left:.1f}" y1="{top}" x2="{left:.1f}" y2="{bottom}"/>'
            )
            continue
        width = max(1.0, over.x(ended) - left)
        parts.append(
            f'<rect class="shade" x="{left:.1f}" y="{top}" width="{width:.1f}" '
            f'height="{bottom - top}"/>'
        )
    return parts


def _curve(line: Line, over: Axis, scale: "_Linear | _Log") -> list[str]:
    points = [(over.x(at), scale.y(value)) for at, value in line.points]
    if not points:
        return []
    if line.steps:
        points = _stepped(points)
    drawn = []
    for piece in _pieces(line.points, points) if line.dots else [points]:
        if len(piece) > 1:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece)
            drawn.append(f'<polyline class="line {line.look}" points="{path}"/>')
    if line.dots:
        drawn += [
            f'<circle class="dot {line.look}" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in points
        ]
    return drawn


def _pieces(times: Sequence[Point], points: Sequence[Point]) -> list[list[Point]]:
    """Broken where nothing was measured for more than two seconds."""
    pieces: list[list[Point]] = [[]]
    before: float | None = None
    for (at, _), point in zip(times, points, strict=True):
        if before is not None and at - before > 2:
            pieces.append([])
        pieces[-1].append(point)
        before = at
    return pieces


def _stepped(points: Sequence[Point]) -> list[Point]:
    found = [points[0]]
    for (_, y), (x, next_y) in pairwise(points):
        found += [(x, y), (x, next_y)]
    return found


def _area(line: Line, over: Axis, scale: "_Linear | _Log", bottom: float) -> str:
    points = [(over.x(at), scale.y(value)) for at, value in line.points]
    if line.steps:
        points = _stepped(points)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    first, last = points[0][0], points[-1][0]
    shape = f"{first:.1f},{bottom} {path} {last:.1f},{bottom}"
    return (
        f'<polygon class="area {line.look}" points="{shape}"/>'
        f'<polyline class="line {line.look}" points="{path}"/>'
    )


def _lanes(steps: Sequence[Step], over: Axis) -> tuple[int, list[tuple[Step, int, str, bool]]]:
    """Which row each step is in, so that no two words overlap; and whether its words are before."""
    ends: list[float] = []
    placed = []
    for step in sorted(steps, key=lambda one: one["at"]):
        began, ended = _span(step)
        left = over.x(began)
        right = left if ended is None else over.x(ended)
        label = _cut(step["words"], 60)
        width = len(label) * LETTER + 14
        inside = right - left >= width
        before = not inside and right + width > WIDTH - RIGHT
        begin = left - width if before else left
        end = right if inside or before else right + width
        lane = next((n for n, taken in enumerate(ends) if taken <= begin - 6), len(ends))
        if lane == len(ends):
            ends.append(0.0)
        ends[lane] = max(end, right, left + 10)
        placed.append((step, lane, label, before))
    return len(ends), placed


def _bar(step: Step, over: Axis, top: float, label: str, before: bool) -> str:
    began, ended = _span(step)
    left = over.x(began)
    right = left if ended is None else over.x(ended)
    middle = top + LANE / 2
    look = f"fault {step['kind']}{' undone' if step['why_not'] else ''}"
    if right - left < 10:
        corners = ((-6, 0), (0, -6), (6, 0), (0, 6))
        points = " ".join(f"{left + x:.1f},{middle + y}" for x, y in corners)
        shape = f'<polygon class="{look}" points="{points}"/>'
        right = max(right, left + 4)
    else:
        shape = (
            f'<rect class="{look}" x="{left:.1f}" y="{top + 4}" width="{right - left:.1f}" '
            f'height="{LANE - 8}" rx="4"/>'
        )
    width = len(label) * LETTER + 14
    if right - left >= width:
        x, anchor, kind = left + 8, "start", "inside"
    elif before:
        x, anchor, kind = left - 9, "end", "beside"
    else:
        x, anchor, kind = right + 7, "start", "beside"
    tip = f"{step['at']:g} s: {step['words']}"
    return (
        f"<g><title>{escape(tip)}</title>{shape}"
        f'<text class="{kind}" x="{x:.1f}" y="{middle + 4:.1f}" text-anchor="{anchor}">'
        f"{escape(label)}</text></g>"
    )


def _span(step: Step) -> tuple[float, float | None]:
    """When it was really done and undone; where nobody knows, as it was planned."""
    began, ended = step["done"] or (step["at"], step["until"])
    return began, None if step["until"] is None else ended


def _cut(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    return f"{text[: room - 1].rstrip()}…" if room > 3 else ""
