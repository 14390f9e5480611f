"""Who sends while a scenario plays: a user at each node, as `verify` has them.

At a node of ours sits a `User` of `verify`, who asks it to send. A plain node, somebody's own,
has no such call: its user does what the assignment's student does, and posts straight to the
receiver with the node's name (`curl … /message`). A call without an answer is made again, with
the same id; so to a plain node a message comes at least once.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lab.verification.asking import NoAnswerError, Node
from lab.verification.history import Found, Sent
from lab.verification.workload import Habits, User
from scenario.cast import Script

if TYPE_CHECKING:
    from lab.playing.live import Network

RECEIVED: Final = re.compile(r"Received message from (?P<sender>.{0,200}?): (?P<id>[0-9a-z-]+) to ")
"""The line of the assignment's log, with a text of ours."""
AGAIN: Final = 0.2


class Resident(User):
    """A user at a node of ours, who knows whom he may write to."""

    def __init__(
        self,
        node: Node,
        others: list[str],
        seed: int,
        rate: float,
        habits: Habits,
        addresses: Mapping[str, str],
    ) -> None:
        super().__init__(node, others, seed, rate, habits)
        self._met = others
        self._addresses = addresses
        self.at = node.name
        self.closed = False
        """Whether he writes to nobody whom he did not know from the beginning."""

    def address(self, name: str) -> str:
        """A plain node is known by its address."""
        return self._addresses.get(name, name)

    def meet(self, names: Sequence[str]) -> None:
        """From now on he writes to these as well."""
        if self.closed or not self._met:
            return
        self._met += [name for name in names if name != self.at]


class Caller(Resident):
    """A user at somebody's own node: posts to the receiver himself."""

    def __init__(
        self, node: Node, others: list[str], seed: int, rate: float, ports: Mapping[str, int]
    ) -> None:
        habits = Habits(broadcasts=0.0, short_lived=0.0, long=0.0)
        super().__init__(node, others, seed, rate, habits, {})
        self._ports = ports
        self._lines: dict[str, Node] = {}

    def _until_known(
        self, path: str, body: Mapping[str, object]
    ) -> tuple[float | None, str | None]:
        """Accepted is delivered: the receiver itself has answered."""
        del path
        to = str(body["to"])
        line = self._lines.get(to)
        if line is None:
            line = self._lines[to] = Node(to, self._ports[to])
        message = {"sender": self.at, "msg": body["msg"], "id": body["id"]}
        while True:
            try:
                answer = line.post("/message", message)
            except NoAnswerError:
                pass
            else:
                if 200 <= answer.status < 300:
                    return time.time(), None
                if 400 <= answer.status < 500 and answer.status != 429:
                    return None, answer.error
            if self._give_up.wait(AGAIN):
                return None, None


def start(network: "Network", script: Script, rate: float = 1.0) -> list["Resident"]:
    """The users, not started yet; together they send as much as the scenario says."""
    work = script.scenario.workload
    layout = network.layout
    receivers: dict[str, list[str]] = {}
    if script.pairs:
        for sender, receiver in script.pairs:
            receivers.setdefault(sender, []).append(receiver)
    else:
        receivers = {name: [o for o in script.nodes if o != name] for name in script.nodes}
    pairs = sum(len(others) for others in receivers.values())
    ours = [name for name in script.nodes if name not in network.own]
    ports = {name: layout.port(name) for name in (*script.nodes, *script.joined)}
    users: list[Resident] = []
    for name in script.nodes:
        others = receivers.get(name, [])
        messages = work.messages * len(others) / pairs if pairs else 0.0
        broadcasts = work.broadcasts / len(ours) if name in ours else 0.0
        total = messages + broadcasts
        if not total:
            continue
        node = Node(name, layout.port(name))
        if name in network.own:
            users.append(Caller(node, list(others), script.seed, total * rate, ports))
            continue
        habits = Habits(broadcasts / total, 0.0, 0.0, (work.route,))
        user = Resident(node, list(others), script.seed, total * rate, habits, network.addresses)
        user.closed = bool(script.pairs)
        users.append(user)
    return users


def log_inbox(log: str, sent: Sequence[Sent]) -> list[Found]:
    """What a plain node has received, as its log has it: the assignment's own line.

    Such a log has no times; a message counts as there when its sender was told so.
    """
    known = {message.id: message for message in sent}
    found = []
    # Not line by line: two threads of a student's node that print at once share a line.
    for match in RECEIVED.finditer(log):
        message = known.get(match["id"])
        if message is None:
            continue
        rest = log[match.start("id") :]
        text = message.text
        if not rest.startswith(text.splitlines()[0]):
            text = rest.partition("\n")[0]  # the judge will say that it was changed
        at = message.accepted_at if message.accepted_at is not None else message.asked_at
        found.append(Found(message.id, match["sender"], text, at))
    return found
