"""A scenario played to real programs: steps, users and looks side by side, then peace.

The network is a fresh one, taken away again whatever happens, or the present one, of which all
is healed in the end whatever happens. Ctrl-C is something that happens.

Afterwards everything has its time to be well: links one network, maps true, nothing waiting.
Then every inbox and every outbox is read, and what was seen is a record.
"""

import argparse
import contextlib
import http.client
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, uuid5

from lab import LabError, called
from lab.dashboard import Dashboard, operator
from lab.folder import Folder, network_name
from lab.layout import MOST_NODES, Layout
from lab.playing.doing import Containers, Doer, Processes, Where, all_of, side_by_side
from lab.playing.looking import Looker
from lab.playing.people import Caller, Resident, log_inbox, start
from lab.playing.record import Record
from lab.progress import Progress
from lab.verification.asking import NoAnswerError, Node
from lab.verification.collecting import UnreadableError, inbox, outbox
from lab.verification.history import EVERYBODY, End, Found, History, Sent
from lab.verification.nemesis import heal
from lab.verification.place import FaultNotDoneError
from lab.wanted import Wanted
from scenario.cast import Script, cast
from scenario.reading import Scenario
from scenario.watching import Watch

if TYPE_CHECKING:
    from pathlib import Path

Chapter = Callable[[Script, int], None]
ANSWER_WITHIN: Final = 30.0
"""Seconds after the end until a call without an answer is left as unknown."""
LOOK: Final = 0.25
"""Seconds between two draws of the bar."""
GROW: Final = 10
CALM: Final = 10
CALM_PAUSE: Final = 0.5
"""Broadcasts with which a tree grows, those that are measured, and seconds between two: as in
the simulator."""
MOST_RECORDS: Final = 5_000
PAGE: Final = 2_000
TYPES: Final = "member.suspect,member.dead,member.alive,member.left,link.down"
MOST_FILE: Final = 512 * 1024 * 1024


@dataclass
class Network:
    """A running network, and how it is broken."""

    mode: str
    layout: Layout
    where: Where
    words: str
    own: frozenset[str]
    folder: Folder
    addresses: Mapping[str, str] = field(default_factory=dict)
    """URLs of nodes that are known by no name."""

    def log(self, name: str) -> str:
        """All that a node has printed."""
        if self.mode == "local":
            parts = sorted(self.folder.logs.glob(f"{name}.log*"), reverse=True)
            return "".join(part.read_text("utf-8", "replace") for part in parts)
        from lab.engine import Engine

        return Engine(self.folder.name).printed(name)


def play(
    chosen: argparse.Namespace, scenario: Scenario, progress: Progress, chapter: Chapter
) -> Record:
    """Play it. Raises ScenarioError before anything is started, LabError, KeyboardInterrupt."""
    count = min(chosen.nodes or scenario.nodes, 10**9)
    if not chosen.running:
        if count > MOST_NODES:
            raise LabError(
                f"A real network has {MOST_NODES} nodes at most, and {count:,} are wanted; "
                f"--sim has room for them, --nodes N takes fewer.",
                2,
            )
        cast(scenario, count, chosen.seed, MOST_NODES)  # refused before anything is started
    with _network(chosen, count, progress) as network:
        script = cast(scenario, network.layout.nodes, chosen.seed, MOST_NODES)
        script = _with_own(script, network.own)
        return _Play(network, script, chosen, progress, chapter).play()


def _with_own(script: Script, own: frozenset[str]) -> Script:
    from dataclasses import replace

    return replace(script, own=own)


