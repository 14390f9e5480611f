"""`/metrics`: what the dashboard sees, hears, tells and writes down, in numbers for Prometheus."""

import time
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from contract import __version__, metrics, process
from contract.described import Raw, described
from contract.metrics import Page
from dashboard.live import Live
from dashboard.observer import Observer
from dashboard.recall import Recall

if TYPE_CHECKING:
    from dashboard.history import History

_STATES = ("alive", "suspect", "dead", "left")


def blueprint(observer: Observer, live: Live, recall: Recall | None) -> Blueprint:
    """`/metrics`."""
    routes = Blueprint("metrics", __name__)
    started = time.time()

    @routes.get("/metrics")
    @described("What the program counts, for Prometheus", answer=Raw("text/plain"))
    def numbers() -> Response:
        page = Page()
        page.info("p2p_dashboard_info", "Which dashboard this is.", version=__version__)
        _network(page, observer)
        _heard(page, observer)
        _told(page, observer, live)
        if recall is not None:
            _written(page, recall)
        process.tell(page, started)
        return Response(page.text(), content_type=metrics.TYPE)

    return routes


def _network(page: Page, observer: Observer) -> None:
    found = observer.summary()
    page.gauge(
        "p2p_dashboard_nodes",
        "Nodes that are shown, by state.",
        [({"state": state}, found[state]) for state in _STATES],
    )
    for name, about in (
        ("plain", "Nodes that are shown and have no events."),
        ("watched", "Nodes whose events arrive."),
        ("components", "Parts that the network has."),
        ("links", "Links, without directions."),
    ):
        page.gauge(f"p2p_dashboard_{name}", about, found[name])
    page.gauge(
        "p2p_dashboard_coverage_ratio",
        "How much of the network a node knows, on average.",
        found["coverage"],
    )
    page.counter("p2p_dashboard_messages_total", "Messages that were seen.", found["messages"])


def _heard(page: Page, observer: Observer) -> None:
    page.counter(
        "p2p_dashboard_events_received_total", "Events that nodes told.", observer.received
    )
    page.gauge(
        "p2p_dashboard_subscriptions",
        "Addresses that are watched: those with an open connection, and those without.",
        [({"state": state}, count) for state, count in observer.watches().items()],
    )
    page.counter(
        "p2p_dashboard_stream_gaps_total",
        "Holes in the numbers of nodes' events, each mended by a snapshot.",
        observer.holes,
    )
    page.counter(
        "p2p_dashboard_oddities_total",
        "What came and was not taken: streams that made no sense, events that had come before, "
        "addresses where nobody may send us.",
        [({"kind": kind}, observer.odd[kind]) for kind in ("nonsense", "repeated", "unasked")],
    )


def _told(page: Page, observer: Observer, live: Live) -> None:
    load = observer.load
    page.gauge("p2p_dashboard_busy", "1 while more happens than can be told in time.", load.busy)
    page.gauge(
        "p2p_dashboard_behind_seconds", "How old events are when they are taken in.", load.behind
    )
    page.gauge("p2p_dashboard_pace_seconds", "Seconds between two deltas.", load.pace)
    page.counter(
        "p2p_dashboard_messages_untold_total",
        "Messages whose last news no delta told, as newer ones had taken their place.",
        load.left_out,
    )
    page.gauge("p2p_dashboard_browsers", "Browsers that are connected.", live.browsers)
    page.counter(
        "p2p_dashboard_deltas_total", "Deltas that were told, each to all browsers.", live.deltas
    )
    page.counter("p2p_dashboard_snapshots_total", "Snapshots that were told.", live.snapshots)
    page.summary(
        "p2p_dashboard_delta_delay_seconds",
        "How long news waited for the delta that told them, while a browser was there.",
        observer.delay,
        observer.told,
    )


def _written(page: Page, recall: Recall) -> None:
    page.gauge("p2p_dashboard_history_bytes", "What all runs take on disk.", recall.runs.total())
    history: History | None = recall.history
    if history is None:
        return
    state = history.state()
    page.gauge(
        "p2p_dashboard_history_failing",
        "1 while the history cannot be written.",
        state["state"] == "failing",
    )
    page.gauge(
        "p2p_dashboard_history_queue_events", "Events that wait to be written.", state["waiting"]
    )
    page.counter(
        "p2p_dashboard_history_records_total", "Records that were written.", history.recorded
    )
    page.counter(
        "p2p_dashboard_history_dropped_total",
        "Records that were left out and are holes now.",
        history.dropped,
    )
