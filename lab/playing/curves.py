"""A run over time: what was accepted, arrived and waited in each second, and how long it took."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from lab.playing.record import Record
from lab.verification.history import Sent


def arrivals(record: Record) -> dict[str, float]:
    """When each message to one receiver came into its inbox for the first time."""
    to = {m.id: m.to for m in record.history.sent if not m.to_everybody}
    found: dict[str, float] = {}
    for node, inbox in record.history.inboxes.items():
        for one in inbox:
            if to.get(one.id) == node and one.at < found.get(one.id, math.inf):
                found[one.id] = one.at
    return found


def judged(record: Record) -> list[Sent]:
    """Accepted messages to one receiver, where both ends are there in the end."""
    gone = set(record.history.gone)
    return [
        message
        for message in record.history.sent
        if message.accepted_at is not None
        and not message.to_everybody
        and message.sender not in gone
        and message.to not in gone
    ]


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value below which this share lies (the nearest one above); None of nothing."""
    ordered = sorted(values)
    return ordered[math.ceil(share * (len(ordered) - 1))] if ordered else None


def messages(record: Record) -> list[dict[str, Any]]:
    """A row a second."""
    came = arrivals(record)
    outboxes = record.history.outboxes
    # Who arrived ends then; what failed is only known to have failed by the end.
    ends = []
    failed = 0
    accepted = []
    waits: dict[int, list[float]] = {}
    for message in judged(record):
        at = (message.accepted_at or 0.0) - record.zero
        accepted.append(at)
        arrived = came.get(message.id)
        if arrived is not None:
            ends.append(arrived - record.zero)
            wait = max(0.0, arrived - (message.accepted_at or 0.0))
            waits.setdefault(math.floor(at), []).append(wait)
        else:
            end = outboxes.get(message.sender, {}).get(message.id)
            failed += end is not None and end.status == "failed"
    last = max([record.script.seconds, *accepted, *ends], default=0.0)
    accepted.sort()
    ends.sort()
    rows = []
    a = e = 0
    for second in range(math.ceil(last) + 1):
        before_a, before_e = a, e
        a = _until(accepted, a, second + 1)
        e = _until(ends, e, second + 1)
        window = waits.get(second, ())
        rows.append(
            {
                "at": second,
                "accepted": a - before_a,
                "arrived": e - before_e,
                "waiting": a - e,
                "p50": percentile(window, 0.5),
                "p99": percentile(window, 0.99),
            }
        )
    if rows:
        rows[-1]["failed"] = failed
    return rows


def _until(times: Sequence[float], number: int, end: float) -> int:
    while number < len(times) and times[number] < end:
        number += 1
    return number