class _Play:
    def __init__(
        self,
        network: Network,
        script: Script,
        chosen: argparse.Namespace,
        progress: Progress,
        chapter: Chapter,
    ) -> None:
        self._network = network
        self._layout = network.layout
        self._script = script
        self._chosen = chosen
        self._progress = progress
        self._chapter = chapter
        self._speed = float(chosen.speed or 1.0)
        self._zero = 0.0
        self._stood = 0.0
        """Seconds for which a teacher talked: the scenario's clock stands meanwhile."""
        self._watch = Watch(script)
        self._doer = Doer(network.where, script.seconds, network.own, network.addresses, self._now)
        self._looker = Looker(self._watch, self._doer, self._layout, network.own, self._now)
        self._users: list[Resident] = []
        self._joined: dict[str, float] = {}

    def _now(self) -> float:
        """Seconds of the scenario."""
        return (time.monotonic() - self._zero - self._stood) * self._speed

    def play(self) -> Record:
        """All of it."""
        began = time.time()
        self._zero = time.monotonic()
        wall = began
        self._users = start(self._network, self._script, rate=self._speed)
        self._looker.start()
        try:
            while not self._looker.looks:  # before anything is broken
                self._raise_failure()
                time.sleep(0.05)  # the pace; the first look ends the loop
            for user in self._users:
                user.start()
            self._steps()
            self._doer.wait()
            self._end_what_lasts()
            self._silence()
            self._settle()
            calm = self._calm() if "redundancy" in self._script.scenario.expect else {}
        finally:
            self._looker.stop()
            for user in self._users:
                user.give_up()
            self._doer.close()
            self._looker.join()
            for user in self._users:
                if user.ident is not None:
                    user.join()
        self._watch.finish()
        self._watch.picture("after", self._now())
        history = self._history()
        return Record(
            script=self._script,
            place="docker" if self._network.mode == "docker" else "local",
            words=self._network.words,
            zero=wall,
            history=history,
            watch=self._watch.said(),
            done=self._doer.done,
            undone=self._doer.undone,
            calm=calm,
            events=self._events(wall),
            look=self._looker.pause,
            real_seconds=round(time.time() - began, 2),
            began=wall,
            speed=self._speed,
            run_file=self._recording(),
        )

    # --- the schedule ------------------------------------------------------------------------

    def _steps(self) -> None:
        script = self._script
        steps = all_of(script.strikes)
        chapters = list(enumerate(script.chapters))
        while True:
            now = self._now()
            if chapters and chapters[0][1].at <= now:
                number, _ = chapters.pop(0)
                self._tell(number)
                continue
            if steps and steps[0][0] <= now:
                _, begins, strike = steps.pop(0)
                if begins:
                    self._doer.begin(strike, self._left(strike.until))
                    self._await_join(strike.kind, strike.nodes)
                else:
                    self._doer.end(strike)
                continue
            if now >= script.seconds:
                return
            self._raise_failure()
            self._draw(now)
            following = [script.seconds, *([chapters[0][1].at] if chapters else [])]
            following += [steps[0][0]] if steps else []
            pause = (min(following) - now) / self._speed
            time.sleep(max(0.0, min(LOOK, pause)))  # the pace; the clock ends the loop

    def _left(self, until: float | None) -> float:
        """Real seconds for which a node's own fault must last."""
        if self._chosen.step:
            return 3_600.0  # a teacher may talk for long; it is undone by us
        return ((self._script.seconds if until is None else until) - self._now()) / self._speed

    def _tell(self, number: int) -> None:
        began = time.monotonic()
        self._chapter(self._script, number)
        if self._chosen.step:
            self._stood += time.monotonic() - began

    def _await_join(self, kind: str, names: Sequence[str]) -> None:
        """Whoever came is sent to from now on; what was said to all before is not for him."""
        if kind == "join":
            for name in names:
                self._joined[name] = time.time() + ANSWER_WITHIN
            for user in self._users:
                user.meet(names)

    def _draw(self, now: float) -> None:
        script = self._script
        self._progress.count("seconds", int(now), ceil(script.seconds))
        titles = [chapter.title for chapter in script.chapters if chapter.at <= now]
        sent = sum(len(user.sent) for user in self._users)
        self._progress.note(f"{titles[-1] if titles else script.scenario.name} · {sent:,} messages")

    def _end_what_lasts(self) -> None:
        for strike in self._script.strikes:
            if strike.until is not None:
                self._doer.end(strike)
        self._doer.wait()

    # --- peace -------------------------------------------------------------------------------

    def _silence(self) -> None:
        """Nobody begins another message; whoever waits for an answer gets it, if it comes."""
        for user in self._users:
            user.stop()
        deadline = time.monotonic() + ANSWER_WITHIN
        gone = set(self._script.gone)
        for user in self._users:
            if user.at in gone:
                user.give_up()
            user.join(max(0.0, deadline - time.monotonic()))

    def _settle(self) -> None:
        """Until all is well, or its time is over."""
        script = self._script
        began = time.monotonic()
        nodes = self._nodes()
        broadcasts = {
            m.id: m.accepted_at
            for user in self._users
            for m in user.sent
            if m.to_everybody and m.accepted_at is not None
        }
        since = self._now()
        only_own = not nodes
        while time.monotonic() - began < script.scenario.settle:
            self._raise_failure()
            self._progress.note("settling")
            well = only_own or self._looker.after(since)
            if well and self._quiet(nodes, set(broadcasts)):
                break
            time.sleep(LOOK)  # the pace; that all is well ends the loop
        for node in nodes:
            node.close()

    def _nodes(self) -> list[Node]:
        """Those of ours that are there in the end."""
        away = set(self._script.gone) | self._network.own
        return [
            Node(name, self._layout.port(name)) for name in self._doer.there if name not in away
        ]

    def _quiet(self, nodes: Sequence[Node], broadcasts: set[str]) -> bool:
        gone = self._gone()
        for node in nodes:
            try:
                rows = node.get("/send?status=queued&limit=1000").said.get("messages")
            except NoAnswerError:
                return False
            if not isinstance(rows, list) or any(
                gone.isdisjoint((row.get("to_name"), row.get("to"))) for row in rows
            ):
                return False
        for node in nodes:
            late = node.name in self._joined
            try:
                have = {found.id for found in inbox(node)}
            except UnreadableError:
                return False
            if not late and not broadcasts <= have:
                return False
        return True

    def _gone(self) -> set[str]:
        """Names of those who are not there in the end, and ids of the plain ones among them.

        A plain node has no name of its own; its id comes from its address (node.overlay.plain).
        """
        gone = set(self._script.gone)
        addresses = [self._network.addresses[name] for name in gone & self._network.own]
        return gone | {str(uuid5(NAMESPACE_URL, address)) for address in addresses}

    def _calm(self) -> dict[str, Any]:
        """One node speaks to all; how many copies came where one is enough."""
        nodes = self._nodes()
        if len(nodes) < 2:
            return {}
        root = nodes[0]
        self._progress.note("one node speaks to all")
        came = 0
        for number in range(GROW + CALM):
            if number == GROW:
                came = _came(nodes)
            answer = root.post("/broadcast", {"msg": f"calm {number}"})
            if answer.status != 202:
                raise LabError(f"{root.name} takes no broadcast: {answer.error}")
            time.sleep(CALM_PAUSE)  # as far apart as in the simulator, where the tree is measured
        deadline = time.monotonic() + 5.0
        owed = CALM * (len(nodes) - 1)
        while (came_now := _came(nodes) - came) < owed and time.monotonic() < deadline:
            time.sleep(LOOK)  # the pace; that all have it ends the loop
        for node in nodes:
            node.close()
        return {"root": root.name, "broadcasts": CALM, "redundancy": came_now / owed - 1}

    # --- what is there -----------------------------------------------------------------------

    def _history(self) -> History:
        script, network = self._script, self._network
        self._progress.note("reading all inboxes")
        sent = [message for user in self._users for message in user.sent]
        names = [*script.nodes, *script.joined]
        gone = list(script.gone)
        history = History(
            network.words, script.seed, script.seconds, names, sent, gone=gone, joined=self._joined
        )
        for node in self._nodes():
            try:
                history.inboxes[node.name] = [f for f in inbox(node) if not _calm_one(f)]
                history.outboxes[node.name] = outbox(node)
            except UnreadableError as error:
                self._progress.say(f"{error}.")  # the checker takes what was in it for lost
            node.close()
        self._own_history(history, sent)
        return history

    def _own_history(self, history: History, sent: Sequence[Sent]) -> None:
        """Of somebody's own nodes: what they printed is their inbox.

        Their outbox is what we were told of the calls that we made in their name.
        """
        for name in self._network.own - set(self._script.gone):
            history.inboxes[name] = log_inbox(self._network.log(name), sent)
            history.outboxes[name] = {
                message.id: End("delivered")
                for message in sent
                if message.sender == name and message.accepted_at is not None
            }

    def _events(self, wall: float) -> list[list[Any]]:
        """What nodes told meanwhile, as the dashboard has written it down."""
        dashboard = Dashboard(self._layout.dashboard)
        found: list[list[Any]] = []
        after: str | None = None
        names: dict[str, str] = {}
        while len(found) < MOST_RECORDS:
            query = {"from": f"{wall * 1000:.0f}", "types": TYPES, "limit": str(PAGE)}
            if after is not None:
                query["after"] = after
            try:
                said = dashboard.get(f"/api/history?{urlencode(query)}")
            except LabError as error:
                self._progress.say(f"The dashboard's history cannot be read: {error}")
                return found
            found += [_event(row, wall, names) for row in said.get("records") or []]
            following = said.get("next")
            if not isinstance(following, str) or following == after:
                return found
            after = following
        return found

    def _recording(self) -> str:
        """The dashboard's own recording, as a file."""
        path: Path | None = self._chosen.recording
        if path is None:
            return ""
        connection = http.client.HTTPConnection("127.0.0.1", self._layout.dashboard, timeout=60)
        try:
            runs = Dashboard(self._layout.dashboard).get("/api/runs").get("runs") or []
            current = next(run for run in runs if run.get("current"))
            connection.request(
                "GET", f"/api/runs/{quote(str(current['id']))}/export", headers=operator()
            )
            answer = connection.getresponse()
            body = answer.read(MOST_FILE)
            if answer.status != 200:
                raise LabError(f"it answers {answer.status}")
            path.write_bytes(body)
        except (OSError, http.client.HTTPException, LabError, StopIteration) as error:
            self._progress.say(f"The dashboard's recording cannot be kept: {error}")
            return ""
        finally:
            connection.close()
        return str(path)

    def _raise_failure(self) -> None:
        for failure in (self._looker.failure, *(user.failure for user in self._users)):
            if failure is not None:
                raise failure


