"""The webhooks of now: verified before they begin, fed from the log, tried again, ended.

Each has a thread, which sleeps while nothing happens. Its end has three reasons: its lease ran out,
somebody deleted it, or its receiver answered 410. Each beginning and each end is one line in the
log. That the process ends is no reason: a webhook is written down (`kept`), and goes on with the
next start, for the rest of its lease. Its receiver, which agreed once, is not asked again.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from contract.errors import ApiError, out_of_range
from contract.itself import is_loopback
from contract.signing import written
from contract.text import one_line
from contract.urls import host_and_port
from node import interest
from node.connections import NoAnswerError
from node.webhooks import ask, wish
from node.webhooks.batch import Batch, following
from node.webhooks.kept import Kept, Saved
from node.webhooks.line import Line
from node.webhooks.target import LookUp, Target, addresses, look_up
from node.webhooks.target import target as read_target

if TYPE_CHECKING:
    from node.peer import Peer

MOST: Final = 8
"""Webhooks at a time [issue]: each may hold a batch of 256 KiB, and costs each event a call."""
BATCH_EVERY: Final = 0.1
"""Seconds between two deliveries to one receiver, at least [design brief]."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before a failed delivery is tried again; they double, ± a half, so that many nodes do
not come back to one receiver together [guess; AWS, "Exponential backoff and jitter"]."""
SECRET: Final = 32
"""Bytes of a secret that we make up [Standard Webhooks: 24 to 64]."""


class Hook:
    """One webhook."""

    def __init__(self, target: Target, line: Line, key: bytes, cursor: int) -> None:
        self.id = str(uuid4())
        self.target = target
        self.line = line
        self.key = key
        self.cursor = cursor
        self.types: tuple[str, ...] | None = None
        self.wanted: frozenset[str] | None = None
        self.pause = BATCH_EVERY
        self.ends = 0.0
        """By the system's monotonic clock."""
        self.delivered = 0
        self.failures = 0
        self.last_success: float | None = None
        self.last_failure: dict[str, Any] | None = None
        self.again: float | None = None
        """When a failed delivery is tried again, by the same clock."""
        self.afresh = False
        """Nobody knows what it missed: the node has started anew since."""
        self.news = threading.Event()
        self.over = threading.Event()

    @property
    def left(self) -> float:
        """Seconds of its lease; none where it has ended."""
        return 0.0 if self.over.is_set() else max(0.0, self.ends - time.monotonic())

    def heard(self) -> None:
        """Something happened. Called with every event: it must cost nothing."""
        if not self.news.is_set():
            self.news.set()

    def end(self) -> None:
        """Stop feeding it."""
        self.over.set()
        self.news.set()


