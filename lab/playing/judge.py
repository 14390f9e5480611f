"""The judge: a record goes in, promises with their figures come out.

What is expected stands in the scenario; one promise stands in none, since it is the network's
own: *every accepted message arrives once, unchanged and in order, or its sender is told that it
failed* (`lab.verification.checker`). The judge knows nothing of the protocol and nothing of the
place. A figure that could not be measured has not been reached: a verdict over nothing would be
worth nothing.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.playing.curves import arrivals, judged, messages, percentile
from lab.playing.kept import SCHEMA
from lab.playing.record import Record
from lab.verification.checker import Verdict, check
from lab.verification.history import Sent
from scenario.cast import Strike
from scenario.grammar import seconds_in_words
from scenario.vocabulary import EXPECT, bound_in_words, figure_in_words
from scenario.watching import TAKEN_FOR_DEAD

MOST_EVIDENCE: Final = 12
"""Pieces of evidence for one promise [guess: whoever needs more keeps the record]."""
AROUND: Final = 3.0
"""Seconds before and after, of which the events are shown."""
MOST_EVENTS: Final = 12
AFTER: Final = 10.0
"""Seconds for which a restart, a join or a heal is mentioned as under way [guess]."""
OVERLAY: Final = frozenset(
    {
        *("everywhere", "detection", "false-deaths", "joining", "healing", "agreement"),
        "redundancy",
    }
)
"""Promises of the overlay, which somebody's own node does not have."""
KEPT: Final = "exactly-once"
"""The name of the promise that is in every scenario."""

Said = dict[str, Any]


def judge(record: Record, again: str) -> Said:
    """The verdict, as values for JSON. `again` is the command that repeats the run."""
    return _Judge(record).said(again)


