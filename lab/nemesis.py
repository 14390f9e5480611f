"""`nemesis`: random faults at a running network, from a seed, within limits; all of them heal.

The schedule is `verify`'s own (`lab.verification.schedule`): the same seed, the same faults at the
same times. It is drawn up before anything is touched, so `--dry-run` can show it. Each fault ends
by itself at its node even if this program dies; when it ends, or is stopped with Ctrl-C, whatever
of it still lasts is healed.
"""

import argparse
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from lab import LabError, called
from lab.dashboard import Dashboard, NoAnswerError, RefusedError
from lab.folder import Folder, network_name
from lab.layout import Layout
from lab.options import name_option, number
from lab.progress import Progress, counted
from lab.status import last_run
from lab.verification.asking import NoAnswerError as SilentError
from lab.verification.asking import Node
from lab.verification.schedule import AWAY, Act, Kind, at_random
from lab.verification.wishes import ASKED, wish

DESCRIPTION = """Break random nodes of the running network again and again, for a while: crashes,
freezes, cuts, halves, slow and lossy links, full disks. The same seed gives the same faults at the
same times. Never more nodes than --most-down are away at once; every fault lasts some seconds and
heals by itself, and Ctrl-C heals all of them. Through the dashboard, so that the page shows each
as an act; with --straight the nodes are asked themselves, and no dashboard is needed."""
EXAMPLES = """  {prog} nemesis                               a minute of everything
  {prog} nemesis --seed 7 --seconds 300 --rate 20
  {prog} nemesis --kinds freeze slow loss --most-down 10
  {prog} nemesis --seed 7 --dry-run              what would be done, and nothing is
  {prog} nemesis --straight                      without a dashboard"""

