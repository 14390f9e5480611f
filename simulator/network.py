"""HTTP as the nodes see it: a request goes out, an answer comes back, or nothing does.

Not TCP, but what the programs notice of it. A node that is down refuses at once; one that
vanished with its address answers nothing; a lost packet is a silence, and the sender's
patience ends it. Nobody can tell from a silence whether the request arrived: if only the
answer was lost, it was acted on. What arrives after the sender's patience was acted on too.
A paused receiver reads what has piled up when it goes on.
"""

from typing import Any, ClassVar

from simulator.agenda import Agenda
from simulator.machine import Machine, Process
from simulator.neighbours import LASTS, NeighbourTable
from simulator.weather import CALM, Fate, Weather

CONNECT_TIMEOUT = 2.0
"""Seconds until a new connection counts as impossible, as in `node.connections`."""
ANSWER_TIMEOUT = 4.0
"""Seconds until an answer on a kept connection counts as missing, as there."""

REFUSED = "connection refused"
"""What a machine says on which nothing listens."""


class Refusal:
    """An answer that is none: an HTTP status from 400 on."""

    __slots__ = ("status",)

    def __init__(self, status: int) -> None:
        self.status = status


class Call:
    """One request and what becomes of it. What is asked is up to `simulator.calls`."""

    __slots__ = ("began", "over", "patience", "sender", "url", "waits")

    path: ClassVar[str]

    def __init__(self, sender: Process, url: str) -> None:
        self.sender = sender
        self.url = url
        self.began = 0.0
        self.patience = ANSWER_TIMEOUT if url in sender.connected else CONNECT_TIMEOUT
        self.waits = False
        """Its end in silence is on the agenda."""
        self.over = False

    def arrives(self, machine: Machine, *, garbled: bool) -> Any:
        """It is at the receiver, which is running; the answer, or a `Refusal`."""
        raise NotImplementedError

    def answered(self, answer: Any, *, garbled: bool) -> None:
        """The answer is back at the sender."""
        raise NotImplementedError

    def failed(self, reason: str) -> None:
        """The sender gives up."""
        raise NotImplementedError


class Network:
    """Carries calls between machines."""

    def __init__(self, agenda: Agenda, weather: Weather) -> None:
        self._agenda = agenda
        self.weather = weather
        self.machines: dict[str, Machine] = {}
        """By address."""
        self.table: NeighbourTable | None = None
        """Where all machines are containers of one: they share its kernel's table."""
        self.calls = 0
        self.talked: dict[tuple[str, str], float] = {}
        """When a pair talked last: what fills the kernel's table (`node.overlay.links`)."""

    def request(self, call: Call) -> None:
        """Send a request on its way."""
        self.calls += 1
        call.began = self._agenda.now
        sender, machine = call.sender.name, self.machines.get(call.url)
        if machine is None:
            self._wait(call)
            return
        if self.table is not None and not self.table.carries(sender, machine.name, call.began):
            self._wait(call)
            return
        pair = (sender, machine.name) if sender < machine.name else (machine.name, sender)
        self.talked[pair] = call.began
        weather = self.weather
        fate = CALM if weather.calm else weather.fate(sender, machine.name, call.path)
        if fate.lost:
            self._wait(call)
            return
        delay = weather.delay(sender, machine.name) + machine.slow + fate.held_up
        self._agenda.after(delay, self._arrive, call, machine, fate)
        if delay > call.patience:
            self._wait(call)
        if fate.doubled:
            again = delay + 2 * weather.delay(sender, machine.name)
            self._agenda.after(again, self._arrive_again, call, machine)

    def neighbours(self, seconds: float = LASTS) -> int:
        """Entries that the kernel's table of neighbours has for who talked lately: two a pair."""
        then = self._agenda.now - seconds
        return 2 * sum(at > then for at in self.talked.values())

    # --- at the receiver -------------------------------------------------------------------

    def _arrive(self, call: Call, machine: Machine, fate: Fate) -> None:
        process = machine.process
        if process is None and machine.plain is None:
            if machine.vanished:
                self._wait(call)
            else:
                back = self.weather.delay(machine.name, call.sender.name)
                self._agenda.after(back, self._fail, call, REFUSED)
            return
        if process is not None and process.paused:
            process.backlog.append((self._arrive, (call, machine, fate)))
            self._wait(call)
            return
        if fate.refused:
            answer: Any = Refusal(503)
        else:
            answer = call.arrives(machine, garbled=fate.garbled)
        self._answer(call, machine, answer)

    def _arrive_again(self, call: Call, machine: Machine) -> None:
        process = machine.process
        if process is not None and process.paused:
            process.backlog.append((self._arrive_again, (call, machine)))
        elif process is not None or machine.plain is not None:
            call.arrives(machine, garbled=False)  # nobody waits for this answer

    def _answer(self, call: Call, machine: Machine, answer: Any) -> None:
        sender = call.sender.machine
        weather = self.weather
        fate = CALM if weather.calm else weather.fate(machine.name, sender.name, call.path)
        back = weather.delay(machine.name, sender.name) + sender.slow + fate.held_up
        if fate.lost or self._agenda.now + back > call.began + call.patience:
            self._wait(call)
        else:
            self._agenda.after(back, self._come_back, call, answer, fate.garbled)

    # --- at the sender ---------------------------------------------------------------------

    def _wait(self, call: Call) -> None:
        """No answer will come in time, or perhaps none: the sender's patience decides."""
        if not call.waits:
            call.waits = True
            left = max(0.0, call.began + call.patience - self._agenda.now)
            self._agenda.after(left, self._fail, call, "no answer in time")

    def _come_back(self, call: Call, answer: Any, garbled: bool) -> None:
        process = call.sender
        if call.over or not process.alive:
            return
        if process.paused:
            process.backlog.append((self._come_back, (call, answer, garbled)))
            return
        call.over = True
        process.connected.add(call.url)
        call.answered(answer, garbled=garbled)

    def _fail(self, call: Call, reason: str) -> None:
        process = call.sender
        if call.over or not process.alive:
            return
        if process.paused:
            process.backlog.append((self._fail, (call, reason)))
            return
        call.over = True
        process.connected.discard(call.url)
        call.failed(reason)