class _Judge:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._script = record.script
        self._checked: Verdict = check(record.history)
        self._came = arrivals(record)
        self._judged = judged(record)
        self._samples: list[Said] = list(record.watch["samples"])

    def said(self, again: str) -> Said:
        record, script = self._record, self._script
        promises = [self._kept()]
        promises += [self._promise(name) for name in EXPECT if name in script.scenario.expect]
        if record.undone:
            promises.append(self._not_done())
        return {
            "schema": SCHEMA,
            "name": script.scenario.name,
            "teaches": script.scenario.teaches,
            "place": record.place,
            "where": record.words,
            "seed": script.seed,
            "nodes": len(script.nodes),
            "own": sorted(script.own),
            "seconds": script.seconds,
            "speed": record.speed,
            "began": record.began,
            "took": record.real_seconds,
            "look": record.look,
            "again": again,
            "run_file": record.run_file,
            "holds": all(promise["holds"] for promise in promises),
            "promises": promises,
            "figures": self._figures(),
            "chapters": [{"at": c.at, "title": c.title, "text": c.text} for c in script.chapters],
            "steps": [self._step(strike) for strike in script.strikes],
            "samples": self._samples,
            "messages": messages(record),
            "deaths": record.watch["deaths"],
            "joins": record.watch["joins"],
            "graphs": record.watch["graphs"],
            "sides": self._sides(),
            "scenario": script.scenario.text,
        }

    # --- promises ----------------------------------------------------------------------------

    def _promise(self, name: str) -> Said:
        promise = EXPECT[name]
        wanted = self._script.scenario.expect[name]
        bound = wanted[self._record.place]
        about = promise.about
        only_own = len(self._script.own) >= len(self._script.nodes) or (
            name == "detection" and self._victims() <= self._script.own
        )
        if bound is None or (only_own and name in OVERLAY):
            words = "not asked for here" if bound is None else "a plain node promises no such thing"
            return {
                "name": name,
                "about": about,
                "bound": None,
                "figure": None if only_own else self._measured(name),
                "words": [
                    "none" if only_own else figure_in_words(promise, self._measured(name)),
                    words,
                ],
                "holds": True,
                "why": wanted.get("why", ""),
                "evidence": [],
            }
        grown = bound + wanted["tenfold"] * max(0.0, math.log10(len(self._script.nodes) / 100))
        figure = self._measured(name)
        holds = figure is not None and (figure >= grown if promise.least else figure <= grown)
        return {
            "name": name,
            "about": about,
            "bound": grown,
            "figure": figure,
            "words": [figure_in_words(promise, figure), bound_in_words(promise, grown)],
            "holds": holds,
            "why": wanted.get("why", ""),
            "evidence": [] if holds else self._evidence(name)[:MOST_EVIDENCE],
        }

    def _victims(self) -> set[str]:
        """Whom the others should hold for dead at some time."""
        struck = (one.nodes for one in self._script.strikes if one.kind in TAKEN_FOR_DEAD)
        return {name for nodes in struck for name in nodes}

    def _kept(self) -> Said:
        """The network's own promise."""
        problems = [p for p in self._checked.problems if not self._forgiven(p.kind, p.message)]
        evidence = [self._about_message(p.message, f"{p.kind}: {p.words}") for p in problems]
        if self._record.broken:
            evidence.insert(0, {"text": self._record.broken, "events": []})
        count = len(problems) + bool(self._record.broken)
        words = f"{count} broken" if count else "all kept"
        about = (
            "Every accepted message arrives, once, unchanged and in order, or its sender is told"
        )
        if self._script.own:
            about += "; to or from a node of somebody's own: at least once"
        return {
            "name": KEPT,
            "about": about,
            "bound": 0,
            "figure": count,
            "words": [words, "all"],
            "holds": count == 0,
            "why": "",
            "evidence": evidence[:MOST_EVIDENCE],
        }

    def _forgiven(self, kind: str, message: str) -> bool:
        """Nobody promises anything to a plain node but that it is told at least once."""
        if not self._script.own:
            return False
        sent = next((m for m in self._record.history.sent if m.id == message), None)
        if sent is None or not ({sent.sender, sent.to} & self._script.own or sent.to_everybody):
            return False
        return kind in {"doubled", "disorder"}

    def _not_done(self) -> Said:
        whose = {strike.number: strike for strike in self._script.strikes}
        lines = [
            f"{seconds_in_words(whose[number].at)}: {whose[number].words}: {why}"
            for number, why in sorted(self._record.undone.items())
        ]
        return {
            "name": "steps",
            "about": "Every step could be done",
            "bound": 0,
            "figure": len(lines),
            "words": [f"{len(lines)} not done", "all"],
            "holds": False,
            "why": "",
            "evidence": [{"text": line, "events": []} for line in lines[:MOST_EVIDENCE]],
        }

    # --- figures -----------------------------------------------------------------------------

    def _measured(self, name: str) -> float | None:
        match name:
            case "latency-p50":
                return self._latency(0.5)
            case "latency-p99":
                return self._latency(0.99)
            case "healing":
                return self._since_calm("parts", 1)
            case "agreement":
                return self._since_calm("wrong", 0)
        simple: dict[str, Callable[[], float | None]] = {
            "delivery": self._delivery,
            "everywhere": self._everywhere,
            "throughput": self._throughput,
            "detection": self._detection,
            "false-deaths": self._false,
            "joining": self._joining,
            "drained": self._drained,
            "redundancy": self._redundancy,
        }
        return simple[name]()

    def _figures(self) -> dict[str, float | None]:
        """All that can be measured, asked for or not: for a comparison."""
        found = {name: self._measured(name) for name in EXPECT}
        checked = self._checked
        return {
            **found,
            "accepted": checked.accepted,
            "arrived": checked.delivered,
            "failed": checked.failed,
            "broadcasts": checked.broadcasts,
            "problems": len(checked.problems) + bool(self._record.broken),
        }

    def _delivery(self) -> float | None:
        if not self._judged:
            return None
        return sum(message.id in self._came for message in self._judged) / len(self._judged)

    def _everywhere(self) -> float | None:
        owed = have = 0
        for _, there, missing in self._copies():
            owed += there
            have += there - len(missing)
        return have / owed if owed else None

    def _copies(self) -> list[tuple[Sent, int, list[str]]]:
        """Each broadcast: how many should have it, and who has it not."""
        history = self._record.history
        gone = set(history.gone) | set(self._script.own)
        inboxes = {
            node: {found.id for found in inbox}
            for node, inbox in history.inboxes.items()
            if node not in gone
        }
        found = []
        for message in history.sent:
            if not message.to_everybody or message.accepted_at is None or message.sender in gone:
                continue
            there = [n for n in inboxes if history.joined.get(n, -math.inf) <= message.accepted_at]
            missing = [node for node in there if message.id not in inboxes[node]]
            found.append((message, len(there), missing))
        return found

    def _throughput(self) -> float | None:
        if not self._judged:
            return None
        return sum(m.id in self._came for m in self._judged) / max(1e-9, self._script.seconds)

    def _latency(self, share: float) -> float | None:
        waits = [
            max(0.0, self._came[message.id] - (message.accepted_at or 0.0))
            for message in self._judged
            if message.id in self._came
        ]
        return percentile(waits, share)

    def _detection(self) -> float | None:
        """p99 over the victims; none where one was never noticed that stayed away."""
        seconds = []
        for death in self._record.watch["deaths"]:
            if death["seconds"] is not None:
                seconds.append(death["seconds"])
            elif "back_after" not in death:
                return None
        bound = self._bound("detection")
        late = [d for d in self._record.watch["deaths"] if d.get("back_after", 0.0) > bound]
        return None if late else percentile(seconds, 0.99)

    def _bound(self, name: str) -> float:
        wanted = self._script.scenario.expect.get(name)
        value = None if wanted is None else wanted[self._record.place]
        if wanted is None or value is None:
            return math.inf
        more = wanted["tenfold"] * max(0.0, math.log10(len(self._script.nodes) / 100))
        return float(value + more)

    def _false(self) -> float | None:
        return float(len({one["node"] for one in self._record.watch["false"]}))

    def _joining(self) -> float | None:
        seconds = [join["seconds"] for join in self._record.watch["joins"]]
        return None if not seconds or None in seconds else max(seconds)

    def _since_calm(self, wrong: str, right: int) -> float | None:
        """Seconds from the end of the last fault until something was right, and stayed so."""
        calm = self._script.calm_at
        after = [sample for sample in self._samples if sample["at"] >= calm]
        if not after or after[-1][wrong] != right:
            return None
        for earlier, later in zip(reversed(after[:-1]), reversed(after[1:]), strict=True):
            if earlier[wrong] != right:
                return float(round(later["at"] - calm, 2))
        return float(round(max(0.0, after[0]["at"] - calm), 2))

    def _drained(self) -> float | None:
        last = self._script.calm_at
        for message in self._judged:
            came = self._came.get(message.id)
            if came is None:
                end = self._record.history.outboxes.get(message.sender, {}).get(message.id)
                if end is None or end.status == "queued":
                    return None
            else:
                last = max(last, came - self._record.zero)
        return round(last - self._script.calm_at, 2)

    def _redundancy(self) -> float | None:
        value = self._record.calm.get("redundancy")
        return None if value is None else round(float(value), 4)

    # --- evidence ----------------------------------------------------------------------------

    def _evidence(self, name: str) -> list[Said]:  # noqa: PLR0911 - a table
        match name:
            case "delivery" | "throughput" | "drained" | "latency-p50" | "latency-p99":
                return self._slow_or_lost(name)
            case "everywhere":
                return [
                    self._about_message(
                        sent.id, f"{sent.id} of {sent.sender} is missing at {', '.join(lack[:8])}"
                    )
                    for sent, _, lack in self._copies()
                    if lack
                ]
            case "detection":
                return [self._about_death(death) for death in self._worst_deaths()]
            case "false-deaths":
                return [
                    self._about(
                        f"{one['by']} held {one['node']} for dead at {one['at']:g} s, which ran",
                        one["at"],
                        {one["by"], one["node"]},
                    )
                    for one in self._record.watch["false"]
                ]
            case "joining":
                return [
                    {
                        "text": f"{', '.join(join['nodes'][:5])}: {_took(join['seconds'])}",
                        "events": [],
                    }
                    for join in self._record.watch["joins"]
                ]
            case "healing" | "agreement":
                return self._last_wrong("parts" if name == "healing" else "wrong", name)
        return []

    def _slow_or_lost(self, name: str) -> list[Said]:
        lost = [message for message in self._judged if message.id not in self._came]
        slow = sorted(
            (message for message in self._judged if message.id in self._came),
            key=lambda m: (m.accepted_at or 0.0) - self._came[m.id],
        )
        some = (
            lost[:MOST_EVIDENCE] if name in {"delivery", "throughput"} else [*lost[:4], *slow[:8]]
        )
        found = []
        for message in some:
            at = (message.accepted_at or 0.0) - self._record.zero
            came = self._came.get(message.id)
            end = self._record.history.outboxes.get(message.sender, {}).get(message.id)
            knows = "is not in its sender's outbox"
            if end is not None:
                knows = f"is {end.status} to its sender{f' ({end.reason})' if end.reason else ''}"
            took = (
                "never arrived" if came is None else f"took {came - self._record.zero - at:.2f} s"
            )
            words = (
                f"{message.id} from {message.sender} to {message.to}, accepted at {at:.2f} s, "
                f"{took}; it {knows}"
            )
            found.append(self._about(words, at, {message.sender, message.to}))
        return found

    def _worst_deaths(self) -> list[Said]:
        deaths = list(self._record.watch["deaths"])
        return sorted(deaths, key=lambda d: -(math.inf if d["seconds"] is None else d["seconds"]))

    def _about_death(self, death: Said) -> Said:
        kind = death.get("kind", "struck")
        words = f"{death['node']}, {kind} at {death['at']:g} s: {_took(death['seconds'])}"
        if "back_after" in death:
            words += f" before it was back, {death['back_after']:g} s later"
        return self._about(words, death["at"] + (death["seconds"] or 0.0), {death["node"]})

    def _last_wrong(self, field: str, name: str) -> list[Said]:
        right = 1 if field == "parts" else 0
        late = [s for s in self._samples if s["at"] >= self._script.calm_at and s[field] != right]
        if not late:
            return [{"text": f"{name}: nobody looked after the last fault", "events": []}]
        last = late[-1]
        what = f"{last['parts']} parts" if field == "parts" else f"{last['wrong']} wrong entries"
        return [self._about(f"at {last['at']:g} s there were still {what}", last["at"], set())]

    def _about_message(self, message: str, words: str) -> Said:
        sent = next((m for m in self._record.history.sent if m.id == message), None)
        if sent is None or sent.accepted_at is None:
            return {"text": words, "events": []}
        return self._about(words, sent.accepted_at - self._record.zero, {sent.sender, sent.to})

    def _about(self, words: str, at: float, nodes: set[str]) -> Said:
        """With what was broken then, and what the nodes concerned told around that time."""
        during = [
            strike.words for strike in self._script.strikes if strike.at <= at <= _over(strike)
        ]
        events = [
            f"{event[0]:.2f} s  {event[1]}  {event[2]}  {event[3]}".rstrip()
            for event in self._record.events
            if abs(event[0] - at) <= AROUND and (not nodes or nodes & {event[1], event[3]})
        ]
        under = f" · under way then: {'; '.join(during[:4])}" if during else ""
        return {"text": words + under, "events": events[:MOST_EVENTS]}

    # --- for the page ------------------------------------------------------------------------

    def _step(self, strike: Strike) -> Said:
        done = self._record.done.get(strike.number)
        return {
            "at": strike.at,
            "until": strike.until,
            "kind": strike.kind,
            "words": strike.words,
            "nodes": list(strike.nodes),
            "line": strike.line,
            "done": None if done is None else list(done),
            "why_not": self._record.undone.get(strike.number, ""),
        }

    def _sides(self) -> Mapping[str, int]:
        """In which group each node was in the first partition, for the picture."""
        for strike in self._script.strikes:
            if strike.kind == "partition":
                return {n: number for number, group in enumerate(strike.groups) for n in group}
        return {}


def _over(strike: Strike) -> float:
    """Until when a step explains anything: what happens in an instant, for some seconds."""
    if strike.until is not None:
        return strike.until
    return strike.at + AFTER if strike.kind in {"restart", "join", "heal"} else math.inf


def _took(seconds: float | None) -> str:
    return "never seen by all" if seconds is None else f"seen by all after {seconds:g} s"
