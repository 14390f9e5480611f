"""The overlay: all layers joined behind one door.

`handle(input, now)` takes one thing that happened and the time in seconds (of a clock that
never jumps), and returns what is to be done about it, in order. It never blocks and never
fails on what a peer says: what a peer may say is settled in `frames`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, ClassVar

import msgspec

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.broadcast import Broadcast, Hands
from node.overlay.census import Count
from node.overlay.config import Config
from node.overlay.coverage import ASK_EVERY, Coverage
from node.overlay.delivery import Delivery, Progress
from node.overlay.detector import Detector
from node.overlay.frames import (
    Accept,
    Acknowledged,
    Batch,
    Census,
    Digest,
    Disconnect,
    Discover,
    Found,
    Frame,
    Graft,
    HaveYou,
    Heights,
    Hello,
    Ihave,
    Join,
    Later,
    MemberList,
    Neighbour,
    Neighbourhood,
    Probe,
    Probed,
    Prune,
    Push,
    Receipts,
    Record,
    Refuse,
    Shuffle,
    Shuffled,
    State,
    Unicast,
    Update,
    Versions,
)
from node.overlay.gossip import Gossip
from node.overlay.healing import Healing
from node.overlay.joins import Bucket
from node.overlay.journeys import Ended, Left
from node.overlay.links import Links
from node.overlay.members import Change, Members, newer, plausible
from node.overlay.passive import Passive
from node.overlay.pieces import member_lists, updates
from node.overlay.plain import Contacts, Polls, keeper, plain_record
from node.overlay.receipts import mark
from node.overlay.routing import Routing
from node.overlay.strangers import Strangers
from node.overlay.views import member_view, node_view, view_of

_BOOTSTRAP = "the bootstrap's list"
_MOST_RESERVE = 100
"""Addresses that a newcomer has in reserve [guess]."""
_MOST_LUGGAGE = 8
"""Frames that wait for the next batch to one link [guess: some walks]; older ones give way."""
_SAMPLE = 8
"""Members that a newcomer is told of where no map is kept [as the bootstrap does]."""
_MOST_LEARNED = 20
"""Addresses taken from one plain node's `/peers` [guess]: it may be lying about thousands."""


_HEARSAY: dict[State, str] = {
    "alive": "it speaks for itself",
    "suspect": "others say so",
    "dead": "others say so",
    "left": "it said good-bye",
}
"""Why a member's state changed, where somebody told us."""


