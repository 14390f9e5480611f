"""Who is struck when: all of it drawn from the seed before anything runs.

So the same file with the same seed and number of nodes strikes the same nodes at the same times
in the simulator, among processes and among containers, and whoever reads the plan before knows
what is going to happen. Who runs at a time is known here from the steps alone: whoever was
killed is away until it is back, and nobody is killed twice.

A fault that has no end of its own ends with the next `heal`. Those still there at the end of the
scenario are taken away then, but the dead stay dead, as nobody said that they come back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Final

from scenario.document import ScenarioError
from scenario.grammar import seconds_in_words, share_in_words
from scenario.reading import Chapter, Scenario, Step
from scenario.vocabulary import Whom

AWAY: Final = frozenset({"kill", "leave"})
"""After these a node does not run."""
LASTING: Final = frozenset({"freeze", "isolate", "partition", "cut", "slow", "lossy", "bootstrap"})
"""These end at the latest with the scenario."""


@dataclass(frozen=True)
class Strike:
    """One thing that is done, at one time, to known nodes."""

    number: int
    at: float
    kind: str
    nodes: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    """Of a partition: two or more."""
    towards: tuple[str, ...] = ()
    """Of a cut: whom nothing gets to."""
    until: float | None = None
    """When it is undone; None: never, or there is nothing to undo."""
    by: float = 0.0
    word: str = ""
    line: int = 1

    @property
    def words(self) -> str:
        """For people."""
        whom = listed(self.nodes)
        match self.kind:
            case "partition":
                what = " | ".join(str(len(group)) for group in self.groups)
                said = f"partition {what}"
            case "cut":
                said = f"cut {whom} → {listed(self.towards) if self.towards else 'everybody'}"
            case "slow":
                said = f"slow {whom} by {seconds_in_words(self.by)}"
            case "lossy":
                said = f"lose {share_in_words(self.by)} at {whom}"
            case "bootstrap":
                said = f"{self.word} the bootstrap"
            case "heal":
                return "heal everything"
            case _:
                said = f"{self.kind} {whom}"
        if self.until is None or self.kind == "restart":
            return said
        return f"{said}, {seconds_in_words(round(self.until - self.at, 3))}"


@dataclass(frozen=True)
class Script:
    """A scenario with a number of nodes and a seed: all that happens is known."""

    scenario: Scenario
    seed: int
    nodes: tuple[str, ...]
    """Those that are there in the beginning."""
    strikes: tuple[Strike, ...]
    pairs: tuple[tuple[str, str], ...]
    seconds: float
    joined: tuple[str, ...] = ()
    """Those that come later, in the order in which they do."""
    own: frozenset[str] = field(default_factory=frozenset)
    """Those that are somebody's own program: plain nodes."""

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """What a teacher says."""
        return self.scenario.chapters

    @property
    def calm_at(self) -> float:
        """When the last fault is over."""
        ends = [strike.until if strike.until is not None else strike.at for strike in self.strikes]
        return min(self.seconds, max(ends, default=0.0))

    @property
    def gone(self) -> tuple[str, ...]:
        """Those that are away in the end, for good."""
        return tuple(
            sorted(
                {
                    node
                    for strike in self.strikes
                    if strike.kind in AWAY and strike.until is None
                    for node in strike.nodes
                }
            )
        )


def cast(
    scenario: Scenario, nodes: int | None = None, seed: int | None = None, most: int | None = None
) -> Script:
    """Draw it. Raises ScenarioError for whoever is not there, and for what contradicts itself."""
    number = scenario.nodes if nodes is None else nodes
    chance = scenario.seed if seed is None else seed
    return _Cast(scenario, number, chance, most).script()