class Webhooks:
    """All webhooks of one node."""

    def __init__(self, peer: "Peer", look_up: LookUp = look_up) -> None:
        self._peer = peer
        self._look_up = look_up
        self._hooks: dict[str, Hook] = {}  # by URL
        self._asked: set[str] = set()  # URLs whose receivers are just being asked
        self._lock = threading.Lock()
        self._kept = Kept(peer.settings.data)

    def resume(self) -> None:
        """Go on with those of the life before."""
        now = time.time()
        with self._lock:
            for saved in self._kept.all():
                left = min(saved.ends - now, wish.LONGEST_LEASE)
                try:
                    target = read_target(saved.url, "url")
                except ApiError:
                    left = 0.0  # another version took such a one
                if left <= 0:
                    self._forget(saved.id)
                    continue
                hook = Hook(target, self._line(target), saved.key, 0)
                hook.id = saved.id
                hook.types, hook.wanted = saved.types, interest.wanted(saved.types)
                hook.pause = max(BATCH_EVERY, saved.pause)
                hook.ends = time.monotonic() + left
                hook.afresh = True
                self._begin(hook)
                print(f"Webhook goes on: {one_line(target.base)} for {left:.0f} s", flush=True)

    # --- what people ask -----------------------------------------------------------------------

    def add(self, body: Mapping[str, Any], asker: str) -> tuple[dict[str, Any], bool]:
        """Begin a webhook, or renew the one with this URL: its view, and whether it is new.

        Only a new one's view has the secret, or that of one that got another. Raises ApiError,
        and has changed nothing then.
        """
        want = wish.read(body)
        if want.after is not None and want.after > self._peer.events.seq:
            raise out_of_range(
                f"'after' is beyond the newest event of this node, {self._peer.events.seq:,}; "
                "its numbers start anew with every start",
                "after",
            )
        if self._peer.leads_here(want.target.base):
            raise wish.refused(want.target, "is this very node")
        url = want.target.url
        with self._lock:
            if url in self._asked:
                raise ApiError(409, "the receiver at this URL is just being asked", field="url")
            if url not in self._hooks and len(self._hooks) + len(self._asked) >= MOST:
                raise ApiError(
                    429, f"there are {MOST} webhooks already; delete one first", retry_after=5
                )
            self._asked.add(url)
        try:
            pause = self._agreed(want.target)
            with self._lock:
                return self._granted(want, pause, asker)
        finally:
            with self._lock:
                self._asked.discard(url)

    def remove(self, hook: str, asker: str) -> dict[str, Any]:
        """End one; its view. 404 where there is none."""
        with self._lock:
            found = next((one for one in self._hooks.values() if one.id == hook), None)
            if found is None:
                raise ApiError(404, "this node has no webhook with this id, or not any more")
            view = self._view(found)
            self._end(found, f"deleted, asked by {one_line(asker)}")
        return view

    def views(self) -> list[dict[str, Any]]:
        """All of them, the oldest first, without their secrets."""
        with self._lock:
            return [self._view(hook) for hook in self._hooks.values()]

    # --- beginning -----------------------------------------------------------------------------

    def _agreed(self, target: Target) -> float:
        """Shake hands with a receiver: the pause that it wants between deliveries."""
        line = self._line(target)
        host, _ = host_and_port(self._peer.own.url)
        try:
            return ask.agree(line, host)
        except NoAnswerError as error:
            raise wish.refused(target, f"cannot be asked: {error}") from None
        except ask.RefusedError as error:
            raise wish.refused(target, str(error)) from None
        finally:
            line.close()

    def _line(self, target: Target) -> Line:
        return Line(
            target,
            lambda: addresses(
                target,
                self._look_up,
                loopback=is_loopback(host_and_port(self._peer.own.url)[0]),
                leads_here=self._peer.leads_here,
            ),
        )

    def _granted(self, want: wish.Wish, pause: float, asker: str) -> tuple[dict[str, Any], bool]:
        """Begin or renew; the lock is held."""
        hook = self._hooks.get(want.target.url)
        new = hook is None
        if hook is None:
            seq = self._peer.events.seq
            hook = Hook(want.target, self._line(want.target), os.urandom(SECRET), seq)
        types = hook.types if want.types is None else want.types
        key = hook.key if want.key is None else want.key
        pause = max(BATCH_EVERY, pause)
        ends = time.time() + want.lease
        try:
            self._kept.put(Saved(hook.id, want.target.url, key, types, ends, pause))
        except (sqlite3.Error, OSError) as error:
            raise ApiError(
                503, f"it cannot be written down ({error}), and nothing is changed", retry_after=5
            ) from None
        hook.types, hook.wanted, hook.key = types, interest.wanted(types), key
        if want.after is not None:
            hook.cursor = want.after
        hook.pause = pause
        hook.ends = time.monotonic() + want.lease
        hook.news.set()
        if new:
            self._begin(hook)
        said = "begins" if new else "renewed"
        print(
            f"Webhook {said}: {one_line(hook.target.base)} for {want.lease:g} s, "
            f"asked by {one_line(asker)}",
            flush=True,
        )
        view = self._view(hook)
        if new or want.key is not None:
            view["secret"] = written(hook.key)
        return view, new

    def _begin(self, hook: Hook) -> None:
        """Feed it from now on; the lock is held."""
        self._hooks[hook.target.url] = hook
        self._peer.events.listen(hook, hook.heard)
        hook.news.set()
        threading.Thread(
            target=self._feed, args=(hook,), name=f"webhook {hook.id}", daemon=True
        ).start()

    def _forget(self, hook: str) -> None:
        """Take it out of the file. Where that fails its lease ends it after the next start."""
        try:
            self._kept.drop(hook)
        except (sqlite3.Error, OSError) as error:
            print(f"A webhook that has ended stays written down: {error}", flush=True)

    # --- feeding -------------------------------------------------------------------------------

    def _feed(self, hook: Hook) -> None:
        """Deliver what happens, until the webhook ends."""
        while hook.left or not self._ended(hook):
            if not hook.news.wait(hook.left):
                continue  # over, unless it was renewed meanwhile
            hook.news.clear()
            cursor = hook.cursor
            batch = self._next(hook)
            if batch is None:
                continue
            began = time.monotonic()
            if batch.body and not self._deliver(hook, batch):
                continue
            with self._lock:
                if hook.cursor == cursor:  # else a renewal has set it
                    hook.cursor = batch.up_to
                hook.afresh = False
            hook.news.set()  # there may be more
            if batch.body:
                hook.over.wait(max(0.0, hook.pause - (time.monotonic() - began)))
        hook.line.close()

    def _ended(self, hook: Hook) -> bool:
        """Whether it is over, now that its lease seems to be: a renewal may have come between."""
        with self._lock:
            if hook.left:
                return False
            if not hook.over.is_set():
                self._end(hook, "its lease has run out")
            return True

    def _next(self, hook: Hook) -> Batch | None:
        peer = self._peer
        return following(peer, hook.cursor, hook.wanted, afresh=hook.afresh)

    def _deliver(self, hook: Hook, batch: Batch) -> bool:
        """Try until it is delivered. False where the webhook ended before."""
        message, pause = ask.name(), FIRST_PAUSE
        while hook.left:
            outcome = ask.deliver(hook.line, hook.key, message, batch.body)
            if outcome.delivered:
                hook.delivered += batch.count
                hook.last_success, hook.again = time.time(), None
                return True
            hook.failures += 1
            hook.last_failure = {"at": time.time(), "why": outcome.why}
            if outcome.gone:
                with self._lock:
                    if not hook.over.is_set():
                        self._end(hook, outcome.why)
                return False
            spread = random.uniform(0.5, 1.5)  # noqa: S311 - spreads the load, no secret
            wait = min(max(outcome.wait, pause * spread), hook.left)
            hook.again = time.monotonic() + wait
            hook.over.wait(wait)
            pause = min(2 * pause, LONGEST_PAUSE)
        return False

    def _end(self, hook: Hook, why: str) -> None:
        """Take it off the list; the lock is held."""
        del self._hooks[hook.target.url]
        self._forget(hook.id)
        self._peer.events.listen(hook, None)
        hook.end()
        print(f"Webhook ends: {one_line(hook.target.base)}, {one_line(why)}", flush=True)

    def _view(self, hook: Hook) -> dict[str, Any]:
        again = hook.again
        return {
            "id": hook.id,
            "url": hook.target.url,
            "types": None if hook.types is None else list(hook.types),
            "expires_in": round(hook.left, 3),
            "lag": self._peer.events.seq - hook.cursor,
            "delivered": hook.delivered,
            "failures": hook.failures,
            "last_success": hook.last_success,
            "last_failure": hook.last_failure,
            "next_in": None if again is None else round(max(0.0, again - time.monotonic()), 3),
        }
