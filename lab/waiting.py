"""From "started" to "all in one network": asking the dashboard until it says so.

Who started the programs knows when one of them ended; only the dashboard knows whether the
nodes found each other. Both are asked in turn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lab import LabError
from lab.dashboard import Dashboard, NoAnswerError, RefusedError, Summary
from lab.layout import Layout
from lab.progress import Progress, counted

_PAUSE: Final = 0.1
"""Seconds between two questions: what `up` is late by on average is half of it."""
_WHILE_STARTING: Final = 0.3
"""The same while programs are still being started: it cannot be the end yet, and an answer
costs a busy machine some milliseconds."""
_LOOK: Final = 2.0
"""Seconds between two looks at the programs: for containers it costs a `docker ps`."""


@dataclass
class Starting:
    """A network on its way up, as who starts it sees it."""

    counted: str
    """What is started: "containers" or "programs"."""
    started: Callable[[], int | None]
    """How many run; None when all of them were started and nothing is left to count."""
    trouble: Callable[[], str | None]
    """Why it cannot succeed any more: a program that ended, with its last words."""


def until_connected(
    layout: Layout, starting: Starting, progress: Progress, timeout: float, plain: int = 0
) -> Summary:
    """Wait until every node is alive in one network. Raises LabError with the reason.

    `plain`: so many of them are somebody's own, which have no events and no links; they are
    waited for until they are known, and nothing is said about whom they know.
    """
    deadline = time.monotonic() + timeout
    dashboard = Dashboard(layout.dashboard)
    programs = len(layout.programs)
    progress.count(starting.counted, 0, programs)
    progress.count("nodes connected", 0, layout.nodes)
    summary: Summary | None = None
    look = 0.0
    while True:
        started = starting.started()
        progress.count(starting.counted, programs if started is None else started, programs)
        summary = _summary(dashboard) or summary
        if summary is not None:
            ready = _ready(summary, layout, plain)
            connected = layout.nodes if ready else _connected(summary, layout)
            progress.count("nodes connected", connected, layout.nodes)
            if started is None and ready:
                return summary
        now = time.monotonic()
        if now >= look:
            trouble = starting.trouble()
            if trouble:
                raise LabError(trouble)
            look = now + _LOOK
        if now > deadline:
            raise LabError(_too_late(layout, dashboard, summary, timeout))
        # The pace of the questions; the condition is what ends the loop.
        time.sleep(_PAUSE if started is None else _WHILE_STARTING)


def _ready(summary: Summary, layout: Layout, plain: int) -> bool:
    if not plain:
        return summary.is_one_network_of(layout.nodes)
    return summary.alive >= layout.nodes and summary.watched >= layout.nodes - plain


def _summary(dashboard: Dashboard) -> Summary | None:
    try:
        return dashboard.summary()
    except (NoAnswerError, RefusedError):
        return None


def _connected(summary: Summary, layout: Layout) -> int:
    """Alive nodes whose events arrive, but not all of them as long as they are not one network."""
    if summary.is_one_network_of(layout.nodes):
        return layout.nodes
    return min(summary.alive, summary.watched, layout.nodes - 1)


def _too_late(layout: Layout, dashboard: Dashboard, summary: Summary | None, timeout: float) -> str:
    after = f"After {timeout:.0f} s "
    if summary is None:
        return f"{after}the dashboard does not answer at {layout.page}."
    missing = _missing(layout, dashboard)
    lines = [
        (
            f"{after}{summary.alive} of {layout.nodes} nodes are alive, in "
            f"{counted(summary.components, 'parts')}: {summary.line}"
        )
    ]
    if missing:
        lines.append(f"Not alive: {', '.join(missing[:10])}{' …' if len(missing) > 10 else ''}")
    return "\n".join(lines)


def _missing(layout: Layout, dashboard: Dashboard) -> list[str]:
    try:
        nodes: Any = dashboard.get("/api/graph").get("nodes")
    except LabError:
        return []
    if not isinstance(nodes, list):
        return []
    views = [node for node in nodes if isinstance(node, dict)]
    alive = {node.get("name") for node in views if node.get("state") == "alive"}
    return [name for name in layout.names if name not in alive]