class _Cast:
    def __init__(self, scenario: Scenario, nodes: int, seed: int, most: int | None) -> None:
        self._scenario = scenario
        self._seed = seed
        self._most = most
        self._rng = Random(f"cast {seed}")  # noqa: S311 - it must be drawn again
        self._first = tuple(f"node{k}" for k in range(1, nodes + 1))
        self._there = list(self._first)
        """All that have started by now."""
        self._back: dict[str, float] = {}
        """Who is away, and until when."""
        self._why: dict[str, Step] = {}
        self._strikes: list[Strike] = []
        self._partition: tuple[float, Step] | None = None
        self._heals = sorted(
            step.at + step.every * k
            for step in scenario.steps
            if step.kind == "heal"
            for k in range(step.times)
        )
        self._starts = [
            step.at for step in scenario.steps if step.kind == "bootstrap" and step.word == "start"
        ]
        self._groups: dict[str, tuple[str, ...]] = {}

    def script(self) -> Script:
        turns = sorted(
            (
                (step.at + step.every * turn, order, turn, step)
                for order, step in enumerate(self._scenario.steps)
                for turn in range(step.times)
            ),
            key=lambda one: one[:3],
        )
        drawn: dict[int, tuple[tuple[str, ...], ...]] = {}
        for at, order, turn, step in turns:
            if turn == 0:
                drawn[order] = tuple(self._draw(whom, at) for whom in step.whom)
            self._turn(step, round(at, 3), drawn[order])
        strikes = sorted(self._strikes, key=lambda strike: (strike.at, strike.number))
        pairs = []
        for sender, receiver in self._scenario.workload.pairs:
            for one in self._draw(sender, inf):
                pairs += [(one, other) for other in self._draw(receiver, inf) if other != one]
        if self._scenario.workload.pairs and not pairs:
            whom = self._scenario.workload.pairs[0][0]
            raise ScenarioError("nobody sends to himself", whom.line, whom.column, whom.where)
        return Script(
            scenario=self._scenario,
            seed=self._seed,
            nodes=self._first,
            strikes=tuple(strikes),
            pairs=tuple(pairs),
            seconds=self._scenario.seconds,
            joined=tuple(self._there[len(self._first) :]),
        )

    # --- one turn of a step ------------------------------------------------------------------

    def _turn(self, step: Step, at: float, drawn: tuple[tuple[str, ...], ...]) -> None:
        match step.kind:
            case "heal":
                self._back = {}
                self._partition = None
                self._add(step, at)
            case "bootstrap":
                self._add(step, at, until=self._end(step, at), word=step.word)
            case "join":
                self._join(step, at)
            case "partition":
                self._part(step, at, drawn)
            case "cut":
                towards = self._draw(step.others, at, drawn[0]) if step.others else ()
                if step.others and not towards:
                    raise step.error("there is nobody left to be cut off from")
                self._add(step, at, drawn[0], until=self._end(step, at), towards=towards)
            case _:
                self._each(step, at, drawn[0])

    def _each(self, step: Step, at: float, nodes: tuple[str, ...]) -> None:
        """One after the other, or all at once."""
        waves = [(node,) for node in nodes] if step.apart else [nodes]
        for number, wave in enumerate(waves):
            when = round(at + step.apart * number, 3)
            if when > self._scenario.seconds:
                raise step.error(
                    f"with {len(waves)} nodes, {seconds_in_words(step.apart)} apart, it is not "
                    f"done at the scenario's end ({seconds_in_words(self._scenario.seconds)})"
                )
            running = set(self._running(when))
            for name in wave:
                if name not in running:
                    raise self._not_running(step, name, when)
            until = None if step.kind == "restart" else self._end(step, when)
            if step.kind in AWAY:
                for name in wave:
                    self._back[name] = inf if until is None else until
                    self._why[name] = step
            self._add(step, when, wave, until=until, by=step.by)

    def _join(self, step: Step, at: float) -> None:
        for number in range(step.count if step.apart else 1):
            when = round(at + step.apart * number, 3)
            if when > self._scenario.seconds:
                raise step.error("it is not done at the scenario's end")
            count = 1 if step.apart else step.count
            first = len(self._there) + 1
            names = tuple(f"node{k}" for k in range(first, first + count))
            if self._most is not None and first + count - 1 > self._most:
                raise step.error(f"with these there would be more than {self._most} nodes")
            self._there += names
            self._add(step, when, names)

    def _part(self, step: Step, at: float, drawn: tuple[tuple[str, ...], ...]) -> None:
        if self._partition is not None and self._partition[0] > at:
            other = self._partition[1]
            raise step.error(
                f"two partitions at a time contradict each other: that of line {other.line} "
                f"lasts until {seconds_in_words(self._partition[0])}"
            )
        bridge = set(self._draw(step.others, at)) if step.others else set()
        groups = [tuple(name for name in group if name not in bridge) for group in drawn]
        named = [name for group in groups for name in group]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise step.error(f"{twice[0]} is in two groups")
        if len(groups) == 1:
            inside = {*groups[0], *bridge}
            groups.append(tuple(name for name in self._there if name not in inside))
        if not all(groups):
            raise step.error("there is a group without anybody in it")
        until = self._end(step, at)
        self._partition = (inf if until is None else until, step)
        self._add(step, at, tuple(named), groups=tuple(groups), until=until)

    def _add(
        self,
        step: Step,
        at: float,
        nodes: Sequence[str] = (),
        *,
        groups: tuple[tuple[str, ...], ...] = (),
        towards: tuple[str, ...] = (),
        until: float | None = None,
        by: float = 0.0,
        word: str = "",
    ) -> None:
        self._strikes.append(
            Strike(
                number=len(self._strikes),
                at=at,
                kind=step.kind,
                nodes=tuple(nodes),
                groups=groups,
                towards=towards,
                until=until,
                by=by,
                word=word,
                line=step.line,
            )
        )

    def _end(self, step: Step, at: float) -> float | None:
        """When it is undone."""
        if step.kind == "bootstrap" and step.word == "start":
            return None
        heals = [heal for heal in self._heals if heal > at]
        ends = [*heals[:1], *([at + step.lasts] if step.lasts is not None else [])]
        if step.kind == "bootstrap":
            ends += [start for start in self._starts if start > at][:1]
        if step.kind in LASTING:
            ends.append(self._scenario.seconds)
        return round(min([*ends, self._scenario.seconds]), 3) if ends else None

    # --- whom --------------------------------------------------------------------------------

    def _running(self, at: float) -> list[str]:
        return [name for name in self._there if self._back.get(name, 0.0) <= at]

    def _draw(self, whom: Whom, at: float, without: Sequence[str] = ()) -> tuple[str, ...]:
        """The nodes that are meant, in the order of their numbers; but for some."""
        if whom.names:
            return _sorted(name for name in self._named(whom, at) if name not in without)
        running = self._running(at) if at < inf else list(self._first)
        running = [name for name in running if name not in without]
        if whom.count is not None:
            count = whom.count
            if count > len(running):
                why = f"only {len(running)} nodes run then, and {count} are wanted"
                raise ScenarioError(why, whom.line, whom.column, whom.where)
        else:
            count = max(1, round((whom.share or 0.0) * len(running)))
        if not running:
            raise ScenarioError("nobody runs then", whom.line, whom.column, whom.where)
        return _sorted(self._rng.sample(running, count))

    def _named(self, whom: Whom, at: float) -> Iterable[str]:
        there = set(self._there)
        for name in whom.names:
            if isinstance(name, tuple):
                names: Iterable[str] = [f"node{k}" for k in range(name[0], name[1] + 1)]
            elif name in self._scenario.groups:
                if name not in self._groups:
                    self._groups[name] = self._draw(self._scenario.groups[name], at)
                names = self._groups[name]
            else:
                names = [name]
            for one in names:
                if one not in there:
                    why = f"there is no {one}: there are {len(there)} nodes then"
                    raise ScenarioError(why, whom.line, whom.column, whom.where)
                yield one

    def _not_running(self, step: Step, name: str, at: float) -> ScenarioError:
        why = self._why[name]
        back = self._back[name]
        until = "for good" if back == inf else f"until {seconds_in_words(back)}"
        return step.error(
            f"{name} does not run at {seconds_in_words(at)}: '{why.kind}' in line {why.line} took "
            f"it away {until}"
        )


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=lambda name: int(name.removeprefix("node"))))
