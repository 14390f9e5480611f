"""A chart as SVG: bars, lines, points and marks on one pair of axes, and nothing else.

Everything is drawn in one colour scheme that tells its parts apart in print and for eyes
that see no red (Okabe and Ito 2008), and by shape as well as colour. It knows nothing of
the simulator.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

import msgspec

Point = tuple[float, float]

WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 72, 24, 92, 56
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
DASHES = ("", "7 4", "2 3", "9 3 2 3")


class Bars(msgspec.Struct, frozen=True):
    """So many at each whole number."""

    label: str
    counts: dict[int, int]


class Line(msgspec.Struct, frozen=True):
    """Points that are joined."""

    label: str
    points: Sequence[Point]


class Points(msgspec.Struct, frozen=True):
    """... and that are not."""

    label: str
    points: Sequence[Point]


class Mark(msgspec.Struct, frozen=True):
    """A thin line across, with words: for comparison, or where something happened."""

    label: str
    x: float | None = None
    y: float | None = None


Part = Bars | Line | Points | Mark


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One picture."""

    title: str
    subtitle: str
    x: str
    y: str
    parts: tuple[Part, ...]
    y_from: float = 0.0
    y_to: float | None = None
    """Where the axis ends; None: where the highest point is."""

    def svg(self) -> str:
        """The picture."""
        return "\n".join(_Drawing(self).lines()) + "\n"


