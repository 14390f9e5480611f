"""The whole model at one moment, as bytes, and back.

To show a moment of the past its events are taken in again, from the last checkpoint before
it. A checkpoint is made in two steps. `frozen` copies what may change, which is quick, as
it happens under the lock that the live picture needs. `packed` makes bytes of the copy, at
leisure and in any thread.

Nearly all of it is who believes what of whom, N squared. The same few beliefs come again and
again, so they stand in a table and each map only has numbers. The bytes are JSON, packed by
zlib: a hundred nodes and two thousand messages make some 100 KB [measured].

A checkpoint may come out of a file from a stranger. So it is parsed into bounded types, and
what contradicts itself is refused.
"""

import zlib
from copy import copy
from typing import Annotated, Final

import msgspec

from dashboard.broadcasts import Broadcast
from dashboard.messages import Message
from dashboard.model import Model
from dashboard.records import Belief, Broken, Contact, Record
from dashboard.reducer import Saved
from dashboard.reports import Counter, Kind, Seconds, State

MOST_BYTES: Final = 96 * 1024 * 1024
"""Bytes of an unpacked checkpoint: a thousand nodes that believe a million things take some 15 MB,
2,000 of the longest messages 80 [guess]."""
_LEVEL: Final = 1
"""Of zlib: four times as quick as the usual 6, and a fifth larger [measured]."""


class BrokenCheckpointError(ValueError):
    """These bytes are no checkpoint of ours."""


class Moment(msgspec.Struct):
    """A model at a moment, and which life of which dashboard saw it."""

    at: float
    session: str
    expected: int | None
    model: Model


class Frozen(msgspec.Struct):
    """A copy of a model's state."""

    at: float
    session: str
    expected: int | None
    saved: Saved
    rate: list[tuple[int, int]]
    total: int
    messages: list[tuple[str, Message | Broadcast]]


class _Record(msgspec.Struct, array_like=True):
    key: Counter
    id: str
    name: str
    url: str
    kind: Kind
    public_url: str | None
    epoch: Counter
    started: Seconds | None
    state: State
    shown: bool
    confirmed: bool
    contact: Contact
    stopping: bool
    appeared: Seconds | None
    ended: Seconds | None
    inbox: Counter
    sent: Counter
    waiting: Counter
    failed: Counter
    note: str | None
    links: dict[str, Seconds]
    votes: Annotated[list[Counter], msgspec.Meta(min_length=4, max_length=4)]
    believes: list[Counter]
    """Whom, as a number in the table of ids, and what, as one in that of beliefs, in turn."""
    faults: dict[str, Broken] = {}
    linked: Seconds = 0.0
    rival: str | None = None
    rival_at: Seconds = 0.0


class _Packed(msgspec.Struct):
    at: Seconds
    session: Annotated[str, msgspec.Meta(max_length=64)]
    expected: Counter | None
    records: list[_Record]
    ids: list[str]
    beliefs: list[tuple[State, str, Counter]]
    by_url: dict[str, str]
    keys: dict[str, Counter]
    unseen: list[str]
    tellers: list[str]
    rate: Annotated[list[tuple[Counter, Counter]], msgspec.Meta(max_length=100)]
    total: Counter
    messages: list[tuple[str, Message]]
    broadcasts: list[tuple[str, Broadcast]]


_decoder: Final = msgspec.json.Decoder(_Packed)
_PLAIN: Final = tuple(name for name in _Record.__struct_fields__ if name != "believes")


def frozen(model: Model, at: float, session: str, expected: int | None) -> Frozen:
    """A copy of a model, made between two entries."""
    return Frozen(
        at,
        session,
        expected,
        model.reducer.saved(),
        model.rate.counted(),
        model.messages.total,
        [(message, _copied(view)) for message, view in model.messages.all()],
    )


def packed(state: Frozen) -> bytes:
    """The bytes of a frozen model."""
    ids: dict[str, int] = {}
    beliefs: dict[Belief, int] = {}
    records = []
    for record in state.saved.records:
        believes: list[int] = []
        for node, belief in record.beliefs.items():
            believes.append(ids.setdefault(node, len(ids)))
            believes.append(beliefs.setdefault(belief, len(beliefs)))
        plain = {name: getattr(record, name) for name in _PLAIN}
        records.append(_Record(**plain, believes=believes))
    whole = _Packed(
        at=state.at,
        session=state.session,
        expected=state.expected,
        records=records,
        ids=list(ids),
        beliefs=[(belief.state, belief.url, belief.since) for belief in beliefs],
        by_url=state.saved.by_url,
        keys=state.saved.keys,
        unseen=state.saved.unseen,
        tellers=state.saved.tellers,
        rate=state.rate,
        total=state.total,
        messages=[(one, view) for one, view in state.messages if isinstance(view, Message)],
        broadcasts=[(one, view) for one, view in state.messages if isinstance(view, Broadcast)],
    )
    return zlib.compress(msgspec.json.encode(whole), _LEVEL)


def unpacked(content: bytes) -> Moment:
    """The model again. Raises BrokenCheckpointError."""
    try:
        whole = _decoder.decode(text(content))
        model = Model()
        model.reducer.restore(_saved(whole))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError) as error:
        raise BrokenCheckpointError(f"a checkpoint makes no sense: {error}") from None
    model.rate.restore(whole.rate)
    views: list[tuple[str, Message | Broadcast]] = [*whole.messages, *whole.broadcasts]
    views.sort(key=lambda one: one[1].number)
    model.messages.restore(views, whole.total)
    model.messages.quiet = True
    return Moment(whole.at, whole.session, whole.expected, model)


def text(content: bytes) -> bytes:
    """The JSON of a checkpoint. Raises BrokenCheckpointError."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(content, MOST_BYTES)
    except zlib.error as error:
        raise BrokenCheckpointError(f"a checkpoint is damaged: {error}") from None
    if not unpacker.eof:
        raise BrokenCheckpointError("a checkpoint is cut short, or far too large")
    return found


def from_text(content: bytes) -> bytes:
    """The bytes of a checkpoint whose JSON came from elsewhere. Raises BrokenCheckpointError."""
    made = zlib.compress(content, _LEVEL)
    unpacked(made)
    return made


def _saved(whole: _Packed) -> Saved:
    table = [Belief(*belief) for belief in whole.beliefs]
    if len(set(whole.keys.values())) != len(whole.keys):
        raise BrokenCheckpointError("a checkpoint gives two nodes one number")
    records = []
    for one in whole.records:
        if one.shown and whole.keys.get(one.id) != one.key:
            raise BrokenCheckpointError("a checkpoint shows a node without its number")
        numbers = one.believes
        believed = zip(numbers[::2], numbers[1::2], strict=False)
        beliefs = {whole.ids[node]: table[belief] for node, belief in believed}
        plain = {name: getattr(one, name) for name in _PLAIN}
        knows = sum(belief.living for belief in beliefs.values())
        records.append(Record(**plain, beliefs=beliefs, knows=knows))
    return Saved(records, whole.by_url, whole.keys, whole.unseen, whole.tellers)


def _copied(view: Message | Broadcast) -> Message | Broadcast:
    copied = copy(view)
    copied.legs = view.legs.copy()
    if isinstance(copied, Message):
        copied.attempts = copied.attempts.copy()
    return copied