def _calm_one(found: Found) -> bool:
    return found.text.startswith("calm ")


def _came(nodes: Sequence[Node]) -> int:
    """Payloads of broadcasts that came to all of them, copies too."""
    counts: list[int] = []

    def ask(node: Node) -> None:
        try:
            said = node.get("/status").said.get("broadcast")
        except NoAnswerError:
            said = None
        counts.append(int(said["came"]) if isinstance(said, dict) else 0)

    side_by_side(list(nodes), ask)
    return sum(counts)


def _event(row: Mapping[str, Any], wall: float, names: dict[str, str]) -> list[Any]:
    """Time, node, type, whom."""
    source = row.get("node")
    node = source.get("name") if isinstance(source, dict) else source
    data = row.get("data") if isinstance(row.get("data"), dict) else {}
    other = (data or {}).get("member") or (data or {}).get("peer") or {}
    whom = other.get("name") if isinstance(other, dict) else ""
    if isinstance(other, dict) and other.get("id") and other.get("name"):
        names[str(other["id"])] = str(other["name"])
    at = row.get("time") or row.get("at")
    seconds = float(at) / 1000 - wall if isinstance(at, int | float) else 0.0
    kind = str(row.get("type", "")).removeprefix("p2p.")
    return [round(seconds, 3), names.get(str(node), str(node)), kind, str(whom or "")]


