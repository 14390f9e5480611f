"""The overlay at work: the protocol's core with sockets, disk and a clock around it.

Everything that happens becomes an input, everything that the core wants done is done here.
Inputs are taken one at a time, under a lock; nothing that blocks is done under it.
"""

import random
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid4, uuid5

import msgspec

from contract import __version__
from contract.errors import ApiError, malformed, out_of_range
from contract.itself import Itself, refuse_loopback_from_afar
from contract.limits import MAX_ID, MAX_SENDER, MAX_TEXT, MAX_TOGETHER
from contract.peers_answer import NotPeersError, peers_answer
from contract.registration import Registration
from contract.text import checked, one_line
from node.clock import Clock
from node.connections import Connections, NoAnswerError
from node.courier import Courier
from node.events import EventLog
from node.identity import Identity
from node.joining import Joining
from node.nearness import nearest
from node.outgoing import DISK_AGAIN, LOOK_AGAIN, Outgoing
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import Batch, Frame, Outcome, Record, Unicast, encode, parse, room
from node.overlay.presets import PRESETS
from node.overlay.routing import unicast
from node.overlay.views import member_view, node_view, view_of
from node.resolver import Resolver
from node.seal import Header, Seal
from node.settings import WEBHOOKS, Settings
from node.store import Incoming, OvertakenError, Sent, Store, Way
from node.timers import Timers
from node.transport import BATCH_ROOM, Transport
from node.unstored import Unstored, Waiting

if TYPE_CHECKING:
    from node.faults.active import Faults
    from node.faults.wire import Wire
    from node.webhooks.active import Webhooks

REMEMBER_EVERY = 10.0
"""Seconds between two writes of the known peers [guess]: a restart needs a few of them."""
REMEMBERED = 50
"""Peers that are remembered for a restart [guess]."""
MOST_MISSING = 100
"""Members that are named where a broadcast is not known to have come to them [guess]."""
FAREWELL = 1.5
"""Seconds to say good-bye in; Docker waits ten before it kills."""


