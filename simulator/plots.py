"""A run in pictures: SVG, written here, for whoever reads figures better with his eyes.

Each picture asks one question, says in its head what was run, and marks what the papers or a
random graph would have. `draw` writes them into a folder and returns the files.

    degrees       links a node, and in how many passive views it stands
    reliability   who got each broadcast, in the order of time, faults marked
    tree          redundancy and last hop of a root's broadcasts, from the first on
    hops          at which hop the root's messages came, when its tree had grown
    latency       how long they took
    detection     from a crash until a neighbour, the first member and everybody knew
"""

from collections.abc import Callable
from pathlib import Path

from simulator.chart import Bars, Chart, Line, Mark, Points, cumulative
from simulator.figures import Figures, Series
from simulator.plan import Plan
from simulator.run import Outcome

Picture = Callable[[Plan, Figures, Series], Chart | None]


def draw(outcome: Outcome, folder: Path) -> list[Path]:
    """Write every picture that this run has something to show in. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, picture in _PICTURES.items():
        chart = picture(outcome.plan, outcome.figures, outcome.series)
        if chart is not None:
            file = folder / f"{name}.svg"
            file.write_text(chart.svg(), encoding="utf-8")
            files.append(file)
    return files


def _head(plan: Plan) -> str:
    faults = ""
    if plan.kill:
        faults += f", {plan.kill:.0%} killed"
    if plan.loss:
        faults += f", {plan.loss:.0%} of packets lost"
    if plan.chaos:
        faults += f", chaos {plan.chaos:g}"
    if plan.scenario:
        faults += f", {Path(plan.scenario).name}"
    return f"{plan.nodes:,} nodes{faults}, seed {plan.seed}"


def _degrees(plan: Plan, figures: Figures, series: Series) -> Chart:
    graph = figures.graph
    return Chart(
        title="How even are the views?",
        subtitle=f"{_head(plan)}: at the end, {graph.nodes:,} nodes run",
        x="links of a node, or passive views that it stands in",
        y="nodes",
        parts=(
            Bars("passive views it stands in", series.passive),
            Bars("links (both ends hold each)", series.degrees),
            Mark(f"mean {graph.degree_mean:.2f} links", x=graph.degree_mean),
        ),
    )


def _reliability(plan: Plan, _: Figures, series: Series) -> Chart | None:
    if not series.messages:
        return None
    during = [(message.at, 100 * message.share) for message in series.messages if not message.calm]
    calm = [(message.at, 100 * message.share) for message in series.messages if message.calm]
    kinds: dict[float, str] = {}
    for at, kind in series.faults[:_MOST_MARKS]:
        kinds[at] = f"{kinds[at]}, {kind}" if at in kinds else kind
    return Chart(
        title="Who got each broadcast?",
        subtitle=f"{_head(plan)}: share of those who lived from its sending to the end",
        x="sent at, seconds of the world",
        y="% of the survivors",
        y_from=min(90.0, *(share for _, share in during + calm)),
        y_to=100.0,
        parts=(
            Points("from somebody, faults or not", during),
            Points("from one root, when all was well", calm),
            *(Mark(kind, x=at) for at, kind in kinds.items()),
        ),
    )


def _tree(plan: Plan, _: Figures, series: Series) -> Chart | None:
    calm = [message for message in series.messages if message.calm]
    if not calm:
        return None
    return Chart(
        title="How fast does a tree grow?",
        subtitle=f"{_head(plan)}: broadcasts of one root, one after the other",
        x="its first, second, third … broadcast",
        y="payloads too many a node; hops",
        parts=(
            Line("last hop", [(k, message.last_hop) for k, message in enumerate(calm, 1)]),
            Line("redundancy", [(k, message.redundancy) for k, message in enumerate(calm, 1)]),
            Mark("redundancy 0.05 [bar]", y=0.05),
        ),
    )


def _hops(plan: Plan, figures: Figures, series: Series) -> Chart | None:
    if not series.hops:
        return None
    calm, graph = figures.broadcasts_calm, figures.graph
    marks = []
    if calm is not None and calm.hop_mean is not None:
        marks.append(Mark(f"mean {calm.hop_mean:.2f}", x=calm.hop_mean))
    if graph.path is not None:
        marks.append(Mark(f"shortest ways {graph.path:.2f}", x=graph.path))
    return Chart(
        title="How far is it along the tree?",
        subtitle=f"{_head(plan)}: a root's broadcasts after its first ten",
        x="hop at which it came",
        y="deliveries",
        parts=(Bars("deliveries", series.hops), *marks),
    )


def _latency(plan: Plan, _: Figures, series: Series) -> Chart | None:
    if not series.latencies:
        return None
    return Chart(
        title="How long does a broadcast take?",
        subtitle=f"{_head(plan)}; one way takes {plan.latency} ms",
        x="milliseconds from sent to stored",
        y="% of the deliveries",
        y_to=100.0,
        parts=(
            Line("of one root", cumulative([1000 * second for second in series.latencies], 0.99)),
        ),
    )


def _detection(plan: Plan, figures: Figures, series: Series) -> Chart | None:
    if not series.link_noticed:
        return None
    lines = [
        Line("a neighbour gives up the link", cumulative(series.link_noticed)),
        Line("the first holds it for dead", cumulative(series.first_noticed)),
    ]
    if plan.config().map:
        lines.append(Line("everybody holds it for dead", cumulative(series.known_everywhere)))
    marks = [Mark("a link: 3 s p99 [bar]", x=3.0)]
    if plan.config().map:
        marks.append(Mark("everywhere: 12 s p99 at N=100 [bar]", x=12.0))
    return Chart(
        title="When is a crash noticed?",
        subtitle=f"{_head(plan)}: {figures.crashes:,} crashes",
        x="seconds from the crash",
        y="% of the cases",
        y_to=100.0,
        parts=(*(line for line in lines if line.points), *marks),
    )


_MOST_MARKS = 12
"""Faults that are named in a picture; more would hide it [guess]."""

_PICTURES: dict[str, Picture] = {
    "degrees": _degrees,
    "reliability": _reliability,
    "tree": _tree,
    "hops": _hops,
    "latency": _latency,
    "detection": _detection,
}
