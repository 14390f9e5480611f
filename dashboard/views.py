"""NODE_VIEW, FAULT_VIEW and MESSAGE_VIEW of docs/api.md: what is known, as browsers get it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from dashboard.broadcasts import Broadcast
from dashboard.messages import Message
from dashboard.records import Broken, Record
from dashboard.ways import Leg

KeyOf = Callable[[str], int | None]
"""The number of a node that is shown, by its id."""


def node_view(record: Record) -> dict[str, Any]:
    """NODE_VIEW."""
    return {
        "key": record.key,
        "id": record.id,
        "name": record.name,
        "url": record.url,
        "public_url": record.public_url,
        "kind": record.kind,
        "state": record.state,
        "watched": record.watched and record.contact == "open",
        "epoch": record.epoch,
        "since": milliseconds(record.started),
        "knows": 0 if record.over else record.knows,
        "links": 0 if record.over else len(record.links),
        "inbox": record.inbox,
        "sent": record.sent,
        "waiting": record.waiting,
        "least": record.least,
        "failed": record.failed,
        "note": record.note,
        "conflicts": list(record.conflicts),
    }


_STRENGTHS: Final = (
    *("probability", "mean_ms", "jitter_ms", "bytes_per_second"),
    *("down_seconds", "offset_seconds", "rate"),
)


def fault_views(record: Record, key_of: KeyOf) -> list[dict[str, Any]]:
    """FAULT_VIEWs of a node, the oldest first. Peers that were never shown have no number."""
    return [_fault_view(broken, key_of) for broken in record.broken]


def _fault_view(broken: Broken, key_of: KeyOf) -> dict[str, Any]:
    fault = broken.fault
    peers = None if fault.peers is None else [key_of(peer.id) for peer in fault.peers]
    strengths = {name: getattr(fault, name) for name in _STRENGTHS}
    return {
        "id": fault.id,
        "kind": fault.kind,
        "peers": None if peers is None else sorted(key for key in peers if key is not None),
        "direction": fault.direction,
        "until": milliseconds(broken.until),
        "by": fault.by,
        "act": fault.act,
        **{name: value for name, value in strengths.items() if value is not None},
    }


def message_view(view: Message | Broadcast, key_of: KeyOf, *, new: bool = False) -> dict[str, Any]:
    """MESSAGE_VIEW. `new`: of a broadcast's path only what was not told before."""
    if isinstance(view, Broadcast):
        return _broadcast_view(view, key_of, view.since if new else 0)
    shown, path = view.shown_state, view.path
    return {
        "id": view.id,
        "kind": "message",
        "from": None if view.origin is None else key_of(view.origin),
        "to": key_of(view.receiver),
        "sender": view.sender,
        "text": view.text,
        "state": shown,
        "attempt": view.attempt,
        "reason": view.reason,
        "queued_at": milliseconds(view.queued_at),
        "next_at": milliseconds(view.again_at) if shown == "waiting" else None,
        "sent_at": milliseconds(view.sent_at),
        "received_at": milliseconds(view.received_at),
        "done_at": milliseconds(view.done_at),
        "hops": view.hop if view.received_at is not None else max(1, len(path)),
        "path": _path(path, key_of) if path else [],
        "path_at": 0,
        "reached": None,
        "of": None,
    }


def _broadcast_view(view: Broadcast, key_of: KeyOf, since: int) -> dict[str, Any]:
    last = milliseconds(view.last_at)
    return {
        "id": view.id,
        "kind": "broadcast",
        "from": key_of(view.origin),
        "to": None,
        "sender": view.sender,
        "text": view.text,
        "state": "delivered" if view.everybody else "sent",
        "attempt": 1,
        "reason": None,
        "queued_at": milliseconds(view.sent_at),
        "next_at": None,
        "sent_at": milliseconds(view.sent_at),
        "received_at": last,
        "done_at": last if view.everybody else None,
        "hops": view.hops,
        "path": _path(list(view.legs.values())[since:], key_of),
        "path_at": since,
        "reached": view.reached,
        "of": view.of,
    }


def _path(legs: Iterable[Leg], key_of: KeyOf) -> list[list[int | None]]:
    return [[key_of(leg.start), key_of(leg.end), milliseconds(leg.at)] for leg in legs]


def milliseconds(seconds: float | None) -> int | None:
    """Seconds as whole milliseconds, as browsers count."""
    return None if seconds is None else round(seconds * 1000)
