"""The connection to one address, made again and again.

Theory of operation. A watch connects, subscribes, and hands what it hears to the
`observer`. What it says about the *contact* to a node, and when:

    open          a snapshot came
    lost          the connection ended a moment ago; it is being made again
    refused       nobody is there: the connection is refused, or the other side ended it
                  (as a kernel does when a process dies) and it cannot be made again
    silent        it is open, but a question for a sign of life is not answered
    unreachable   it cannot be made, and nobody can tell why

After a reconnection a snapshot is asked for first, since another may live at the address
now. Is it the same run of the same node, the events go on after the last one that came, so
that no message is missed. A hole in the numbers is answered with a new snapshot.

Two addresses may lead to one node (`localhost:5001`, `node1:5000`). The connection to the
address that the node itself names is kept, the other one closed.

An address without events is a plain node's (`plain`), or nobody's.
"""

import random
import threading
import time
from typing import TYPE_CHECKING, Final

from contract.unnamed import id_of, name_of
from dashboard.asking import NoAnswerError
from dashboard.clocks import Offset
from dashboard.plain import look
from dashboard.records import Contact
from dashboard.reports import (
    ACK,
    DISCONNECT,
    EVENT,
    Batch,
    NonsenseError,
    Packet,
    Snapshot,
    acknowledged,
    told,
)
from dashboard.stream import NoEventsError, Stream, StreamError

if TYPE_CHECKING:
    from dashboard.subscriptions import Subscriptions

FIRST_PAUSE: Final = 0.1
"""Seconds before a lost connection is made again; it doubles, ± a quarter [guess]."""
LONGEST_PAUSE: Final = 4.0
"""Seconds between two tries at most: a node that comes back is seen after half of that."""
STEADY: Final = 5.0
"""Seconds that a connection must have lasted to be made again at once when it breaks: one that is
ended again and again, a thousand times, costs a snapshot each time [guess]."""
ALIAS_PAUSE: Final = 30.0
"""Seconds until an address is tried again whose node is watched at another [guess]."""
TRIES: Final = 4
"""Tries at an address that never answered and that nobody vouches for [guess]."""
PLAIN_EVERY: Final = 5.0
"""Seconds between two questions to a plain node [mission: they poll every 3 to 10 s]."""
PLAIN_TRIES: Final = 2
"""Unanswered questions in a row after which a plain node counts as dead: students' nodes
often answer one request at a time [guess]."""
STREAM_AGAIN: Final = 6
"""Questions after which an address without proper events is tried for a stream again."""
EVENTS_A_SECOND: Final = 5_000
"""What one of our nodes sends at most: 500 every tenth of a second."""
BURST: Final = 20_000
"""Events beyond that after a pause: eight batches on the way, and room [guess]."""
BREATH: Final = 0.05
BREATHS: Final = 10
"""Seconds of a pause, and how many there are after one batch at most, while more comes than can be
written down: half a second, so that a disk that has stopped does not stop the picture [guess]."""
HOLES_APART: Final = 1.0
"""Seconds between two holes in a stream, at least; one that has more is given up."""


class AliasError(Exception):
    """The node at this address is watched at another one."""


