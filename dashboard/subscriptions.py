"""All watches together: which addresses have one, and who speaks for which node.

New addresses come from the directory, and from what nodes say about others; the latter
are followed at once, so that the whole network is there as soon as its first node is.

A liar may name a thousand addresses where nobody is. So connections are made a few at a
time, those to addresses that somebody better vouches for in a queue of their own.
"""

import threading
import time
from collections.abc import Collection, Iterable
from functools import partial
from typing import Final

from contract.errors import ApiError
from contract.itself import Itself, is_loopback
from contract.limits import MAX_MEMBERS
from contract.urls import host_and_port, peer_url
from dashboard.addresses import Addresses
from dashboard.arrivals import Arrivals
from dashboard.asking import Asking
from dashboard.observer import Observer
from dashboard.records import Record
from dashboard.stream import OPEN_TIMEOUT
from dashboard.watch import Watch

MOST: Final = MAX_MEMBERS + 200
"""Addresses watched at the same time: those of all nodes, and some that lead nowhere."""
FRIENDS: Final = 32
"""Connections being made at the same time to addresses that are vouched for [guess]."""
STRANGERS: Final = 16
"""… and to others [guess]."""
TICK: Final = 0.5
"""Seconds between two looks at the connections."""
QUIET: Final = 10.0
"""Seconds without a byte after which a node is asked for a sign of life [guess]."""
ANSWER: Final = 1.5
"""Seconds that it has to give one before it counts as silent [guess]."""
GIVE_UP: Final = 15.0
"""Seconds after the question until a silent connection is made anew [guess: by then the
overlay has its own verdict]."""


class Subscriptions:
    """Keeps a watch on every address where a node is, or may be."""

    def __init__(
        self, observer: Observer, addresses: Addresses, asking: Asking, itself: Itself
    ) -> None:
        self.observer = observer
        self.addresses = addresses
        self.asking = asking
        self.arrivals = Arrivals()
        self._itself = itself
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}
        self._speakers: dict[str, Watch] = {}  # whose stream counts, by the node's id
        self._vouched: frozenset[str] = frozenset()
        self._excluded: set[str] = set()
        self._friends = threading.BoundedSemaphore(FRIENDS)
        self._strangers = threading.BoundedSemaphore(STRANGERS)
        observer.watches = self.states
        addresses.refused = partial(observer.oddity, "unasked")

    # --- addresses ---------------------------------------------------------------------------

    def vouch(self, urls: Collection[str]) -> None:
        """These addresses are worth more than hearsay: the bootstrap lists them, or a person."""
        self._vouched = frozenset(urls)

    def vouched(self, url: str) -> bool:
        """Whether there is a reason to look at an address again and again."""
        if url in self._excluded:
            return False
        if url in self._vouched:
            return True
        record = self.observer.at(url)
        return record is not None and record.shown

    def found(self, urls: Iterable[str], *, told_by: str | None = None) -> None:
        """Somebody names addresses where nodes may be."""
        for url in urls:
            self._watch(url, told_by)

    def told_from(self, url: str, remote: str) -> None:
        """Somebody at an address says that a node is at `url`: look there now."""
        self._watch(url, f"http://[{remote}]" if ":" in remote else f"http://{remote}")
        watch = self._watches.get(url)
        if watch is not None:
            watch.hurry()

    def follow(self) -> None:
        """Look where nodes say that others are, and ask those whose life they doubt."""
        if not self.observer.hints:
            return  # nearly always, and this is asked after each batch
        for url, teller in self.observer.take_addresses().items():
            watch = self._watches.get(url)
            if watch is None:
                self._watch(url, teller)
            elif watch.stream is None:
                watch.hurry()
        for url in self.observer.take_doubts():
            watch = self._watches.get(url)
            if watch is not None:
                watch.ask()

    def exclude(self, url: str) -> None:
        """There is no peer at this address: the bootstrap, a dashboard."""
        if len(self._excluded) < MOST:
            self._excluded.add(url)

    def _watch(self, given: str, told_by: str | None) -> None:
        try:
            url = peer_url(given)
        except ApiError:
            return  # nobody can be there
        known = self._watches.get(url)
        most = 2 * MOST if url in self._vouched else MOST  # hearsay must leave some room
        if known is not None or url in self._excluded or len(self._watches) >= most:
            return
        if self._itself.is_at(url) or _localhost_of_another(url, told_by):
            return
        watch = Watch(url, self)
        with self._lock:
            if self._watches.setdefault(url, watch) is not watch:
                return
        threading.Thread(target=self._run, args=(watch,), name=f"watch {url}", daemon=True).start()

    def _run(self, watch: Watch) -> None:
        try:
            watch.run()
        finally:
            with self._lock:
                self._watches.pop(watch.url, None)

    # --- what watches ask --------------------------------------------------------------------

    def turn(self, url: str) -> threading.BoundedSemaphore:
        """The queue in which an address waits for its turn to be connected to."""
        return self._friends if self.vouched(url) else self._strangers

    def claim(self, node: str, watch: Watch) -> bool:
        """Whether a watch may speak for a node: nobody does, or from a lesser address.

        The address that the node itself names is the best. Where two claim that, one of
        them lies, and most of the others know which.
        """
        with self._lock:
            speaker = self._speakers.setdefault(node, watch)
            if speaker is watch:
                return True
            better = watch.proper and (
                not speaker.proper or self.observer.favoured(node, watch.url, speaker.url)
            )
            if not better:
                return False
            self._speakers[node] = watch
        speaker.give_up()
        return True

    def release(self, node: str, watch: Watch) -> bool:
        """A watch speaks for a node no more. False where another does."""
        with self._lock:
            speaker = self._speakers.get(node)
            if speaker is watch:
                del self._speakers[node]
            return speaker is None or speaker is watch

    def way_to(self, record: Record) -> str:
        """The address by which we reach a node; not always the one that it names."""
        speaker = self._speakers.get(record.id)
        return record.url if speaker is None else speaker.url

    def states(self) -> dict[str, int]:
        """Watched addresses: those whose connection is `open`, and those that `wait` for one."""
        watches = list(self._watches.values())
        streams = sum(watch.stream is not None for watch in watches)
        return {"open": streams, "waiting": len(watches) - streams}

    # --- attention ---------------------------------------------------------------------------

    def run(self) -> None:
        """Look after the connections, for ever."""
        ticks = 0
        while True:
            time.sleep(TICK)  # a pace, not a wait for something
            now = time.monotonic()
            for watch in list(self._watches.values()):
                self._attend(watch, now)
            ticks += 1
            if ticks % 2 == 0:
                self.observer.tick()

    def _attend(self, watch: Watch, now: float) -> None:
        stream = watch.stream
        if stream is None:
            return
        if not watch.met and now - stream.made > OPEN_TIMEOUT:
            watch.give_up()  # connected, and never told a thing
        elif watch.asked is not None and stream.heard > watch.asked:
            watch.asked = None
            if watch.node is not None:
                self.observer.contact(watch.node, "open")
        elif watch.asked is None and now - stream.heard > QUIET:
            watch.ask()
        elif watch.asked is not None and now - watch.asked > GIVE_UP:
            watch.give_up()
        elif watch.asked is not None and now - watch.asked > ANSWER and watch.node is not None:
            self.observer.contact(watch.node, "silent")


def _localhost_of_another(url: str, told_by: str | None) -> bool:
    """Whether "this machine" is meant, by somebody on another one."""
    return (
        told_by is not None
        and is_loopback(host_and_port(url)[0])
        and not is_loopback(host_and_port(told_by)[0])
    )
