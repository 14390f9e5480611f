"""Where what two say does not fit together: kept as it is, and shown.

The picture has one state for each node and one list of links, judged from all that is known
(`judgement`). What was overruled on the way is not thrown away, as it is what a lesson is about:
a frozen node that its neighbours have given up and that we still reach, halves that hold each other
for dead, a liar. There are four kinds:

    link     one says that there is a link, and the other, whose events arrive, has none
    state    some hold a node for dead, and others, or our own connection to it, for living;
             or it is dead, and some have not noticed
    id       a program elsewhere claims to be the node that we are connected to
    address  two that are there name the same address as theirs

News takes its time, so for a while everything is in conflict with everything: one end tells of a
new link a moment before the other. What lasts counts. Everything here follows from the records and
the time, so the past has the same conflicts as it had then.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from dashboard.records import ENDED, LIVING, Record
from dashboard.reducer import Reducer

LINK_AFTER: Final = 3.0
"""Seconds that a link may be one-sided [guess: both ends tell within a tenth of a second; a node
that has heard nothing of its neighbour for two to three seconds drops the link]."""
STATE_AFTER: Final = 15.0
"""Seconds that maps may differ in who lives [protocol brief: a death is in every map after 12]."""
CLAIM_KEPT: Final = 75.0
"""Seconds that a second claim to an id counts: it is tried again every 30, ± a quarter
[dashboard.watch]."""
MOST: Final = 200
"""Conflicts that are told one by one; how many there are is told beside them."""
NAMED: Final = 3
"""Names in a sentence."""


class Conflict(NamedTuple):
    """One, with a sentence for each node that it is about."""

    kind: str
    said: tuple[tuple[Record, str], ...]

    def view(self) -> dict[str, Any]:
        """For readers: CONFLICT of docs/api.md."""
        return {
            "kind": self.kind,
            "nodes": [{"id": record.id, "name": record.name} for record, _ in self.said],
            "text": f"{self.said[0][0].name} {self.said[0][1]}",
        }


def found(reducer: Reducer, now: float) -> list[Conflict]:
    """All that there are at a moment."""
    shown = [record for record in reducer.shown() if record.kind != "plain"]
    return [
        *_states(reducer, shown, now),
        *_ids(shown, now),
        *_addresses(shown),
        *_links(reducer, shown, now),
    ]


def _heard(record: Record) -> bool:
    """Whether its own word is current."""
    return record.contact == "open" and record.state in LIVING


def _links(reducer: Reducer, shown: Iterable[Record], now: float) -> Iterator[Conflict]:
    settled = now - LINK_AFTER
    for record in shown:
        if not _heard(record):
            continue
        for node, since in record.links.items():
            other = reducer.get(node)
            if (
                other is not None
                and other.shown
                and other.kind != "plain"
                and _heard(other)
                and record.id not in other.links
                and since <= settled
                and other.linked <= settled
            ):
                yield Conflict(
                    "link",
                    (
                        (record, f"says that it has a link to {other.name}, which says no"),
                        (other, f"says that it has no link to {record.name}, which says yes"),
                    ),
                )


def _states(reducer: Reducer, shown: Iterable[Record], now: float) -> Iterator[Conflict]:
    for record in shown:
        alive, suspect, dead, left = record.votes
        living, ended = alive + suspect, dead + left
        lives = _heard(record)
        if not ((ended and (living or lives)) or (living and record.state in ENDED)):
            continue
        settled = now - STATE_AFTER
        if (record.ended or 0.0) > settled:
            continue
        for_dead: list[Record] = []
        for_living: list[Record] = []
        for teller in reducer.tellers():
            belief = teller.beliefs.get(record.id)
            if belief is not None and teller.watched and belief.since <= settled:
                (for_living if belief.living else for_dead).append(teller)
        if for_dead and (for_living or lives):
            whom = _names(for_dead)
            rest = "answers us" if lives else f"lives, according to {_names(for_living)}"
            yield Conflict("state", ((record, f"{rest}, and is held for dead by {whom}"),))
        elif for_living and record.state in ENDED:
            told = f"is {record.state}, and still held for living by {_names(for_living)}"
            yield Conflict("state", ((record, told),))


def _ids(shown: Iterable[Record], now: float) -> Iterator[Conflict]:
    for record in shown:
        rival = record.rival if record.rival != record.url else None
        if rival is not None and now - record.rival_at < CLAIM_KEPT and _heard(record):
            yield Conflict("id", ((record, f"is at {record.url}, and {rival} claims its id"),))


def _addresses(shown: Iterable[Record]) -> Iterator[Conflict]:
    at: dict[str, Record] = {}
    for record in shown:
        if not _heard(record):
            continue
        other = at.setdefault(record.url, record)
        if other is not record:
            yield Conflict(
                "address",
                (
                    (record, f"says that it is at {record.url}, as {other.name} does"),
                    (other, f"says that it is at {record.url}, as {record.name} does"),
                ),
            )


def _names(records: list[Record]) -> str:
    names = [record.name for record in records[:NAMED]]
    more = len(records) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
