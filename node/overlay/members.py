"""Who is there: one record a member, and the rule which of two records wins.

Theory of operation. Every node keeps a map of all members, from id to record. News about
a member reaches a node over many paths, late and in any order, so two records of one
member must be comparable without asking anybody:

    the higher (epoch, incarnation) wins; at equal numbers left > dead > suspect > alive.

The *epoch* counts how often a member has started, the *incarnation* how often it has
refuted a suspicion since. Only the member itself raises either. Whoever suspects a member
or declares it dead uses the numbers that it knows, so one step of the member itself beats
every rumour about it (SWIM, section 4.2). Merging by this rule is commutative, associative
and idempotent: it does not matter in which order, or how often, news arrive.

A dead record is kept for a day. Were it dropped, an old "alive" record that some node
still has would bring the dead back as a ghost. For the same reason a dead record of an
unknown member is not taken in: once everybody has forgotten it, it stays forgotten.

What comes out: `Change`, the record before and after, for those who act on it.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from contract.limits import MAX_MEMBERS
from node.overlay.frames import Record, State

_RANK: Final[dict[State, int]] = {"alive": 0, "suspect": 1, "dead": 2, "left": 3}
_LIVING: Final = frozenset({"alive", "suspect"})


class Change(msgspec.Struct, frozen=True):
    """A record that won over another; `before` is None for a member first heard of."""

    before: Record | None
    after: Record


class Members:
    """The map of one node: its own record and the others'."""

    def __init__(self, own: Record, most: int = MAX_MEMBERS, *, mapped: bool = True) -> None:
        self.own = own
        self.mapped = mapped
        """Whether everybody is kept, or only those whom the links need."""
        self._most = most
        self._others: dict[str, Record] = {}
        # Those of them who live, and by address, so that nobody looks through a thousand records
        # for each batch: with as many in its map that was a sixth of what a node does [profiled].
        self._living: dict[str, Record] = {}
        self._at: dict[str, tuple[str, ...]] = {}
        self.comings = 0
        """How often somebody came, went or came back: what a suspicion is not."""
        self._ended: dict[str, float] = {}  # when a record was first held as dead or left
        self._sum = _sum(own)

    def __len__(self) -> int:
        return len(self._others)

    # --- reading ---------------------------------------------------------------------

    def get(self, member: str) -> Record | None:
        """The record of a member other than this node."""
        return self._others.get(member)

    def others(self) -> Iterator[Record]:
        """All records but our own, the dead too."""
        return iter(self._others.values())

    def living(self) -> list[Record]:
        """Everybody else who is alive, or suspected and not yet convicted."""
        return list(self._living.values())

    @property
    def alive(self) -> int:
        """How many these are."""
        return len(self._living)

    def living_peers(self) -> list[Record]:
        """Those of the living who speak the overlay's protocol."""
        return [record for record in self._living.values() if record.kind == "peer"]

    def dead(self) -> list[Record]:
        """Those who were found dead; whoever said good-bye is not among them."""
        return [record for record in self._others.values() if record.state == "dead"]

    def at(self, url: str) -> Record | None:
        """The living member at an address."""
        there = self._at.get(url)
        return self._living[there[0]] if there else None

    def all_at(self, url: str) -> list[Record]:
        """Every living member at an address: more than one where somebody new has come there."""
        return [self._living[member] for member in self._at.get(url, ())]

    def all(self) -> tuple[Record, ...]:
        """Every record, our own first: what a `members` frame carries."""
        return (self.own, *self._others.values())

    @property
    def full(self) -> bool:
        """Whether there may be more members than the map has.

        Who keeps no map has the records of a moment only, and room for them.
        """
        return len(self._others) >= (self._most if self.mapped else MAX_MEMBERS)

    def digest(self) -> str:
        """The sum of all living records, as 16 hexadecimal digits.

        Records are hashed and joined with exclusive or, so that one change costs one
        step and the order does not matter. It finds out differences; it proves nothing
        against a liar.
        """
        return f"{self._sum:016x}"

    # --- changing --------------------------------------------------------------------

    def merge(self, record: Record, now: float) -> Change | None:
        """Take in a record of another member. None where it brings nothing new."""
        before = self._others.get(record.id)
        if before is None:
            if record.state not in _LIVING or self.full:
                return None
        elif not newer(record, before):
            return None
        self._put(before, record, now)
        return Change(before, record)

    def mark(self, member: str, state: State, now: float) -> Change | None:
        """Our own finding about a member, at the numbers that we know."""
        before = self._others.get(member)
        if before is None:
            return None
        return self.merge(msgspec.structs.replace(before, state=state), now)

    def correct(self, record: Record, now: float) -> Change | None:
        """What a member said itself, at its own address, against numbers it never reached."""
        before = self._others.get(record.id)
        if before is None or plausible(before, record):
            return None
        self._put(before, record, now)
        return Change(before, record)

    def keep_only(self, wanted: set[str]) -> list[Record]:
        """Forget everybody else: where no map is kept, the links and the like remain.

        Returns whom it forgot.
        """
        gone = [record for member, record in self._others.items() if member not in wanted]
        for record in gone:
            self._ended.pop(record.id, None)
            del self._others[record.id]
            self._lives_no_more(record)
            self._sum ^= _sum(record)
        return gone

    def refute(self, said: Record) -> bool:
        """Somebody speaks of us. If it beats our own record and is not true, outdo it.

        True where our record changed, and everybody must hear of it.
        """
        own = self.own
        if not plausible(said, own):
            return False  # nobody who knows us believes it; outdoing it would use our numbers up
        if own.state == "left" or (said.epoch, said.incarnation) < (own.epoch, own.incarnation):
            return False
        if (said.epoch, said.incarnation) == (own.epoch, own.incarnation) and (
            said.state == "alive"
        ):
            return False
        # A higher epoch than ours can only come from a former self whose disk was lost.
        self._own(msgspec.structs.replace(own, epoch=said.epoch, incarnation=said.incarnation + 1))
        return True

    def leave(self) -> None:
        """Our last word about ourselves."""
        self._own(msgspec.structs.replace(self.own, state="left"))

    def raise_incarnation(self, member: str, now: float) -> Change | None:
        """Speak for a plain node that cannot refute for itself: its keeper saw it alive."""
        before = self._others.get(member)
        if before is None or before.kind != "plain" or before.state == "alive":
            return None
        return self.merge(
            msgspec.structs.replace(before, state="alive", incarnation=before.incarnation + 1),
            now,
        )

    def make_room(self) -> list[Record]:
        """Drop who ended longest ago where the map is full; returns it.

        The dead are kept so that they do not come back as ghosts. They must not keep anybody
        alive out: else whoever makes up members that soon die fills every map for a day.
        """
        if not self.full or not self._ended:
            return []
        oldest = next(iter(self._ended))
        del self._ended[oldest]
        return [self._others.pop(oldest)]

    def forget_before(self, then: float) -> list[Record]:
        """Drop the records that ended before a time; returns them."""
        old = [member for member, ended in self._ended.items() if ended < then]
        for member in old:
            del self._ended[member]
        return [self._others.pop(member) for member in old]

    def _own(self, record: Record) -> None:
        self._sum ^= _sum(self.own) ^ _sum(record)
        self.own = record

    def _put(self, before: Record | None, after: Record, now: float) -> None:
        self._sum ^= _sum(after) ^ (0 if before is None else _sum(before))
        self._others[after.id] = after
        if before is not None and (before.url != after.url or after.state not in _LIVING):
            self._lives_no_more(before)
        if after.state in _LIVING:
            self._ended.pop(after.id, None)
            known = self._living.get(after.id)
            self.comings += known is None or known.epoch != after.epoch
            self._living[after.id] = after
            if known is None:
                self._at[after.url] = (*self._at.get(after.url, ()), after.id)
        else:
            self._ended.setdefault(after.id, now)

    def _lives_no_more(self, record: Record) -> None:
        """It is dead or forgotten, or lives at another address."""
        if self._living.pop(record.id, None) is None:
            return
        self.comings += 1
        others = tuple(member for member in self._at.pop(record.url) if member != record.id)
        if others:
            self._at[record.url] = others


def newer(one: Record, other: Record) -> bool:
    """Whether a record beats another of the same member."""
    return _order(one) > _order(other)


LEAP: Final = 1_000
"""By so much numbers may grow between two records of a member that we hear of: restarts, or
refutations within one run. More is a lie, and one that its victim could not outdo, as
numbers end at 2^31 [guess]."""
MOST_AT_FIRST: Final = 1_000_000
"""... and so high they may be in the first record that we hear of [guess]."""


def plausible(record: Record, known: Record | None) -> bool:
    """Whether a record's numbers can be what the member has come to meanwhile."""
    if known is None:
        return max(record.epoch, record.incarnation) <= MOST_AT_FIRST
    if record.epoch > known.epoch:
        return record.epoch - known.epoch <= LEAP and record.incarnation <= LEAP
    return record.epoch < known.epoch or record.incarnation - known.incarnation <= LEAP


def _order(record: Record) -> tuple[int, int, int]:
    return (record.epoch, record.incarnation, _RANK[record.state])


def _sum(record: Record) -> int:
    if record.state not in _LIVING:
        return 0  # the dead are dropped at different times, so they must not count
    text = f"{record.id}\0{record.epoch}\0{record.incarnation}\0{record.state}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
