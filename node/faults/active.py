"""The faults of now: set, told of, expired, healed.

Each has an end, by the true clock and in a thread of its own, so that neither a frozen node nor
one with a wrong clock stays so. Whatever changes, the node is brought to what the list says:
the wire gets its rules, the disk and the clocks their state. Where the list is empty the wire is
taken away, and a hop costs what it always did.

Every fault is one line in the log when it is set and one when it ends, with who asked for it,
and an event each time.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from contract.errors import ApiError
from contract.exits import AGAIN
from contract.text import one_line
from node.faults import down, kinds
from node.faults.kinds import Fault
from node.faults.wire import Rule, Wire, rule

if TYPE_CHECKING:
    from node.peer import Peer

MOST_FAULTS: Final = 64
"""Faults at a time [guess: each costs every hop a look]."""
LAST_WORDS: Final = 0.25
"""Seconds from the answer to the end of the process: for the answer itself, and for the event,
of which a subscriber hears within 0.1 s."""


class Active(msgspec.Struct):
    """A fault that is set."""

    id: str
    fault: Fault
    ends: float
    """By the system's monotonic clock."""
    rule: Rule | None = None

    def view(self) -> dict[str, Any]:
        """For people and programs."""
        fault = self.fault
        peers = fault.peers
        return {
            "id": self.id,
            "kind": fault.kind,
            "peers": None
            if peers is None
            else [{"id": peer.id, "name": peer.name} for peer in peers],
            "direction": fault.direction,
            "left_seconds": round(max(0.0, self.ends - time.monotonic()), 3),
            "by": fault.by,
            "act": fault.act,
            **fault.values,
        }


class Faults:
    """All faults of one node."""

    def __init__(self, peer: "Peer") -> None:
        self._peer = peer
        self._wire = Wire(self._url_of)
        self._active: dict[str, Active] = {}
        self._changed = threading.Condition()
        self._watched = False
        self._skewed: Active | None = None
        self._ending = False

    # --- what people ask -------------------------------------------------------------------

    def set(self, body: Mapping[str, Any], asker: str) -> dict[str, Any]:
        """Set a fault; returns its view. `asker` is the address of who wants it.

        Raises ApiError, and has changed nothing then.
        """
        fault = kinds.read(body, asker, self._peer.own, self._peer.find)
        lasts = fault.values["down_seconds"] if fault.kind == "crash" else fault.for_seconds
        one = Active(
            str(uuid4()),
            fault,
            time.monotonic() + lasts,
            rule(fault, random.Random()),  # noqa: S311 - chance, no secret
        )
        with self._changed:
            if len(self._active) >= MOST_FAULTS:
                raise ApiError(429, f"there are {MOST_FAULTS} faults already", retry_after=5)
            if self._ending:
                raise ApiError(409, "this node is about to end, as a fault was asked for")
            if fault.kind in {"crash", "leave"}:
                self._note(lasts, lose_disk=fault.values.get("lose_disk", False))
                self._ending = True
            self._active[one.id] = one
            self._bring_about()
            view = one.view()
            self._tell("set", view, f"{lasts:g} s, {_asked(fault, asker)}")
            if self._ending:
                threading.Thread(target=self._end, args=(fault.kind,), daemon=True).start()
            elif not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="faults", daemon=True).start()
            self._changed.notify()
        return view

    def clear(self, asker: str) -> int:
        """Heal everything; how many faults there were."""
        with self._changed:
            gone = [one for one in self._active.values() if one.fault.kind not in _LAST]
            self._remove(gone, f"healed, asked by {one_line(asker)}")
        return len(gone)

    def clear_one(self, fault: str, asker: str) -> dict[str, Any]:
        """Heal one fault; returns its view. 404 where there is none."""
        with self._changed:
            one = self._active.get(fault)
            if one is None:
                raise ApiError(404, "this node has no fault with this id, or not any more")
            if one.fault.kind in _LAST:
                raise ApiError(409, "this node is about to end: that cannot be healed")
            self._remove([one], f"healed, asked by {one_line(asker)}")
            return one.view()

    def views(self) -> list[dict[str, Any]]:
        """All that are set, the oldest first."""
        with self._changed:
            return [one.view() for one in self._active.values()]

    # --- what comes of it --------------------------------------------------------------------

    def _url_of(self, member: str) -> str | None:
        record = self._peer.overlay.members.get(member)
        return record.url if record else None

    def _bring_about(self) -> None:
        """Bring the node to what the list says; the lock is held."""
        all_of = list(self._active.values())
        kinds_set = {one.fault.kind for one in all_of}
        self._wire.rules = tuple(one.rule for one in all_of if one.rule is not None)
        frozen = "freeze" in kinds_set
        self._peer.rewire(self._wire if self._wire.rules or frozen else None)
        if frozen:
            self._wire.freeze()
        else:
            self._wire.thaw()
        self._peer.store.full = "disk-full" in kinds_set
        skewed = next((one for one in reversed(all_of) if one.fault.kind == "clock-skew"), None)
        if skewed is not self._skewed:
            self._skewed = skewed
            self._peer.skew(None if skewed is None else skewed.fault.values)

    def _remove(self, gone: list[Active], why: str) -> None:
        """Take faults off the list; the lock is held."""
        for one in gone:
            del self._active[one.id]
        self._bring_about()
        for one in gone:
            self._tell("cleared", one.view(), why)
        self._changed.notify()

    def _watch(self) -> None:
        """End what has run out, until nothing is left."""
        with self._changed:
            while self._active:
                left = min(one.ends for one in self._active.values()) - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                now = time.monotonic()
                self._remove([one for one in self._active.values() if one.ends <= now], "expired")
            self._watched = False

    def _tell(self, what: str, view: Mapping[str, Any], more: str) -> None:
        """One line in the log, and one event."""
        own = (f"{name}={view[name]}" for name in kinds.KINDS[view["kind"]])
        peers = view["peers"]
        whom = "" if peers is None else " for " + ", ".join(one_line(p["name"]) for p in peers[:8])
        if peers is not None and len(peers) > 8:
            whom += f" and {len(peers) - 8} more"
        way = f" direction={view['direction']}" if view["kind"] in kinds.ON_THE_WIRE else ""
        said = " ".join([view["kind"], *own])
        print(f"Fault {what}: {said}{way}{whom} ({more})", flush=True)
        reason = {} if what == "set" else {"reason": "expired" if more == "expired" else "healed"}
        self._peer.events.emit(f"fault.{what}", {"fault": dict(view), **reason})

    # --- the end of the process ----------------------------------------------------------------

    def _note(self, seconds: float, *, lose_disk: bool) -> None:
        try:
            down.write(self._peer.settings.data, seconds, lose_disk=lose_disk)
        except OSError as error:
            raise ApiError(503, f"this node cannot write down that it is to end: {error}") from None

    def _end(self, kind: str) -> None:
        time.sleep(LAST_WORDS)
        if kind == "crash":
            os._exit(AGAIN)  # nothing is flushed, nobody is told: the kernel closes what is open
        self._peer.exit_status = AGAIN
        os.kill(os.getpid(), signal.SIGTERM)  # good-bye, as for whoever stops it


_LAST: Final = frozenset({"crash", "leave"})


def _asked(fault: Fault, asker: str) -> str:
    by = "" if fault.by == asker else f" ({one_line(fault.by)})"
    return f"asked by {one_line(asker)}{by}"