class Watch:
    """One address, and the thread that looks after it."""

    def __init__(self, url: str, owner: "Subscriptions") -> None:
        self.url = url
        self.node: str | None = None
        """The id of the node that was last seen here."""
        self.proper = False
        """Whether this is the address that the node itself names."""
        self.stream: Stream | None = None
        self.asked: float | None = None
        """When it was asked for a sign of life."""
        self.given_up = False
        """Whether we ended the connection ourselves."""
        self._owner = owner
        self._observer = owner.observer
        self._clock = Offset()
        self._epoch = 0
        self._seq = 0
        self.met = ""
        """The id of the node in this connection's first snapshot."""
        self._resuming = False
        self._afresh = False
        self._snapshot_due = False
        self._allowance = float(BURST)
        self._allowed_at = time.monotonic()
        self._question = 0
        self._question_at = 0.0
        self._hole_at = float("-inf")
        self._ended_by_peer = False
        self._wake = threading.Event()

    def run(self) -> None:
        """Connect again and again, until nobody vouches for the address any more."""
        pause, failures = FIRST_PAUSE, 0
        while True:
            began = time.monotonic()
            try:
                worked = self._connection()
            except AliasError:
                worked, pause = False, ALIAS_PAUSE
            failures = 0 if worked else failures + 1
            if worked and time.monotonic() - began >= STEADY:
                pause = FIRST_PAUSE  # else it comes and goes, and each time tells us all it knows
            if failures >= TRIES and not self._owner.vouched(self.url):
                return
            time.sleep(FIRST_PAUSE)  # however much somebody wants us to hurry
            self._wake.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads the load
            self._wake.clear()
            pause = min(2 * pause, LONGEST_PAUSE)

    def ask(self) -> None:
        """Ask the node for a sign of life."""
        if self.stream is not None and self.asked is None:
            self.asked = time.monotonic()
            self.stream.ask()

    def give_up(self) -> None:
        """End the connection; it is made anew."""
        self.given_up = True
        if self.stream is not None:
            self.stream.end()

    def hurry(self) -> None:
        """Try now: somebody says that a node is here."""
        self._wake.set()

    # --- one connection ------------------------------------------------------------------------

    def _connection(self) -> bool:
        """From beginning to end; True where it worked. Raises AliasError."""
        stream = Stream(self.url, self._owner.addresses, self._owner.arrivals)
        self.met, self.given_up, self.asked = "", False, None
        why, refused = "", False
        try:
            with self._owner.turn(self.url):
                stream.open()
            self._subscribe(stream, None, None)
            self.stream = stream
            for packet in stream.packets():
                self._take(stream, packet)
        except StreamError as error:
            why, refused = str(error), error.refused and not self.given_up
        except NoEventsError as error:
            return self._without_events(str(error), nonsense=False)
        except NonsenseError as error:
            self._observer.oddity("nonsense")
            self._release("unreachable")
            return self._without_events(f"its events are not believed: {error}", nonsense=True)
        finally:
            self.stream = None
            stream.close()
        self._ended(why, refused=refused)
        return bool(self.met)

    def _ended(self, why: str, *, refused: bool) -> None:
        """The connection ended, or did not come about."""
        if self.met:
            self._ended_by_peer = refused
            self._release("lost" if refused else "unreachable", why)
        elif refused or self._ended_by_peer:
            self._release("refused", why)
        else:
            self._release("unreachable", why)

    def _release(self, contact: Contact, note: str | None = None) -> None:
        """Say what became of our contact to the node, if it is ours to say."""
        node = self.node
        if node is None:
            record = self._observer.at(self.url)
            node = None if record is None else record.id
        if node is not None and self._owner.release(node, self):
            self._observer.contact(node, contact, note)

    def _subscribe(self, stream: Stream, after: int | None, epoch: int | None) -> None:
        self._question += 1
        self._snapshot_due = True
        self._question_at = time.time()
        stream.emit("subscribe", {"after": after, "epoch": epoch}, self._question)

    def _take(self, stream: Stream, packet: Packet) -> None:
        if packet.type == ACK:
            if packet.id == self._question:
                at = acknowledged(packet.data)
                self._clock.answered(self._question_at, at, time.time())
                self._resuming = self._snapshot_due = False
        elif packet.type == EVENT:
            said = told(packet.data, self.met, self._epoch)
            if packet.id is not None:
                stream.acknowledge(packet.id)
            if isinstance(said, Snapshot):
                self._snapshot(stream, said)
            elif isinstance(said, Batch):
                self._batch(stream, said)
        elif packet.type == DISCONNECT:
            raise StreamError("it ended the subscription")

    def _snapshot(self, stream: Stream, said: Snapshot) -> None:
        if not self._snapshot_due:
            raise NonsenseError("it sends snapshots that nobody asked for")
        self._snapshot_due = False
        own = said.node
        self.proper = own.url == self.url
        if not self._owner.claim(own.id, self):
            if self.proper:  # an alias of one node says where that one is
                self._observer.claimed(own.id, self.url)
            raise AliasError
        self._clock.heard(said.at, time.time())
        same = own.id == self.node and own.epoch == self._epoch
        first = not self.met
        self.met = self.node = own.id
        self._epoch = own.epoch
        self._ended_by_peer = False
        if first and same and 0 < self._seq <= said.seq:
            self._observer.resumed(own.id)
            if self._seq < said.seq:
                self._resuming = True
                self._subscribe(stream, self._seq, self._epoch)
            return
        self._seq, self._resuming, self._afresh = said.seq, False, False
        if not self._observer.snapshot(said, self._clock):
            raise StreamError("there is no room for more nodes")
        self._owner.follow()

    def _batch(self, stream: Stream, batch: Batch) -> None:
        self._clock.heard(batch.at, time.time())
        self._spend(len(batch.events))
        hole = batch.missed
        fresh = []
        repeated = 0
        for event in batch.events:
            if event.seq <= self._seq:
                repeated += 1
                continue
            if event.seq != self._seq + 1:
                hole = True
                break
            self._seq = event.seq
            fresh.append(event)
        if repeated:
            self._observer.oddity("repeated", repeated)
        if fresh and not self._afresh:
            self._observer.events(self.met, Batch(batch.at, fresh), self._clock)
            self._owner.follow()
            for _ in range(BREATHS):
                if not self._observer.crowded:
                    break
                time.sleep(BREATH)  # the node keeps what comes meanwhile
        if hole and not self._resuming and not self._afresh:
            self._observer.hole()
            if time.monotonic() - self._hole_at < HOLES_APART:
                raise StreamError("its events have holes")
            self._hole_at = time.monotonic()
            self._afresh = True
            self._subscribe(stream, None, None)

    def _spend(self, events: int) -> None:
        """A node of ours waits until its batches are acknowledged; one that floods does not."""
        now = time.monotonic()
        more = (now - self._allowed_at) * EVENTS_A_SECOND
        self._allowance = min(BURST, self._allowance + more) - events
        self._allowed_at = now
        if self._allowance < 0:
            raise NonsenseError("it sends more events than a node can")

    # --- no events ---------------------------------------------------------------------------

    def _without_events(self, why: str, *, nonsense: bool) -> bool:
        """Nobody streams here: ask what it is, and keep asking. True where it answered."""
        answered, silences = False, 0
        for _ in range(STREAM_AGAIN):
            try:
                found = look(self._owner.asking, self.url)
            except NoAnswerError as error:
                silences += 1
                if error.refused or silences >= PLAIN_TRIES or not answered:
                    self._plain_gone(str(error), refused=error.refused)
                    return answered
            else:
                silences = 0
                if found.kind == "other":
                    self._owner.exclude(self.url)
                    return False
                if found.kind == "peer" and not nonsense:
                    self._release("unreachable", why)
                    return answered
                answered = True
                self._plain(found.peers, why if nonsense else None)
            self._wake.wait(PLAIN_EVERY * random.uniform(0.9, 1.1))  # noqa: S311 - spreads the load
            self._wake.clear()
        return answered

    def _plain(self, peers: list[str], note: str | None) -> None:
        """Somebody answers here and has no events, or none that can be believed."""
        record = self._observer.at(self.url)
        if note is not None and record is not None and record.kind == "peer":
            self._observer.contact(record.id, "unreachable", note)
            return  # the others know it by its own name
        node = id_of(self.url)
        self.node = node
        self._observer.plain(node, name_of(self.url), self.url, peers, note)
        self._owner.found(peers, told_by=self.url)

    def _plain_gone(self, why: str, *, refused: bool) -> None:
        record = self._observer.at(self.url)
        if record is not None and self._owner.release(record.id, self):
            self._observer.contact(record.id, "refused" if refused else "unreachable", why)
