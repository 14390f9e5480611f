"""What is seen of a network while a scenario runs: the same looks in all places.

Whoever runs the network asks its nodes now and then whom they believe alive and to whom they
have links, and hands that in together with what is true (who runs, who is frozen, who is not
there). Here it becomes figures: how many are believed alive, in how many parts the links are,
how long it took until a victim was taken for dead by everybody, and pictures of the network
before, during and after.

A time that is measured by looks is too long by up to the pause between two of them, never too
short: whoever states a bound may trust that it was kept.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal

from scenario.cast import Script, Strike

State = Literal["up", "frozen", "down"]
"""Of a node, in truth."""
TAKEN_FOR_DEAD: Final = frozenset({"kill", "leave", "freeze", "isolate"})
"""Steps after which the others should hold a node for dead, while it lasts."""
TOUCHED: Final = frozenset(
    {"kill", "leave", "restart", "freeze", "isolate", "partition", "cut", "slow", "lossy"}
)
"""Steps after which nobody wonders if a node is taken for dead."""
MOST_FALSE: Final = 200
"""False deaths that are kept as evidence."""


class Watch:
    """Looks, and what they show."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._touched = {
            name
            for strike in script.strikes
            if strike.kind in TOUCHED
            for name in (*strike.nodes, *strike.towards, *_grouped(strike))
        } | {
            # Towards everybody: nothing that anybody hears of them can be trusted.
            name
            for strike in script.strikes
            if strike.kind == "cut" and not strike.towards
            for name in strike.nodes
        }
        self._before: dict[str, AbstractSet[str]] = {}
        self._waiting = [strike for strike in script.strikes if strike.kind in TAKEN_FOR_DEAD]
        self._joining = [strike for strike in script.strikes if strike.kind == "join"]
        self._worst: tuple[int, int] = (0, 0)
        self.samples: list[dict[str, Any]] = []
        self.deaths: list[dict[str, Any]] = []
        """Node, when it was struck, seconds until all others held it for dead (None: never)."""
        self.joins: list[dict[str, Any]] = []
        self.false: list[dict[str, Any]] = []
        self.graphs: dict[str, dict[str, Any]] = {}
        self._open: dict[tuple[int, str], float] = {}

    @property
    def true(self) -> bool:
        """Whether the links are one network and every map was true, at the last look."""
        last = self.samples[-1] if self.samples else None
        return last is not None and last["wrong"] == 0 and last["parts"] == 1

    def look(
        self,
        at: float,
        truth: Mapping[str, State],
        beliefs: Mapping[str, AbstractSet[str]],
        links: Mapping[str, AbstractSet[str]],
    ) -> None:
        """One look, `at` seconds after the scenario began.

        `beliefs` and `links` are of those who were asked and answered: names of others that each
        holds for alive (or suspects only), and has links to. Of the frozen nothing is asked.
        """
        running = {name for name, state in truth.items() if state != "down"}
        awake = {name for name, state in truth.items() if state == "up"}
        counts = [len(believed & truth.keys()) for name, believed in beliefs.items()]
        wrong = 0
        for name, believed in beliefs.items():
            wrong += len(believed ^ (running - {name}))
        edges = _edges(links, awake)
        parts = _parts(awake, edges)
        self.samples.append(
            {
                "at": round(at, 2),
                "running": len(running),
                "awake": len(awake),
                "least": min(counts, default=0),
                "mean": round(sum(counts) / len(counts), 2) if counts else 0.0,
                "most": max(counts, default=0),
                "asked": len(beliefs),
                "wrong": wrong,
                "parts": parts,
                "links": len(edges),
            }
        )
        self._see_deaths(at, beliefs)
        self._see_joins(at, awake, beliefs)
        self._see_false(at, awake, beliefs)
        self._draw(at, truth, edges, (parts, wrong))
        self._before = dict(beliefs)

    def picture(self, which: str, at: float) -> None:
        """Keep the network of the last look under a name."""
        self.graphs[which] = {**self._last, "at": round(at, 2)}

    def finish(self) -> None:
        """Nobody looks any more: what was not seen by now is not seen."""
        for (number, name), at in sorted(self._open.items()):
            self.deaths.append({"node": name, "at": at, "seconds": None, "strike": number})
        self._open = {}
        for strike in self._joining:
            self.joins.append({"nodes": list(strike.nodes), "at": strike.at, "seconds": None})
        self._joining = []

    def said(self) -> dict[str, Any]:
        """All of it."""
        return {
            "samples": self.samples,
            "deaths": self.deaths,
            "joins": self.joins,
            "false": self.false,
            "graphs": self.graphs,
        }

    # --- what a look shows -------------------------------------------------------------------

    def _see_deaths(self, at: float, beliefs: Mapping[str, AbstractSet[str]]) -> None:
        for strike in list(self._waiting):
            if strike.at < at:
                self._waiting.remove(strike)
                for name in strike.nodes:
                    # Of somebody's own node nobody here knew that it lived: nothing is noticed.
                    if name not in self._script.own:
                        self._open[strike.number, name] = strike.at
        if not self._open:
            return
        by_number = {strike.number: strike for strike in self._script.strikes}
        away = {name for _, name in self._open}
        for (number, name), struck in list(self._open.items()):
            strike = by_number[number]
            held = [other for other, believed in beliefs.items() if name in believed]
            others = [other for other in held if other != name and other not in away]
            if not others and beliefs:
                del self._open[number, name]
                seconds = round(at - struck, 2)
                one = {"node": name, "at": struck, "seconds": seconds, "strike": number}
                self.deaths.append({**one, "kind": strike.kind})
            elif strike.until is not None and at >= strike.until:
                # It was back before everybody had noticed: no detection, and none was owed.
                del self._open[number, name]
                one = {"node": name, "at": struck, "seconds": None, "strike": number}
                lasted = round(strike.until - struck, 2)
                self.deaths.append({**one, "kind": strike.kind, "back_after": lasted})

    def _see_joins(
        self, at: float, awake: AbstractSet[str], beliefs: Mapping[str, AbstractSet[str]]
    ) -> None:
        for strike in list(self._joining):
            new = set(strike.nodes)
            if strike.at >= at or not new <= awake or not new & beliefs.keys():
                continue
            untouched = awake - self._touched
            if all(
                (new | (untouched if name in new else set())) - {name} <= believed
                for name, believed in beliefs.items()
            ):
                self._joining.remove(strike)
                seconds = round(at - strike.at, 2)
                self.joins.append({"nodes": sorted(new), "at": strike.at, "seconds": seconds})

    def _see_false(
        self, at: float, awake: AbstractSet[str], beliefs: Mapping[str, AbstractSet[str]]
    ) -> None:
        untouched = awake - self._touched
        for name in untouched & beliefs.keys():
            lost = (self._before.get(name, frozenset()) & untouched) - beliefs[name]
            for other in sorted(lost):
                if len(self.false) < MOST_FALSE:
                    self.false.append({"at": round(at, 2), "by": name, "node": other})

    def _draw(
        self,
        at: float,
        truth: Mapping[str, State],
        edges: AbstractSet[tuple[str, str]],
        how: tuple[int, int],
    ) -> None:
        names = list(truth)
        place = {name: number for number, name in enumerate(names)}
        self._last = {
            "at": round(at, 2),
            "nodes": [[name, truth[name]] for name in names],
            "links": sorted([place[a], place[b]] for a, b in edges),
        }
        first = self._script.strikes[0].at if self._script.strikes else 0.0
        before = self.graphs.get("before")
        if before is None or (at <= first and len(edges) >= len(before["links"])):
            self.picture("before", at)  # who answers late on a busy machine is seen later
        if how > self._worst and 0 < at <= self._script.seconds:
            self._worst = how
            self.picture("during", at)


def _grouped(strike: Strike) -> list[str]:
    return [name for group in strike.groups for name in group]


def _edges(links: Mapping[str, AbstractSet[str]], awake: AbstractSet[str]) -> set[tuple[str, str]]:
    """Links that both ends have, where both were asked."""
    edges = set()
    for name, others in links.items():
        for other in others:
            if other in awake and name in links.get(other, (name,)):
                edges.add((name, other) if name < other else (other, name))
    return edges


def _parts(names: AbstractSet[str], edges: AbstractSet[tuple[str, str]]) -> int:
    """How many parts the links make of those who are awake."""
    above = {name: name for name in names}

    def top(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for a, b in edges:
        if a in above and b in above:
            above[top(a)] = top(b)
    return sum(above[name] == name for name in names)
