"""No frame has more than 64 KiB, however many members there are and however long their names."""

from collections.abc import Iterable
from random import Random

import pytest
from msgspec.structs import replace
from network import Network

from contract.errors import ApiError
from contract.limits import MAX_FRAME, MAX_HOPS, MAX_ID, MAX_NAME, MAX_SENDER, MAX_TEXT, MAX_URL
from node.connections import Reply
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import (
    Acknowledged,
    Announced,
    Batch,
    Digest,
    Frame,
    Graft,
    Hello,
    Ihave,
    ListVersion,
    MemberList,
    NeighbourList,
    Record,
    Shuffle,
    State,
    Unicast,
    Update,
    Versions,
    encode,
    parse,
)
from node.overlay.outputs import Launch
from node.overlay.pieces import announcements, member_lists, neighbourhoods, updates, versions
from node.overlay.routing import unicast
from node.transport import understand

SIGNS = ["i", '"', "\U0001f600"]
"""A letter; what JSON escapes; what takes four bytes."""


def longest(k: int, sign: str = "i", state: State = "suspect") -> Record:
    """A member whose record is as long as one may be."""
    host = f"h{k:04}" + "." + "a" * 63 + "." + "b" * 63 + "." + "c" * 63
    url = f"http://{host}".ljust(MAX_URL - 6, "d") + ":65535"
    id_, name = f"{k:04}".ljust(MAX_ID, sign), f"{k:04}".ljust(MAX_NAME, sign)
    numbers = {"epoch": 1_000_000, "incarnation": 1_000_000}
    return Record(id=id_, name=name, url=url, state=state, **numbers)


SPEAKER = longest(9_999, state="alive")


def size(frame: Frame) -> int:
    """Bytes of it on the wire."""
    return len(encode(Batch(SPEAKER, (frame,)))) - len(encode(Batch(SPEAKER, ())))


def ours(records: Iterable[Record] = (), name: str = "me") -> Overlay:
    own = Record(id=f"5000{name}", name=name, url=f"http://{name}:5000")
    node = Overlay(Config(), own, Random(1))
    for record in records:
        node.members.merge(record, 0.0)
    return node


def said(outputs: list[o.Output]) -> list[Frame]:
    return [output.frame for output in outputs if isinstance(output, o.Send)]


# --- taking ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["update", "of the future"])
def test_a_batch_with_a_frame_that_is_too_large_is_refused_whole(kind: str) -> None:
    """A frame of exactly the bound is taken; its blanks count, as they have to be read."""
    body = encode(Batch(SPEAKER, (Hello(), Update(()))))
    for more, taken in ((0, True), (1, False)):
        frame = b'{"type":"%s","records":[]' % kind.encode()
        frame += b" " * (MAX_FRAME + more - len(frame) - 1) + b"}"
        large = body.replace(b'{"type":"update","records":[]}', frame)
        assert large != body
        if taken:
            assert isinstance(parse(large).frames[0], Hello)
            continue
        with pytest.raises(ApiError) as refused:
            parse(large)
        assert (refused.value.status, refused.value.field) == (400, "frames")


def test_an_answer_with_a_frame_that_is_too_large_is_no_answer() -> None:
    """So it counts as silence, like any other nonsense, and nothing in it is believed."""
    records = tuple(longest(k) for k in range(200))
    reply = Reply(200, {}, encode(Batch(SPEAKER, (Update(records),))))
    assert isinstance(understand("http://h:1", "x", reply), i.Silent)


# --- cutting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", SIGNS)
def test_maps_and_news_of_a_thousand_fit_into_frames(sign: str) -> None:
    records = tuple(longest(k, sign) for k in range(1_001))
    _fit(records)
    _fit(tuple(replace(r, url=f"http://h{k}:1") for k, r in enumerate(records)))


def _fit(records: tuple[Record, ...]) -> None:
    for frames in (member_lists(records), updates(records)):
        assert max(map(size, frames)) <= MAX_FRAME
        assert sorted(r.id for f in frames for r in f.records) == [r.id for r in records]
    body = encode(Batch(SPEAKER, tuple(member_lists(records))))
    assert len(parse(body).frames) == len(member_lists(records)), "and are taken"


