"""A file as a `Scenario`: whole, or an error that names line, column and field.

Nothing is done with half of a scenario: whoever gets one from here knows that every word of it
is known, every number possible, every name somebody's. What depends on how many nodes there
are (`node99` of fifty) is looked at by `scenario.cast`, also before anything runs.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scenario import vocabulary
from scenario.document import Fields, Many, ScenarioError, Tree, load, parse
from scenario.grammar import ListOf, Table, near, seconds_in_words
from scenario.vocabulary import EXPECT, HEAD, LONGEST, MOST_STRIKES, NAME, STEPS, Whom, WhomKind

BEYOND: Final = 10.0
"""Seconds after the last step, where `seconds` is not said: so that its effect is seen."""
DEFAULT_NODES: Final = 12
SETTLE: Final = 180.0
"""Seconds until all must be well [as in `simulator.plan` and `verify`]."""


@dataclass(frozen=True)
class Step:
    """One step, as it was written."""

    at: float
    kind: str
    whom: tuple[Whom, ...]
    """One, or a partition's groups."""
    lasts: float | None = None
    apart: float = 0.0
    every: float = 0.0
    times: int = 1
    by: float = 0.0
    """Seconds of delay, or share lost."""
    others: Whom | None = None
    """Towards whom a cut is, or a partition's bridge."""
    count: int = 0
    """Of a join."""
    word: str = ""
    """Of the bootstrap: `stop` or `start`."""
    line: int = 1
    column: int = 1
    where: str = ""

    def error(self, why: str) -> ScenarioError:
        """What is wrong with it."""
        return ScenarioError(why, self.line, self.column, self.where)


@dataclass(frozen=True)
class Chapter:
    """What a teacher says, from when on."""

    at: float
    title: str
    text: str = ""


@dataclass(frozen=True)
class Workload:
    """What people do meanwhile."""

    messages: float = 0.0
    """A second, in the whole network."""
    broadcasts: float = 0.0
    pairs: tuple[tuple[Whom, Whom], ...] = ()
    """Empty: at random."""
    route: str = "auto"


@dataclass(frozen=True)
class Scenario:
    """A file."""

    name: str
    teaches: str = ""
    seed: int = 1
    nodes: int = DEFAULT_NODES
    seconds: float = 0.0
    settle: float = SETTLE
    groups: Mapping[str, Whom] = field(default_factory=dict)
    workload: Workload = Workload()
    chapters: tuple[Chapter, ...] = ()
    steps: tuple[Step, ...] = ()
    """In the order of their times."""
    expect: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Promise → bound by place, and what is added for each tenfold of nodes."""
    text: str = ""
    """The file as it stands."""


def read(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioError."""
    tree, text = load(path)
    try:
        return _scenario(tree, text)
    except ScenarioError as error:
        raise error.of(str(path)) from None


def read_text(text: str) -> Scenario:
    """The scenario in a text. Raises ScenarioError."""
    return _scenario(parse(text), text)


def _scenario(tree: Tree, text: str) -> Scenario:
    if not isinstance(tree, Fields):
        raise tree.error(f"a scenario is a table of fields, not {tree.words}")
    known = (*HEAD, "groups", "steps", "expect")
    for name in tree.items:
        if name not in known:
            why = (
                f"there is no field {name[:60]!r}{near(name, known)} (there are {', '.join(known)})"
            )
            raise tree.names[name].error(why)
    head = {name: item for name, item in tree.items.items() if name in HEAD}
    said = Table(HEAD, vocabulary.REQUIRED).read(
        Fields(tree.line, tree.column, tree.where, head, tree.names)
    )
    groups = _groups(tree.items.get("groups"))
    steps = _steps(tree.items.get("steps"))
    chapters = tuple(Chapter(**chapter) for chapter in said.get("chapters", ()))
    seconds = said.get("seconds")
    if seconds is None:
        last = max([*(end(step) for step in steps), *(c.at for c in chapters)], default=0.0)
        seconds = min(LONGEST, last + BEYOND)
    _in_time(seconds, steps, chapters, tree.items.get("chapters"))
    workload = _workload(said.get("workload", {}))
    _known(groups, [*_named(steps), *(w for pair in workload.pairs for w in pair)])
    return Scenario(
        name=said["name"],
        teaches=said.get("teaches", ""),
        seed=said.get("seed", 1),
        nodes=said.get("nodes", DEFAULT_NODES),
        seconds=seconds,
        settle=said.get("settle", SETTLE),
        groups=groups,
        workload=workload,
        chapters=chapters,
        steps=steps,
        expect=_expect(tree.items.get("expect"), steps, workload),
        text=text,
    )


def end(step: Step) -> float:
    """When all of a step has been done and what lasts is over; for what lasts on, when it began."""
    return step.at + step.every * (step.times - 1) + (step.lasts or 0.0)


# --- the parts ---------------------------------------------------------------------------------


def _groups(tree: Tree | None) -> dict[str, Whom]:
    if tree is None:
        return {}
    if not isinstance(tree, Fields):
        raise tree.error(f"must be a table of names, not {tree.words}")
    groups = {}
    for name, item in tree.items.items():
        at = tree.names[name]
        if not _is_name(name):
            raise at.error("a group's name has small letters, digits and '-', and begins with one")
        if name.removeprefix("node").isdecimal():
            raise at.error("a group cannot be called like a node")
        groups[name] = WhomKind().read(item)
    for name in groups:
        _no_circle(name, groups, (name,))
    return groups


