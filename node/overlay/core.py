"""The overlay: all layers joined behind one door.

`handle(input, now)` takes one thing that happened and the time in seconds (of a clock that
never jumps), and returns what is to be done about it, in order. It never blocks and never
fails on what a peer says: what a peer may say is settled in `frames`.
"""

from collections.abc import Callable
from random import Random
from typing import Any, ClassVar

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.broadcast import Broadcast
from node.overlay.config import Config
from node.overlay.delivery import Delivery, Waiting
from node.overlay.detector import Detector
from node.overlay.frames import (
    Accept,
    Batch,
    Digest,
    Disconnect,
    Frame,
    Graft,
    Hello,
    Ihave,
    MemberList,
    Neighbour,
    Prune,
    Push,
    Record,
    Refuse,
    State,
    Update,
)
from node.overlay.gossip import Gossip
from node.overlay.links import Links
from node.overlay.members import Change, Members, newer
from node.overlay.plain import Contacts, Polls, keeper, plain_record

_BOOTSTRAP = "the bootstrap's list"
_MOST_LEARNED = 20
"""Addresses taken from one plain node's `/peers` [guess]: it may be lying about thousands."""


_HEARSAY: dict[State, str] = {
    "alive": "it speaks for itself",
    "suspect": "others say so",
    "dead": "others say so",
    "left": "it said good-bye",
}
"""Why a member's state changed, where somebody told us."""


def node_view(record: Record) -> dict[str, str]:
    """A NODE of `contract.events`."""
    return {"id": record.id, "name": record.name, "url": record.url}


def member_view(record: Record) -> dict[str, Any]:
    """A MEMBER of `contract.events`."""
    return {
        **node_view(record),
        "kind": record.kind,
        "state": record.state,
        "epoch": record.epoch,
        "incarnation": record.incarnation,
    }


