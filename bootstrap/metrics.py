"""`/metrics`: the registry in numbers, for Prometheus."""

import time

from flask import Blueprint, Response

from bootstrap.registry import CAPACITY, Registry
from contract import __version__, metrics, process
from contract.described import Raw, described
from contract.metrics import Page


def blueprint(registry: Registry) -> Blueprint:
    """`/metrics`."""
    routes = Blueprint("metrics", __name__)
    started = time.time()

    @routes.get("/metrics")
    @described("What the program counts, for Prometheus", answer=Raw("text/plain"))
    def numbers() -> Response:
        told = page(registry)
        process.tell(told, started)
        return Response(told.text(), content_type=metrics.TYPE)

    return routes


def page(registry: Registry) -> Page:
    """What the registry counts; what counts up begins at 0 with each start."""
    told = Page()
    told.info("p2p_bootstrap_info", "Which bootstrap this is.", version=__version__)
    told.gauge(
        "p2p_bootstrap_peers",
        "Entries: answering (registered, or answered since), silent at their last check, and "
        "candidates that were only heard of.",
        [({"state": state}, count) for state, count in registry.states().items()],
    )
    told.gauge("p2p_bootstrap_peers_limit", "Entries at most.", CAPACITY)
    totals = registry.totals
    told.counter(
        "p2p_bootstrap_registrations_total",
        "Registrations by what became of them; one that comes again counts again.",
        [
            ({"outcome": "registered"}, totals["registered"]),
            ({"outcome": "full"}, totals["full"]),
        ],
    )
    told.counter("p2p_bootstrap_removals_total", "Peers that were removed.", totals["removed"])
    told.counter(
        "p2p_bootstrap_checks_total",
        "Questions whether a peer lives, by outcome.",
        [
            ({"outcome": "answered"}, totals["answered"]),
            ({"outcome": "silent"}, totals["silent"]),
        ],
    )
    told.counter("p2p_bootstrap_found_total", "Candidates that answered.", totals["found"])
    told.counter("p2p_bootstrap_dropped_total", "Peers silent for too long.", totals["dropped"])
    return told
