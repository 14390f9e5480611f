"""From what nodes report to what is true: a state machine without sockets or a clock.

Theory of operation. There is one `Record` for every node that anybody speaks of. Three
sorts of evidence say how it is:

1. *Our own connection* to it (`Contact`). While it is open the node is alive, whatever
   others say; only the node itself can say more (`node.stopping`: it has left).
2. *What members believe*. Every watched node has a map of the others, and each of these
   maps is one vote. They count where our own connection is gone: more than half of the
   voters must call a node dead. So a single liar kills nobody.
3. *The first report* about an unknown node is a hint where to look, not a truth. Such a
   node is shown once our own connection has confirmed it, or while at least half of those
   who are watched believe that it lives. A liar who invents a thousand is alone with them.

A node's name and address are what it says of itself, on a connection to that address.
Others name it only until then.

*Faults* are a node's own word: what is done to it on purpose, told as it is set and cleared, and
all of it in a snapshot. Each says how long it lasts, so one whose end was never told goes by
itself. A process that ended takes its faults along; that it is to stay away (`crash`, `leave`)
is so until the node comes back, or its time is over.

A node that has ended stays as a ghost for ten minutes. It is replaced at once by a node
that comes to its address, or by a new one of its name.

What goes in: snapshots and events (`reports`), findings about connections, the time in
seconds. What comes out: `changes`, whose keys say what readers must look at again.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Final

import msgspec

from contract.limits import MAX_MEMBERS
from dashboard import judgement
from dashboard.records import ENDED, LIVING, Belief, Broken, Changes, Contact, Record
from dashboard.reports import (
    MOST_FAULTS,
    About,
    Event,
    Fault,
    Kind,
    Member,
    OfBroadcast,
    OfFault,
    OfMember,
    OfMessage,
    Own,
    Snapshot,
    State,
)

MOST_SHOWN: Final = MAX_MEMBERS
"""Nodes in the picture."""
MOST_RECORDS: Final = 4 * MAX_MEMBERS
"""Nodes that are spoken of, lies among them [guess]."""
GHOST: Final = 600.0
"""Seconds for which a node that ended is still shown [dashboard brief: "for a while"]."""

OVERDUE: Final = 1.0
"""Seconds after which a fault whose end was not told counts as ended: its node looks after that
in a thread of its own, and the news takes a tenth of a second [guess: the rest is a busy machine].
"""

STATES: Final[tuple[State, ...]] = ("alive", "suspect", "dead", "left")
"""In the order in which `Record.votes` counts them."""


class Saved(msgspec.Struct):
    """All that a reducer knows."""

    records: list[Record]
    by_url: dict[str, str]
    keys: dict[str, int]
    unseen: list[str]
    tellers: list[str]


class Reducer:
    """All records, and the rules by which reports change them."""

    def __init__(self) -> None:
        self.changes = Changes()
        self._records: dict[str, Record] = {}
        self._by_url: dict[str, str] = {}  # addresses that a node has confirmed
        self._keys: dict[str, int] = {}  # every id that was ever shown keeps its number
        self.keys: dict[str, int] = {}
        """The numbers of those that are shown, by id."""
        self._unseen: dict[str, None] = {}  # records that are not shown, oldest first
        self._tellers: dict[str, Record] = {}  # those that have told of others themselves
        self._beliefs: dict[Belief, Belief] = {}
        self._watched = 0
        self._heard_of: dict[str, str] = {}
        self._doubted: set[str] = set()

    # --- reading -------------------------------------------------------------------------

    def get(self, node: str) -> Record | None:
        """The record of an id."""
        return self._records.get(node)

    def at(self, url: str) -> Record | None:
        """Who is at an address: by its own word, or else by hearsay."""
        node = self._by_url.get(url)
        if node is not None:
            return self._records.get(node)
        return next((record for record in self._records.values() if record.url == url), None)

    def key(self, node: str) -> int | None:
        """The number of a node that is shown, or was."""
        return self._keys.get(node)

    def shown(self) -> Iterator[Record]:
        """The nodes in the picture."""
        return (record for record in self._records.values() if record.shown)

    def tellers(self) -> Iterable[Record]:
        """Those that have told of others themselves."""
        return self._tellers.values()

    @property
    def watched(self) -> int:
        """How many nodes' events arrive."""
        return self._watched

    def audience(self, origin: str) -> int:
        """How many living peers a broadcast of a node has to reach."""
        return sum(
            record.state in LIVING and record.kind == "peer" and record.id != origin
            for record in self.shown()
        )

    def favoured(self, node: str, url: str, other: str) -> bool:
        """Whether more of those who are watched say that a node is at `url` than at `other`."""
        said = [
            voter.beliefs[node].url
            for voter in self._tellers.values()
            if voter.watched and node in voter.beliefs
        ]
        return said.count(url) > said.count(other)

    def take_changes(self) -> Changes:
        """What changed since the last time."""
        taken, self.changes = self.changes, Changes()
        return taken

    @property
    def hints(self) -> bool:
        """Whether there are addresses or doubts to take."""
        return bool(self._heard_of or self._doubted)

    def take_addresses(self) -> dict[str, str]:
        """Addresses that were heard of since the last time and where nobody has answered us.

        With each, the address of a node that told of it.
        """
        taken, self._heard_of = self._heard_of, {}
        return taken

    def take_doubts(self) -> set[str]:
        """Ids whose life somebody began to doubt since the last time: they should be asked."""
        taken, self._doubted = self._doubted, set()
        return taken

    # --- as a whole ------------------------------------------------------------------------

    def saved(self) -> "Saved":
        """All that is known, as a copy that nobody changes any more."""
        return Saved(
            [_copied(record) for record in self._records.values()],
            dict(self._by_url),
            dict(self._keys),
            list(self._unseen),
            list(self._tellers),
        )

    def restore(self, saved: "Saved") -> None:
        """Begin with what another one knew. Raises KeyError where that contradicts itself."""
        self._records = {record.id: record for record in saved.records}
        self._by_url = saved.by_url
        self._keys = saved.keys
        self._unseen = dict.fromkeys(saved.unseen)
        self._tellers = {node: self._records[node] for node in saved.tellers}
        self._watched = sum(record.watched for record in saved.records)
        self.keys = {record.id: record.key for record in saved.records if record.shown}
        for record in saved.records:
            for node, belief in record.beliefs.items():
                record.beliefs[node] = self._beliefs.setdefault(belief, belief)
            self.changes.links.add(record.id)
        for node in (*self._by_url.values(), *self._unseen):
            self._records[node]
        self.changes.shape = True

    # --- what our own connections find ------------------------------------------------------

    def snapshot(self, said: Snapshot, started: float, now: float) -> Record | None:
        """A node told all that it knows. None where there is no room for it."""
        own = said.node
        record = self._own(own, now)
        if record is None:
            return None
        record.started = started
        record.stopping = False
        record.note = None
        record.inbox, record.sent = said.inbox, said.sent
        record.waiting, record.failed = said.waiting, said.failed
        record.least = said.waiting
        faults = {fault.id: Broken(fault, now + fault.left_seconds) for fault in said.faults}
        if faults or record.faults:
            record.faults = faults
            self.changes.faults.add(record.id)
        self._contact(record, "open", now)
        before = set(record.beliefs)
        for member in said.members:
            before.discard(member.id)
            self._believe(record, member, now)
        for member_id in before:
            self._forget_belief(record, member_id, now)
        links = set(said.links) - {record.id}
        if links != record.links.keys():
            record.links = {link: record.links.get(link, now) for link in sorted(links)}
            self._links_changed(record, now)
        self.changes.nodes.add(record.id)
        return record

    def resumed(self, node: str, now: float) -> None:
        """A connection is open again and nothing was missed."""
        record = self._records.get(node)
        if record is not None:
            record.stopping = False
            record.note = None
            self._contact(record, "open", now)

    def plain(self, node: str, name: str, url: str, peers: list[str], now: float) -> Record | None:
        """A plain node answered. `peers` are the addresses that it lists."""
        record = self._records.get(node)
        if record is None:
            record = self._add(node, name, url, "plain")
        if record is None:
            return None
        record.kind = "plain"
        record.confirmed = True
        self._tellers[record.id] = record
        self._settle_at(record, url)
        self._contact(record, "open", now)
        known = {
            found.id: record.beliefs.get(found.id) or self._belief("alive", peer, now)
            for peer in peers
            if (found := self.at(peer)) and found is not record
        }
        if known.keys() != record.beliefs.keys():
            record.beliefs = known  # they are no votes: it only has a list
            record.knows = len(known)
            self._readers_of(record)
        return record

    def claimed(self, node: str, url: str, now: float) -> bool:
        """A program elsewhere claims to be a node. Whether there is such a node."""
        record = self._records.get(node)
        if record is not None:
            record.rival, record.rival_at = url, now
        return record is not None

    def contact(self, node: str, contact: Contact, now: float, note: str | None = None) -> None:
        """Something became of our connection to a node."""
        record = self._records.get(node)
        if record is None:
            return
        if note is not None and note != record.note and not record.stopping:
            record.note = note
            self.changes.nodes.add(node)
        self._contact(record, contact, now)

    def tick(self, now: float) -> bool:
        """Time passed: ghosts vanish, and inventions that nobody else believes in.

        Whether that changed anything: where it did not, it need not be written down.
        """
        changed = False
        for record in list(self._records.values()):
            if record.faults and self._overdue(record, now):
                changed = True
            if record.ended is not None and now - record.ended >= GHOST:
                self._remove(record)
                changed = True
            elif not record.confirmed:
                before = (record.state, record.shown, record.ended, record.appeared)
                self._judge(record, now)
                if not record.shown and not any(record.votes):
                    self._remove(record)
                    changed = True
                after = (record.state, record.shown, record.ended, record.appeared)
                changed = changed or before != after
        return changed

    def away(self, now: float) -> None:
        """Nobody listens from now on. What is told later comes from the nodes' own logs.

        A log is a node's word as much as its events were, so its votes go on counting; but
        how the node itself is, nobody has seen.
        """
        for record in list(self._records.values()):
            if record.watched:
                self._contact(record, "log", now)

    # --- what happens to a node ---------------------------------------------------------------

    def event(self, node: str, event: Event, now: float, at: float | None = None) -> None:
        """A watched node tells that something happened to it. Messages are not for us.

        `at` is when it happened, by our clock.
        """
        at = now if at is None else at
        record = self._records.get(node)
        if record is None:
            return
        if event.type == "node.stopping":
            record.stopping = True
            record.note = "it said good-bye"
            self._judge(record, now)
        elif isinstance(event.data, OfFault):
            self._fault(record, event.data.fault, at, over=event.type == "fault.cleared")
        elif isinstance(event.data, OfMember):
            self._tellers[node] = record
            self._believe(record, event.data.member, now, at)
            if event.data.member.state in {"suspect", "dead"}:
                self._doubted.add(event.data.member.id)
        elif isinstance(event.data, About):
            self._tellers[node] = record
            self._about_peer(record, event.type, event.data.peer.id, now, at)

    def counted(self, node: str, event: Event) -> None:
        """A watched node sent or received a message: keep its counters.

        It says how many there are, and that is so, whatever was known before. A snapshot may
        have a message already whose event comes after it; who adds that one up as well is one
        too high, until the next snapshot.
        """
        record = self._records.get(node)
        if record is None or not isinstance(event.data, OfMessage | OfBroadcast):
            return
        said = event.data.counts
        before = (record.inbox, record.sent, record.failed, record.waiting)
        if said is not None:
            now = (said.inbox, said.sent, said.failed, said.waiting)
            if now == before:
                return
            record.inbox, record.sent, record.failed, record.waiting = now
            record.least = min(record.least, said.waiting)
            self.changes.nodes.add(node)
            return
        self._estimate(record, event)
        record.least = min(record.least, record.waiting)
        if before != (record.inbox, record.sent, record.failed, record.waiting):
            self.changes.nodes.add(node)

    @staticmethod
    def _estimate(record: Record, event: Event) -> None:
        """The counters of a node that tells none: of a version before, or in another language.

        A broadcast is in the inbox of everybody, of its origin too.
        """
        match event.type:
            case "message.received" | "broadcast.received" | "broadcast.sent":
                record.inbox += 1
            case "message.sent" if isinstance(event.data, OfMessage) and event.data.attempt == 1:
                record.waiting += 1
            case "message.delivered":
                record.sent += 1
                record.waiting = max(0, record.waiting - 1)
            case "message.failed":
                record.failed += 1
                record.waiting = max(0, record.waiting - 1)

    def _about_peer(self, record: Record, type_: str, other: str, now: float, at: float) -> None:
        if type_ == "peer.forgotten":
            self._forget_belief(record, other, now)
        elif type_ == "link.up" and other not in record.links and len(record.links) < MAX_MEMBERS:
            record.links[other] = at
            self._links_changed(record, at)
        elif type_ == "link.down" and other in record.links:
            del record.links[other]
            self._links_changed(record, at)

    def _fault(self, record: Record, fault: Fault, at: float, *, over: bool) -> None:
        """Something is done to it on purpose since `at`, or not any more."""
        if over:
            if record.faults.pop(fault.id, None) is None:
                return
        elif len(record.faults) < MOST_FAULTS or fault.id in record.faults:
            record.faults[fault.id] = Broken(fault, at + fault.left_seconds)
        self.changes.faults.add(record.id)

    def _overdue(self, record: Record, now: float) -> bool:
        """Forget faults that should have ended, and of which nobody said so."""
        kept = {id_: one for id_, one in record.faults.items() if now < one.until + OVERDUE}
        if len(kept) == len(record.faults):
            return False
        record.faults = kept
        self.changes.faults.add(record.id)
        return True

    def _links_changed(self, record: Record, at: float) -> None:
        record.linked = max(record.linked, at)
        self.changes.links.add(record.id)
        self.changes.nodes.add(record.id)
        self.changes.shape = True

    # --- records ------------------------------------------------------------------------------

    def _own(self, own: Own, now: float) -> Record | None:
        """The record of a node that speaks for itself, with what it says."""
        record = self._records.get(own.id)
        if record is None:
            record = self._add(own.id, own.name, own.url, "peer")
        if record is None:
            return None
        record.kind = "peer"
        record.confirmed = True
        self._tellers[record.id] = record
        record.name, record.public_url, record.epoch = own.name, own.public_url, own.epoch
        self._settle_at(record, own.url)
        for other in list(self._records.values()):
            if other.name == own.name and other is not record and other.state in ENDED:
                self._remove(other)
        self._judge(record, now)
        return record

    def _settle_at(self, record: Record, url: str) -> None:
        """It is at this address, and whoever was there before is not."""
        for other in list(self._records.values()):
            if other.url == url and other is not record and not other.watched:
                self._remove(other)
        if self._by_url.get(record.url) == record.id:
            del self._by_url[record.url]
        record.url = url
        self._by_url[url] = record.id

    def _add(self, node: str, name: str, url: str, kind: Kind) -> Record | None:
        if len(self._records) >= MOST_RECORDS:
            unseen = next(iter(self._unseen), None)
            if unseen is None:
                return None
            self._remove(self._records[unseen])
        record = Record(key=0, id=node, name=name, url=url, kind=kind, beliefs={}, links={})
        for voter in self._tellers.values():  # some may remember it, where we forgot it
            belief = voter.beliefs.get(node)
            if belief is not None and voter.watched:
                self._vote(record, belief, 1)
        self._records[node] = record
        self._unseen[node] = None
        return record

    def _remove(self, record: Record) -> None:
        """Forget a node, and what it believed."""
        if record.watched:
            self._retract(record, 0.0)
            self._watched -= 1
        del self._records[record.id]
        self._unseen.pop(record.id, None)
        self._tellers.pop(record.id, None)
        if self._by_url.get(record.url) == record.id:
            del self._by_url[record.url]
        if record.shown:
            self._hide(record)

    def _readers_of(self, record: Record) -> None:
        self.changes.shape = True
        self.changes.knows.add(record.id)
        self.changes.links.add(record.id)
        self.changes.nodes.add(record.id)

    # --- votes --------------------------------------------------------------------------------

    def _believe(
        self, believer: Record, member: Member, now: float, at: float | None = None
    ) -> None:
        """Its map says this about another, since `at`."""
        known = self._records.get(member.id)
        if known is None and member.state in LIVING and member.id != believer.id:
            known = self._add(member.id, member.name, member.url, member.kind)
        if known is None or known is believer:
            return
        before = believer.beliefs.get(member.id)
        if member.state in LIVING and (
            member.url not in self._by_url
            or (
                (before is None or before.state != member.state)
                and known.contact in {"refused", "unreachable"}
            )
        ):
            self._heard_of[member.url] = believer.url
        since = now if at is None else at
        if before is not None and before.living == (member.state in LIVING):
            since = before.since
        after = self._belief(member.state, member.url, since)
        if before == after or (before is None and len(believer.beliefs) >= 2 * MAX_MEMBERS):
            return
        believer.beliefs[member.id] = after
        self._count(believer, before, after)
        if believer.watched:
            if before is not None:
                self._vote(known, before, -1)
            self._vote(known, after, 1)
            self._judge(known, now)

    def _forget_belief(self, believer: Record, member: str, now: float) -> None:
        before = believer.beliefs.pop(member, None)
        if before is None:
            return
        self._count(believer, before, None)
        known = self._records.get(member)
        if known is not None and believer.watched:
            self._vote(known, before, -1)
            self._judge(known, now)

    def _belief(self, state: State, url: str, since: float) -> Belief:
        """The same value for the same belief: a thousand nodes have a million of them.

        So `since` is in whole seconds: news is with everybody within a few.
        """
        if len(self._beliefs) > 4 * MOST_RECORDS:
            self._beliefs.clear()
        belief = Belief(state, url, int(since))
        return self._beliefs.setdefault(belief, belief)

    @staticmethod
    def _vote(record: Record, belief: Belief, change: int) -> None:
        record.votes[STATES.index(belief.state)] += change

    def _count(self, believer: Record, before: Belief | None, after: Belief | None) -> None:
        """Keep the number of the living that it knows."""
        change = (after is not None and after.living) - (before is not None and before.living)
        if change:
            believer.knows += change
            self.changes.knows.add(believer.id)
            self.changes.nodes.add(believer.id)
            self.changes.shape = True

    def _retract(self, believer: Record, now: float) -> None:
        """Its word is no longer current: take its votes back."""
        for member, belief in believer.beliefs.items():
            known = self._records.get(member)
            if known is not None:
                self._vote(known, belief, -1)
                if now:
                    self._judge(known, now)

    def _cast(self, believer: Record, now: float) -> None:
        """Its word is current again: count its votes."""
        for member, belief in believer.beliefs.items():
            known = self._records.get(member)
            if known is not None:
                self._vote(known, belief, 1)
                self._judge(known, now)

    # --- judgement ----------------------------------------------------------------------------

    def _contact(self, record: Record, contact: Contact, now: float) -> None:
        was = record.watched
        if record.contact != contact:
            record.contact = contact
            self.changes.nodes.add(record.id)
            self.changes.shape = True
        if record.watched and not was:
            self._watched += 1
            self._cast(record, now)
        elif was and not record.watched:
            self._watched -= 1
            self._retract(record, now)
        self._judge(record, now)

    def _judge(self, record: Record, now: float) -> None:
        """Decide anew how a node is, and whether it is shown."""
        state = judgement.state(record)
        if state != record.state:
            if (state in ENDED) != record.over:
                self._readers_of(record)
                if record.faults:
                    self.changes.faults.add(record.id)
            record.state = state
            self.changes.nodes.add(record.id)
            self.changes.shape = True
        if state in ENDED:
            record.ended = now if record.ended is None else record.ended
        else:
            record.ended = None
        shown = record.confirmed or self._believed(record)
        if shown and not record.shown:
            record.appeared = now if record.appeared is None else record.appeared
            self._show(record)
        elif record.shown and not shown:
            self._hide(record)
            self._unseen[record.id] = None

    def _show(self, record: Record) -> None:
        if record.id not in self._keys:
            if sum(1 for _ in self.shown()) >= MOST_SHOWN:
                return
            self._keys[record.id] = len(self._keys) + 1
        record.key = self.keys[record.id] = self._keys[record.id]
        record.shown = True
        self._unseen.pop(record.id, None)
        self._readers_of(record)
        if record.faults:
            self.changes.faults.add(record.id)
        self._tell_those_who_know(record)

    def _hide(self, record: Record) -> None:
        record.shown = False
        self.keys.pop(record.id, None)
        self.changes.gone.append(record.key)
        self.changes.hidden.append(record.key)
        self.changes.shape = True
        self._tell_those_who_know(record)

    def _tell_those_who_know(self, record: Record) -> None:
        """Lists of known nodes and of links name only those who are shown."""
        for other in self._tellers.values():
            if record.id in other.beliefs:
                self.changes.knows.add(other.id)
            if record.id in other.links:
                self.changes.links.add(other.id)

    def _believed(self, record: Record) -> bool:
        """Whether enough of those who are watched believe that a node lives."""
        if self._by_url.get(record.url, record.id) != record.id:
            return False  # another is at its address, and we have spoken to that one
        alive, suspect, _, _ = record.votes
        return alive + suspect > 0 and 2 * (alive + suspect) >= self._watched


def _copied(record: Record) -> Record:
    copied = copy(record)
    copied.beliefs, copied.links = record.beliefs.copy(), record.links.copy()
    copied.votes, copied.faults = record.votes.copy(), record.faults.copy()
    return copied