@pytest.mark.parametrize("sign", SIGNS)
def test_neighbour_lists_and_their_versions_fit_into_frames(sign: str) -> None:
    ids = [longest(k, sign).id for k in range(1_001)]
    lists = [NeighbourList(one, 2**31 - 1, 2**31 - 1, tuple(ids[:16])) for one in ids[:100]]
    of = [ListVersion(one, 2**31 - 1, 2**31 - 1) for one in ids]
    told, versions_ = neighbourhoods(lists), versions(of, and_you=True)
    assert max(map(size, [*told, *versions_])) <= MAX_FRAME
    assert [said for frame in told for said in frame.lists] == lists
    assert [said.member for frame in versions_ for said in frame.of] == ids
    parse(encode(Batch(SPEAKER, (*told, *versions_))))


def test_announcements_fit_into_frames() -> None:
    """The id of an origin that nobody knows may hold what JSON makes six bytes of."""
    messages = [Announced("\x01" * MAX_ID, 2**31 - 1, k, MAX_HOPS) for k in range(1, 1_001)]
    pieces = announcements(messages)
    assert max(size(kind(piece)) for piece in pieces for kind in (Ihave, Graft)) <= MAX_FRAME
    assert [message for piece in pieces for message in piece] == messages


def test_the_longest_walk_and_digest_fit_into_a_frame() -> None:
    records = tuple(longest(k, "\U0001f600") for k in range(16))
    ids = tuple(record.id for record in records)
    assert size(Shuffle(records, 16, (*ids, "x" * MAX_ID))) <= MAX_FRAME
    assert size(Digest("0" * 16, True, ids)) <= MAX_FRAME


def test_a_small_map_is_one_frame_as_it_ever_was() -> None:
    records = [Record(id=f"{k:036}", name=f"n{k}", url=f"http://n{k}:5000") for k in range(150)]
    (frame,) = member_lists(records)
    assert encode(Batch(SPEAKER, (frame,))).count(b'"after"') == 0
    assert frame.records == tuple(records), "in the order of the map"


def test_the_longest_routed_message_fits_or_gets_stuck() -> None:
    """Text of which JSON makes six bytes a character, ids of four: a way is left out first."""
    ids = tuple(longest(k, "\U0001f600").id for k in range(20))
    launch = Launch("\x01" * MAX_ID, ids[0], "", ids[1], 2**53 - 1, ids[:16], ids[:8], True)
    frame = unicast(longest(1), launch, "\x01" * MAX_SENDER, "\x01" * MAX_TEXT, 2**53 - 1)
    assert size(frame) <= MAX_FRAME
    assert frame.way == ()
    short = unicast(longest(1), launch, "me", "a text", 1)
    assert (short.way, short.avoid) == (ids[:16], ids[:8])


@pytest.mark.parametrize("hops", range(1, 16))
def test_who_passes_a_long_message_on_sends_no_frame_that_is_too_large(hops: int) -> None:
    ids = [longest(k, "\U0001f600") for k in range(17)]
    node = ours(ids)
    for record in (ids[hops - 1], ids[16]):
        node.links._add(record, 0.0, chosen=True)
    frame = Unicast(
        message="\x01" * MAX_ID,
        receiver=ids[16].id,
        sender="\x01" * MAX_SENDER,
        text="\x01" * MAX_TEXT,
        number=2**53 - 1,
        token=2**53 - 1,
        visited=tuple(record.id for record in ids[:hops]),
    )
    frames = said(node.handle(i.Heard(Batch(ids[hops - 1], (frame,))), 1.0))
    passed = [f for f in frames if isinstance(f, Unicast | Acknowledged)]
    assert len(passed) == 1, "on, or back to its origin: stuck"
    assert size(passed[0]) <= MAX_FRAME


def test_a_message_that_would_be_too_large_with_us_on_its_way_goes_back() -> None:
    """Only a liar's can be: its way came by ids that no member has."""
    last, receiver = longest(1), longest(2)
    made_up = tuple("\x01" * 60 + str(k) for k in range(10))
    frame = Unicast("m", receiver.id, "me", "\x01" * MAX_TEXT, 1, 1, (*made_up, last.id))
    frame = replace(frame, sender="i" * (MAX_FRAME - size(frame) + 2))
    assert size(frame) == MAX_FRAME
    node = ours([last, receiver])
    for record in (last, receiver):
        node.links._add(record, 0.0, chosen=True)
    frames = said(node.handle(i.Heard(Batch(last, (frame,))), 1.0))
    assert not [f for f in frames if isinstance(f, Unicast)]
    assert [f.outcome for f in frames if isinstance(f, Acknowledged)] == ["stuck"]