LEAST: Final = 3
"""Nodes: of fewer, nobody is left when one is away."""
LONGEST: Final = 3_600
"""Seconds of a run, as for a fault."""
FASTEST: Final = 120.0
"""Faults a minute [guess: two a second are more than anybody can follow]."""
PATIENCE: Final = 15.0
"""Seconds for an act at all nodes: the dashboard waits up to twelve for each."""
AT_ONCE: Final = 8
"""Nodes that are asked side by side."""
TICK: Final = 0.2
"""Seconds between two looks at the clock."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    add = parser.add_argument
    add("--seconds", type=number(5, LONGEST), default=60, metavar="S", help="for how long (60)")
    add("--rate", type=_rate, default=15.0, metavar="X", help="faults a minute, on average (15)")
    add("--seed", type=number(0, 2**31), metavar="N", help="of all chance (by chance)")
    add("--kinds", nargs="+", choices=ASKED, default=list(ASKED), metavar="KIND", help=_KINDS)
    add(
        "--most-down",
        type=number(0, 100),
        default=33,
        metavar="PERCENT",
        help="of the nodes that may be crashed or frozen at once (33)",
    )
    add("--longest", type=number(2, 300), default=20, metavar="S", help="of one fault (20)")
    add("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add("--straight", action="store_true", help="ask the nodes themselves, not the dashboard")
    add("--json", action="store_true", help="the schedule, or what came of it, as JSON")
    name_option(parser)


_KINDS: Final = f"which faults: {', '.join(ASKED)} (all)"


def run(chosen: argparse.Namespace) -> int:
    """Break things for a while. 0: all was done and healed; 1: something was not."""
    layout = last_run(Folder(network_name(chosen.name))).layout
    way: Way = Straight(layout) if chosen.straight else ThroughDashboard(layout)
    seed = chosen.seed if chosen.seed is not None else time.time_ns() % 2**31
    names = layout.names if chosen.dry_run and chosen.straight else way.names()
    if len(names) < LEAST:
        raise LabError(f"A nemesis needs {LEAST} living nodes at least; there are {len(names)}.")
    acts = drawn(chosen, seed, names)
    if chosen.dry_run:
        _tell_schedule(chosen, seed, acts)
        return 0
    if not chosen.json:
        print(f"Seed {seed}: {counted(len(acts), 'faults')} in {chosen.seconds} s.", flush=True)
    done = play(acts, way, float(chosen.seconds), Progress(quiet=chosen.json), seed)
    if chosen.json:
        print(json.dumps({"seed": seed, **done}))
    else:
        _tell_outcome(done, seed)
    return 1 if done["not_done"] or done["not_healed"] or done["stopped"] else 0


def drawn(chosen: argparse.Namespace, seed: int, names: Sequence[str]) -> list[Act]:
    """The schedule: the same words, seed and nodes, the same one."""
    kinds: list[Kind] = [kind for kind in ASKED if kind in chosen.kinds]
    return at_random(
        seed,
        float(chosen.seconds),
        names,
        kinds,
        60.0 / chosen.rate,
        float(chosen.longest),
        most_away=chosen.most_down / 100,
    )


# --- doing it ------------------------------------------------------------------------------------


class Way(Protocol):
    """How the nodes are reached."""

    def names(self) -> list[str]:
        """The nodes that live."""

    def do(self, act: Act, by: str) -> None:
        """Do an act. Raises LabError, and then nothing of it lasts, as far as anybody knows."""

    def heal(self, by: str) -> list[str]:
        """End all that this one has done and that lasts; the names of nodes not reached."""


class ThroughDashboard:
    """Acts of the dashboard: the page shows them, and newcomers fall under a partition."""

    def __init__(self, layout: Layout) -> None:
        self._dashboard = Dashboard(layout.dashboard, PATIENCE)

    def names(self) -> list[str]:
        """The peers that the dashboard sees alive. Raises LabError."""
        try:
            nodes = self._dashboard.get("/api/graph").get("nodes") or []
        except NoAnswerError as error:
            hint = f"`{called()} up` starts a network; --straight needs no dashboard"
            raise LabError(f"{error} {hint}.") from None
        return sorted(
            (n["name"] for n in nodes if n.get("kind") == "peer" and n.get("state") == "alive"),
            key=lambda name: (len(name), name),
        )

    def do(self, act: Act, by: str) -> None:
        """One act. Raises LabError."""
        said = wish(act) | {"by": by}
        if act.kind == "halves":
            del said["peers"]
            said |= {"kind": "partition", "groups": [list(act.nodes), list(act.others)]}
        else:
            said["nodes"] = list(act.nodes)
        self._dashboard.post("/api/faults", said)

    def heal(self, by: str) -> list[str]:
        """Undo its acts, those too whose answer did not come in time."""
        missed: list[str] = []
        for act in self._dashboard.get("/api/faults").get("acts") or []:
            if act.get("by") != by or act.get("kind") == "crash":
                continue  # who is dead comes back by itself
            try:
                missed += self._dashboard.delete(f"/api/faults/{act['id']}")["not_reached"]
            except RefusedError as error:
                if error.answered != 404:  # else it is over
                    raise
        return missed


class Straight:
    """Each node is asked itself. Who starts meanwhile falls under nothing: nobody tells it."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def names(self) -> list[str]:
        """The nodes that answer."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            lives = list(pool.map(self._answers, self._layout.names))
        return [name for name, there in zip(self._layout.names, lives, strict=True) if there]

    def _answers(self, name: str) -> bool:
        node = Node(name, self._layout.port(name))
        try:
            return node.ask("GET", "/healthz").status == 200
        except SilentError:
            return False
        finally:
            node.close()

    def do(self, act: Act, by: str) -> None:
        """A fault at each node, or at none: those that are there are healed again. LabError."""
        parts = [(name, wish(act)) for name in act.nodes]
        if act.kind == "halves":
            parts += [(name, {**wish(act), "peers": list(act.nodes)}) for name in act.others]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            came = list(pool.map(lambda part: self._set(part[0], part[1], by), parts))
            wrong = [why for _, why in came if why]
            if not wrong:
                return
            for task in [pool.submit(self._end, *fault) for fault, _ in came if fault]:
                task.result()
        raise LabError(wrong[0])

    def _set(self, name: str, body: dict[str, Any], by: str) -> tuple[tuple[str, str] | None, str]:
        node = Node(name, self._layout.port(name))
        try:
            answer = node.post("/faults", {**body, "by": by})
            if answer.status != 201:
                return None, f"{name} says {answer.error}"
            return (name, str(answer.said["fault"]["id"])), ""
        except SilentError as error:
            if body["kind"] == "crash":  # it may have died with the answer in its hands
                return None, ""
            return None, f"{name} does not answer ({error})"
        finally:
            node.close()

    def heal(self, by: str) -> list[str]:
        """End its faults at all nodes. Who does not answer may be dead, as was asked for."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            missed = list(pool.map(lambda name: self._heal(name, by), self._layout.names))
        return [name for name in missed if name]

    def _heal(self, name: str, by: str) -> str:
        node = Node(name, self._layout.port(name))
        try:
            found = node.ask("GET", "/faults").said.get("faults") or []
        except SilentError:
            return name
        finally:
            node.close()
        ours = [str(fault["id"]) for fault in found if fault.get("by") == by]
        return "" if all(self._end(name, fault) for fault in ours) else name

    def _end(self, name: str, fault: str) -> bool:
        node = Node(name, self._layout.port(name))
        try:
            return node.ask("DELETE", f"/faults/{fault}").status in {200, 404, 409}
        except SilentError:
            return False
        finally:
            node.close()