def _no_circle(name: str, groups: Mapping[str, Whom], way: tuple[str, ...]) -> None:
    whom = groups[name]
    for other in whom.names:
        if other in way:
            circle = " → ".join([*way, str(other)])
            raise ScenarioError(f"it contains itself: {circle}", whom.line, whom.column, whom.where)
        if isinstance(other, str) and other in groups:
            _no_circle(other, groups, (*way, other))


def _steps(tree: Tree | None) -> tuple[Step, ...]:
    if tree is None:
        return ()
    if not isinstance(tree, Many):
        raise tree.error(f"must be a list of steps, not {tree.words}")
    steps = []
    done = 0
    for item in tree.items:
        step = _step(item)
        done += step.times * max(1, step.count if step.apart else 1)
        if done > MOST_STRIKES:
            raise step.error(f"with this step it does more than {MOST_STRIKES:,} things in all")
        steps.append(step)
    return tuple(sorted(steps, key=lambda step: step.at))


def _step(tree: Tree) -> Step:
    name, doing = vocabulary.kind_of(tree)
    said = vocabulary.step_table(name, doing).read(tree)
    assert isinstance(tree, Fields)  # noqa: S101 - `kind_of` has looked
    at = tree.names[name]
    if ("every" in said) != ("times" in said):
        missing = "times" if "every" in said else "every"
        raise at.error(f"'every' and 'times' belong together: '{missing}' is missing")
    value = said[name]
    lasts, every = said.get("for"), said.get("every", 0.0)
    if lasts is not None and every and lasts >= every:
        raise tree.items["for"].error(
            f"it would begin again ('every' {seconds_in_words(every)}) before it is over"
        )
    if name == "bootstrap" and value == "start" and lasts is not None:
        raise tree.items["for"].error("a start does not last")
    if every and name in {"join", "heal"} and name == "heal":
        raise at.error("healing again and again heals no more")
    whom: tuple[Whom, ...] = ()
    if isinstance(value, Whom):
        whom = (value,)
    elif isinstance(value, tuple):
        whom = value
    return Step(
        at=said["at"],
        kind=name,
        whom=whom,
        lasts=lasts,
        apart=said.get("apart", 0.0),
        every=every,
        times=said.get("times", 1),
        by=said.get("by", said.get("loss", 0.0)),
        others=said.get("towards", said.get("bridge")),
        count=value if name == "join" else 0,
        word=value if name == "bootstrap" else "",
        line=at.line,
        column=at.column,
        where=at.where,
    )


def _workload(said: Mapping[str, Any]) -> Workload:
    pairs = tuple((one, other) for one, other in said.get("pairs", ()))
    return Workload(
        messages=said.get("messages", 1.0 if pairs else 0.0),
        broadcasts=said.get("broadcasts", 0.0),
        pairs=pairs,
        route=said.get("route", "auto"),
    )


def _expect(
    tree: Tree | None, steps: Iterable[Step], workload: Workload
) -> dict[str, dict[str, Any]]:
    if tree is None:
        return {}
    kinds = {step.kind for step in steps}
    bounds = Table({name: vocabulary.Bound(promise) for name, promise in EXPECT.items()})
    said = bounds.read(tree)
    assert isinstance(tree, Fields)  # noqa: S101 - it has been read as one
    for name in said:
        promise = EXPECT[name]
        at = tree.names[name]
        if promise.needs and not kinds & set(promise.needs):
            there = ", ".join(promise.needs)
            raise at.error(f"there is no step that it could be measured by: {there}")
        if promise.workload and not getattr(workload, promise.workload):
            raise at.error(
                f"the workload has no '{promise.workload}', so nothing could be measured"
            )
    return said


def _in_time(
    seconds: float, steps: Iterable[Step], chapters: Iterable[Chapter], tree: Tree | None
) -> None:
    for step in steps:
        over = step.at + step.every * (step.times - 1)
        if over > seconds or not math.isfinite(over):
            raise step.error(
                f"it would be done at {seconds_in_words(over)}, after the scenario's end "
                f"({seconds_in_words(seconds)})"
            )
    before = -1.0
    for number, chapter in enumerate(chapters):
        assert isinstance(tree, Many)  # noqa: S101 - it has been read as one
        item = tree.items[number]
        if chapter.at > seconds:
            raise item.error(f"it begins after the scenario's end ({seconds_in_words(seconds)})")
        if chapter.at <= before:
            raise item.error("it does not begin after the one before it")
        before = chapter.at


def _named(steps: Iterable[Step]) -> list[Whom]:
    found = []
    for step in steps:
        found += [*step.whom, *([step.others] if step.others else [])]
    return found


def _known(groups: Mapping[str, Whom], whoms: Iterable[Whom]) -> None:
    """Every name is a node's or a group's."""
    for whom in [*groups.values(), *whoms]:
        for name in whom.names:
            if isinstance(name, tuple) or name in groups:
                continue
            number = name.removeprefix("node")
            if name.startswith("node") and number.isdecimal() and number[0] != "0":
                continue
            why = f"there is no node and no group {name[:60]!r}{near(name, groups)}"
            raise ScenarioError(why, whom.line, whom.column, whom.where)


def _is_name(name: str) -> bool:
    import re

    return re.fullmatch(NAME, name) is not None


__all__ = ["STEPS", "Chapter", "ListOf", "Scenario", "Step", "Workload", "end", "read", "read_text"]