# --- what is not in it -------------------------------------------------------------------------


def test_two_large_maps_become_the_same_and_no_record_travels_for_nothing() -> None:
    """A receiver tells what a piece lacks only of the ids that the piece covers."""
    records = [longest(k, "\U0001f600") for k in range(600)]
    one, other = ours(records[:590]), ours(records[10:], "other")
    digest = Batch(other.own, (Digest(other.members.digest(), False),))
    one.members.merge(other.own, 0.0)
    shown = said(one.handle(i.Heard(digest), 1.0))
    assert len([frame for frame in shown if isinstance(frame, MemberList)]) > 1
    answers = said(other.handle(i.Answered(one.own.url, Batch(one.own, tuple(shown))), 1.0))
    told = [r.id for frame in answers if isinstance(frame, Update) for r in frame.records]
    assert sorted(told) == sorted(record.id for record in records[590:])
    assert {record.id for record in records} <= {r.id for r in other.members.all()}


def test_a_newcomer_to_a_large_network_makes_no_news_of_its_map() -> None:
    """Though from the second piece on it knows somebody already."""
    contact, newcomer = ours(longest(k) for k in range(600)), ours((), "new")
    frames = said(contact.handle(i.Heard(Batch(SPEAKER, (Hello(),))), 1.0))
    batch = Batch(contact.own, tuple(f for f in frames if isinstance(f, MemberList)))
    assert len(batch.frames) > 1
    newcomer.handle(i.Answered(contact.own.url, batch), 1.0)
    assert len(list(newcomer.members.others())) == 602, "the contact, its map, who asked it"
    assert set(newcomer._gossip._news) == {contact.own.id}, "the contact itself is"


def test_versions_in_pieces_are_one_question() -> None:
    """All pieces are looked at; the same question again, or one that goes round, is not."""
    node = ours(longest(k, "\U0001f600") for k in range(500))
    ids = sorted(record.id for record in node.members.others())
    for member in ids:
        node.routing.map._put(NeighbourList(member, 1_000_000, 2, ()))
    link, lists = longest(0, "\U0001f600"), node.routing.map
    node.links._add(link, 0.0, chosen=True)
    lists._owed.clear()
    older = {ids[3], ids[250], ids[499]}
    of = [ListVersion(member, 1_000_000, 1 if member in older else 2) for member in ids]
    of.append(ListVersion(node.own.id, 0, 9))
    pieces = versions(of, and_you=False)
    assert len(pieces) > 2
    for piece in pieces:
        lists.versions(link.id, piece, 10.0)
    assert set(lists._owed.pop(link.id)) == older
    lists.versions(link.id, Versions((), False, "", ids[5]), 11.0)
    assert link.id not in lists._owed, "too soon"
    lists.versions(link.id, Versions((), False, "", ids[5]), 20.0)
    lists.versions(link.id, Versions((), False, ids[5], ids[2]), 20.0)
    lists._owed.clear()
    lists.versions(link.id, Versions((), False, ids[2], ids[5]), 20.0)
    assert link.id not in lists._owed, "round and round"


def test_a_network_whose_members_have_the_longest_names_finds_together() -> None:
    """Maps of a hundred and twenty go in pieces here."""
    network = Network(3)
    largest = 0

    def watch(_from: str, _to: str, frames: tuple[Frame, ...]) -> None:
        nonlocal largest
        largest = max(largest, *(size(frame) for frame in frames), 0)

    network.tap = network.tap_answers = watch
    for k in range(1, 4):
        network.start(f"node{k}", ("node1",) if k > 1 else ())
    network.run(5)
    for k in range(100, 220):
        network.nodes["node2"].members.merge(longest(k), network.now)
    network.until(
        lambda: len({node.members.digest() for node in network.nodes.values()}) == 1, within=20
    )
    assert largest <= MAX_FRAME