def play(
    acts: Sequence[Act], way: Way, seconds: float, progress: Progress, seed: int
) -> dict[str, Any]:
    """Do a schedule, and heal what lasts at its end or when it is stopped. What came of it.

    It ends in time, too, where the network is slower than the schedule: what is left then is not
    done.
    """
    began = time.monotonic()
    by = f"nemesis {seed}"
    outcome: dict[str, Any] = {"done": [], "not_done": [], "not_healed": [], "stopped": False}

    def not_done(act: Act, why: str) -> None:
        outcome["not_done"].append({"act": act.words, "why": why})
        progress.say(f"{act.at:6.1f} s  not done: {act.words} ({why})")

    try:
        for act in acts:
            if time.monotonic() > began + seconds:
                not_done(act, "the time is over")
                continue
            _wait(began + act.at, progress, len(outcome["done"]), len(acts))
            try:
                way.do(act, by)
            except LabError as error:
                not_done(act, str(error))
                continue
            outcome["done"].append(act.words)
            progress.say(f"{act.at:6.1f} s  {act.words}")
        _wait(began + seconds, progress, len(outcome["done"]), len(acts))
    except KeyboardInterrupt:
        outcome["stopped"] = True
        progress.say("Stopped: healing everything.")
    finally:
        progress.note("healing")
        try:
            outcome["not_healed"] = way.heal(by)
        except LabError as error:
            outcome["not_healed"] = [str(error)]
        progress.close()
    return outcome


def _wait(until: float, progress: Progress, done: int, goal: int) -> None:
    progress.count("faults", done, goal)
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(TICK, left))  # the pace of the schedule


# --- telling -------------------------------------------------------------------------------------


def _tell_schedule(chosen: argparse.Namespace, seed: int, acts: Sequence[Act]) -> None:
    if chosen.json:
        told = [
            {
                "at": act.at,
                "lasts": act.lasts,
                "kind": act.kind,
                "nodes": list(act.nodes),
                "others": list(act.others),
                "amount": act.amount,
            }
            for act in acts
        ]
        print(json.dumps({"seed": seed, "acts": told}))
        return
    print(f"Seed {seed}: {counted(len(acts), 'faults')} in {chosen.seconds} s; nothing is done.")
    for act in acts:
        print(f"{act.at:6.1f} s  {act.words}")
    print(f"At most {most_away(acts)} nodes are away at once.")


def most_away(acts: Sequence[Act]) -> int:
    """How many nodes a schedule takes away at most at one moment."""
    away = [act for act in acts if act.kind in AWAY]
    return max(
        (
            len({name for o in away if o.at <= act.at < o.at + o.lasts for name in o.nodes})
            for act in away
        ),
        default=0,
    )


def _tell_outcome(done: dict[str, Any], seed: int) -> None:
    lines = [f"{counted(len(done['done']), 'faults')} were done, and are over or healed."]
    if done["not_done"]:
        lines.append(f"{counted(len(done['not_done']), 'faults')} could not be done.")
    if done["not_healed"]:
        lines.append(f"Not reached, and ending by themselves: {', '.join(done['not_healed'])}.")
    lines.append(f"The same again: `{called()} nemesis --seed {seed}`, with the same options.")
    print("\n".join(lines), flush=True)


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= FASTEST:
        raise argparse.ArgumentTypeError(
            f"must be more than 0, at most {FASTEST:.0f}, not {text[:40]!r}"
        )
    return value