class Peer:
    """One running node."""

    def __init__(
        self,
        settings: Settings,
        identity: Identity,
        store: Store,
        *,
        config: Config | None = None,
        rng: random.Random | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock = clock or Clock()
        self.events = EventLog(clock.wall, counts=store.counts)
        self.started = clock.wall()
        self.exit_status = 0
        """How the process is to end."""
        self.refused_batches = 0
        """Batches that broke a rule: see `node.overlay.frames`."""
        self.under_way: set[object] = set()
        """Requests that are being answered, as the door knows them: adding one and taking it
        away is one step each, so that none is ever counted twice or left behind."""
        self.wire: Wire | None = None
        """What is done to what others ask on its way; None, nearly always: nothing."""
        self._faults: Faults | None = None
        self._webhooks: Webhooks | None = None
        self._making = threading.Lock()  # what is loaded when somebody first asks for it
        own = Record(id=store.id, name=identity.name, url=identity.url, epoch=store.epoch)
        config = config or PRESETS[settings.preset]
        if settings.kept is not None:
            config = msgspec.structs.replace(config, payload_kept=settings.kept)
        self.overlay = Overlay(config, own, rng or random.Random())  # noqa: S311
        self._lock = threading.RLock()
        self._timers = Timers(self._ran_out, clock)
        connections = Connections(Resolver(), self._hung_up)
        self._connections = connections
        self.seal = Seal(settings.secret, clock.wall)
        self._transport = Transport(connections, lambda: self.own, self._happened, self.seal)
        self._courier = Courier(
            connections, store, lambda: self.own, self._posted, self._posts_ended
        )
        self.outgoing = Outgoing(
            store,
            self.overlay,
            self._lock,
            self.find,
            self._happened,
            self._timers.set,
            self.events.emit,
        )
        self._itself = Itself(settings.port, identity.name, identity.url)
        self._joining = Joining(
            settings,
            self._itself,
            connections,
            lambda: self.own,
            lambda urls: self._happened(i.Contacts(urls)),
        )
        self._remembered: set[str] = set()
        self._unstored = Unstored()
        self._waiting: dict[str, threading.Event] = {}  # broadcasts whose caller waits

    @property
    def own(self) -> Record:
        """Our own record."""
        return self.overlay.own

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to live; the HTTP server is listening already."""
        self._connections.start()
        self._transport.start()
        self._courier.start()
        self._happened(i.Start())
        self._restore()
        self._happened(i.Contacts((*self.settings.peers, *self.store.peers())))
        self.outgoing.start()
        self._timers.set(_REMEMBER, REMEMBER_EVERY)
        threading.Thread(target=self._timers.run, name="timers", daemon=True).start()
        threading.Thread(target=self._joining.run, name="joining", daemon=True).start()
        if (self.settings.data / WEBHOOKS).exists():
            self.webhooks.resume()

    def _restore(self) -> None:
        """Hand the overlay the broadcasts that were there before this start."""
        if self.own.epoch > 1:
            kept = self.overlay.config.payload_kept
            self._happened(self.store.broadcasts(kept))

    def stop(self) -> None:
        """Say good-bye and put everything on disk."""
        self._timers.stop()
        self._happened(i.Leave())
        self._transport.stop(FAREWELL)
        self._connections.close()
        self._remember()
        self.store.close()

    # --- what others ask ---------------------------------------------------------------------

    def overlay_request(self, body: bytes, header: Header) -> tuple[bytes, dict[str, str]]:
        """`POST /overlay`: the answer and its headers. Raises ApiError, and believes nothing."""
        wire = self.wire
        if wire is not None:
            wire.wait_taken()
        self.seal.check(header, body)
        try:
            batch = parse(body)
        except ApiError:
            self.refused_batches += 1
            raise
        if wire is None:
            answer = encode(self.heard(batch))
        else:
            answer = wire.serve(
                batch.sender.id,
                batch.sender.url,
                len(body),
                lambda: encode(self.heard(batch)),
                len,
            )
        return answer, self.seal.headers(answer)

    def heard(self, batch: Batch) -> Batch:
        """A peer's batch came in; returns the batch that answers it."""
        if batch.to not in {None, self.own.id}:
            raise ApiError(421, "another node lives here now", field="to")
        frames: list[Frame] = []
        self._happened(i.Heard(batch), (batch.sender.id, frames))
        return Batch(self.own, tuple(frames), batch.sender.id)

    def register(self, registration: Registration, called: str, remote: str) -> None:
        """Somebody announces a peer, itself most likely.

        `called` is the `Host` that the request came with, `remote` the address it came from.
        """
        if self._itself.is_at(registration.url, called):
            raise out_of_range("this URL points to the very node that was asked", "url")
        refuse_loopback_from_afar(registration.url, remote)
        self._happened(i.Registered(registration.url, registration.id, registration.name))

    def receive(self, body: dict[str, Any]) -> None:
        """A message for us: check it, store it, write it in the log. Raises ApiError."""
        if self.wire is None:
            self._receive(body)
            return
        origin = body.get("from")
        member = origin if isinstance(origin, str) else None
        self.wire.serve(member, None, len(str(body)), lambda: self._receive(body))

    def _receive(self, body: dict[str, Any]) -> None:
        for field in ("sender", "msg"):
            if field not in body:
                raise malformed(f"'{field}' is missing", field)
        sender = checked(body["sender"], "sender", MAX_SENDER)
        text = checked(body["msg"], "msg", MAX_TEXT)
        given = body.get("id")
        message = str(uuid4()) if given is None else checked(given, "id", MAX_ID)
        to = body.get("to")
        if to is not None and checked(to, "to", MAX_ID) != self.own.id:
            raise ApiError(421, "another node lives here now", field="to")
        origin = body.get("from")
        origin = None if origin is None else checked(origin, "from", MAX_ID)
        number = body.get("number")  # one of our nodes says it; to others it may mean anything
        if origin is None or type(number) is not int or not 0 < number < 2**53:
            number = None
        new = self.store.receive(
            message,
            sender,
            origin,
            text,
            way=Way() if origin is None else Way(number, 1, (), _moment(body.get("sent_at"))),
            together=True,
        )
        self.store.settled()
        if not new:
            return  # a repetition: it is stored, and was told of, once
        self._received(message, origin, sender, text, 1)

    def receive_all(self, body: dict[str, Any]) -> list[dict[str, str]]:
        """Several messages for us from one node, in order. What became of each.

        Raises ApiError, and stores none, where one is malformed or the disk takes nothing.
        """
        if self.wire is None:
            return self._receive_all(body)
        origin = body.get("from")
        member = origin if isinstance(origin, str) else None
        return self.wire.serve(member, None, len(str(body)), lambda: self._receive_all(body))

    def _receive_all(self, body: dict[str, Any]) -> list[dict[str, str]]:
        if checked(body.get("to"), "to", MAX_ID) != self.own.id:
            raise ApiError(421, "another node lives here now", field="to")
        origin = checked(body.get("from"), "from", MAX_ID)
        said = body.get("messages")
        if not isinstance(said, list):
            raise malformed("'messages' must be a list of messages", "messages")
        if not 0 < len(said) <= MAX_TOGETHER:
            raise out_of_range(f"'messages' must have from 1 to {MAX_TOGETHER}", "messages")
        messages = [_incoming(one, f"messages[{k}]", origin) for k, one in enumerate(said)]
        answer = []
        for message, new in zip(messages, self.store.receive_all(messages), strict=True):
            if isinstance(new, ApiError):
                answer.append({"status": "refused", "error": new.message})
                continue
            answer.append({"status": "received"})
            if new:
                self._received(message.message, origin, message.sender, message.text, 1)
        return answer

    def _received(self, message: str, origin: str | None, sender: str, text: str, hop: int) -> None:
        """A message is in the inbox: write it in the log, tell of it."""
        print(f"Received message from {one_line(sender)}: {one_line(text)}", flush=True)
        known = self.overlay.members.get(origin) if origin else None
        self.events.emit(
            "message.received",
            {
                "message": message,
                "from": node_view(known) if known else None,
                "to": node_view(self.own),
                "sender": sender,
                "text": text,
                "hop": hop,
            },
        )

    def accept(self, body: dict[str, Any]) -> dict[str, str]:
        """What `POST /send` answers: the message's id, and how far it is."""
        message = self.outgoing.send(body)
        stored = self.store.sent(message)
        return {"id": message, "status": stored.status if stored else "queued"}

    def broadcast(self, body: dict[str, Any]) -> str:
        """A message of ours for everybody. Returns its id once it is stored and on its way.

        It is stored in our own inbox as in everybody's: so all inboxes hold the same, and an
        id that was used before is recognised, even across a restart.
        """
        if "msg" not in body:
            raise malformed("'msg' is missing", "msg")
        text = checked(body["msg"], "msg", MAX_TEXT)
        given = body.get("id")
        message = str(uuid4()) if given is None else checked(given, "id", MAX_ID)
        with self._lock:
            if self.overlay.broadcast.full:
                raise ApiError(
                    429, "the broadcasts of the last two minutes fill the cache", retry_after=5
                )
            own = self.own
            key = (own.epoch, self.overlay.broadcast.next_number)
            if self.store.receive(message, own.name, own.id, text, broadcast=key):
                self._happened(i.Broadcast(message, text))
        return message

    def coverage(self, message: str) -> dict[str, Any]:
        """How far a broadcast of ours is. 404 for what is none."""
        with self._lock:
            report = self.overlay.coverage.get(message)
            if report is None:
                if not self.store.is_broadcast_of(message, self.own.id):
                    raise ApiError(404, "this node has sent no broadcast with this id")
                why = "the node has started again since, or sent too many others"
                return {"id": message, "counted": False, "why": why, **_NOT_COUNTED}
            age = self.clock.steady() - report.at
            shown = {"id": message, "counted": report.expected is not None, "why": None}
            if report.expected is None:
                why = "so large a network keeps no map of its members"
                return {**shown, "why": why, **_NOT_COUNTED, "age": age}
            missing = report.missing()
            members = self.overlay.members
            records = [(member, members.get(member)) for member in missing[:MOST_MISSING]]
            return {
                **shown,
                "complete": report.complete,
                "of": len(report.expected),
                "reached": report.reached,
                "missing": [
                    {"id": member, "name": record.name, "state": record.state}
                    if record
                    else {"id": member, "name": "", "state": None}
                    for member, record in records
                ],
                "more_missing": len(missing) - len(records),
                "age": age,
                "took": None if report.done_at is None else report.done_at - report.at,
            }

    def wait_for_all(self, message: str, seconds: float) -> dict[str, Any]:
        """How far a broadcast of ours is once all have it, or once the time is over."""
        waiting = self._waiting.setdefault(message, threading.Event())
        try:
            found = self.coverage(message)
            if found["counted"] and not found["complete"]:
                waiting.wait(seconds)
                found = self.coverage(message)
            return found
        finally:
            self._waiting.pop(message, None)

    def find(self, wanted: str) -> Record:
        """A member by name, id or URL. 404 with near names, 422 for ourselves."""
        own = self.own
        if wanted.rstrip("/") in {own.id, own.name, own.url}:
            raise out_of_range("a node sends no messages to itself", "to")
        with self._lock:
            members = list(self.overlay.members.others())
        matching = [m for m in members if wanted.rstrip("/") in {m.id, m.name, m.url}]
        if not matching:
            near = nearest(wanted, [member.name for member in members])
            hint = f"; did you mean {near}?" if near else ""
            raise ApiError(404, f"no member is called '{one_line(wanted)}'{hint}", field="to")
        # A name may have been another node's before: who lives now is meant.
        return min(matching, key=lambda m: ("alive", "suspect", "dead", "left").index(m.state))

    def member_name(self, member: str) -> str:
        """A member's name for people; its id where it is not known any more."""
        record = self.overlay.members.get(member)
        return record.name if record else member

    def peers(self) -> list[str]:
        """What `GET /peers` answers."""
        with self._lock:
            return self.overlay.peers()

    def views(self, view: str) -> list[Record]:
        """Members for `GET /peers?view=`."""
        with self._lock:
            living = self.overlay.members.living()
            if view == "active":
                return [record for record in living if record.id in self.overlay.links]
            if view == "passive":
                return [record for record in living if record.id not in self.overlay.links]
            return list(self.overlay.members.others())

    @property
    def asking(self) -> int:
        """Batches that are on their way to others."""
        return self._transport.under_way

    @property
    def disk_refuses(self) -> bool:
        """Whether something waits for a disk that took nothing, or a fault makes it so."""
        return bool(self._unstored) or self.outgoing.unwritten or self.store.full

    def snapshot(self) -> dict[str, Any]:
        """All that a new subscriber of events must know, and the number it is true at.

        The faults are read last: one that is set meanwhile is told by an event as well, and told
        twice it is still one. Before the number, one could be missed.
        """
        with self._lock:
            own = self.own
            found: dict[str, Any] = {
                "node": {
                    **node_view(own),
                    "public_url": self.settings.public_url,
                    "epoch": own.epoch,
                    "started": self.started,
                    "version": __version__,
                },
                "seq": self.events.seq,
                "at": self.clock.wall(),
                "members": [member_view(record) for record in self.overlay.members.others()],
                "links": self.overlay.links.ids(),
                **self.store.counts(),
            }
        return {**found, "faults": self.faults_now()}

    # --- faults ------------------------------------------------------------------------------

    @property
    def faults(self) -> "Faults":
        """The faults of this node, loaded when one is set for the first time."""
        with self._making:
            if self._faults is None:
                from node.faults.active import Faults  # late: most nodes never have one

                self._faults = Faults(self)
            return self._faults

    def faults_now(self) -> list[dict[str, Any]]:
        """Those that are set."""
        return [] if self._faults is None else self._faults.views()

    def rewire(self, wire: "Wire | None") -> None:
        """Have this be done to what goes out and comes in; None: nothing."""
        self.wire = self._connections.wire = wire

    def skew(self, wrong: Mapping[str, Any] | None) -> None:
        """Set our clocks wrong, or right again."""
        if wrong is None:
            self.clock.right()
        else:
            self.clock.skew(wrong["offset_seconds"], wrong["rate"])
        self._timers.clock_was_set()

    # --- webhooks ----------------------------------------------------------------------------

    @property
    def webhooks(self) -> "Webhooks":
        """The webhooks of this node, loaded when one is asked for for the first time."""
        with self._making:
            if self._webhooks is None:
                from node.webhooks.active import Webhooks  # late: most nodes never have one

                self._webhooks = Webhooks(self)
            return self._webhooks

    def webhooks_now(self) -> list[dict[str, Any]]:
        """Those that there are."""
        return [] if self._webhooks is None else self._webhooks.views()

    def leads_here(self, url: str) -> bool:
        """Whether a base URL leads to this very node."""
        return self._itself.is_at(url)

    # --- doing what the core wants -------------------------------------------------------------

    def _happened(self, happened: i.Input, reply: tuple[str, list[Frame]] | None = None) -> None:
        """Hand the core an input and do what it wants.

        `reply` is a peer that waits for an answer, and the list for the frames that can
        travel in it.
        """
        if isinstance(happened, i.Timer) and happened.key == _REMEMBER:
            self._remember()
            self._timers.set(_REMEMBER, REMEMBER_EVERY)
            return
        if isinstance(happened, i.Timer) and happened.key == _STORE_AGAIN:
            self._store_again()
            return
        if isinstance(happened, i.Timer) and happened.key.startswith(LOOK_AGAIN):
            self.outgoing.following(happened.key.removeprefix(LOOK_AGAIN))
            return
        answered = 0
        with self._lock:  # outputs keep the order of inputs
            for output in self._wanted(happened):
                if isinstance(output, o.Send) and reply is not None and output.to == reply[0]:
                    answered += room(output.frame)
                    if answered <= BATCH_ROOM:
                        reply[1].append(output.frame)
                    else:  # too much for one answer: the rest follows
                        self._do(output)
                else:
                    self._do(output)

    def _ran_out(self, key: str) -> None:
        if self.wire is not None:
            self.wire.wait_thawed()
        self._happened(i.Timer(key))

    def _hung_up(self, url: str) -> None:
        if self.wire is None or self.wire.hears_end(url):
            self._happened(i.Broken(url))

    def _wanted(self, happened: i.Input) -> Iterator[o.Output]:
        """What the core wants done.

        A message that came for us is stored here, so that its acknowledgement, or its receipt,
        can travel in the same answer.
        """
        for output in self.overlay.handle(happened, self.clock.steady()):
            if isinstance(output, o.Arrived):
                outcome = self._arrived(output.frame)
                yield from self._wanted(i.Taken(output.frame, outcome))
            elif isinstance(output, o.Deliver):
                yield from self._wanted(i.Stored(_key(output), self._take_in(output)))
            else:
                yield output

    def _do(self, output: o.Output) -> None:
        match output:
            case o.Send(url, to, frame):
                self._transport.send(url, to, frame)
            case o.SetTimer() | o.CancelTimer():
                self._timer(output)
            case o.Emit(type_, data):
                self.events.emit(type_, data)
                _log(type_, data)
            case o.Post():
                self._courier.carry(output)
            case o.Launch():
                self._launch(output)
            case o.MessageEnded() | o.Following() | o.Expire():
                self.outgoing.wanted(output)
            case o.Judged(levels):
                self.store.judge(levels)
            case o.Covered(message):
                self._covered(message)
            case o.Relay():
                self._take_in(output)
            case o.Poll(url):
                threading.Thread(target=self._poll, args=(url,), daemon=True).start()
            case o.AskBootstrap():
                self._joining.ask_again()

    def _timer(self, output: o.SetTimer | o.CancelTimer) -> None:
        if isinstance(output, o.SetTimer):
            self._timers.set(output.key, output.after)
        else:
            self._timers.cancel(output.key)

    def _posted(self, message: Sent, attempt: int) -> None:
        self._leaves(message, attempt, None, "direct")

    def _posts_ended(self, ends: list[i.PostEnded]) -> None:
        """A call came to its end. How its messages ended is written down at once."""
        with self._lock:
            outputs = [output for end in ends for output in self._wanted(end)]
            ended = [output for output in outputs if isinstance(output, o.MessageEnded)]
            if ended:
                self.outgoing.ended(*ended)
            for output in outputs:
                if not isinstance(output, o.MessageEnded):
                    self._do(output)

    def _launch(self, launch: o.Launch) -> None:
        """A message of ours leaves over the links."""
        message = self.store.sent(launch.message)
        if message is None:
            gone = "it is no longer in the outbox"
            self._happened(i.PostEnded(launch.message, "refused", gone))
            return
        self._leaves(message, launch.attempt, launch.via, "overlay")
        own, sender = self.own, message.sender or self.own.name
        frame = unicast(own, launch, sender, message.text, message.n, message.at)
        self._transport.send(launch.url, launch.via, frame)

    def _arrived(self, frame: Unicast) -> Outcome:
        """A message came over the links: store it once, write it in the log, tell of it."""
        message, sender, origin, text = frame.message, frame.sender, frame.origin, frame.text
        in_order = not frame.insist
        visited = frame.visited if frame.hop > 1 else ()
        way = Way(frame.number, frame.hop, visited, frame.sent_at)
        try:
            new = self.store.receive(message, sender, origin, text, way=way, in_order=in_order)
        except OvertakenError:
            return "overtaken"
        except ApiError as error:  # its id was used for another message, or the disk is full
            return "later" if error.status >= 500 else "refused"
        if new:
            self._received(message, origin, sender, text, frame.hop)
        return "stored"

    def _leaves(self, message: Sent, attempt: int, via: str | None, route: str) -> None:
        members = self.overlay.members
        self.events.emit(
            "message.sent",
            {
                "message": message.id,
                "from": node_view(self.own),
                "to": view_of(message.receiver, members),
                "via": view_of(via, members) if via else None,
                "route": route,
                "sender": message.sender or self.own.name,
                "text": message.text,
                "hop": 1,
                "attempt": attempt,
            },
        )

    def _take_in(self, broadcast: Waiting) -> bool:
        """Store a broadcast; where the disk takes nothing it waits. Whether it is stored."""
        outcome = "later" if self._unstored else self._store_broadcast(broadcast)
        if outcome == "later":
            self._keep_unstored(broadcast)
        return outcome == "stored"

    def _store_broadcast(self, broadcast: Waiting) -> Literal["stored", "refused", "later"]:
        """Store a broadcast for ourselves or for a plain node, if the disk takes it."""
        try:
            if isinstance(broadcast, o.Deliver):
                self._deliver(broadcast)
            else:
                self._relay(broadcast)
        except ApiError as error:
            if error.status >= 500:
                return "later"
            # Its id was used for another message, or the outbox is full.
            whose = one_line(broadcast.sender)
            print(f"Broadcast from {whose} could not be stored: {error.message}", flush=True)
            return "refused"
        return "stored"

    def _keep_unstored(self, broadcast: Waiting) -> None:
        if not self._unstored:
            print("The disk takes nothing: broadcasts that come wait for it", flush=True)
            self._timers.set(_STORE_AGAIN, DISK_AGAIN)
        oldest = self._unstored.keep(broadcast)
        if oldest is not None:
            print("Too many broadcasts wait for the disk: the oldest is given up", flush=True)
        if isinstance(oldest, o.Deliver):
            origin = view_of(oldest.origin, self.overlay.members)
            self.events.emit("broadcast.missed", {"from": origin, "count": 1})

    def _store_again(self) -> None:
        """Store what waits for the disk, in order."""
        with self._lock:
            self._unstored.try_again(self._stored_at_last)
            if self._unstored:
                self._timers.set(_STORE_AGAIN, DISK_AGAIN)

    def _stored_at_last(self, broadcast: Waiting) -> bool:
        """Whether one that waited need not be tried again; its origin hears of it, too."""
        outcome = self._store_broadcast(broadcast)
        if outcome == "stored" and isinstance(broadcast, o.Deliver):
            self._happened(i.Stored(_key(broadcast), stored=True))
        return outcome != "later"

    def _deliver(self, delivered: o.Deliver) -> None:
        """A broadcast came: store it once, write it in the log, tell of it. Raises ApiError."""
        sender, text = delivered.sender, delivered.text
        key = (delivered.epoch, delivered.number)
        way = Way(hops=delivered.hop)
        if not self.store.receive(
            delivered.message, sender, delivered.origin, text, broadcast=key, way=way
        ):
            return  # it came before our restart
        print(f"Received message from {one_line(sender)}: {one_line(text)}", flush=True)
        origin = self.overlay.members.get(delivered.origin)
        via = self.overlay.members.get(delivered.via)
        self.events.emit(
            "broadcast.received",
            {
                "message": delivered.message,
                "from": node_view(origin)
                if origin
                else {"id": delivered.origin, "name": sender, "url": ""},
                "via": node_view(via) if via else {"id": delivered.via, "name": "", "url": ""},
                "to": node_view(self.own),
                "sender": sender,
                "text": text,
                "hop": delivered.hop,
            },
        )

    def _covered(self, message: str) -> None:
        waiting = self._waiting.get(message)
        if waiting is not None:
            waiting.set()

    def _relay(self, relay: o.Relay) -> None:
        """A broadcast for a plain node in our care goes the way of all messages.

        Its id there comes from both ids, so a broadcast that comes again is no new message.
        Raises ApiError.
        """
        message = str(uuid5(NAMESPACE_URL, f"{relay.message} {relay.to}"))
        kept = self.overlay.config.payload_kept  # who was away longer misses broadcasts
        if self.store.accept(message, relay.to, relay.text, relay.sender, ttl=kept):
            self._happened(i.Submit(message, relay.to, kept))
            self.outgoing.told_to_wait(message)

    def _poll(self, url: str) -> None:
        """Ask a plain node for its peers; any answer at all is a sign of life."""
        try:
            reply = self._connections.request("GET", url, "/peers")
        except NoAnswerError:
            self._happened(i.Polled(url, None))
            return
        try:
            peers = peers_answer(reply.body)
        except NotPeersError:
            peers = []
        self._happened(i.Polled(url, tuple(peers)))

    def _remember(self) -> None:
        """Write down some living peers, and the time, for the next start."""
        self.store.beat()
        with self._lock:
            urls = {record.url for record in self.overlay.members.living_peers()}
            if urls == self._remembered or not urls:
                return  # nobody there: rather keep those of before
            chosen = sorted(urls)
            random.shuffle(chosen)
        if self.store.remember(chosen[:REMEMBERED]):
            self._remembered = urls


_REMEMBER = "remember"
_STORE_AGAIN = "store again"
"""Timers of this module."""
_NOT_COUNTED = dict.fromkeys(
    ("complete", "of", "reached", "missing", "more_missing", "age", "took")
)


def _key(delivered: o.Deliver) -> tuple[str, int, int]:
    return (delivered.origin, delivered.epoch, delivered.number)


def _moment(value: object) -> float | None:
    """When a message was sent, as one of our nodes says; in others' words it may be anything."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        return None
    return float(value)


def _incoming(said: object, where: str, origin: str) -> Incoming:
    """One message of several. Raises ApiError."""
    if not isinstance(said, dict):
        raise malformed(f"'{where}' must be an object", where)
    texts = {}
    for field, longest in (("id", MAX_ID), ("sender", MAX_SENDER), ("msg", MAX_TEXT)):
        texts[field] = checked(said.get(field), f"{where}.{field}", longest)
    number = said.get("number")
    if type(number) is not int:
        raise malformed(f"'{where}.number' must be a whole number", f"{where}.number")
    if not 0 < number < 2**53:
        raise out_of_range(f"'{where}.number' must be from 1 to 2^53 - 1", f"{where}.number")
    way = Way(number, 1, (), _moment(said.get("sent_at")))
    return Incoming(texts["id"], texts["sender"], origin, texts["msg"], way)


def _log(type_: str, data: dict[str, Any]) -> None:
    """The few events that a person who reads the log wants to see."""
    if type_ in {"member.dead", "member.suspect", "member.left"}:
        member = data["member"]
        state = type_.removeprefix("member.")
        print(
            f"Member {one_line(member['name'])} is {state}: {one_line(data['reason'])}", flush=True
        )
    elif type_ == "broadcast.missed":
        origin, count = one_line(data["from"]["name"] or data["from"]["id"]), data["count"]
        print(f"Missed for good: {count} of the broadcasts of {origin}", flush=True)
    elif type_ == "message.failed":
        receiver = one_line(data["to"]["name"])
        print(f"Message to {receiver} failed: {one_line(data['reason'])}", flush=True)