def cumulative(values: Sequence[float], share: float = 1.0) -> list[Point]:
    """Sorted values as a curve: which percentage is at most so much; the rest is cut off."""
    count = len(values)
    shown = values[: math.ceil(share * count)]
    step = max(1, len(shown) // 400)  # more points than pixels make no better curve
    curve = [(value, 100 * (k + 1) / count) for k, value in enumerate(shown)]
    return curve[::step] + curve[-1:] if curve else []


def ticks(least: float, most: float, about: int = 6) -> list[float]:
    """Round numbers between two others: steps of 1, 2 or 5 times a power of ten."""
    span = (most - least) or 1.0
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first = math.ceil(least / step - 1e-9)
    return [k * step for k in range(first, math.floor(most / step + 1e-9) + 1)]


class _Drawing:
    """One chart while it is drawn: its scales."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        xs = [x for part in chart.parts for x, _ in _extent(part)]
        ys = [y for part in chart.parts for _, y in _extent(part)]
        xs += [part.x for part in chart.parts if isinstance(part, Mark) and part.x is not None]
        ys += [part.y for part in chart.parts if isinstance(part, Mark) and part.y is not None]
        self._x0, self._x1 = min(0.0, *xs, 0.0), 1.02 * max(*xs, 1e-9, 0.0)
        self._y0 = chart.y_from
        self._most = max(*ys, 1e-9, 0.0) if chart.y_to is None else chart.y_to
        self._y1 = self._most + 0.04 * (self._most - self._y0)  # room above the highest

    def lines(self) -> Iterator[str]:
        """The file, line by line."""
        chart = self._chart
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif" '
            'font-size="12" fill="#222">'
        )
        yield f"<title>{escape(chart.title)}</title>"
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        yield _text(LEFT, 26, chart.title, size=17, weight="600")
        yield _text(LEFT, 46, chart.subtitle, colour="#555")
        yield from self._axes()
        number = 0
        for part in chart.parts:
            if not isinstance(part, Mark):
                yield from self._part(part, number)
                number += 1
        yield from self._marks()
        yield from self._legend()
        yield "</svg>"

    # --- scales ------------------------------------------------------------------------------

    def _px(self, x: float) -> float:
        share = (x - self._x0) / ((self._x1 - self._x0) or 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _py(self, y: float) -> float:
        share = (y - self._y0) / ((self._y1 - self._y0) or 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    # --- parts -------------------------------------------------------------------------------

    def _axes(self) -> Iterator[str]:
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for y in ticks(self._y0, self._most):
            at = self._py(y)
            yield f'<path d="M{LEFT} {at}H{right}" stroke="#e4e4e4"/>'
            yield _text(LEFT - 8, at + 4, _number(y), anchor="end")
        for x in ticks(self._x0, self._x1, 10):
            at = self._px(x)
            yield f'<path d="M{at} {bottom}v5" stroke="#888"/>'
            yield _text(at, bottom + 19, _number(x), anchor="middle")
        yield f'<path d="M{LEFT} {bottom}H{right}" stroke="#888"/>'
        yield _text((LEFT + right) / 2, HEIGHT - 14, self._chart.x, anchor="middle", colour="#555")
        yield (
            f'<text transform="translate(18 {(TOP + bottom) / 2}) rotate(-90)" '
            f'text-anchor="middle" fill="#555">{escape(self._chart.y)}</text>'
        )

    def _part(self, part: Bars | Line | Points, number: int) -> Iterator[str]:
        colour = COLOURS[number % len(COLOURS)]
        if isinstance(part, Bars):
            half = 0.42 * abs(self._px(1) - self._px(0))
            for x, count in part.counts.items():
                top = self._py(count)
                height = round(self._py(self._y0) - top, 1)
                yield (
                    f'<rect x="{self._px(x) - half:.1f}" y="{top}" width="{2 * half:.1f}" '
                    f'height="{height}" fill="{colour}" fill-opacity="0.75"/>'
                )
        elif isinstance(part, Line) and part.points:
            way = "L".join(f"{self._px(x)} {self._py(y)}" for x, y in part.points)
            dash = DASHES[number % len(DASHES)]
            yield (
                f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2.2" '
                f'stroke-dasharray="{dash}"/>'
            )
        elif isinstance(part, Points):
            for at, share in part.points:
                yield _dot(self._px(at), self._py(share), colour, hollow=bool(number % 2))

    def _marks(self) -> Iterator[str]:
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        marks = [part for part in self._chart.parts if isinstance(part, Mark)]
        for row, mark in enumerate(marks):
            if mark.x is not None:
                at, y = self._px(mark.x), TOP + 12.0 + 15 * (row % 6)
                after = at < (LEFT + right) / 2
                yield f'<path d="M{at} {TOP}V{bottom}" stroke="#444" stroke-dasharray="3 3"/>'
                x, anchor = (at + 5, "start") if after else (at - 5, "end")
                yield _text(x, y, mark.label, anchor=anchor, colour="#444", halo=True)
            if mark.y is not None:
                at = self._py(mark.y)
                yield f'<path d="M{LEFT} {at}H{right}" stroke="#444" stroke-dasharray="3 3"/>'
                yield _text(right, at - 5, mark.label, anchor="end", colour="#444", halo=True)

    def _legend(self) -> Iterator[str]:
        x = float(LEFT)
        shown = [part for part in self._chart.parts if not isinstance(part, Mark)]
        for number, part in enumerate(shown):
            colour = COLOURS[number % len(COLOURS)]
            if isinstance(part, Bars):
                yield f'<rect x="{x}" y="61" width="14" height="11" fill="{colour}"/>'
            elif isinstance(part, Line):
                dash = DASHES[number % len(DASHES)]
                yield (
                    f'<path d="M{x} 67h26" stroke="{colour}" stroke-width="2.2" '
                    f'stroke-dasharray="{dash}"/>'
                )
            else:
                yield _dot(x + 7, 67, colour, hollow=bool(number % 2))
            wide = 32.0 if isinstance(part, Line) else 20.0
            yield _text(x + wide, 71, part.label)
            x += wide + 6.4 * len(part.label) + 20


def _extent(part: Part) -> Iterable[Point]:
    """The points that must have room."""
    if isinstance(part, Bars):
        for x, count in part.counts.items():
            yield x - 0.5, 0.0
            yield x + 0.5, count
    elif not isinstance(part, Mark):
        yield from part.points


def _dot(x: float, y: float, colour: str, *, hollow: bool) -> str:
    fill = "#fff" if hollow else colour
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{fill}" stroke="{colour}" stroke-width="1.6"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = "",
    size: int = 0,
    weight: str = "",
    halo: bool = False,
) -> str:
    more = f' fill="{colour}"' if colour else ""
    more += f' font-size="{size}"' if size else ""
    more += f' font-weight="{weight}"' if weight else ""
    # A white edge keeps words readable on top of bars and curves.
    more += ' stroke="#fff" stroke-width="4" paint-order="stroke"' if halo else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _number(value: float) -> str:
    """As short as it can be said: 10,000, 2.5, 0."""
    return f"{round(value, 6):,g}" if abs(value) < 1e6 else f"{value:,.0f}"
