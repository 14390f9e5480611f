"""A world of nodes: the very classes of `node.overlay` under a virtual clock.

Everything that happens to a node becomes an input of its overlay, and everything that the
overlay wants done is done here, as `node.peer` does it over HTTP, with an agenda in place
of threads. All chance comes from one seed, so a world has exactly one history: the same
seed, the same bytes of trace.

Some know the history while it is made: `watchers` see each step of each node, and may stop
the run (`simulator.invariants`); `journal` keeps what nodes told; `trace` writes it down.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from contract.limits import DEFAULT_TTL
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import Batch, Frame, Record, Unicast, encode
from node.overlay.routing import unicast
from simulator import courier, transport
from simulator.agenda import Agenda
from simulator.bootstrap import NAME, ROUND, Bootstrap, JoinCall
from simulator.disk import REMEMBERED, Accepted
from simulator.machine import Machine, Process, url
from simulator.network import Network
from simulator.plain import PollCall
from simulator.weather import Latency, Weather

if TYPE_CHECKING:
    from simulator.trace import Trace

FAREWELL = 1.5
"""Seconds that a node has to say good-bye in, as in `node.peer`."""
REMEMBER_EVERY = 10.0
"""Seconds between two writes of the known peers, as there."""
CLOCKS_APART = 1_000.0
"""Seconds by which monotonic clocks of machines differ: they count from the start of each."""


EVERYBODY = "*"
"""Whom a broadcast is for."""


class Sent:
    """A message as it was sent: what may be delivered, and nothing else."""

    __slots__ = ("number", "origin", "text", "to")

    def __init__(self, number: int, origin: str, to: str, text: str) -> None:
        self.number = number
        self.origin = origin
        self.to = to
        self.text = text


class Told:
    """An event of a node."""

    __slots__ = ("at", "data", "name", "type")

    def __init__(self, at: float, name: str, type_: str, data: dict[str, Any]) -> None:
        self.at = at
        self.name = name
        self.type = type_
        self.data = data


class Watcher(Protocol):
    """Somebody who sees the history as it is made."""

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:
        """A node took an input."""

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:
        """A message came into an inbox for the first time."""

    def ended(self, process: Process, end: o.MessageEnded) -> None:
        """A sender was told what became of its message."""

    def raised(self, process: Process, happened: i.Input, error: Exception) -> None:
        """An overlay failed on an input, which it must never do."""


class World:
    """Machines by name, one clock, one seed."""

    def __init__(
        self,
        seed: int,
        config: Config | None = None,
        *,
        latency: Latency | None = None,
        encoding: bool = True,
        overlay: type[Overlay] = Overlay,
        skew: float = 0.0,
        journal: frozenset[str] | None = None,
    ) -> None:
        self.rng = Random(seed)
        self.config = config or Config()
        self.agenda = Agenda()
        self.weather = Weather(Random(self.rng.random()), latency or Latency())
        self.network = Network(self.agenda, self.weather)
        self.machines: dict[str, Machine] = {}
        self.registry: Bootstrap | None = None
        self.watchers: list[Watcher] = []
        self.trace: Trace | None = None
        self.journal: list[Told] = []
        """What nodes told; only of the types in `journal`, where these are given."""
        self.deaths: list[tuple[float, str, int]] = []
        """When which id stopped running in which epoch, without a good-bye."""
        self.accepted: dict[str, float] = {}
        self.stored: dict[str, float] = {}
        """When which message was accepted, and when it came to its receiver."""
        self.steps = 0
        self.batches = 0
        self.frames: Counter[type] = Counter()
        self.bytes = 0
        self.told: Counter[str] = Counter()
        self.unperformed: Counter[str] = Counter()
        """Outputs that this world does not know how to do, by their names."""
        self.sent: dict[str, Sent] = {}
        self.endings: dict[str, o.MessageEnded] = {}
        self.answers = 0
        """Answers to batches that carried something."""
        self.covered: dict[str, float] = {}
        """When which broadcast's origin heard that all have it."""
        self._types = journal
        self._encoding = encoding
        self._overlay = overlay
        self._skew = skew
        self._timers = 0

    # --- the lives of nodes ------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.agenda.now

    def start(
        self,
        name: str,
        contacts: Iterable[str] = (),
        *,
        new_disk: bool = False,
    ) -> Overlay:
        """Start a node, or start it again: one epoch later, or as somebody new."""
        machine = self._machine(name)
        if machine.process is not None:
            raise ValueError(f"{name} runs already")
        if new_disk:
            machine.new_disk()
        disk = machine.disk
        disk.epoch += 1
        own = Record(id=disk.id, name=name, url=machine.url, epoch=disk.epoch)
        overlay = self._overlay(self.config, own, Random(self.rng.random()))
        offset = self.rng.uniform(0.0, CLOCKS_APART)
        rate = 1.0 + self.rng.uniform(-self._skew, self._skew)
        process = machine.process = Process(machine, overlay, offset, rate, self.now)
        machine.vanished = False
        self.step(process, i.Start())
        if disk.epoch > 1:
            names = {m.disk.id: m.name for m in self.machines.values()}
            kept = self.config.payload_kept
            self.step(process, disk.broadcasts(self.now, kept, names))
        known = (*(url(contact) for contact in contacts), *disk.peers)
        self.step(process, i.Contacts(tuple(dict.fromkeys(known))))
        for again in disk.heads(self.now):
            self.step(process, again)
        self._expire(process, o.Expire())
        self.agenda.after(REMEMBER_EVERY, self._remember, process)
        if self.registry is not None:
            self._join(process, 0)
        return overlay

    def crash(self, name: str, *, vanish: bool = False) -> None:
        """The process is gone, and nobody says good-bye. `vanish`: its address, too."""
        machine = self.machines[name]
        process = machine.process
        machine.plain = None
        machine.vanished = vanish
        if process is not None:
            process.alive = False
            machine.process = None
            if process.overlay.own.state != "left":
                self.deaths.append((self.now, machine.disk.id, machine.disk.epoch))

    def leave(self, name: str) -> None:
        """A node is asked to stop: it says good-bye, and is gone a moment later."""
        process = self._process(name)
        self.step(process, i.Leave())
        self.agenda.after(FAREWELL, self._gone, process)

    def pause(self, name: str) -> None:
        """The process stops where it stands, like a SIGSTOP or a laptop that sleeps."""
        self._process(name).paused = True

    def resume(self, name: str) -> None:
        """... and goes on, and finds what has piled up."""
        process = self.machines[name].process
        if process is None or not process.paused:
            return
        process.paused = False
        backlog, process.backlog = process.backlog, []
        for act, what in backlog:
            act(*what)

    def plain(self, name: str, peers: Iterable[str] = ()) -> None:
        """Start a plain node, which knows only the assignment's four calls."""
        machine = self._machine(name)
        machine.plain = [url(peer) for peer in peers]
        machine.vanished = False

    def start_bootstrap(self) -> None:
        """Start the bootstrap; one that was stopped has kept its list."""
        if self.registry is None:
            self.registry = Bootstrap(Random(self.rng.random()))
            self.agenda.after(1.0, self._check_registry, 0)
        self._machine(NAME).plain = []

    def stop_bootstrap(self) -> None:
        """Nobody answers there any more."""
        self._machine(NAME).plain = None

    # --- what a person does --------------------------------------------------------------------

    def put(self, name: str, happened: i.Input) -> None:
        """Hand a node an input now; one that does not run hears nothing."""
        process = self.machines[name].process
        if process is None:
            return
        if process.paused:
            process.backlog.append((self.step, (process, happened)))
        else:
            self.step(process, happened)

    def send(
        self,
        sender: str,
        receiver: str,
        text: str = "",
        message: str = "",
        route: i.Route = "auto",
        ttl: float = DEFAULT_TTL,
    ) -> str:
        """`POST /send`: a message is accepted, on disk, and on its way. Returns its id."""
        process = self._process(sender)
        number = len(self.sent) + 1
        message = message or f"m{number}"
        text = text or f"text {number}"
        disk, to = process.machine.disk, self.machines[receiver].disk.id
        self.sent[message] = Sent(number, disk.id, to, text)
        disk.accept(Accepted(message, number, to, text, self.now, route, ttl))
        self.accepted[message] = self.now
        self.step(process, i.Submit(message, to, ttl, route=route))
        return message

    def broadcast(self, sender: str, text: str = "", message: str = "") -> str:
        """`POST /broadcast`: in the origin's own inbox, then in everybody's. Returns its id."""
        process = self._process(sender)
        number = len(self.sent) + 1
        message = message or f"b{number}"
        text = text or f"text {number}"
        disk = process.machine.disk
        self.sent[message] = Sent(number, disk.id, EVERYBODY, text)
        self.accepted[message] = self.now
        key = (process.overlay.own.epoch, process.overlay.broadcast.next_number)
        disk.receive(message, disk.id, text, self.now, key=key)
        self.step(process, i.Broadcast(message, text))
        return message

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.agenda.run_to(self.now + seconds)

    def until(self, condition: Callable[[], bool], within: float, every: float = 0.1) -> float:
        """Run until something holds; returns how long it took. Raises TimeoutError."""
        began = self.now
        while not condition():
            if self.now - began >= within:
                raise TimeoutError(f"not within {within} s")
            self.run(every)
        return self.now - began

    # --- what one can ask ------------------------------------------------------------------------

    def running(self) -> list[Process]:
        """The processes that run, paused ones too."""
        return [m.process for m in self.machines.values() if m.process is not None]

    @property
    def nodes(self) -> dict[str, Overlay]:
        """The overlays that run, by name."""
        return {process.name: process.overlay for process in self.running()}

    def all_know_all(self) -> bool:
        """Whether every running node holds exactly the running others for alive."""
        running = {
            machine.url
            for machine in self.machines.values()
            if machine.name != NAME and (machine.process is not None or machine.plain is not None)
        }
        return all(
            len(peers := p.overlay.peers()) == len(running) - 1 and running.issuperset(peers)
            for p in self.running()
        )

    def states(self, member: str) -> set[str | None]:
        """What the others hold a member for; None where they do not know it."""
        found: set[str | None] = set()
        for process in self.running():
            if process.overlay.own.id != member:
                record = process.overlay.members.get(member)
                found.add(record.state if record else None)
        return found

    def events(self, type_: str) -> list[Told]:
        """What nodes told, of one type."""
        return [told for told in self.journal if told.type == type_]

    # --- one step of one node -----------------------------------------------------------------

    def step(self, process: Process, happened: i.Input, reply_to: str | None = None) -> list[Frame]:
        """An overlay takes an input, and what it wants is done.

        What it says to `reply_to`, who waits for an answer, is returned.
        """
        self.steps += 1
        try:
            outputs = process.overlay.handle(
                happened, process.offset + self.agenda.now * process.rate
            )
        except Exception as error:
            for watcher in self.watchers:
                watcher.raised(process, happened, error)
            raise
        if self.trace is not None:
            self.trace.step(self.steps, self.agenda.now, process.name, happened, outputs)
        reply: list[Frame] = []
        for output in outputs:
            if isinstance(output, o.Arrived | o.Deliver):
                reply += self.step(process, self._store(process, output), reply_to)
                continue
            if isinstance(output, o.Send):
                if reply_to is not None and output.to == reply_to:
                    reply.append(output.frame)
                else:
                    transport.send(process, output)
                continue
            doing = self._DOING.get(type(output))
            if doing is None:
                self.unperformed[type(output).__name__] += 1
            else:
                doing(self, process, output)
        if process.ready or process.pushing:
            transport.flush(self, process)
        for watcher in self.watchers:
            watcher.stepped(process, happened, outputs)
        return reply

    def receive(
        self,
        process: Process,
        message: str,
        origin: str,
        text: str,
        number: int | None = None,
        key: tuple[int, int] | None = None,
    ) -> None:
        """A message is at its receiver: `POST /message`, or it came over the links."""
        if process.machine.disk.receive(message, origin, text, self.now, number, key):
            self.stored[message] = self.now
            for watcher in self.watchers:
                watcher.delivered(process, message, origin, text)

    def wrap(self, batch: Batch) -> bytes | None:
        """A batch as it travels; None where values are passed as they are."""
        self.batches += 1
        if not self._encoding:
            return None
        body = encode(batch)
        self.bytes += len(body)
        return body

    def count_frames(self, batch: Batch) -> None:
        """A batch has arrived."""
        frames = self.frames
        for frame in batch.frames:
            frames[type(frame)] += 1

    def join_later(self, process: Process, pause: float, tries: int) -> None:
        """The bootstrap did not answer; try again."""
        self.agenda.after(pause, self._join, process, tries)

    # --- doing what the overlay wants -------------------------------------------------------------

    def _set_timer(self, process: Process, output: o.SetTimer) -> None:
        # The number tells the last one set from those that it replaced.
        self._timers += 1
        process.timers[output.key] = self._timers
        after = output.after / process.rate + process.machine.slow
        self.agenda.after(after, self._ran_out, process, output.key, self._timers)

    def _cancel_timer(self, process: Process, output: o.CancelTimer) -> None:
        process.timers.pop(output.key, None)

    def _ran_out(self, process: Process, key: str, number: int) -> None:
        if not process.alive or process.timers.get(key) != number:
            return
        if process.paused:
            process.backlog.append((self._ran_out, (process, key, number)))
            return
        del process.timers[key]
        self.step(process, i.Timer(key))

    def _emit(self, process: Process, output: o.Emit) -> None:
        self.told[output.type] += 1
        if self._types is None or output.type in self._types:
            self.journal.append(Told(self.agenda.now, process.name, output.type, output.data))

    def _post(self, process: Process, output: o.Post) -> None:
        courier.carry(self, process, output)

    def _launch(self, process: Process, output: o.Launch) -> None:
        """A message leaves over the links, as the outbox has it."""
        message, own = process.machine.disk.outbox.get(output.message), process.overlay.own
        if message is None:
            gone = i.PostEnded(output.message, "refused", "it is no longer in the outbox")
            self.step(process, gone)
            return
        message.attempts = output.attempt
        frame = unicast(own, output, own.name, message.text, message.number)
        transport.send(process, o.Send(output.url, output.via, frame))

    def _store(self, process: Process, came: o.Arrived | o.Deliver) -> i.Taken | i.Stored:
        """Put a message on disk, and say what came of it."""
        if isinstance(came, o.Arrived):
            return i.Taken(came.frame, self._arrived(process, came.frame))
        self._deliver(process, came)
        return i.Stored((came.origin, came.epoch, came.number), stored=True)

    def _arrived(self, process: Process, frame: Unicast) -> Literal["stored", "overtaken"]:
        """A message came over the links; the receiver's part of `node.peer`."""
        disk = process.machine.disk
        if not frame.insist and disk.overtaken(frame.message, frame.origin, frame.number):
            return "overtaken"
        self.receive(process, frame.message, frame.origin, frame.text, frame.number)
        return "stored"

    def _ended(self, process: Process, output: o.MessageEnded) -> None:
        for watcher in self.watchers:
            watcher.ended(process, output)
        self.endings[output.message] = output
        process.machine.disk.ended(output.message, output.status, output.attempts)

    def _following(self, process: Process, output: o.Following) -> None:
        """The outbox says which messages come next on a lane."""
        following = process.machine.disk.following(output.to, self.now)
        self.step(process, i.Followed(output.to, following))

    def _expire(self, process: Process, _: o.Expire) -> None:
        """The outbox is looked through for what has run out."""
        messages, left = process.machine.disk.expired(self.now)
        if messages or left < inf:
            self.step(process, i.Expired(messages, left))

    def _deliver(self, process: Process, output: o.Deliver) -> None:
        key = (output.epoch, output.number)
        self.receive(process, output.message, output.origin, output.text, key=key)

    def _judged(self, process: Process, output: o.Judged) -> None:
        judged = process.machine.disk.judged
        judged.update({(origin, epoch): number for origin, epoch, number in output.levels})

    def _covered(self, _: Process, output: o.Covered) -> None:
        self.covered[output.message] = self.now

    def _relay(self, process: Process, output: o.Relay) -> None:
        """A keeper sends a broadcast on to a plain node, as a message of its own."""
        message, disk = f"{output.message} for {output.to}", process.machine.disk
        if message not in disk.outbox:
            number = len(self.sent) + 1
            self.sent[message] = Sent(number, disk.id, output.to, output.text)
            kept = self.config.payload_kept
            disk.accept(Accepted(message, number, output.to, output.text, self.now, "auto", kept))
            self.step(process, i.Submit(message, output.to, kept))

    def _poll(self, process: Process, output: o.Poll) -> None:
        self.network.request(PollCall(self, process, output.url))

    def _ask_bootstrap(self, process: Process, _: o.AskBootstrap) -> None:
        if self.registry is not None:
            self.network.request(JoinCall(self, process, url(NAME), None))

    # --- what else a node and the bootstrap do by themselves -------------------------------------

    def _join(self, process: Process, tries: int) -> None:
        if process.alive:
            self.network.request(JoinCall(self, process, url(NAME), tries))

    def _remember(self, process: Process) -> None:
        if not process.alive:
            return
        living = sorted(record.url for record in process.overlay.members.living_peers())
        if living:  # with nobody there, rather keep those of before
            few = min(len(living), REMEMBERED)
            process.machine.disk.peers = tuple(self.rng.sample(living, few))
        self.agenda.after(REMEMBER_EVERY, self._remember, process)

    def _gone(self, process: Process) -> None:
        if process.alive:
            self.crash(process.name)

    def _check_registry(self, number: int) -> None:
        registry = self.registry
        if registry is None:
            return
        entry = registry.next_check(number) if self.machines[NAME].plain is not None else None
        if entry is not None:
            machine = self.network.machines[entry]
            there = machine.plain is not None or (
                machine.process is not None and not machine.process.paused
            )
            registry.checked(entry, alive=there)
        pause = max(0.5, ROUND / max(1, len(registry.entries)))
        self.agenda.after(pause, self._check_registry, number + 1)

    def _machine(self, name: str) -> Machine:
        machine = self.machines.get(name)
        if machine is None:
            machine = self.machines[name] = Machine(name)
            self.network.machines[machine.url] = machine
        return machine

    def _process(self, name: str) -> Process:
        process = self.machines[name].process
        if process is None:
            raise ValueError(f"{name} does not run")
        return process

    # --- the table: which output goes where ----------------------------------------------------

    _DOING: ClassVar[dict[type, Callable[["World", Process, Any], None]]] = {
        o.SetTimer: _set_timer,
        o.CancelTimer: _cancel_timer,
        o.Emit: _emit,
        o.Post: _post,
        o.Launch: _launch,
        o.Judged: _judged,
        o.Covered: _covered,
        o.Relay: _relay,
        o.MessageEnded: _ended,
        o.Following: _following,
        o.Expire: _expire,
        o.Poll: _poll,
        o.AskBootstrap: _ask_bootstrap,
    }
