"""What can be asked for: the kinds of faults, their fields, and who cannot be meant.

A body becomes a `Fault` here, whole, or nothing does: whatever is wrong is an ApiError that
names the field, and nothing has been touched by then.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from contract.errors import ApiError, malformed, out_of_range
from contract.limits import MAX_ID, MAX_MEMBERS, MAX_SENDER, MAX_URL
from contract.text import checked
from contract.urls import peer_url
from node.overlay.frames import Record

Direction = Literal["in", "out", "both"]
Value = float | bool | str

DEFAULT_FOR: Final = 60.0
LONGEST: Final = 3_600.0
"""Seconds for which a fault lasts, without a wish and at most [issue]."""
MOST_DOWN: Final = 600.0
"""Seconds for which a crashed node stays dead at most [guess: ten minutes of a lesson]."""
MAX_BY: Final = 64
"""Characters of who asks."""
YEARS: Final = 315_360_000.0
"""Seconds by which a clock can be wrong: ten years [guess: its dates still have four digits]."""


class Number(NamedTuple):
    """A field that is a number. `above` is not reached, `most` is."""

    above: float
    most: float
    default: float | None = None
    least: bool = False
    """Whether `above` itself is taken, too."""

    def read(self, field: str, value: object) -> float:
        """The value. 400 where it is no number, 422 where it is out of range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise malformed(f"'{field}' must be a number", field)
        if not (self.above < value or (self.least and value == self.above)) or value > self.most:
            lowest = f"from {self.above:,.15g}" if self.least else f"more than {self.above:,.15g}"
            raise out_of_range(f"'{field}' must be {lowest}, at most {self.most:,.15g}", field)
        return float(value)


class Choice(NamedTuple):
    """A field that is one of some words."""

    words: tuple[str, ...]
    default: str

    def read(self, field: str, value: object) -> str:
        """The word. 400 where it is no text, 422 where it is another one."""
        word = checked(value, field, MAX_BY, blank=True)
        if word not in self.words:
            raise out_of_range(f"'{field}' must be one of: {', '.join(self.words)}", field)
        return word


class Flag(NamedTuple):
    """A field that is true or false."""

    default: bool = False

    def read(self, field: str, value: object) -> bool:
        """The value. 400 where it is neither."""
        if not isinstance(value, bool):
            raise malformed(f"'{field}' must be true or false", field)
        return value


_PROBABILITY: Final = Number(0.0, 1.0)
_MILLISECONDS: Final = Number(0.0, 10_000.0)
ON_THE_WIRE: Final[Mapping[str, Mapping[str, Number | Choice | Flag]]] = {
    "drop": {"probability": Number(0.0, 1.0, 1.0)},
    "delay": {
        "mean_ms": _MILLISECONDS,
        "jitter_ms": Number(0.0, 10_000.0, 0.0, least=True),
        "distribution": Choice(("normal", "uniform"), "normal"),
    },
    "duplicate": {"probability": _PROBABILITY},
    "reorder": {"probability": _PROBABILITY, "mean_ms": _MILLISECONDS},
    "throttle": {"bytes_per_second": Number(64.0, 1e9, least=True)},
}
"""What is done to requests and answers: these have peers and a direction."""
TO_THE_NODE: Final[Mapping[str, Mapping[str, Number | Choice | Flag]]] = {
    "freeze": {},
    "crash": {"down_seconds": Number(0.0, MOST_DOWN, 0.0, least=True), "lose_disk": Flag()},
    "disk-full": {},
    "clock-skew": {
        "offset_seconds": Number(-YEARS, YEARS, 0.0, least=True),
        "rate": Number(0.1, 10.0, 1.0, least=True),
    },
    "leave": {},
}
"""What is done to the whole node."""
KINDS: Final = {**ON_THE_WIRE, **TO_THE_NODE}
_OF_ALL: Final = ("kind", "peers", "direction", "for_seconds", "by", "act")
DIRECTION: Final = Choice(("both", "in", "out"), "both")
FOR: Final = Number(0.0, LONGEST, DEFAULT_FOR)


class Whom(NamedTuple):
    """Somebody whom a fault concerns: a member, or one whom this node has yet to hear of."""

    id: str
    name: str
    url: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault that is wished for."""

    kind: str
    peers: tuple[Whom, ...] | None
    """Whom it concerns; None: all."""
    direction: Direction
    for_seconds: float
    by: str
    act: str | None
    """What it is a part of, where several nodes have such a fault as one act."""
    values: Mapping[str, Any]
    """The kind's own fields."""


