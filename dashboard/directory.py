"""Where to look first: the bootstrap's list, and the seeds in the settings.

It needs the bootstrap no more than nodes do. Once a single node is found, it tells of the
others, and the list is read only now and then, for nodes that are alone.
"""

import threading
import time
from typing import Final

from contract.gateway import default_gateway
from contract.itself import Itself
from contract.peers_answer import MAX_ANSWER, NotPeersError, peers_answer
from dashboard.asking import Asking, NoAnswerError
from dashboard.observer import Observer
from dashboard.settings import NO_BOOTSTRAP, Settings
from dashboard.subscriptions import Subscriptions

EAGER: Final = 1.0
"""Seconds between two looks while nobody is there, or fewer than are expected."""
CALM: Final = 10.0
"""Seconds between two looks later: one request [guess]."""
PATIENCE: Final = 120
"""Eager looks in vain before they become calm: two minutes [guess]."""
ALL: Final = 1_000
"""Addresses to ask for; what our bootstrap hands out at most."""


class Directory:
    """Reads the list, again and again."""

    def __init__(
        self,
        settings: Settings,
        asking: Asking,
        observer: Observer,
        subscriptions: Subscriptions,
        itself: Itself,
    ) -> None:
        self._settings = settings
        self._asking = asking
        self._observer = observer
        self._subscriptions = subscriptions
        self._itself = itself
        self._listed: dict[str, list[str]] = {}
        self._here = 0
        self._in_vain = 0

    def run(self) -> None:
        """Look, for ever."""
        self._subscriptions.vouch(self._settings.seeds)
        self._subscriptions.found(self._settings.seeds)
        while True:
            self._look()
            time.sleep(EAGER if self._somebody_comes() else CALM)  # a pace, no wait for something

    def _somebody_comes(self) -> bool:
        """Whether some are missing, and the last newcomer came not long ago."""
        summary = self._observer.summary()
        here = summary["alive"] + summary["suspect"]
        self._in_vain = 0 if here > self._here else self._in_vain + 1
        self._here = here
        return here < (self._settings.expect or 1) and self._in_vain < PATIENCE

    def _look(self) -> None:
        for url in self._bootstraps():
            try:
                reply = self._asking.ask("GET", url, f"/peers?limit={ALL}", most=MAX_ANSWER)
                self._listed[url] = peers_answer(reply.body, ALL)
            except (NoAnswerError, NotPeersError):
                continue  # not there, or no bootstrap; what it said before still helps
            if url == self._settings.bootstrap or "P2P-Bootstrap" in reply.headers:
                self._subscriptions.exclude(url)
        listed = [peer for peers in self._listed.values() for peer in peers]
        self._subscriptions.vouch({*self._settings.seeds, *listed})
        self._subscriptions.found(self._settings.seeds)
        for bootstrap, peers in self._listed.items():
            self._subscriptions.found(peers, told_by=bootstrap)

    def _bootstraps(self) -> list[str]:
        """Where a bootstrap may be."""
        given = self._settings.bootstrap
        if given is not None:
            return [] if given.lower() == NO_BOOTSTRAP else [given]
        gateway = default_gateway()
        urls = ["http://bootstrap:5000", *([f"http://{gateway}:5000"] if gateway else [])]
        return [url for url in urls if not self._itself.is_at(url)]


def start(directory: Directory, subscriptions: Subscriptions) -> None:
    """Begin to watch, in threads of their own."""
    for target, name in ((directory.run, "directory"), (subscriptions.run, "attention")):
        threading.Thread(target=target, name=name, daemon=True).start()