# --- the network -----------------------------------------------------------------------------


@contextlib.contextmanager
def _network(chosen: argparse.Namespace, count: int, progress: Progress) -> Iterator[Network]:
    """A fresh one, or the present one; left as it should be, whatever happens."""
    # Ctrl-C while it starts or runs still takes everything away below.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    if chosen.running:
        with _present(chosen, progress) as network:
            yield network
    else:
        with _fresh(chosen, count, progress) as network:
            yield network


@contextlib.contextmanager
def _fresh(chosen: argparse.Namespace, count: int, progress: Progress) -> Iterator[Network]:
    from lab import down, up
    from lab.own import own_names

    folder = Folder(network_name(chosen.name or "p2p-run"))
    if folder.run() is not None:
        raise LabError(
            f"A network {folder.name!r} is there already: a run that was left or is going on. "
            f"`{called()} down --name {folder.name}` removes it."
        )
    layout = Layout(count, chosen.ports, chosen.dashboard_port)
    options = argparse.Namespace(
        local=chosen.local or bool(chosen.command),
        docker=chosen.docker or bool(chosen.image),
        build=False,
        no_build=False,
        force=False,
        timeout=300,
        command=chosen.command,
        image=chosen.image,
        mix=chosen.mix,
    )
    try:
        mode, _ = up.start(options, layout, folder, progress)
        progress.say(f"{layout.nodes} nodes are one network: watch it at {layout.page}")
        yield _known(mode, layout, folder, own_names(options, layout))
    finally:
        progress.note("")
        if chosen.leave:
            progress.say(f"It goes on: `{called()} down --name {folder.name}` stops it.")
        else:
            down.remove_all(folder, progress)


@contextlib.contextmanager
def _present(chosen: argparse.Namespace, progress: Progress) -> Iterator[Network]:
    from lab.status import last_run

    folder = Folder(network_name(chosen.name))
    run = last_run(folder)
    known = folder.own()
    own = known.names if known is not None else frozenset()
    network = _known(run.mode, run.layout, folder, own)
    try:
        yield network
    finally:
        progress.note("healing")
        try:
            network.where.heal()
            heal(_Healed(network))
        except FaultNotDoneError as error:
            progress.say(f"Not everything could be healed: {error}")


class _Healed:
    """What `lab.verification.nemesis.heal` wants to know: whom to ask."""

    def __init__(self, network: Network) -> None:
        names = [name for name in network.layout.names if name not in network.own]
        self.layout: Any = argparse.Namespace(names=names, port=network.layout.port)

    def heal(self) -> None:
        """Done already."""


def _known(mode: str, layout: Layout, folder: Folder, own: frozenset[str]) -> Network:
    words = f"{layout.nodes} {'containers' if mode == 'docker' else 'processes'}"
    if own:
        words += f", {len(own)} of them somebody's own"
    where: Where
    if mode == "docker":
        from lab.engine import Engine

        where = Containers(Engine(folder.name), layout)
        addresses = {name: f"http://{name}:5000" for name in own}
    else:
        from lab import environment

        wanted = Wanted(own=folder.own())
        where = Processes(folder, layout, str(environment.python()), wanted)
        addresses = {name: f"http://127.0.0.1:{layout.port(name)}" for name in own}
    return Network(mode, layout, where, words, own, folder, addresses)


__all__ = ["EVERYBODY", "Caller", "Network", "play"]