def read(
    body: Mapping[str, Any],
    asker: str,
    own: Record,
    find: Callable[[str], Record],
) -> Fault:
    """A wish as a fault. `find` raises ApiError for unknown members. Raises 400 and 422."""
    if "kind" not in body:
        raise malformed("'kind' is missing", "kind")
    kind = Choice(tuple(KINDS), "").read("kind", body["kind"])
    fields = KINDS[kind]
    for field in body:
        if field not in fields and field not in _OF_ALL:
            there = ", ".join(fields) or "none of its own"
            raise out_of_range(
                f"'{field[:80]}' is no field of '{kind}'; it has {there}", field[:80]
            )
    fault = Fault(
        kind=kind,
        peers=_peers(body.get("peers"), own, find),
        direction=_direction(body.get("direction", "both")),
        for_seconds=FOR.read("for_seconds", body.get("for_seconds", DEFAULT_FOR)),
        by=checked(body["by"], "by", MAX_BY) if body.get("by") is not None else asker,
        act=checked(body["act"], "act", MAX_ID) if body.get("act") is not None else None,
        values={name: _value(name, field, body) for name, field in fields.items()},
    )
    _agree(fault)
    return fault


def _direction(value: object) -> Direction:
    word = DIRECTION.read("direction", value)
    return "in" if word == "in" else "out" if word == "out" else "both"


def _value(name: str, field: Number | Choice | Flag, body: Mapping[str, Any]) -> Value:
    if name in body:
        return field.read(name, body[name])
    if field.default is None:
        raise malformed(f"'{name}' is missing", name)
    return field.default


def _agree(fault: Fault) -> None:
    """Whether the fields go together."""
    values = fault.values
    if fault.kind in TO_THE_NODE:
        for field, given in (
            ("peers", fault.peers is not None),
            ("direction", fault.direction != "both"),
        ):
            if given:
                raise out_of_range(
                    f"'{fault.kind}' is done to the whole node: it has no '{field}'", field
                )
    if fault.kind == "delay" and values["jitter_ms"] > values["mean_ms"]:
        raise out_of_range("'jitter_ms' must not be more than 'mean_ms'", "jitter_ms")
    if fault.kind == "clock-skew" and (values["offset_seconds"], values["rate"]) == (0.0, 1.0):
        raise out_of_range(
            "a clock that is neither wrong nor too fast is right: say 'offset_seconds' or 'rate'",
            "offset_seconds",
        )


def _peers(wanted: object, own: Record, find: Callable[[str], Record]) -> tuple[Whom, ...] | None:
    """Whom it concerns, and none of them ourselves.

    Who is named must be known. Who is described, by id, name and URL, need not be: a node that
    starts in the middle of a partition is told of those whom it must not meet.
    """
    if wanted is None:
        return None
    if not isinstance(wanted, list):
        raise malformed("'peers' must be a list of names, ids or URLs", "peers")
    if not wanted:
        raise out_of_range("'peers' must not be empty; without it all are meant", "peers")
    if len(wanted) > MAX_MEMBERS:
        raise out_of_range(f"'peers' has more than {MAX_MEMBERS:,} entries", "peers")
    found: dict[str, Whom] = {}
    for one in wanted:
        if isinstance(one, dict):
            described = _described(one)
            if own.id == described.id or own.url == described.url:
                raise out_of_range("'peers' describes this very node", "peers")
            found[described.id] = described
            continue
        name = checked(one, "peers", MAX_SENDER)
        if name.rstrip("/") in {own.id, own.name, own.url}:
            raise out_of_range(
                "'peers' names this very node, which says nothing to itself", "peers"
            )
        try:
            record = find(name)
        except ApiError as error:
            raise out_of_range(f"'peers': {error.message}", "peers") from None
        found[record.id] = Whom(record.id, record.name, record.url)
    return tuple(found.values())


def _described(one: Mapping[str, Any]) -> Whom:
    """A peer by its id, name and URL."""
    if one.keys() != {"id", "name", "url"}:
        raise malformed("a described peer has 'id', 'name' and 'url'", "peers")
    return Whom(
        checked(one["id"], "peers", MAX_ID),
        checked(one["name"], "peers", MAX_SENDER),
        peer_url(checked(one["url"], "peers", MAX_URL), "peers"),
    )
