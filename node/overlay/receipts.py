"""Receipts: how the origin of a broadcast comes to know who has it.

Theory of operation. A tree that carries a message out carries the answers back (*convergecast*;
Segall, "Distributed network protocols", 1983). Each node that has stored a message tells the
link that brought it, its *parent*, and with its own word goes what its children told it
meanwhile. So a node sends one receipt for its whole branch, and not one for each member behind
it. Parents have the message at a lower hop, so receipts never go round in a ring.

*What it costs.* Nothing of its own, where there is traffic: a receipt leaves with whatever goes
to the parent anyway, once it has waited for a moment. In a quiet network a leaf of the tree puts
its receipt into the answer to the request that brought the message, and whoever has children
waits, the longer the nearer it is to the origin, so that the deep ones come first and it has one
request to make. A member is named by a *mark* of eight characters, six bytes of its id's hash;
a set of members is one string. For a message to a hundred nodes some 3 KB of marks travel, over
all links together.

*Who is believed.* What says that a member has it comes from that member's own word; the store
must have taken the message before (`inputs.Stored`). A mark that belongs to nobody in the map is
ignored, and the origin counts only those who lived when the message was sent: nobody can make it
believe in more. But nothing is signed: a link can say of others that they have it, as it can say
everything else in their name.

*When something breaks.* Sets of members are joined, so saying it twice does no harm. What went
to a link within the last seconds is said again where an exchange with it failed, where the other
end asks what we have, and, to the new parent, where it is gone or a shorter way took its place:
by then it has passed on what is older. Where the parent is gone a node tells every link that may
be nearer to the origin, also those that come up in the next seconds. Of a message that came
after a long absence the receipt goes the same way. For whatever is lost nevertheless the origin
asks: a few of those who live and are not known to have a message, after some seconds, themselves
(`have_you`). Who is no link may only speak for itself.

What is held: for each payload the set of those known to have it, as bits of one number, and what
of that was said to whom; which bit is whose, for members of the map. They go when the payload
goes: after two minutes no receipt can come any more, and the count stands.

What goes in: messages stored, receipts, links that come, go or fail, the timer.
What comes out: frames, and `reached(message, marks)` at the origin.
Timer: `receipts`, while one waits.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from contract.limits import MARK, MAX_MEMBERS
from node.overlay.config import Config
from node.overlay.frames import HaveYou, Receipt, Receipts, Record
from node.overlay.links import Links, Say
from node.overlay.members import Members
from node.overlay.payloads import MessageId, Payload, Payloads
from node.overlay.pieces import receipts

SAID_AGAIN: Final = 30.0
"""Seconds after which a receipt that went to a link need not be said again [guess: a parent
passes it on within two, and its death is noticed within three; but a lost exchange is missed
after four, and what makes good for it can get lost as well]."""
STEPS: Final = 6
"""Hops of a tree; who is further from its origin waits no shorter [simulated: at N=100]."""
AT_REST: Final = 0.5
"""Seconds without a broadcast, after which a leaf's receipt may travel in an answer of its own
[guess]: under load there will be another batch soon."""
ORPHANS: Final = 1.0
"""Seconds until somebody without a parent looks for one again [guess]."""


@lru_cache(maxsize=4 * MAX_MEMBERS)
def mark(member: str) -> str:
    """A member's name in receipts.

    Of a thousand members two have the same with a probability of one in 500 million; then
    neither is counted (`coverage`).
    """
    return urlsafe_b64encode(blake2b(member.encode(), digest_size=6).digest()).decode()


def marks(text: str) -> Iterator[str]:
    """The marks in a receipt."""
    return (text[at : at + MARK] for at in range(0, len(text), MARK))


class Roll:
    """Which bit is whose."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._bits: dict[str, int] = {}
        self._marks: list[str] = []
        self._looked_at = float("-inf")

    def __len__(self) -> int:
        return len(self._marks)

    def own(self) -> int:
        """Our own bit."""
        return self._bit(mark(self._members.own.id))

    def read(self, text: str, now: float) -> int:
        """The bits of those marks that are some member's."""
        found = 0
        for one in marks(text):
            bit = self._bits.get(one)
            if bit is None and self._looked_at < now:
                self._look(now)
                bit = self._bits.get(one)
            found |= bit or 0
        return found

    def write(self, bits: int) -> str:
        """The marks of some bits."""
        found = []
        while bits:
            least = bits & -bits
            found.append(self._marks[least.bit_length() - 1])
            bits ^= least
        return "".join(found)

    def _look(self, now: float) -> None:
        """Somebody may be new in the map; a liar makes us look once a second."""
        self._looked_at = now + 1.0
        for record in self._members.living_peers():
            self._bit(mark(record.id))

    def _bit(self, one: str) -> int:
        bit = self._bits.get(one)
        if bit is None:
            if len(self._marks) >= 4 * MAX_MEMBERS:
                return 0  # so many came and went: the newest are not counted
            bit = self._bits[one] = 1 << len(self._marks)
            self._marks.append(one)
        return bit