class Overlay:
    """One node's protocol: inputs and the time in, outputs out."""

    def __init__(self, config: Config, own: Record, rng: Random) -> None:
        self.config = config
        self.members = Members(own)
        self.links = Links(config, rng, self._say, self._tell_link)
        self.unknown_frames = 0
        self.strange_frames = 0
        """Broadcast frames from members that are no links."""
        self._rng = rng
        self._gossip = Gossip(config, rng, self.members, self.links, self._say)
        self._detector = Detector(config)
        self._contacts = Contacts(config)
        self._polls = Polls(config)
        self._delivery = Delivery(config, rng)
        self.broadcast = Broadcast(
            config, rng, self.members, self.links, self._say, self._broadcast_timer, self._deliver
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
        """Messages of our own that have not come to their end."""
        return len(self._delivery)

    # --- life --------------------------------------------------------------------------

    def _start(self, _: i.Start) -> None:
        self._emit("node.started", {"node": node_view(self.own)})
        # The first rounds come at different times on different nodes, however alike they start.
        for key, interval in (
            ("gossip", self.config.gossip_interval),
            ("links", self.config.links_check),
            ("heal", self.config.heal_interval),
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
        self._batch(happened.batch)

    def _answered(self, happened: i.Answered) -> None:
        self._contacts.done(happened.url)
        sender = happened.batch.sender
        for record in list(self.members.living()):
            if record.url == happened.url and record.id != sender.id:
                self._mark(record, "dead", "another node answers at its address")
        self._batch(happened.batch)

    def _batch(self, batch: Batch) -> None:
        sender = batch.sender
        self.unknown_frames += batch.unknown
        if sender.id == self.own.id:
            return  # ourselves, met by an address we did not know as ours
        before = self.members.get(sender.id)
        self._merge(sender)
        known = self.members.get(sender.id)
        if known is None or known.state == "left":
            return  # no room for it, or its last words
        if before is not None and before.state == "dead" and known.state == "alive":
            # It comes from beyond a cut. Did nobody tie a link here, both halves would soon
            # know each other again, and yet no broadcast would cross.
            self.links.ask(known, self._now, urgent=True)
        self._detector.answered(sender.id)
        if newer(known, sender):
            # It lives and does not know what is said of it: tell it, so that it can refute.
            self._say(sender, Update((known,)))
        self.links.heard(known, self._now)
        self.broadcast.lives(known, self._now)
        for frame in batch.frames:
            # Whom we hold for dead may speak about members, and must refute to be a link.
            if known.state != "dead" or isinstance(frame, Hello | Digest | MemberList | Update):
                self._FRAMES[type(frame)](self, known, frame)

    def _hello(self, sender: Record, _: Hello) -> None:
        self._say(sender, MemberList(self.members.all()))

    def _digest(self, sender: Record, frame: Digest) -> None:
        if sender.state != "dead":
            self.links.claimed(sender, linked=frame.linked)
        self._gossip.compared(sender, frame)

    def _member_list(self, sender: Record, frame: MemberList) -> None:
        newcomer = not any(record.id != sender.id for record in self.members.others())
        for record in frame.records:
            self._merge(record, spread=not newcomer, told_by=sender)
        better = self._gossip.missing(frame)
        if better:
            self._say(sender, Update(better))
        self._seek_links()

    def _update(self, sender: Record, frame: Update) -> None:
        for record in frame.records:
            self._merge(record, told_by=sender)

    def _neighbour(self, sender: Record, frame: Neighbour) -> None:
        self.links.asked(sender, urgent=frame.urgent)

    def _accept(self, sender: Record, _: Accept) -> None:
        self.links.accepted(sender)

    def _refuse(self, sender: Record, _: Refuse) -> None:
        self.links.refused(sender)

    def _disconnect(self, sender: Record, _: Disconnect) -> None:
        self.links.drop(sender.id, "the other end let go")
        self._seek_links()

    # --- who is there --------------------------------------------------------------------

    def _merge(self, record: Record, *, spread: bool = True, told_by: Record | None = None) -> None:
        """Take in a record, tell others what changed, act on it."""
        if record.id == self.own.id:
            if self.members.refute(record):
                self._spread(self.own)
                if told_by is not None:  # across a healed cut it may be our only listener
                    self._say(told_by, Update((self.own,)))
            return
        change = self.members.merge(record, self._now)
        if change is not None:
            self._changed(change, _HEARSAY[record.state])
            if spread:
                self._spread(change.after)

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
        elif before.url != after.url:
            self.links.moved(after)
        if before is None or before.state != after.state:
            self._emit(f"member.{after.state}", {"member": member_view(after), "reason": reason})
        if after.state == "suspect":
            self._suspicion(after, ours=ours)
        else:
            self._detector.forget(after.id)
        if after.state in {"dead", "left"}:
            self.links.drop(after.id, f"it is {after.state}")
            self._seek_links()

    def _suspicion(self, suspect: Record, *, ours: bool) -> None:
        """Start its clock. Who suspects tells the suspect first, and so do its links.

        Did everybody who hears of a suspicion call the suspect, each suspicion would cost N
        new connections; on a machine that is short of them (see `links`) that is the reason
        for the next suspicions.
        """
        version = (suspect.epoch, suspect.incarnation)
        patience = self._detector.suspect(suspect.id, version, 1 + len(self.members.living()))
        self._timer(f"suspicion {suspect.id} {version[0]} {version[1]}", patience)
        if suspect.kind == "peer" and (ours or suspect.id in self.links):
            self._say(suspect, Update((suspect,)))

    def _suspicion_ran_out(self, key: str) -> None:
        member, epoch, incarnation = key.rsplit(" ", 2)
        record = self.members.get(member)
        if (
            record is not None
            and record.state == "suspect"
            and self._detector.convicted(member, (int(epoch), int(incarnation)))
        ):
            self._mark(record, "dead", "did not refute in time")

    def _silent(self, happened: i.Silent) -> None:
        if happened.to is None:
            self._contact_silent(happened.url)
            return
        record = self.members.get(happened.to)
        if record is None or record.url != happened.url:
            return  # it moved meanwhile; the old address proves nothing
        self.broadcast.lost(record.id)
        if record.id not in self.links:
            self.links.refused(record)  # whatever we asked it, the answer is no
        if record.state != "alive":
            return
        if self._detector.silent(record.id) == "suspect":
            self._mark(record, "suspect", happened.reason)
        else:
            self._timer(f"probe {record.id}", self.config.retry_probe)

    def _probe(self, member: str) -> None:
        record = self.members.get(member)
        if record is not None and record.state == "alive":
            self._gossip.compare(record)

    # --- addresses and plain nodes ---------------------------------------------------------

    def _contact(self, happened: i.Contacts) -> None:
        new = [url for url in happened.urls if self._stranger(url)]
        self._rng.shuffle(new)
        # A newcomer greets a few, who know the others; one who knows people greets them all.
        few = len(new) if self.members.living() else self.config.join_contacts
        for url in new[:few]:
            if self._contacts.add(url):
                self._greet(url)
        self._contacts.reserve = new[few:]

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
        alone = not self.members.living()
        if not self._contacts.silent(url, last_hope=alone) and url in self._contacts:
            self._timer(f"greet {url}", self.config.contact_again)
        if self._contacts.reserve and not self.members.living():
            instead = self._contacts.reserve.pop()
            if self._contacts.add(instead):
                self._greet(instead)

    def _greet_again(self, url: str) -> None:
        if url in self._contacts:
            self._greet(url)

    def _not_ours(self, happened: i.NotOurs) -> None:
        contact = self._contacts.done(happened.url)
        for record in list(self.members.living()):
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
        self._timer("gossip", self._gossip.round())
        for record in self.members.forget_before(self._now - self.config.dead_kept):
            reason = f"{record.state} for a day"
            self._emit("peer.forgotten", {"peer": node_view(record), "reason": reason})

    def _rumour_round(self, _: str) -> None:
        again = self._gossip.tell(self._now)
        if again is not None:
            self._timer("rumours", again)

    def _links_round(self, _: str) -> None:
        self._seek_links()
        self._timer("links", self.config.links_check * self._rng.uniform(0.75, 1.25))

    def _seek_links(self) -> None:
        if not self._left:
            self.links.seek(self.members.living_peers(), self._now)

    def _heal_round(self, _: str) -> None:
        """Try one of the dead: it may have been the network between us that died.

        All together try about as many as one network needs, however many we are: did each of
        a hundred try one, those wrongly called dead alone would fill the machine's table of
        neighbours (see `links`), and nobody could be reached to refute.
        """
        dead = [record for record in self.members.dead() if record.kind == "peer"]
        share = self.config.heal_together / (1 + len(self.members.living()))
        if dead and self._rng.random() < share:
            record = self._rng.choice(dead)
            self._say(record, Update((record,)))
        self._timer("heal", self.config.heal_interval * self._rng.uniform(0.5, 1.5))

    def _bootstrap_round(self, _: str) -> None:
        if self._keeps(_BOOTSTRAP):
            self._out.append(o.AskBootstrap())
        self._timer("bootstrap", self.config.bootstrap_interval * self._rng.uniform(0.75, 1.25))

    # --- messages ------------------------------------------------------------------------

    def _submit(self, happened: i.Submit) -> None:
        waiting = Waiting(happened.message, happened.to, self._now - happened.age)
        waiting.attempts = happened.attempts
        if self._delivery.submit(waiting):
            self._attempt(waiting)

    def _attempt(self, waiting: Waiting | None) -> None:
        """Let the head of a lane leave. A loop, as thousands behind it may have to be given up."""
        while waiting is not None:
            waiting.attempts += 1
            record = self.members.get(waiting.to)
            if record is not None:
                plain = record.kind == "plain"
                self._out.append(
                    o.Post(waiting.message, record.id, record.url, plain, waiting.attempts)
                )
                return
            # After a restart the map is empty, and fills within a moment.
            waiting = self._later(waiting, "the receiver is not known")

    def _post_ended(self, happened: i.PostEnded) -> None:
        waiting = self._delivery.head(happened.message)
        if waiting is None:
            return
        if happened.outcome == "stored":
            following = self._end(waiting, "delivered", "")
        elif happened.outcome == "refused":
            following = self._end(waiting, "failed", happened.reason)
        else:
            following = self._later(waiting, happened.reason)
        self._attempt(following)

    def _later(self, waiting: Waiting, reason: str) -> Waiting | None:
        """An attempt came to nothing: another after a while, or the end, and the next in line."""
        again = self._delivery.again_in(waiting, self._now)
        if again is None:
            return self._end(waiting, "failed", f"gave up: {reason}")
        data = {
            **self._ends_of(waiting),
            "attempt": waiting.attempts,
            "reason": reason,
            "again_in": round(again, 3),
        }
        self._emit("message.retried", data)
        self._timer(f"post {waiting.message}", again)
        return None

    def _post_again(self, message: str) -> None:
        waiting = self._delivery.head(message)
        if waiting is not None:
            self._attempt(waiting)

    def _end(self, waiting: Waiting, status: Any, reason: str) -> Waiting | None:
        """Tell what became of a message; returns the next in its lane."""
        self._out.append(o.MessageEnded(waiting.message, status, waiting.attempts, reason))
        data = self._ends_of(waiting)
        if status == "delivered":
            self._emit("message.delivered", {**data, "hop": 1})
        else:
            self._emit("message.failed", {**data, "reason": reason})
        return self._delivery.ended(waiting.message)

    def _ends_of(self, waiting: Waiting) -> dict[str, Any]:
        to = self.members.get(waiting.to)
        receiver = node_view(to) if to else {"id": waiting.to, "name": "", "url": ""}
        return {"message": waiting.message, "from": node_view(self.own), "to": receiver}

    # --- broadcast -----------------------------------------------------------------------

    def _broadcast(self, happened: i.Broadcast) -> None:
        own = self.own
        data = {"message": happened.message, "from": node_view(own), "text": happened.text}
        self._emit("broadcast.sent", data)
        self.broadcast.send(happened.message, happened.text, self._now)
        self._relay(happened.message, own.name, happened.text)

    def _overflowed(self, happened: i.Overflowed) -> None:
        self.broadcast.lost(happened.to)

    def _push(self, sender: Record, frame: Push) -> None:
        if self._from_link(sender):
            self.broadcast.pushed(sender, frame, self._now)

    def _ihave(self, sender: Record, frame: Ihave) -> None:
        if self._from_link(sender):
            self.broadcast.announced(sender, frame, self._now)

    def _graft(self, sender: Record, frame: Graft) -> None:
        if self._from_link(sender):
            self.broadcast.grafted(sender, frame)

    def _prune(self, sender: Record, frame: Prune) -> None:
        if self._from_link(sender):
            self.broadcast.pruned(sender, frame)

    def _from_link(self, sender: Record) -> bool:
        """Whether a broadcast frame may be believed: a stranger makes nobody forward."""
        linked = sender.id in self.links
        self.strange_frames += not linked
        return linked

    def _deliver(self, push: Push, via: Record) -> None:
        self._out.append(
            o.Deliver(push.message, push.origin, push.sender, push.text, via.id, push.hop)
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
        self._out.append(o.Send(to.url, to.id, frame))

    def _spread(self, record: Record) -> None:
        after = self._gossip.spread(record, self._now)
        if after is not None:
            self._timer("rumours", after)

    def _tell_link(self, type_: str, record: Record, reason: str) -> None:
        data: dict[str, Any] = {"peer": node_view(record)}
        if reason:
            data["reason"] = reason
        self._emit(type_, data)
        if type_ == "link.up":
            self.broadcast.link_up(record, self._now)
        else:
            self.broadcast.link_down(record.id)

    def _emit(self, type_: str, data: dict[str, Any]) -> None:
        self._out.append(o.Emit(type_, data))

    def _timer(self, key: str, after: float) -> None:
        self._out.append(o.SetTimer(key, after))

    def _timer_ran_out(self, happened: i.Timer) -> None:
        kind, _, rest = happened.key.partition(" ")
        self._TIMERS[kind](self, rest)

    # --- the tables: which input, frame or timer goes where ----------------------------------

    _INPUTS: ClassVar[dict[type, Callable[["Overlay", Any], None]]] = {
        i.Start: _start,
        i.Leave: _leave,
        i.Heard: _heard,
        i.Answered: _answered,
        i.Silent: _silent,
        i.NotOurs: _not_ours,
        i.Timer: _timer_ran_out,
        i.Contacts: _contact,
        i.Registered: _registered,
        i.Polled: _polled,
        i.Submit: _submit,
        i.PostEnded: _post_ended,
        i.Broadcast: _broadcast,
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
        Push: _push,
        Ihave: _ihave,
        Graft: _graft,
        Prune: _prune,
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
        "greet": _greet_again,
        "post": _post_again,
        "broadcast": _broadcast_timer_ran_out,
    }