class Overlay:
    """One node's protocol: inputs and the time in, outputs out."""

    def __init__(self, config: Config, own: Record, rng: Random) -> None:
        self.config = config
        self.members = Members(own, config.members_most, mapped=config.map)
        self.passive = Passive(config, rng, own.id)
        self._strangers = Strangers(config, rng)
        self.links = Links(
            config, rng, own.id, self.passive, self._strangers, self._say, self._tell_link
        )
        self.unknown_frames = 0
        self.refusals = 0
        """What we did not take: joins that were too many, numbers nobody can have, …"""
        self.strange_frames = 0
        """Frames of broadcast, link state and routing from members that are no links."""
        self._rng = rng
        self._gossip = Gossip(config, rng, self.members, self.links, self._say)
        self._detector = Detector(config)
        self.census = Count(config, rng, self.members, self.links)
        self._contacts = Contacts(config)
        self._polls = Polls(config)
        self._joins = Bucket(config.joins_per_second, config.joins_per_second)
        self._learns = Bucket(config.learn_per_second, float(config.learn_at_once))
        self._luggage: dict[str, deque[Frame]] = {}
        self._due: dict[str, float] = {}
        self._map_shown = False  # to the sender of the batch that we take in
        self._newcomer = False  # and knew nobody else before that batch
        self._uninvited = False  # while we take in what somebody sent us unasked
        self.broadcast = Broadcast(
            config,
            rng,
            self.members,
            self.links,
            Hands(
                say=self._say,
                ride=self._ride,
                set_timer=self._broadcast_timer,
                deliver=self._deliver,
                missed=self._missed,
                judged=self._write_judged,
                reached=self._has_reached,
            ),
        )
        self.coverage = Coverage()
        self.routing = Routing(
            config,
            rng,
            self.members,
            self.links,
            self._say,
            self._timer,
            self._put,
            self._journey,
        )
        self._healing = Healing(
            config,
            rng,
            self.members,
            self.links,
            self.routing.map,
            self._say,
            self._gossip.compare,
        )
        self._delivery = Delivery(
            config, rng, self.members, self.links, self.routing, self._put, self._timer
        )
        self._now = 0.0
        self._out: list[o.Output] = []
        self._left = False

    def handle(self, happened: i.Input, now: float) -> list[o.Output]:
        """Take one input; returns what is to be done, in order."""
        self._now = now
        self._out = []
        if not self._left:
            self._INPUTS[type(happened)](self, happened)
        return self._out

    # --- what others ask about us ------------------------------------------------------

    @property
    def own(self) -> Record:
        """Our own record, as the others should have it."""
        return self.members.own

    def peers(self) -> list[str]:
        """The address of everybody known alive, and of those who were registered with us."""
        known = {record.url for record in self.members.living()}
        return sorted((known | set(self._contacts.registered())) - {self.own.url})

    @property
    def waiting(self) -> int:
        """Receivers for whom messages of our own wait."""
        return len(self._delivery)

    def progress(self, message: str) -> Progress | None:
        """How far a message of our own is; None where it waits behind others, or has ended."""
        return self._delivery.progress(message)

    # --- life --------------------------------------------------------------------------

    def _start(self, _: i.Start) -> None:
        self._emit("node.started", {"node": node_view(self.own)})
        # The first rounds come at different times on different nodes, however alike they start.
        for key, interval in (
            ("gossip", self.config.gossip_interval),
            ("heal", self.config.heal_interval),
            ("shuffle", self.config.shuffle_interval),
            ("plain", self.config.plain_interval),
            ("bootstrap", self.config.bootstrap_interval),
        ):
            self._timer(key, self._rng.uniform(0.1, 1.0) * interval)

    def _leave(self, _: i.Leave) -> None:
        self._emit("node.stopping", {"node": node_view(self.own)})
        self.members.leave()
        for link in self.links.some(len(self.links)):
            self._say(link, Update((self.own,)))
        self._left = True

    # --- what peers say ------------------------------------------------------------------

    def _heard(self, happened: i.Heard) -> None:
        sender = happened.batch.sender
        known = self.members.get(sender.id)
        hello = any(isinstance(frame, Hello) for frame in happened.batch.frames)
        stranger = sender.id != self.own.id and (known is None or hello)
        if stranger and not self._joins.take(self._now):
            self.refusals += 1
            later = Later(self._joins.come_again(self._now))
            self._out.append(o.Send(sender.url, sender.id, later))
            return
        if not plausible(sender, known):
            self.refusals += 1
            return
        self._uninvited = sender.id not in self.links
        self.broadcast.answering = sender.id
        self._batch(happened.batch)
        self._uninvited = False
        self.broadcast.answering = ""
        self._unload(sender)
        for frame in self.broadcast.receipts.luggage(sender.id, self._now, answer=True):
            self._out.append(o.Send(sender.url, sender.id, frame))

    def _answered(self, happened: i.Answered) -> None:
        sender = happened.batch.sender
        contact = self._contacts.done(happened.url)
        if contact is not None and not contact.registered:
            self.links.chose(sender.id)  # whoever came to us itself is not of our choosing
        for record in self.members.all_at(happened.url):
            if record.id != sender.id:
                self._mark(record, "dead", "another node answers at its address")
        before = self.members.get(sender.id)
        if before is not None and before.url == happened.url:
            change = self.members.correct(sender, self._now)
            if change is not None:
                self._changed(change, "it speaks for itself")
        self._batch(happened.batch, asked=True)
        if before is not None and before.state == "dead":
            self._healing.dead_answered(before.id, self._now)

    def _reached(self, record: Record) -> None:
        """A member answered us at its address."""
        if record.id not in self.links:
            self._strangers.answered()
        if self._detector.answered(record.id):
            self._cancel(f"ping {record.id}")
        self.links.answered(record.id)
        for asker in self._detector.askers(record.id):
            other = self.members.get(asker)
            if other is not None:
                self._say(other, Probed(record))

    def _batch(self, batch: Batch, *, asked: bool = False) -> None:
        """Take in what a peer says; `asked` where it answers us, and so was reached."""
        sender = batch.sender
        self.unknown_frames += batch.unknown
        if sender.id == self.own.id:
            return  # ourselves, met by an address we did not know as ours
        self._merge(sender)
        known = self.members.get(sender.id)
        if known is None:
            return  # no room for it
        if known.state == "left":
            if sender.state != "left":  # somebody said good-bye in its name: let it refute
                self._say(sender, Update((known,)))
            return
        self._detector.heard(sender.id)
        if newer(known, sender):
            # It lives and does not know what is said of it: tell it, so that it can refute.
            self._say(sender, Update((known,)))
        self.links.heard(known, self._now)
        self.broadcast.lives(known, self._now)
        if known.state == "alive":
            self._healing.lives(known, self._now)
        if asked and known.state != "dead":
            self._reached(known)
            if not any(isinstance(frame, Disconnect) for frame in batch.frames):
                self.links.reached(known, self._now)  # first: frames for a link may come along
        self._map_shown = False
        self._newcomer = False
        for frame in batch.frames:
            # Whom we hold for dead may speak about members, and must refute to be a link.
            if known.state != "dead" or isinstance(frame, Hello | Digest | MemberList | Update):
                self._FRAMES[type(frame)](self, known, frame)

    def _hello(self, sender: Record, frame: Hello) -> None:
        if not self.members.mapped:
            self._say(sender, MemberList((self.own, *self._sample())))
        else:
            self._show_map(sender)
        if sender.state == "dead":
            return  # it will come again when it has refuted
        for link in self.links.some(self.config.join_walks, besides=sender.id):
            self._say(link, Join(sender, self.config.walk_active, frame.lost))
        self._to_passive((sender,))

    def _show_map(self, to: Record) -> None:
        """Once for a batch: a thousand small questions must not be worth a thousand maps."""
        if not self._map_shown:
            self._map_shown = True
            for piece in member_lists(self.members.all()):
                self._say(to, piece)

    def _sample(self) -> list[Record]:
        links = self.links.some(_SAMPLE // 2)
        return links + self.passive.some(_SAMPLE - len(links))

    def _digest(self, sender: Record, frame: Digest) -> None:
        if sender.state != "dead":
            self.links.tells_its_links(sender.id, frame.links)
            self.census.says(sender.id, keeps=frame.sum is not None)
            if (frame.sum is not None) != self.members.mapped and sender.id in self.links:
                self._unload(sender)  # it does not know yet that we do otherwise
            if self.links.claimed(sender, self._now, linked=frame.linked):
                self._timer(f"accept {sender.id}", 0.0)
        if self._gossip.differs(frame):
            self._show_map(sender)

    def _member_list(self, sender: Record, frame: MemberList) -> None:
        # To a newcomer a map is no news, though it come in several pieces.
        self._newcomer |= not any(record.id != sender.id for record in self.members.others())
        for record in frame.records:
            self._merge(record, spread=not self._newcomer, told_by=sender)
        better = self._gossip.missing(frame) if self.members.mapped else ()
        for piece in updates(better):
            self._say(sender, piece)
        self._seek_links()

    def _update(self, sender: Record, frame: Update) -> None:
        for record in frame.records:
            self._merge(record, told_by=sender)

    def _neighbour(self, sender: Record, frame: Neighbour) -> None:
        if self.links.asked(sender, self._now, urgent=frame.urgent):
            self._timer(f"accept {sender.id}", 0.0)

    def _accept_ours(self, member: str) -> None:
        """Say yes by a request of our own: its answer shows that we can reach the asker."""
        record = self.members.get(member)
        if record is not None and record.state == "alive" and self.links.accepts(member):
            self._say(record, Accept())
            self._tell_new_link(record)

    def _tell_new_link(self, record: Record) -> None:
        for piece in updates(self._gossip.for_new_link(record.id, self._now)):
            self._say(record, piece)

    def _accept(self, sender: Record, _: Accept) -> None:
        self.links.accepted(sender, self._now)
        if sender.id in self.links:
            self._tell_new_link(sender)

    def _refuse(self, sender: Record, _: Refuse) -> None:
        if self.links.refused(sender):
            self._seek_links()

    def _disconnect(self, sender: Record, frame: Disconnect) -> None:
        self.links.drop(sender.id, "the other end let go", replace=not frame.done)
        self._to_passive((sender,))
        self._seek_links()

    def _sent_away(self, sender: Record, frame: Later) -> None:
        """It takes in no more just now. Others may; if nobody does, we come again."""
        if sender.id in self.links:
            return
        self.links.drop(sender.id, "too many want in at once")
        self._timer(f"hello {sender.id}", max(frame.after, 1 / self.config.joins_per_second))
        self._greet_another()

    def _hello_again(self, member: str) -> None:
        record = self.members.get(member)
        if record is not None and record.state == "alive" and not len(self.links):
            self._say(record, Hello())

    # --- walks ---------------------------------------------------------------------------

    def _join(self, sender: Record, frame: Join) -> None:
        """Somebody's newcomer comes by; where its walk ends we ask it to be a link."""
        if sender.id not in self.links or frame.record.id == self.own.id:
            return
        self._merge(frame.record, told_by=sender)
        record = self.members.get(frame.record.id)
        if self.members.mapped and (record is None or record.state != "alive"):
            return
        record = record or frame.record
        steps = min(frame.steps, self.config.walk_active) - 1
        if steps == self.config.walk_passive:
            self._to_passive((record,))
        onward = [link for link in self.links.some(3, besides=sender.id) if link.id != record.id]
        # Far enough from where it began, whoever has room need not be passed by.
        ends = steps <= self.config.walk_passive and self.links.has_room()
        if steps > 0 and onward and not ends:
            self._say(onward[0], Join(record, steps, frame.lost))
            return
        room = self.links.has_place() if frame.lost else self.links.has_room()
        may = self.links.may_call(record.id, self._now)
        if room and may and not self.links.counts(record.id):
            self.links.ask(record, self._now, urgent=False)

    def _shuffle_round(self, _: str) -> None:
        if self.members.mapped:
            self._to_passive(self._some_of_the_map())
        for first in self.links.some(1):
            carried = self.links.some(self.config.shuffle_active, besides=first.id)
            self._ride(first, self.passive.shuffle(self.own, carried))
        self._timer("shuffle", self.config.shuffle_interval * self._rng.uniform(0.75, 1.25))

    def _shuffle(self, sender: Record, frame: Shuffle) -> None:
        if sender.id not in self.links or frame.path[-1] != sender.id:
            return
        steps = min(frame.steps, self.config.walk_active) - 1
        onward = [link for link in self.links.some(len(self.links)) if link.id not in frame.path]
        if steps > 0 and onward:
            further = Shuffle(frame.records, steps, (*frame.path, self.own.id))
            self._ride(onward[0], further)
            return
        known = Shuffle(self._as_we_know(frame.records), 0, frame.path)
        self._send_back(self.passive.ended(known, self.links.ids()))

    def _shuffled(self, sender: Record, frame: Shuffled) -> None:
        if sender.id not in self.links:
            return
        if frame.path:
            self._send_back(frame)
        else:
            known = Shuffled(self._as_we_know(frame.records), ())
            self.passive.came_back(known, self.links.ids())

    def _send_back(self, frame: Shuffled) -> None:
        step = self.members.get(frame.path[-1])
        if step is not None and step.id in self.links:  # else the way back is gone: let it be
            self._ride(step, Shuffled(frame.records, frame.path[:-1]))

    def _as_we_know(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Where there is a map it knows better than a walk who is alive, and where."""
        if not self.members.mapped:
            return tuple(record for record in records if plausible(record, None))
        known = (self.members.get(record.id) for record in records)
        return tuple(record for record in known if record is not None)

    def _to_passive(self, records: Iterable[Record]) -> None:
        for record in records:
            if record.id not in self.links:
                self.passive.add(record)

    def _some_of_the_map(self) -> list[Record]:
        """As many of the map as the passive view lacks."""
        lacks = self.config.passive_most - len(self.passive)
        others = [
            record
            for record in self.members.living_peers()
            if record.id not in self.links and record.id not in self.passive
        ]
        return self._rng.sample(others, min(lacks, len(others)))

    def _ride(self, link: Record, frame: Frame) -> None:
        """Let a frame wait for the next batch that goes to a link anyway."""
        self._luggage.setdefault(link.id, deque(maxlen=_MOST_LUGGAGE)).append(frame)

    def _unload(self, to: Record) -> None:
        """A batch leaves for a link: what waited for one goes along."""
        news = self._gossip.for_link(to.id) if to.id in self.links else ()
        for piece in updates(news):
            self._out.append(o.Send(to.url, to.id, piece))
        for frame in self._luggage.pop(to.id, ()):
            self._out.append(o.Send(to.url, to.id, frame))
        for listed in self.routing.map.luggage(to.id, self._now):
            self._out.append(o.Send(to.url, to.id, listed))
        for counted in self.census.luggage(to.id, self._now):
            self._out.append(o.Send(to.url, to.id, counted))

    # --- who is there --------------------------------------------------------------------

    def _merge(self, record: Record, *, spread: bool = True, told_by: Record | None = None) -> None:
        """Take in a record, tell others what changed, act on it."""
        if record.id == self.own.id:
            if self.members.refute(record):
                self._refuted(told_by)
            return
        known = self.members.get(record.id)
        if told_by is not None and told_by.id != record.id:
            doubted = self._hearsay(record, known)
            if doubted is None:
                return
            record = doubted
        if known is None and record.state in {"alive", "suspect"}:
            for gone in self.members.make_room():
                self._forgotten(gone, "the map is full")
            if self.members.full and record.state == "alive" and self.census.no_room(self._now):
                self._without_map()
        change = self.members.merge(record, self._now)
        if change is not None:
            self._changed(change, _HEARSAY[record.state])
            if spread:
                self._spread(change.after, told_by or record)

    def _refuted(self, told_by: Record | None) -> None:
        """We outdid what was said of us: everybody must hear of it."""
        self._detector.worse()
        self._spread(self.own)
        if told_by is None:
            return
        self._say(told_by, Update((self.own,)))  # across a healed cut it may be the only one
        if self.links.waits_for(told_by.id):  # it did not take a dead member's question
            self.links.ask(told_by, self._now, urgent=False)

    def _hearsay(self, record: Record, known: Record | None) -> Record | None:
        """What we make of a record that another member told us; None for nothing.

        That somebody is dead is no more than a suspicion to us, until its time to refute is
        over: otherwise one liar, or the other half after a cut, could end a living member.
        """
        if not plausible(record, known):
            self.refusals += 1
            return None
        if known is None:
            if not self.members.mapped:
                self._to_passive((record,))
                return None
            if self._uninvited and record.state == "alive" and not self._learns.take(self._now):
                self.refusals += 1
                return None
        elif record.state == "dead" and known.state in {"alive", "suspect"}:
            version = (record.epoch, record.incarnation)
            chance = self._detector.had_its_chance(record.id, version, self._now)
            if record.kind == "peer" and not chance:
                return msgspec.structs.replace(record, state="suspect")
        return record

    def _mark(self, record: Record, state: State, reason: str) -> None:
        """Our own finding about a member."""
        change = self.members.mark(record.id, state, self._now)
        if change is not None:
            self._changed(change, reason, ours=True)
            self._spread(change.after)

    def _changed(self, change: Change, reason: str, *, ours: bool = False) -> None:
        """Act on a change; `ours` where we found it out and did not hear of it."""
        before, after = change.before, change.after
        if before is None:
            self._contacts.done(after.url)
            self._emit("peer.learned", {"peer": node_view(after)})
        if before is None or before.state != after.state:
            self._emit(f"member.{after.state}", {"member": member_view(after), "reason": reason})
        if after.state == "suspect":
            self._suspicion(after, ours=ours)
        elif after.state == "alive":
            if before is None or before.state != "alive" or before.epoch != after.epoch:
                self._delivery.lives(after.id, self._now)
            if before is not None and before.state == "suspect":
                self._detector.refuted(after.id, self._now)
            self._detector.no_doubt(after.id)
            self.links.moved(after)
            self._healing.lives(after, self._now)
        else:
            self._detector.gone(after.id)
            self.passive.drop(after.id)
            self.links.drop(after.id, f"it is {after.state}", replace=True)
            self._seek_links()

    def _suspicion(self, suspect: Record, *, ours: bool) -> None:
        """Start its clock. Who suspects tells the suspect first, and so do its links.

        Did everybody who hears of a suspicion call the suspect, each suspicion would cost N
        new connections; on a machine that is short of them (see `links`) that is the reason
        for the next suspicions.
        """
        version = (suspect.epoch, suspect.incarnation)
        members = 1 + self.members.alive
        patience = self._detector.suspect(suspect.id, version, members, self._now)
        self._timer(f"suspicion {suspect.id} {version[0]} {version[1]}", patience)
        if suspect.kind != "peer":
            return
        ping = self._detector.unanswered(suspect.id)
        if suspect.id in self.links and ping is not None and ping.waited:
            self._link_is_down(suspect, "no answer, not to others either")
        elif suspect.id in self.links:
            self._ping(suspect, Update((suspect,)))
        elif ours:
            self._say(suspect, Update((suspect,)))

    def _suspicion_ran_out(self, key: str) -> None:
        member, epoch, incarnation = key.rsplit(" ", 2)
        record = self.members.get(member)
        if (
            record is None
            or record.state != "suspect"
            or not self._detector.convicted(member, (int(epoch), int(incarnation)))
        ):
            return
        if self._detector.just_woke(self._now):  # it may have refuted while we slept
            self._suspicion(record, ours=False)
            return
        self._mark(record, "dead", "did not refute in time")

    def _ping(self, record: Record, frame: Frame | None = None) -> None:
        """Ask a member for a sign of life: with our digest, or with what there is to say."""
        if frame is None:
            self._gossip.compare(record)
        else:
            self._say(record, frame)
        seconds = self._detector.pinged(record.id, self._now)
        if seconds is not None:
            self._timer(f"ping {record.id}", seconds)

    def _broken(self, happened: i.Broken) -> None:
        """A link's process may have ended: see at once whether anybody is there."""
        record = self.members.at(happened.url)
        if record is not None and record.id in self.links:
            self._ping(record)

    def _silent(self, happened: i.Silent) -> None:
        if happened.to is None:
            if not happened.refused:
                self._strangers.silent(self._now)
            self._contact_silent(happened.url)
            return
        self._detector.helper_silent(happened.to)
        record = self.members.get(happened.to)
        if record is None:
            self.passive.drop(happened.to)
            self.links.drop(happened.to, happened.reason)
            self._seek_links()
            return
        if record.url != happened.url:
            return  # it moved meanwhile; the old address proves nothing
        self.broadcast.lost(record.id)
        if record.id in self.links:
            self._link_silent(record, happened)
            return
        if not happened.refused and record.state == "alive":
            self._strangers.silent(self._now)
        self.passive.drop(record.id)
        if self.links.refused(record):  # whatever we asked it, the answer is no
            self._seek_links()
        if record.state != "alive" or not self._detector.may_accuse(record.id, self._now):
            return
        if self._detector.silent(record.id) == "probe":
            self._timer(f"probe {record.id}", self.config.retry_probe)
        elif not happened.refused and self.routing.leads_to(record.id):
            self._detector.left_to_others(record.id)
        elif self._detector.pinged(record.id, self._now) is not None:
            self._let_others_try(record)

    def _link_silent(self, record: Record, happened: i.Silent) -> None:
        if happened.refused:
            self._link_is_down(record, happened.reason)
            return
        ping = self._detector.unanswered(record.id)
        if ping is None:
            self._ping(record)  # something else was lost, perhaps long ago
        elif not ping.helpers:
            self._ping_ran_out(record.id)

    def _ping_ran_out(self, member: str) -> None:
        """No answer in time: others try; they got none either: the link is down."""
        ping = self._detector.unanswered(member)
        record = self.members.get(member)
        if ping is None or record is None:
            return
        if member not in self.links and not ping.helpers:  # we tried it for somebody else
            self._detector.given_up(member)
            self._detector.askers(member)
        elif self._detector.just_woke(self._now):
            self._detector.given_up(member)
            self._ping(record)
        elif self.links.quiet_for(member, self._now) < self._now - ping.since:
            self._only_others_reach(record)  # it lives: it spoke to us meanwhile
        elif ping.helpers and not ping.helped:  # nobody answers us at all
            self._detector.worse()
            self._link_is_down(record, "no answer, nor from others", accuse=False)
        elif ping.helpers or record.state == "suspect":  # or others have found out the same
            self._link_is_down(record, "no answer, not to others either")
        elif self._detector.is_asked_about(member) and not ping.waited:
            # Whoever asked us asks others too; did all its links do so, half of us would call.
            ping.waited = True
            self._timer(f"ping {member}", 2 * self._detector.ping_timeout())
        else:
            self._let_others_try(record)

    def _let_others_try(self, record: Record) -> None:
        ping = self._detector.unanswered(record.id)
        helpers = self._ask_helpers(record.id)
        if ping is not None and helpers:
            ping.helpers = helpers
            self._timer(f"ping {record.id}", self._detector.ping_timeout())
        else:
            self._link_is_down(record, "no answer, and nobody else to ask")

    def _ask_helpers(self, member: str) -> tuple[str, ...]:
        """Ask three to try for us: of the silent one's own links, and at least one of ours.

        Those have to know in any case, this one most likely answers.
        """
        near = [self.members.get(other) for other in self.links.around(member)]
        helpers = [record for record in near if record is not None and record.state == "alive"]
        self._rng.shuffle(helpers)
        helpers.sort(key=lambda record: not self.links.is_near(record.id, self._now))
        del helpers[self.config.probe_helpers - 1 :]
        helpers = [record for record in helpers if self.links.may_call(record.id, self._now)]
        helpers += self.links.some(self.config.probe_helpers - len(helpers), besides=member)
        chosen = {record.id: record for record in helpers}
        for helper in chosen.values():
            self._say(helper, Probe(member))
        return tuple(chosen)

    def _link_is_down(self, record: Record, reason: str, *, accuse: bool = True) -> None:
        self._detector.given_up(record.id)
        self._detector.askers(record.id)
        around = self.links.around(record.id)
        if record.id in self.links:
            self.links.drop(record.id, reason, replace=True)
            self._say(record, Disconnect())  # should it live after all
            self._healing.gave_up(record.id)
        self.passive.drop(record.id)
        if not accuse:
            self._timer(f"probe {record.id}", self.config.retry_probe)  # and count from there
        may = accuse and self._detector.may_accuse(record.id, self._now)
        if may and record.state == "alive":
            self._accuse(record, reason, around)
        self._seek_links()

    def _accuse(self, record: Record, reason: str, around: Iterable[str] = ()) -> None:
        """Suspect a member; its other links hear of it at once, and will look for themselves."""
        self._detector.accused(record.id, self._now)
        self._mark(record, "suspect", reason)
        suspect = self.members.get(record.id)
        for other in around:
            near = self.members.get(other)
            if near is None or near.state != "alive" or suspect is None:
                continue
            if self.links.may_call(near.id, self._now):
                self._say(near, Update((suspect,)))

    def _only_others_reach(self, record: Record) -> None:
        """It lives, but the way between us does not work: no reason to accuse anybody."""
        self._detector.given_up(record.id)
        self._detector.worse()
        if self.links.troubled(record.id):
            self.links.drop(record.id, "only others reach it", replace=True)
            self._say(record, Disconnect())
            self._seek_links()

    def _probe_for(self, sender: Record, frame: Probe) -> None:
        record = self.members.get(frame.member)
        if record is None or record.state not in {"alive", "suspect"} or record.kind != "peer":
            return
        if self.links.quiet_for(record.id, self._now) < self.config.ping_timeout:
            self._say(sender, Probed(record))
        elif self.links.may_call(record.id, self._now) and self._detector.tries_for(
            sender.id, record.id
        ):
            self._ping(record)

    def _probed(self, sender: Record, frame: Probed) -> None:
        ping = self._detector.unanswered(frame.record.id)
        self._merge(frame.record, told_by=sender)
        record = self.members.get(frame.record.id)
        if ping is not None and record is not None and sender.id in ping.helpers:
            self._only_others_reach(record)

    def _probe(self, member: str) -> None:
        record = self.members.get(member)
        if record is None or record.state != "alive":
            return
        if self.links.may_call(member, self._now):
            self._gossip.compare(record)
        else:
            self._timer(f"probe {member}", self._strangers.pause(self._now) + 0.1)

    # --- addresses and plain nodes ---------------------------------------------------------

    def _contact(self, happened: i.Contacts) -> None:
        new = [url for url in happened.urls if self._stranger(url)]
        self._rng.shuffle(new)
        # A newcomer greets a few, who know the others. One who has a map greets all it lacks,
        # but not yet: most of whom it does not know have just started, as it did itself, and
        # news of them is under way. Without a map nearly everybody is a stranger, and a few
        # are enough to meet an island.
        known = self.members.alive > 0
        few = len(new) if known and self.members.mapped else self.config.join_contacts
        for url in new[:few]:
            if self._contacts.add(url):
                if known:
                    self._timer(f"greet {url}", self.config.contact_patience)
                else:
                    self._greet(url)
        # The reserve keeps what was there: the peers of our last run, when the bootstrap's
        # list comes after them.
        self._contacts.reserve = list(dict.fromkeys((*new[few:], *self._contacts.reserve)))[
            :_MOST_RESERVE
        ]

    def _registered(self, happened: i.Registered) -> None:
        if happened.url == self.own.url or self.members.at(happened.url) is not None:
            return
        if self._contacts.add(happened.url, name=happened.name, registered=True):
            self._greet(happened.url)

    def _stranger(self, url: str) -> bool:
        return url != self.own.url and url not in self._contacts and self.members.at(url) is None

    def _greet(self, url: str) -> None:
        self._out.append(o.Send(url, None, Hello()))

    def _contact_silent(self, url: str) -> None:
        alone = self.members.alive == 0
        if not self._contacts.silent(url, last_hope=alone) and url in self._contacts:
            turns = self.config.stranger_pause_alone * len(self._contacts)
            self._timer(f"greet {url}", max(self.config.contact_again, turns))
        if self.members.alive == 0:
            pause = min(self._strangers.pause(self._now), self.config.stranger_pause_alone)
            self._timer("another", pause)

    def _greet_another(self) -> None:
        if self._contacts.reserve and not len(self.links):
            instead = self._contacts.reserve.pop()
            if self._stranger(instead) and self._contacts.add(instead):
                self._greet(instead)

    def _another_contact(self, _: str) -> None:
        if self.members.alive == 0:
            self._greet_another()

    def _greet_again(self, url: str) -> None:
        if url in self._contacts:
            self._greet(url)

    def _not_ours(self, happened: i.NotOurs) -> None:
        contact = self._contacts.done(happened.url)
        for record in self.members.living():
            if record.url == happened.url and record.kind == "peer":
                self._mark(record, "dead", "a plain node answers at its address")
        plain = plain_record(happened.url, contact.name if contact else None)
        known = self.members.get(plain.id)
        if known is None:
            self._merge(plain)
        else:
            self._plain_lives(known)

    def _plain_lives(self, record: Record) -> None:
        change = self.members.raise_incarnation(record.id, self._now)
        if change is not None:
            self._changed(change, "it answered")
            self._spread(change.after)

    def _poll_plain(self, _: str) -> None:
        chosen = self._polls.next(
            record
            for record in self.members.others()
            if record.kind == "plain" and record.state != "left" and self._keeps(record.url)
        )
        if chosen is not None:
            self._out.append(o.Poll(chosen.url))
        self._timer("plain", self.config.plain_interval)

    def _polled(self, happened: i.Polled) -> None:
        record = self.members.get(plain_record(happened.url, None).id)
        if record is None:
            return
        if happened.peers is not None:
            self._polls.answered(record.url)
            self._plain_lives(record)
            self._contact(i.Contacts(happened.peers[:_MOST_LEARNED]))
        elif self._polls.silent(record.url) and record.state != "dead":
            self._mark(record, "dead", "does not answer its keeper")

    def _keeps(self, key: str) -> bool:
        """Whether the care for a key falls to us."""
        peers = (record.id for record in self.members.living_peers())
        return keeper(key, (self.own.id, *peers)) == self.own.id

    # --- rounds ------------------------------------------------------------------------

    def _gossip_round(self, _: str) -> None:
        partner = self._gossip.partner(self._now)
        if partner is not None and partner.id in self.links:
            self._ping(partner)
        elif partner is not None:
            self._gossip.compare(partner)
        self._timer("gossip", self._gossip.pause())
        self._seek_links(in_round=True)
        self._thin_out()
        keep = self.census.look(self._now)
        if keep:
            self._with_map()
        elif keep is False:
            self._without_map()
        if not self.members.mapped:
            self._forget_strangers()
        for record in self.members.forget_before(self._now - self.config.dead_kept):
            self._forgotten(record, f"{record.state} for a day")

    # --- whether there is a map: see `census` ------------------------------------------------

    def _census(self, sender: Record, frame: Census) -> None:
        if self._from_link(sender) and self.census.heard(sender.id, frame, self._now):
            self._with_map()

    def _without_map(self) -> None:
        """Forget everybody but those whom the links need."""
        self.members.mapped = False
        self.census.switched(self._now)
        self._forget_strangers()

    def _with_map(self) -> None:
        """Get to know everybody again: by comparing notes, as a newcomer does.

        Whom we met and know no more of may have died meanwhile, and nobody told us.
        """
        self._forget_strangers(met=False)
        self.members.mapped = True
        self.census.switched(self._now)

    def _forget_strangers(self, *, met: bool = True) -> None:
        gone = self.members.keep_only(self.links.concerned(met=met))
        for record in gone:
            if self._detector.unanswered(record.id) is None:  # else somebody waits for our word
                self._detector.gone(record.id)
            self._forgotten(record, "so large a network keeps no map")
        if gone:
            self.routing.map.forget()

    def _forgotten(self, record: Record, reason: str) -> None:
        self._emit("peer.forgotten", {"peer": node_view(record), "reason": reason})

    def _rumour_round(self, _: str) -> None:
        again = self._gossip.tell(self._now)
        if again is not None:
            self._timer("rumours", again)

    def _links_round(self, _: str) -> None:
        self._seek_links(in_round=not len(self.links))

    def _seek_links(self, *, in_round: bool = False) -> None:
        if self._left:
            return
        living = self.members.living_peers()
        first = self.links.walk(self._now) if in_round else None
        if first is not None:
            self._say(first, Join(self.own, self.config.walk_active, lost=True))
        if self.links.seek(living, self._now, in_round=in_round):
            self._timer("links", self.config.links_check)  # it may not answer

    def _thin_out(self) -> None:
        surplus = self.links.surplus()
        if surplus is not None:
            self._say(surplus, Disconnect(done=True))
            self.links.drop(surplus.id, "more links than a large network needs")
            self._to_passive((surplus,))

    def _heal_round(self, _: str) -> None:
        self._timer("heal", self._healing.round(self._now))

    def _bootstrap_round(self, _: str) -> None:
        if self._keeps(_BOOTSTRAP):
            self._out.append(o.AskBootstrap())
        self._timer("bootstrap", self.config.bootstrap_interval * self._rng.uniform(0.75, 1.25))

    # --- messages to one member: see `delivery` and `routing` --------------------------------

    def _submit(self, happened: i.Submit) -> None:
        self._delivery.submit(happened, self._now)

    def _post_ended(self, happened: i.PostEnded) -> None:
        self._delivery.post_ended(happened, self._now)

    def _followed(self, happened: i.Followed) -> None:
        self._delivery.followed(happened, self._now)

    def _expired(self, happened: i.Expired) -> None:
        self._delivery.expired(happened, self._now)

    def _again(self, happened: i.Again) -> None:
        self._delivery.lives(happened.to, self._now)

    def _discard(self, happened: i.Discard) -> None:
        self._delivery.discard(happened, self._now)

    def _post_again(self, to: str) -> None:
        self._delivery.again(to, self._now)

    def _expiry(self, _: str) -> None:
        self._delivery.run_out()

    def _journey(self, told: Left | Ended) -> None:
        self._delivery.journey(told, self._now)

    def _taken(self, happened: i.Taken) -> None:
        self.routing.taken(happened.frame, happened.outcome)

    def _routed(self, sender: Record, frame: Frame) -> None:
        if self._from_link(sender):
            self.routing.heard(sender, frame, self._now)

    def _route_timer_ran_out(self, _: str) -> None:
        self.routing.journeys.ran_out(self._now)

    # --- broadcast -----------------------------------------------------------------------

    def _broadcast(self, happened: i.Broadcast) -> None:
        own = self.own
        data = {"message": happened.message, "from": node_view(own), "text": happened.text}
        self._emit("broadcast.sent", data)
        mapped = self.members.mapped
        there = [record.id for record in self.members.living_peers()] if mapped else None
        key = (own.id, own.epoch, self.broadcast.next_number)
        self.coverage.began(happened.message, key, there, self._now)
        if there and "coverage" not in self._due:
            self._timer("coverage", ASK_EVERY)
        self.broadcast.send(happened.message, happened.text, self._now)
        self._relay(happened.message, own.name, happened.text)

    def _restored(self, happened: i.Restored) -> None:
        self.broadcast.restored(happened, self._now)

    def _missed(self, origin: str, lacking: list[tuple[int, int]]) -> None:
        """Broadcasts are lost to us for good: nobody who has them keeps them any more."""
        count = sum(last - first + 1 for first, last in lacking)
        data = {"from": view_of(origin, self.members), "count": count}
        self._emit("broadcast.missed", data)

    def _write_judged(self, levels: tuple[tuple[str, int, int], ...]) -> None:
        if levels:
            self._out.append(o.Judged(levels))

    def _has_reached(self, message: str, who: str) -> None:
        """Some members have a broadcast of our own."""
        if self.coverage.reached(message, who, self._now):
            self._out.append(o.Covered(message))

    def _stored(self, happened: i.Stored) -> None:
        if happened.stored:
            self.broadcast.stored(happened.key, self._now)

    def _receipts(self, sender: Record, frame: Receipts) -> None:
        itself = all(said.who == mark(sender.id) for said in frame.of)
        if itself or self._from_link(sender):
            self.broadcast.receipts.heard(frame, self._now)

    def _have_you(self, sender: Record, frame: HaveYou) -> None:
        self.broadcast.receipts.asked(sender, frame)

    def _coverage_round(self, _: str) -> None:
        """Ask some whom no receipt has named."""
        whom, again = self.coverage.ask(self._may_ask, self._now)
        for member, messages in whom.items():
            record = self.members.get(member)
            if record is not None:
                self._say(record, HaveYou(tuple(messages)))
        if again:
            self._timer("coverage", ASK_EVERY)

    def _may_ask(self, member: str) -> bool:
        record = self.members.get(member)
        lives = record is not None and record.state == "alive"
        return lives and self.links.may_call(member, self._now)

    def _overflowed(self, happened: i.Overflowed) -> None:
        self.broadcast.lost(happened.to)

    def _push(self, sender: Record, frame: Push) -> None:
        if self._from_link(sender):
            self.broadcast.pushed(sender, frame, self._now)

    def _ihave(self, sender: Record, frame: Ihave) -> None:
        if self._from_link(sender):
            self.broadcast.announced(sender, frame, self._now)

    def _heights(self, sender: Record, frame: Heights) -> None:
        if self._from_link(sender):
            self.broadcast.told_heights(frame, self._now)

    def _graft(self, sender: Record, frame: Graft) -> None:
        if self._from_link(sender):
            self.broadcast.grafted(sender, frame)

    def _prune(self, sender: Record, frame: Prune) -> None:
        if self._from_link(sender):
            self.broadcast.pruned(sender, frame)

    def _from_link(self, sender: Record) -> bool:
        """Whether such a frame may be believed: a stranger makes nobody forward."""
        linked = sender.id in self.links
        self.strange_frames += not linked
        return linked

    def _deliver(self, push: Push, via: Record) -> None:
        self._out.append(
            o.Deliver(
                push.message,
                push.origin,
                push.sender,
                push.text,
                via.id,
                push.hop,
                push.epoch,
                push.number,
            )
        )
        self._relay(push.message, push.sender, push.text)

    def _relay(self, message: str, sender: str, text: str) -> None:
        """Hand a broadcast to the plain nodes in our care, who are in no tree."""
        for record in self.members.living():
            if record.kind == "plain" and self._keeps(record.url):
                self._out.append(o.Relay(message, record.id, sender, text))

    def _broadcast_timer(self, name: str, after: float) -> None:
        self._timer(f"broadcast {name}", after)

    def _broadcast_timer_ran_out(self, name: str) -> None:
        self.broadcast.ran_out(name, self._now)

    # --- outputs -------------------------------------------------------------------------

    def _say(self, to: Record, frame: Frame) -> None:
        if not self.links.is_near(to.id, self._now):
            self._strangers.called(self._now)
        self._out.append(o.Send(to.url, to.id, frame))
        self._unload(to)
        for announced in self.broadcast.luggage(to.id, self._now):
            self._out.append(o.Send(to.url, to.id, announced))

    def _spread(self, record: Record, told_by: Record | None = None) -> None:
        if not self.members.mapped and record.state == "alive" and record.id != self.own.id:
            return  # nobody keeps a map in which it would be missing
        teller = told_by.id if told_by is not None else None
        after = self._gossip.spread(record, teller, self._now)
        if after is not None:
            self._timer("rumours", after)

    def _tell_link(self, type_: str, record: Record, reason: str) -> None:
        if type_ == "link.down":
            self._luggage.pop(record.id, None)
        data: dict[str, Any] = {"peer": node_view(record)}
        if reason:
            data["reason"] = reason
        self._emit(type_, data)
        if type_ == "link.up":
            self.broadcast.link_up(record, self._now)
            self.routing.link_up(record.id)
        else:
            self.census.link_down(record.id)
            self.broadcast.link_down(record.id, self._now)
            self.routing.link_down(record.id, self._now)

    def _put(self, output: o.Output) -> None:
        self._out.append(output)

    def _emit(self, type_: str, data: dict[str, Any]) -> None:
        self._out.append(o.Emit(type_, data))

    def _timer(self, key: str, after: float) -> None:
        self._due[key] = self._now + after
        self._out.append(o.SetTimer(key, after))

    def _cancel(self, key: str) -> None:
        if self._due.pop(key, None) is not None:
            self._out.append(o.CancelTimer(key))

    def _timer_ran_out(self, happened: i.Timer) -> None:
        late = self._now - self._due.pop(happened.key, self._now)
        if late > self.config.late:
            self._detector.was_late(late, self._now)
        kind, _, rest = happened.key.partition(" ")
        self._TIMERS[kind](self, rest)

    # --- the tables: which input, frame or timer goes where ----------------------------------

    _INPUTS: ClassVar[dict[type, Callable[["Overlay", Any], None]]] = {
        i.Start: _start,
        i.Leave: _leave,
        i.Heard: _heard,
        i.Answered: _answered,
        i.Silent: _silent,
        i.Broken: _broken,
        i.NotOurs: _not_ours,
        i.Timer: _timer_ran_out,
        i.Contacts: _contact,
        i.Registered: _registered,
        i.Polled: _polled,
        i.Submit: _submit,
        i.PostEnded: _post_ended,
        i.Followed: _followed,
        i.Expired: _expired,
        i.Again: _again,
        i.Discard: _discard,
        i.Taken: _taken,
        i.Broadcast: _broadcast,
        i.Stored: _stored,
        i.Restored: _restored,
        i.Overflowed: _overflowed,
    }
    _FRAMES: ClassVar[dict[type, Callable[["Overlay", Record, Any], None]]] = {
        Hello: _hello,
        Digest: _digest,
        MemberList: _member_list,
        Update: _update,
        Neighbour: _neighbour,
        Accept: _accept,
        Refuse: _refuse,
        Disconnect: _disconnect,
        Later: _sent_away,
        Join: _join,
        Shuffle: _shuffle,
        Shuffled: _shuffled,
        Probe: _probe_for,
        Probed: _probed,
        Push: _push,
        Ihave: _ihave,
        Heights: _heights,
        Graft: _graft,
        Prune: _prune,
        Receipts: _receipts,
        HaveYou: _have_you,
        Census: _census,
        Neighbourhood: _routed,
        Versions: _routed,
        Unicast: _routed,
        Acknowledged: _routed,
        Discover: _routed,
        Found: _routed,
    }
    _TIMERS: ClassVar[dict[str, Callable[["Overlay", str], None]]] = {
        "gossip": _gossip_round,
        "rumours": _rumour_round,
        "links": _links_round,
        "heal": _heal_round,
        "plain": _poll_plain,
        "bootstrap": _bootstrap_round,
        "suspicion": _suspicion_ran_out,
        "probe": _probe,
        "ping": _ping_ran_out,
        "accept": _accept_ours,
        "hello": _hello_again,
        "shuffle": _shuffle_round,
        "greet": _greet_again,
        "another": _another_contact,
        "post": _post_again,
        "expiry": _expiry,
        "broadcast": _broadcast_timer_ran_out,
        "route": _route_timer_ran_out,
        "coverage": _coverage_round,
    }