class Returns:
    """What a node has to say about who has which broadcast, and to whom."""

    def __init__(
        self,
        config: Config,
        members: Members,
        links: Links,
        payloads: Payloads,
        say: Say,
        set_timer: Callable[[float, float], None],
        reached: Callable[[str, str], None],
    ) -> None:
        self._config = config
        self._members = members
        self._links = links
        self._payloads = payloads
        self._say = say
        self._set_timer = set_timer
        self._reached = reached
        self._roll = Roll(members)
        self._due: dict[str, dict[MessageId, float]] = {}  # link: what it is to hear, since when
        self._orphans: dict[MessageId, float] = {}  # messages whose parent is gone, since when
        self._took_at = float("-inf")

    def __len__(self) -> int:
        return sum(map(len, self._due.values()))

    # --- what happens ------------------------------------------------------------------------

    def stored(self, held: Payload, now: float) -> None:
        """We have a message: it is on our disk."""
        rests, self._took_at = now - self._took_at > AT_REST, now
        if not self._members.mapped or held.via is None:
            return
        held.have |= self._roll.own()
        parent = self._members.get(held.via)
        if rests and held.answers and parent is not None and held.via in self._links:
            self._tell(held.via, [held], now)
        else:
            self._soon(held, now)

    def restored(self, held: Payload, now: float) -> None:
        """We had it before we started again, and may not have said so."""
        held.have |= self._roll.own()
        self._soon(held, now)

    def heard(self, frame: Receipts, now: float) -> None:
        """A link tells who has what."""
        if not self._members.mapped:
            return
        for receipt in frame.of:
            held = self._payloads.get(receipt.key)
            if held is None:
                continue
            new = self._roll.read(receipt.who, now) & ~held.have
            if not new:
                continue
            held.have |= new
            if held.push.origin == self._members.own.id and held.hop == 0:
                self._reached(held.push.message, self._roll.write(new))
            else:
                self._soon(held, now)

    def asked(self, sender: Record, frame: HaveYou) -> None:
        """The origin of some messages asks whether we have them."""
        own = self._roll.own()
        found = [
            Receipt(*message.key, self._roll.write(own))
            for message in frame.messages
            if (held := self._payloads.get(message.key)) is not None and held.have & own
        ]
        for piece in receipts(found):
            self._say(sender, piece)

    def moved(self, held: Payload, now: float) -> None:
        """Its parent is another one now."""
        if held.said and now - held.said_at < SAID_AGAIN:
            self._soon(held, now)

    def lost(self, link: str, now: float) -> None:
        """What was said to a link lately may not have come there."""
        for _, held in self._payloads.all():
            if link in held.said and now - held.said_at < SAID_AGAIN:
                del held.said[link]
                self._soon(held, now)

    def link_down(self, link: str, now: float) -> None:
        """A link is gone, perhaps before it passed on what we had said."""
        waiting = self._due.pop(link, {})
        for key, held in self._payloads.all():
            if held.said.pop(link, None) and now - held.said_at < SAID_AGAIN:
                waiting[key] = now
        for key in waiting:
            held_ = self._payloads.get(key)
            if held_ is not None:
                self._soon(held_, now)

    # --- to whom, and when -------------------------------------------------------------------

    def _parents(self, held: Payload) -> list[str]:
        """Who brought it; where that one is gone, all who may be nearer to the origin.

        Where nobody is, all who have it from somebody else: there may be a way around.
        """
        if held.via is not None and held.via in self._links:
            return [held.via]
        others = [link for link in self._links.ids() if link not in held.children]
        return [link for link in others if held.hops.get(link, 0) < held.hop] or others

    def _soon(self, held: Payload, now: float) -> None:
        """There is something to be said of a message."""
        key = held.push.key
        parents = self._parents(held)
        for link in parents:
            if held.have & ~held.said.get(link, 0):
                self._due.setdefault(link, {}).setdefault(key, now)
        if held.hop and (held.via is None or held.via not in self._links):
            self._orphans.setdefault(key, now)  # links that come up later may be nearer
            self._set_timer(ORPHANS, now)
        if parents:
            self._set_timer(self._patience(held, now, now), now)

    def _patience(self, held: Payload, since: float, now: float) -> float:
        """Seconds until what is to be said since then leaves by itself.

        Those who are further away have said it by then. What comes later is late: it waits for
        one step at each hop.
        """
        step = self._config.receipt_step
        return max(held.since + step * max(1, STEPS + 1 - held.hop), since + step) - now

    def luggage(self, link: str, now: float, *, answer: bool = False) -> list[Receipts]:
        """A batch leaves for a link: what goes along. An `answer` may carry nothing else."""
        waiting = self._due.get(link)
        least = self._config.receipt_answers if answer else self._config.receipt_rides
        if not waiting or now - next(iter(waiting.values())) < least:
            return []
        return self._frames(link, self._take(link, now), now)

    def ran_out(self, now: float) -> None:
        """What found no company leaves by itself."""
        for key, since in list(self._orphans.items()):
            held = self._payloads.get(key)
            if held is not None and (now - since < SAID_AGAIN or not held.said):
                self._soon(held, now)
            else:
                del self._orphans[key]
        for link in list(self._due):
            waiting = self._due.get(link, {})
            left = min(
                (
                    self._patience(held, since, now)
                    for key, since in waiting.items()
                    if (held := self._payloads.get(key)) is not None
                ),
                default=0.0,
            )
            if left > 0:
                self._set_timer(left, now)
            else:
                self._tell(link, self._take(link, now), now)

    def _take(self, link: str, now: float) -> list[Payload]:
        """Take out what a link is to hear, unless somebody else is its parent now."""
        found = []
        for key in self._due.pop(link, {}):
            held = self._payloads.get(key)
            if held is None:
                continue
            if link in self._parents(held):
                found.append(held)
            else:
                self._soon(held, now)
        return found

    def _tell(self, link: str, helds: list[Payload], now: float) -> None:
        parent = self._members.get(link)
        for frame in self._frames(link, helds, now) if parent is not None else ():
            if parent is not None:
                self._say(parent, frame)

    def _frames(self, link: str, helds: list[Payload], now: float) -> list[Receipts]:
        said = []
        for held in helds:
            new = held.have & ~held.said.get(link, 0)
            if new:
                held.said[link], held.said_at = held.have, now
                said.append(Receipt(*held.push.key, self._roll.write(new)))
        return receipts(said)
