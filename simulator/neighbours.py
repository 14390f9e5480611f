"""Linux's table of neighbours: the one thing that all containers of a machine are short of.

To send a packet to another container the kernel needs its hardware address, and it keeps
what it has learned in one table for all of them, with room for 1,024 entries by default
(`net.ipv4.neigh.default.gc_thresh3`). A conversation takes two, one for each direction,
until half a minute after its last packet. Where there is no room, a packet is dropped and
nobody is told: to the nodes it is a silence, and if only the answer finds no room, the
question has taken an entry in vain.

A world has no such table unless it is given one (`Network.table`): the machines of a real
network each have their own. `docs/protocol.md`, section 6, tells what the lab's nodes do to
get along with one.
"""

from collections import OrderedDict
from typing import Final

LASTS: Final = 30.0
"""Seconds for which an entry stays after the last packet [arp(7); in truth 15 to 45]."""


class NeighbourTable:
    """Who may send packets to whom just now."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._entries: OrderedDict[tuple[str, str], float] = OrderedDict()  # oldest first
        self.refused = 0
        """How often there was no room (`table_fulls` in `/proc/net/stat/arp_cache`)."""

    def carries(self, sender: str, receiver: str, now: float) -> bool:
        """Whether a question finds its way there, and its answer the way back."""
        return self._holds(sender, receiver, now) and self._holds(receiver, sender, now)

    def _holds(self, sender: str, receiver: str, now: float) -> bool:
        entries = self._entries
        while entries:
            oldest = next(iter(entries))
            if entries[oldest] > now - LASTS:
                break
            del entries[oldest]
        way = (sender, receiver)
        if way not in entries and len(entries) >= self._room:
            self.refused += 1
            return False
        entries[way] = now
        entries.move_to_end(way)
        return True
