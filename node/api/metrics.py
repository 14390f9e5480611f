"""`/metrics`: the node in numbers, for Prometheus.

All of them are counted anyway, so a node whose `/metrics` nobody reads pays nothing. What counts
up begins at 0 with each start, as Prometheus expects.
"""

from collections import Counter
from collections.abc import Iterator

from flask import Blueprint, Response

from contract import __version__, metrics, process
from contract.described import Raw, described
from contract.events import TYPES
from contract.metrics import Labels, Page
from node.peer import Peer

_ROUTES = ("direct", "overlay")
_STATES = ("alive", "suspect", "dead", "left")


def blueprint(peer: Peer) -> Blueprint:
    """`/metrics`."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    @described("What the program counts, for Prometheus", answer=Raw("text/plain"), errors=(503,))
    def numbers() -> Response:
        return Response(page(peer), content_type=metrics.TYPE)

    return routes


def page(peer: Peer) -> str:
    """The page."""
    told = Page()
    _about(told, peer)
    _messages(told, peer)
    _network(told, peer)
    _frames(told, peer)
    process.tell(told, peer.started)
    return told.text()


def _about(page: Page, peer: Peer) -> None:
    own = peer.own
    page.info(
        "p2p_node_info",
        "Which node this is.",
        id=own.id,
        name=own.name,
        version=__version__,
        preset=peer.settings.preset,
        durability=peer.store.durability,
    )
    page.gauge("p2p_node_epoch", "Which start of this node it is, the first being 1.", own.epoch)
    page.gauge(
        "p2p_disk_full", "1 while something waits for a disk that takes nothing.", peer.disk_refuses
    )
    kinds = Counter(fault["kind"] for fault in peer.faults_now())
    page.gauge("p2p_faults", "Faults that are set on purpose, by kind.", _by("kind", kinds))


def _messages(page: Page, peer: Peer) -> None:
    counts = peer.store.counts()
    page.gauge("p2p_inbox_messages", "Messages in the inbox.", counts["inbox"])
    outbox = {
        "queued": counts["waiting"],
        "delivered": counts["sent"],
        "failed": counts["failed"],
    }
    page.gauge("p2p_outbox_messages", "Messages in the outbox, by status.", _by("status", outbox))
    totals, dropped = peer.events.counted()
    types = dict.fromkeys(TYPES, 0)
    for (kind, _), count in totals.items():
        types[kind] = types.get(kind, 0) + count
    sent = [({"route": one}, totals.get(("message.sent", one), 0)) for one in _ROUTES]
    page.counter("p2p_messages_sent_total", "Times that a message of ours left, by route.", sent)
    for what, about in (
        ("received", "Messages for this node that came."),
        ("delivered", "Messages of ours that their receiver has stored."),
        ("failed", "Messages of ours that were given up."),
        ("retried", "Attempts that came to nothing and are repeated."),
        ("forwarded", "Messages of others that were passed on."),
    ):
        page.counter(f"p2p_messages_{what}_total", about, types[f"message.{what}"])
    for what, about in (
        ("sent", "Broadcasts of this node."),
        ("received", "Broadcasts of others that were stored."),
    ):
        page.counter(f"p2p_broadcasts_{what}_total", about, types[f"broadcast.{what}"])
    broadcast = peer.overlay.broadcast.counts()
    for what, about in (
        ("came", "Payloads of broadcasts that came, copies too."),
        ("missed", "Broadcasts that were and that this node cannot get any more."),
        ("late", "Broadcasts that were held for missed and came after all."),
    ):
        page.counter(f"p2p_broadcasts_{what}_total", about, broadcast[what])
    page.counter("p2p_events_total", "Events that this node told, by type.", _by("type", types))
    page.counter("p2p_events_dropped_total", "Events too old for the log.", dropped)


def _network(page: Page, peer: Peer) -> None:
    members = Counter[tuple[str, str]]((record.kind, record.state) for record in peer.views("all"))
    page.gauge(
        "p2p_members",
        "Other members that this node knows, by kind and by the state that it believes.",
        [
            ({"kind": kind, "state": state}, members[kind, state])
            for kind in ("peer", "plain")
            for state in _STATES
        ],
    )
    page.gauge(
        "p2p_links", "Members that this node keeps a link to.", len(peer.overlay.links.ids())
    )
    page.gauge(
        "p2p_requests_in_flight",
        "Requests that are being answered, this one too.",
        len(peer.under_way),
    )
    page.gauge("p2p_batches_in_flight", "Batches whose answer is awaited.", peer.asking)


def _frames(page: Page, peer: Peer) -> None:
    overlay = peer.overlay
    routing = overlay.routing.sizes()
    page.counter(
        "p2p_batches_refused_total",
        "Batches that were not taken, by why.",
        _by("reason", {"rule": peer.refused_batches, "seal": peer.seal.refused}),
    )
    page.counter(
        "p2p_frames_ignored_total",
        "Frames that were left alone, by why.",
        _by("reason", {"unknown": overlay.unknown_frames, "stranger": overlay.strange_frames}),
    )
    outcomes = {name: routing[name] for name in ("passed", "stuck", "refused", "unasked", "forged")}
    page.counter("p2p_routing_frames_total", "Routed frames, by outcome.", _by("outcome", outcomes))
    held = {name: routing[name] for name in ("lists", "under_way", "floods", "distrusted")}
    page.gauge("p2p_routing_held", "What routing holds, by what it is.", _by("what", held))
    held = overlay.broadcast.sizes()
    characters = held.pop("characters")
    page.gauge("p2p_broadcast_held_characters", "Characters that are held.", characters)
    page.gauge("p2p_broadcast_held", "What is held for broadcasts, by what.", _by("what", held))


def _by(label: str, counts: "dict[str, int] | Counter[str]") -> Iterator[tuple[Labels, float]]:
    return (({label: value}, count) for value, count in sorted(counts.items()))
