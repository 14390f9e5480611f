"""Broadcast: one message to every member, over a tree that grows by itself.

Theory of operation (Plumtree: Leitão, Pereira, Rodrigues, "Epidemic Broadcast Trees",
2007). Flooding reaches everybody and is robust, but with six links a node each message
arrives six times. A tree sends it N - 1 times and not once more, but one broken branch
cuts off everything behind it. Plumtree takes both, and the links tell it which is which:

* *Eager.* A message is pushed whole along eager links. At first all links are eager, so
  the first message is a flood. Who gets a second copy answers `prune`, and the link on
  which the copy came is lazy from then on. What stays eager is a tree, and since the
  quickest copy won on each link, it is a quick one.
* *Lazy.* Along lazy links only the message's id goes, `ihave`, many in one frame after a
  moment, and with a batch that leaves anyway where there is one. Who has the message by then
  forgets it. Who does not waits a moment more and answers `graft`: hand me this, and be eager
  again. So the branch that broke is replaced by the first message that misses it.
* *Shorter ways.* An announcement says at which hop the announcer had the message. Where
  that is nearer to the origin than the link that pushes to us, it is grafted, and the other
  is pruned as soon as a message has come along both. Until then we push nothing to the new
  one: were we quicker, though further away, it would have the message from us. So after some
  messages the tree has the fewest hops that the links allow.
* *A branch that goes.* When a link is lost that pushed to us, another one is grafted at once,
  the nearest to the origin that we know of: so the next message is not late.

Each origin has a tree of its own. With one tree for all, two origins that speak at the
same time prune each other's branches (riak_core#378); and a tree is quick only from where
it grew. A node remembers which of its links are *pruned*, for each of some hundred
origins; a link that comes up is eager in all trees, a link that goes is in none. The tree
of a new origin starts as a copy of the tree used last, which is a tree of all as well.

A message is known by (origin, epoch, number). `seen` remembers these exactly and for good,
so nothing is delivered twice and nothing old resurfaces; `payloads` keeps the messages of
the last two minutes. When a link comes up, or an exchange with one failed, both ends tell each
other what they have (`ihave` with `and_you`, *anti-entropy*), so whoever was away catches up, as
far as the two minutes go, and what it has caught up on it passes on at once, to others who were
away too. What cannot be had any more is known and told (`gaps`). A network in which no link
changes and nothing gets lost pays nothing for this.

Who starts again has its broadcasts on disk. From there come the numbers that it has had, so
that it fetches only what it lacks, and the messages that are young enough for others to lack
them (`Restored`): of a message whose origin died a moment after it had accepted it, nobody else
may have a copy.

Whom it believes: links only; a stranger can make nobody forward anything. A link can lie.
It can speak in another's name (nothing is signed, unless the network has a secret), but it
cannot make a node keep more, send more or remember more than the bounds below.

What goes in: a message of our own, frames from links, links that come, go, or fail to
answer, timers, what the disk has.
What comes out: frames, timers, `deliver(push, via)`: each message once, and
`missed(origin, lacking)`.
Timers: `ihave` (announce), `graft` (fetch what the tree did not bring), `payloads` (expire),
`gaps` (what is lacking and came from nobody).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from random import Random
from typing import Final, NamedTuple

import msgspec

from contract.limits import MAX_HOPS
from node.overlay.config import Config
from node.overlay.frames import (
    Announced,
    BroadcastFrame,
    Graft,
    Height,
    Heights,
    Ihave,
    Prune,
    Push,
    Record,
)
from node.overlay.gaps import Gaps
from node.overlay.inputs import Restored
from node.overlay.links import Links, Say
from node.overlay.members import Members
from node.overlay.payloads import MessageId, Payload, Payloads
from node.overlay.pieces import announcements, heights
from node.overlay.receipts import SAID_AGAIN, Returns
from node.overlay.seen import Key, Seen

FETCHES: Final = 3
"""How often one link may fetch one message: the first answer may be lost, and the second
[guess]. More would be a way to make us send without end."""

SOONEST: Final = 0.01
"""Seconds: a timer that ran out a hair early must not be set again for no time at all."""

_FAR: Final = MAX_HOPS // 2
"""At which hop we have what we had before a restart: nobody knows any more [guess]."""

SetTimer = Callable[[str, float], None]
Deliver = Callable[[Push, Record], None]
Missed = Callable[[str, list[tuple[int, int]]], None]


class Hands(NamedTuple):
    """What the trees do through others."""

    say: Say
    ride: Say
    set_timer: SetTimer
    deliver: Deliver
    missed: Missed
    judged: Callable[[tuple[tuple[str, int, int], ...]], None]
    reached: Callable[[str, str], None]


class Missing(msgspec.Struct):
    """A message that others have and we have not."""

    due: float
    """When it is fetched, unless it comes by itself."""
    first: str
    """The link that announced it first, on whose account it stands."""
    announcers: list[tuple[str, int]]
    """Links that have it, and at which hop, in the order of their words."""
    asked: str = ""
    """The link that is to hand it over; empty before one was asked."""


class Broadcast:
    """The trees of one node, and what it holds for others."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        hands: Hands,
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._say = hands.say
        self._ride = hands.ride
        self._set_timer = hands.set_timer
        self._deliver = hands.deliver
        self._trees: OrderedDict[str, set[str]] = OrderedDict()  # origin: pruned links
        self._last: dict[str, MessageId] = {}  # origin: the message that came last
        self._chosen: dict[str, str] = {}  # origin: the link that will be a shorter way
        self._seen = Seen()
        self._payloads = Payloads(config)
        self._gaps = Gaps(self._seen, self._is_known, config.gap_after, hands.missed, self._judged)
        self._write_judged = hands.judged
        self.receipts = Returns(
            config,
            members,
            links,
            self._payloads,
            hands.say,
            lambda after, now: self._timer("receipts", after, now),
            hands.reached,
        )
        self.answering = ""
        """The member to whose request our answer is being made."""
        self._announce: dict[str, dict[MessageId, float]] = {}  # link: what it may miss, since when
        self._missing: dict[MessageId, Missing] = {}
        self._owing: dict[str, int] = {}  # link: messages it was first to announce
        self._fetching: dict[str, int] = {}  # link: messages that it was asked for
        self._waits = False  # whether there is more to ask for than may be asked for at a time
        self._lost: set[str] = set()  # links with which an exchange failed
        self._behind: set[str] = set()  # links to compare with
        self._asked: set[str] = set()  # links that want to know all that we have
        self._differ: set[str] = set()  # links that may not know of all that there was
        self._running: dict[str, float] = {}  # when which of our timers runs out
        self.came = 0
        """Payloads that links pushed to us, copies of what was here too: a tree sends none."""

    @property
    def settled(self) -> bool:
        """Whether nothing waits to be announced or fetched."""
        return not (self._announce or self._missing or self._behind or self._asked)

    @property
    def full(self) -> bool:
        """Whether a message of our own would push out one that others may still miss."""
        return self._payloads.full

    def sizes(self) -> dict[str, int]:
        """How much is held, by name: every one is bounded."""
        return {
            "trees": len(self._trees),
            "chosen": len(self._chosen),
            "last": len(self._last),
            "payloads": len(self._payloads),
            "characters": self._payloads.characters,
            "missing": len(self._missing),
            "announcements": sum(map(len, self._announce.values())),
            "origins": len(self._seen),
            "links": len(self._lost | self._behind | self._asked | self._differ),
            "levels": len(self._gaps),
            "receipts": len(self.receipts),
            "timers": len(self._running),
        }

    def counts(self) -> dict[str, int]:
        """What has happened so far, by name."""
        return {
            "came": self.came,
            "missed": self._gaps.missed + self._seen.closed,
            "late": self._gaps.late,
        }

    # --- before we started again -------------------------------------------------------

    def restored(self, disk: Restored, now: float) -> None:
        """What the disk has: nothing of it is delivered again, and the young are kept."""
        for origin, epoch, first, last in disk.had:
            self._seen.restore((origin, epoch), first, last, now)
        self._gaps.restore(disk)
        own = self._members.own.id
        newest = min((age for _, age in disk.young), default=0.0)
        for push, age in disk.young:
            hop = 0 if push.origin == own else _FAR  # not ours to be a short way for others
            held = Payload(push, now - age, None, hop)
            self._payloads.add(push.key, held)
            if push.origin != own and age - newest < SAID_AGAIN:
                self.receipts.restored(held, now)
        left = self._payloads.expire(now)
        if left is not None:
            self._timer("payloads", left, now)

    # --- our own -----------------------------------------------------------------------

    def send(self, message: str, text: str, now: float) -> None:
        """A message of our own, for everybody."""
        own = self._members.own
        push = Push(own.id, own.epoch, self.next_number, 1, message, own.name, text)
        self._take(push, None, now)

    @property
    def next_number(self) -> int:
        """The number of our next message: one more than any that anybody had of this epoch."""
        return self._seen.top((self._members.own.id, self._members.own.epoch)) + 1

    # --- frames ------------------------------------------------------------------------

    def pushed(self, link: Record, push: Push, now: float) -> None:
        """A link hands us a message."""
        self.came += 1
        if push.key not in self._seen:
            if self._believable(push.key, now):
                self._take(push, link, now)
            return
        held = self._payloads.get(push.key)
        if held is None or held.via == link.id:
            # Too old to tell, or doubled by the network: a prune would cut the very branch
            # that brought it.
            return
        held.holders.add(link.id)
        held.hops[link.id] = push.hop - 1
        # A second copy: one of the two links is no branch of the tree. It is the slower one,
        # unless the slower one is the shorter way.
        if self._shorter(held.hop, push.hop, chosen=self._chosen.get(push.origin) == link.id):
            branch = self._members.get(held.via or "")
            if push.origin in self._trees:
                self._chosen[push.origin] = link.id
            held.via, held.hop = link.id, push.hop  # fewer hops: it cannot lead through us
            self.receipts.moved(held, now)
            if branch is not None:
                self._prune(branch, push.origin)
            return
        if self._chosen.get(push.origin) == link.id:
            del self._chosen[push.origin]
        pruned = self._trees.get(push.origin, set())
        if link.id in pruned or not self._shorter(push.hop - 1, held.hop + 1):
            self._prune(link, push.origin)
        # Else it will find, by what we push to it, that we are its shorter way.

    def _shorter(self, hop: int, other: int, *, chosen: bool = False) -> bool:
        """Whether a way is so much shorter that it takes the place of the one that is."""
        return hop - other >= (1 if chosen else self._config.shorter_by)

    def _prune(self, link: Record, origin: str) -> None:
        pruned = self._trees.get(origin)
        if pruned is not None:
            pruned.add(link.id)
        self._say(link, Prune(origin))

    def announced(self, link: Record, frame: Ihave, now: float) -> None:
        """A link tells what it has."""
        for message in frame.messages:
            held = self._payloads.get(message.key)
            if held is not None:
                held.holders.add(link.id)
                held.hops[link.id] = message.hop
                if self._shorter(message.hop, held.hop + 1):
                    # It has it from further away than we are, and will want to know.
                    self._say(link, Ihave((Announced(*message.key, held.hop),)))
                self._shorten(link, message, held)
            elif message.key not in self._seen and self._believable(message.key, now):
                self._miss(link, message, now)
        if frame.and_you:  # at most one answer a round, however often it asks
            self._asked.add(link.id)
            self.receipts.lost(link.id, now)
            self._gaps.compared(now)
            if frame.sum != self._sum() and self._members.mapped:
                self._differ.add(link.id)
            self._tell_soon(now)

    def told_heights(self, frame: Heights, now: float) -> None:
        """A link tells how far each origin has counted."""
        after = self._gaps.heard(frame, now) if self._members.mapped else None
        if after is not None:
            self._timer("gaps", after, now)

    def _judged(self, levels: list[Height], *, lost: bool) -> None:
        """How far origins were judged: for the disk, and for links that may have lost it, too."""
        known = [level for level in levels if self._is_known((level.origin, level.epoch))]
        self._write_judged(tuple((one.origin, one.epoch, one.number) for one in known))
        for link in self._links.some(len(self._links)) if lost and self._members.mapped else ():
            for piece in heights(known):
                self._ride(link, piece)

    def _sum(self) -> str | None:
        return self._gaps.sum(self._is_living) if self._members.mapped else None

    def grafted(self, link: Record, frame: Graft) -> None:
        """A link wants to be pushed to, and may want what it missed."""
        for message in frame.messages:
            pruned = self._trees.get(message.origin)
            if pruned is not None:
                pruned.discard(link.id)
            held = self._payloads.get(message.key)
            if frame.payload and held is not None and held.fetched.get(link.id, 0) < FETCHES:
                held.fetched[link.id] = held.fetched.get(link.id, 0) + 1
                self._push(link, held)
            if not frame.payload:
                self._push_what_waits(link, message)

    def _push_what_waits(self, link: Record, after: Announced) -> None:
        """A link that is a branch again, and has a message: later ones need no announcement."""
        waiting = self._announce.get(link.id, {})
        for key in [key for key in waiting if key[0] == after.origin and key > after.key]:
            held = self._payloads.get(key)
            if held is not None and link.id not in held.holders and held.hop < MAX_HOPS:
                self._push(link, held)
                del waiting[key]

    def pruned(self, link: Record, frame: Prune) -> None:
        """A link gets this origin's messages from somebody else.

        Unless it is our branch, or is about to be: each pushed the other a message just when
        we chose it. Then we hold on to it.
        """
        last = self._last.get(frame.origin)
        held = self._payloads.get(last) if last is not None else None
        ours = self._chosen.get(frame.origin) == link.id
        if last is not None and held is not None and (ours or held.via == link.id):
            self._say(link, Graft((Announced(*last, held.hop),), payload=False))
            return
        pruned = self._trees.get(frame.origin)
        if pruned is not None:
            pruned.add(link.id)

    # --- links -------------------------------------------------------------------------

    def link_up(self, link: Record, now: float) -> None:
        """A new link: eager in every tree, and both ends tell what they have.

        Who has nothing to tell asks with whatever leaves for the link next. In a network that
        starts nobody has anything, and a request each way over each link would be for nothing.
        """
        if self._payloads:
            self._behind.add(link.id)
            self._tell_soon(now)
        else:
            # The first link after a time without any: whatever its sum is, we want to know all.
            first = len(self._links) == 1
            self._ride(link, Ihave((), and_you=True, sum=None if first else self._sum()))

    def link_down(self, link: str, now: float) -> None:
        """A link is gone: from every tree, and from everything that was meant for it."""
        self._replace_branch(link)
        for pruned in self._trees.values():
            pruned.discard(link)
        for links in (self._behind, self._lost, self._asked, self._differ):
            links.discard(link)
        self._fetching.pop(link, None)
        self._announce.pop(link, None)
        self._owing.pop(link, None)
        self._forget_what_it_has(link)
        self.receipts.link_down(link, now)

    def lost(self, link: str) -> None:
        """An exchange with a link failed: nobody knows what arrived."""
        if link in self._links:
            self._lost.add(link)

    def lives(self, link: Record, now: float) -> None:
        """A sign of life. Where something was lost before, both ends compare."""
        if link.id in self._lost:
            self._lost.discard(link.id)
            self._forget_what_it_has(link.id)
            self.receipts.lost(link.id, now)
            self._behind.add(link.id)
            self._tell_soon(now)

    def _forget_what_it_has(self, link: str) -> None:
        self._payloads.forget_link(link)
        for origin in [origin for origin, chosen in self._chosen.items() if chosen == link]:
            del self._chosen[origin]

    # --- timers ------------------------------------------------------------------------

    def ran_out(self, timer: str, now: float) -> None:
        """A timer of ours ran out."""
        self._running.pop(timer, None)
        if timer == "ihave":
            self._tell(now)
        elif timer == "graft":
            self._fetch(now)
        elif timer == "receipts":
            self.receipts.ran_out(now)
        elif timer == "gaps":
            again = self._gaps.judge(now, announced=self._missing.__contains__)
            if again is not None:
                self._timer("gaps", again, now)
        else:
            left = self._payloads.expire(now)
            if left is not None:
                self._timer("payloads", left, now)

    def _timer(self, name: str, after: float, now: float) -> None:
        after = max(after, SOONEST)
        if now + after < self._running.get(name, float("inf")):
            self._running[name] = now + after
            self._set_timer(name, after)

    # --- the tree ------------------------------------------------------------------------

    def _take(self, push: Push, via: Record | None, now: float) -> None:
        """A message that is new here: remember it, deliver it, pass it on."""
        self._seen.add(push.key, now, known=self._known(push.key))
        gap = self._gaps.came(push.key, now)
        if gap is not None:
            self._timer("gaps", gap, now)
        held = Payload(push, now, via.id if via else None, push.hop if via else 0)
        self._payloads.add(push.key, held)
        self._timer("payloads", self._config.payload_kept, now)
        missing = self._missing.get(push.key)
        many = missing is not None and bool(missing.asked) and self._waits
        held.hops.update(self._forget_missing(push.key, now))
        held.holders.update(held.hops)
        pruned = self._tree(push.origin)
        if via is not None:
            self._last[push.origin] = push.key
            held.holders.add(via.id)
            if via.id in pruned:  # it pushed this before it heard that it should not: it should
                pruned.discard(via.id)
                self._say(via, Graft((Announced(*push.key, held.hop),), payload=False))
            if self._chosen.get(push.origin) == via.id:
                del self._chosen[push.origin]  # it is the branch now
            held.answers = via.id == self.answering
            self._deliver(push, via)
        self._pass_on(held, pruned, now, many=many)

    def stored(self, message: MessageId, now: float) -> None:
        """What was delivered is on disk."""
        held = self._payloads.get(message)
        if held is not None:
            self.receipts.stored(held, now)

    def _tree(self, origin: str) -> set[str]:
        """The pruned links of an origin's tree; a new one starts like the one used last."""
        pruned = self._trees.pop(origin, None)
        if pruned is None:
            last = next(reversed(self._trees.values()), None)
            pruned = set(last or ())
        self._trees[origin] = pruned  # at the end: used last
        if len(self._trees) > self._config.trees_most:
            forgotten, _ = self._trees.popitem(last=False)
            self._chosen.pop(forgotten, None)
            self._last.pop(forgotten, None)
        return pruned

    def _pass_on(self, held: Payload, pruned: set[str], now: float, *, many: bool) -> None:
        """Push a message along the branches, announce it along the other links.

        Of `many` that are fetched after an absence all are announced: most links have them, and
        are about to say so.
        """
        links = [link for link in self._links.ids() if link not in held.holders]
        if held.via is None and pruned.issuperset(links):
            pruned.clear()  # all branches broke: a flood of our own makes new ones
        chosen = self._chosen.get(held.push.origin)  # is to bring it to us, not we to it
        for member in links:
            link = self._members.get(member)
            if link is None:
                continue
            if member in pruned or member == chosen or held.hop >= MAX_HOPS or many:
                self._announce_soon(member, held.push.key, now)
            else:
                held.answers = False  # receipts will come from there, and ours waits for them
                self._push(link, held)

    def _push(self, link: Record, held: Payload) -> None:
        held.holders.add(link.id)
        held.children.add(link.id)
        push, hop = held.push, min(held.hop + 1, MAX_HOPS)
        self._say(link, push if push.hop == hop else msgspec.structs.replace(push, hop=hop))

    def _shorten(self, link: Record, message: Announced, held: Payload) -> None:
        """Where an announcer is much nearer to the origin than our branch, let it be one, too.

        The old branch is pruned when the new one has brought its first message: were it
        pruned now, what is on its way along both would come along neither.
        """
        pruned = self._trees.get(message.origin)
        if (
            pruned is not None
            and link.id in pruned
            and self._chosen.get(message.origin, link.id) == link.id
            and self._shorter(held.hop, message.hop + 1)
        ):
            self._chosen[message.origin] = link.id
            pruned.discard(link.id)
            self._say(link, Graft((message,), payload=False))

    def _replace_branch(self, gone: str) -> None:
        """Who pushed us these origins' messages does so no more: let others push the next.

        Did we wait for what they announce, the next message would be late here and behind us.
        """
        grafts: dict[str, list[Announced]] = {}
        for origin, last in self._last.items():
            held = self._payloads.get(last)
            if held is not None and held.via == gone:
                for member in self._instead(held, self._trees[origin] - {gone}):
                    grafts.setdefault(member, []).append(Announced(*last, min(held.hop, MAX_HOPS)))
        for member, wanted in grafts.items():
            self._graft(member, wanted, payload=False)

    @staticmethod
    def _instead(held: Payload, lazy: set[str]) -> list[str]:
        """The lazy link that is nearest to the origin, or all of which we do not know.

        Who is further away than we are may have its messages from us.
        """
        near = [link for link in lazy if held.hops.get(link, MAX_HOPS + 1) <= held.hop]
        if near:
            return [min(near, key=lambda link: (held.hops[link], link))]
        return sorted(lazy - held.hops.keys())

    def _graft(self, member: str, wanted: list[Announced], *, payload: bool = True) -> None:
        link = self._members.get(member)
        if link is None:
            return
        for piece in announcements(wanted):
            self._say(link, Graft(piece, payload))

    # --- announcing ------------------------------------------------------------------------

    def _announce_soon(self, link: str, message: MessageId, now: float) -> None:
        waiting = self._announce.setdefault(link, {})
        if len(waiting) < self._config.payloads_most:
            waiting[message] = now
        else:
            self._behind.add(link)
        self._tell_soon(now)

    def _tell_soon(self, now: float) -> None:
        # Half the ends of lazy links are earlier than the others, who then need not announce.
        if "ihave" not in self._running:
            self._timer("ihave", self._config.ihave_delay * self._rng.uniform(0.5, 1.5), now)

    def _tell(self, now: float) -> None:
        """Announce to each link what it may miss, unless it has not waited for long."""
        behind, self._behind = self._behind, set()
        asked, self._asked = self._asked, set()
        differ, self._differ = self._differ, set()
        tops = heights(self._gaps.heights()) if differ else []
        asks = Ihave((), and_you=True, sum=self._sum() if len(self._links) > 1 else None)
        for member in self._links.ids():
            link = self._members.get(member)
            if link is None:
                continue
            if member in behind or member in asked:
                self._announce.pop(member, None)
                messages: Iterable[MessageId] = self._payloads
            else:
                messages = self._waited(member, self._config.ihave_delay / 2, now)
            for frame in self._ihaves(member, messages):
                self._say(link, frame)
            if member in behind:
                self._say(link, asks)
            for piece in tops if member in differ else ():
                self._say(link, piece)
        if self._announce:
            self._tell_soon(now)

    def luggage(self, link: str, now: float) -> tuple[BroadcastFrame, ...]:
        """What may go with a batch that leaves for a link: it costs no request then."""
        announced = self._ihaves(link, self._waited(link, self._config.ihave_rides, now))
        return (*announced, *self.receipts.luggage(link, now))

    def _waited(self, link: str, seconds: float, now: float) -> Iterable[MessageId]:
        """Take out what is to be announced to a link, where the first has waited for so long."""
        waiting = self._announce.get(link)
        if not waiting or now - next(iter(waiting.values())) < seconds - SOONEST:
            return ()
        return self._announce.pop(link)

    def _ihaves(self, link: str, messages: Iterable[MessageId]) -> tuple[Ihave, ...]:
        return tuple(map(Ihave, announcements(self._missed_by(link, messages))))

    def _missed_by(self, link: str, messages: Iterable[MessageId]) -> tuple[Announced, ...]:
        """Those of the messages that a link may not have yet."""
        return tuple(
            Announced(*message, min(held.hop, MAX_HOPS))
            for message in messages
            if (held := self._payloads.get(message)) is not None and link not in held.holders
        )

    # --- fetching ------------------------------------------------------------------------

    def _miss(self, link: Record, message: Announced, now: float) -> None:
        """Somebody has what we have not; the tree may still bring it."""
        missing = self._missing.get(message.key)
        if missing is None:
            if self._owing.get(link.id, 0) >= self._config.payloads_most:
                return  # more than anybody can hold: it lies, or will say so again
            self._owing[link.id] = self._owing.get(link.id, 0) + 1
            missing = Missing(now + self._config.graft_after, link.id, [])
            self._missing[message.key] = missing
            self._timer("graft", self._config.graft_after, now)
        if all(announcer != link.id for announcer, _ in missing.announcers):
            missing.announcers.append((link.id, message.hop))

    def _fetch(self, now: float) -> None:
        """Fetch what is overdue from one of those that have it, and be pushed to by them.

        Of each so much at a time: what is left waits until some of it has come.
        """
        grafts: dict[str, list[Announced]] = {}
        soonest = now + self._config.graft_again
        self._waits = False
        for message, missing in list(self._missing.items()):
            if missing.due > now:
                soonest = min(soonest, missing.due)
                continue
            missing.announcers = [one for one in missing.announcers if one[0] in self._links]
            self._given_up(missing)
            if not missing.announcers:
                self._forget_missing(message, now)
                continue
            free = [one for one in missing.announcers if self._may_fetch(one[0])]
            if not free:
                self._waits = True
                continue
            shortest = min(free, key=lambda one: one[1])
            missing.announcers.remove(shortest)
            link, hop = shortest
            self._chosen.pop(message[0], None)  # whatever was to bring it did not
            missing.due, missing.asked = now + self._config.graft_again, link
            self._fetching[link] = self._fetching.get(link, 0) + 1
            grafts.setdefault(link, []).append(Announced(*message, hop))
            pruned = self._trees.get(message[0])
            if pruned is not None:
                pruned.discard(link)
        for link, wanted in grafts.items():
            self._graft(link, wanted)
        if self._missing:
            self._timer("graft", soonest - now, now)

    def _may_fetch(self, link: str) -> bool:
        return self._fetching.get(link, 0) < self._config.fetch_at_once

    def _given_up(self, missing: Missing) -> None:
        """Who was asked for it does not owe it any more."""
        if missing.asked in self._fetching:
            self._fetching[missing.asked] -= 1
            if not self._fetching[missing.asked]:
                del self._fetching[missing.asked]
        missing.asked = ""

    def _forget_missing(self, message: MessageId, now: float) -> list[tuple[str, int]]:
        """It is here, or nobody has it any more; returns who announced it, and at which hop."""
        missing = self._missing.pop(message, None)
        if missing is None:
            return []
        if missing.first in self._owing:
            self._owing[missing.first] -= 1
        asked = missing.asked
        self._given_up(missing)
        if self._waits and 2 * self._fetching.get(asked, 0) <= self._config.fetch_at_once:
            self._timer("graft", SOONEST, now)
        return missing.announcers

    # --- belief --------------------------------------------------------------------------

    def _known(self, message: MessageId) -> bool:
        return self._is_known(message[:2])

    def _is_known(self, key: Key) -> bool:
        """Whether our map has this origin, in this epoch or the one after it."""
        own = self._members.own
        record = own if key[0] == own.id else self._members.get(key[0])
        return record is not None and key[1] in {record.epoch, record.epoch - 1}

    def _is_living(self, key: Key) -> bool:
        record = self._members.get(key[0])
        lives = key[0] == self._members.own.id or (
            record is not None and record.state in {"alive", "suspect"}
        )
        return lives and self._is_known(key)

    def _believable(self, message: MessageId, now: float) -> bool:
        """Whether a new message may be taken: we did not say it, and can remember it."""
        own = self._members.own
        if message[0] == own.id and message[1] >= own.epoch:
            return False  # somebody puts words into our mouth
        return self._seen.has_room(message, now, known=self._known(message))
