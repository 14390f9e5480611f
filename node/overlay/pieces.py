"""Pieces: what is too long for one frame goes in several.

A frame is 64 KiB at most (`MAX_FRAME`), so that whoever takes one knows what it can cost; a
batch with a larger one is refused whole (`frames.parse`). Seven kinds of frames hold as much
as there is to say: maps, news, neighbour lists, the versions of these, announcements, heights,
and receipts. Here they are cut.

*How long is it?* To know exactly, one would have to encode everything twice. So sizes are
reckoned, from above: a character takes four bytes of UTF-8 at most, and a quotation mark or a
backslash, which JSON escapes, two. So few that they fit whatever is in them are not even
reckoned: that is nearly always so.

*What is not in it.* Whoever gets a map answers with what it knows better, and with what is
*missing* there. A piece of a map must therefore say how far it reaches: it covers the ids
after `after`, up to and including `upto`, in the order of their characters (Unicode code
points, which is that of UTF-8's bytes). Each piece stands by itself. They may come in any
order, and one that gets lost is repeated with the next comparison. A map that fits into one
frame has neither field, and so looks as it did before there were pieces; versions likewise.

What goes in: what there is to say. What comes out: frames within the bound.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from contract.limits import MARK, MAX_FRAME, MAX_ID, MAX_LISTS, MAX_MEMBERS, MAX_NAME, MAX_URL
from node.overlay.frames import (
    Announced,
    Height,
    Heights,
    ListVersion,
    MemberList,
    Neighbourhood,
    NeighbourList,
    Receipt,
    Receipts,
    Record,
    Update,
    Versions,
    room_of_list,
    room_of_receipt,
    room_of_record,
    room_of_version,
)

Thing = TypeVar("Thing")

_ROOM: Final = MAX_FRAME - 1_024
"""Bytes for what is cut; the rest is for the frame's own fields, two long ids among them."""
_SURE_RECORDS: Final = _ROOM // (4 * (MAX_ID + MAX_NAME) + 2 * MAX_URL + 120)
"""Records that fit, whatever they hold: 56."""
_SURE_LISTS: Final = _ROOM // (17 * (4 * MAX_ID + 3) + 40)
"""Neighbour lists that fit: 14."""
_SURE_VERSIONS: Final = _ROOM // (4 * MAX_ID + 40)
"""Versions of lists that fit: 217."""
_SURE_RECEIPTS: Final = _ROOM // (MARK * (MAX_MEMBERS + 1) + 6 * MAX_ID + 43)
"""Receipts that fit: 7."""
_ANNOUNCED: Final = _ROOM // (6 * MAX_ID + 40)
"""Announcements in a frame: 152. The ids of origins may hold control characters, which JSON
makes six bytes of; hundreds are seldom, so these are not reckoned one by one."""


def updates(records: Sequence[Record]) -> list[Update]:
    """News, none where there are none."""
    return [Update(piece) for piece in _cut(records, room_of_record, _SURE_RECORDS)]


def member_lists(records: Sequence[Record]) -> list[MemberList]:
    """A whole map."""
    pieces = _cut_by_id(records, lambda record: record.id, room_of_record, _SURE_RECORDS)
    return [MemberList(*piece) for piece in pieces]


def neighbourhoods(lists: Sequence[NeighbourList]) -> list[Neighbourhood]:
    """Neighbour lists, none where there are none."""
    pieces = _cut(lists, room_of_list, _SURE_LISTS, most=MAX_LISTS)
    return [Neighbourhood(piece) for piece in pieces]


def versions(of: Sequence[ListVersion], *, and_you: bool) -> list[Versions]:
    """The versions of all neighbour lists."""
    pieces = _cut_by_id(of, lambda version: version.member, room_of_version, _SURE_VERSIONS)
    return [Versions(piece, and_you, after, upto) for piece, after, upto in pieces]


def announcements(messages: Sequence[Announced]) -> list[tuple[Announced, ...]]:
    """Broadcasts to be named in frames of their own, none where there are none."""
    return [tuple(messages[at : at + _ANNOUNCED]) for at in range(0, len(messages), _ANNOUNCED)]


def heights(of: Sequence[Height]) -> list[Heights]:
    """How far origins have counted, none where nobody has spoken."""
    pieces = [of[at : at + _ANNOUNCED] for at in range(0, len(of), _ANNOUNCED)]
    return [Heights(tuple(piece)) for piece in pieces]


def receipts(said: Sequence[Receipt]) -> list[Receipts]:
    """Receipts, none where there are none."""
    pieces = _cut(said, room_of_receipt, _SURE_RECEIPTS, most=_ANNOUNCED)
    return [Receipts(piece) for piece in pieces]


def _cut_by_id(
    things: Sequence[Thing],
    id_of: Callable[[Thing], str],
    room_of: Callable[[Thing], int],
    sure: int,
) -> list[tuple[tuple[Thing, ...], str, str | None]]:
    """Pieces, and of each the id after which it begins and the one up to which it reaches."""
    pieces = _cut(things, room_of, sure)
    if len(pieces) == 1:
        return [(pieces[0], "", None)]
    pieces = _cut(sorted(things, key=id_of), room_of, sure)
    ends = [id_of(piece[-1]) for piece in pieces[:-1]]
    return list(zip(pieces, ("", *ends), (*ends, None), strict=True))


def _cut(
    things: Sequence[Thing], room_of: Callable[[Thing], int], sure: int, most: int = 10_000
) -> list[tuple[Thing, ...]]:
    """In pieces that fit into a frame, in their order; as few as `sure` fit in any case."""
    if not things:
        return []
    if len(things) <= sure:
        return [tuple(things)]
    pieces: list[tuple[Thing, ...]] = []
    began, left = 0, _ROOM
    for at, thing in enumerate(things):
        room = room_of(thing)
        if room > left or at - began == most:
            pieces.append(tuple(things[began:at]))
            began, left = at, _ROOM
        left -= room
    pieces.append(tuple(things[began:]))
    return pieces
