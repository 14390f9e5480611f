"""The verdict in words for a person, and as values for a program."""

from collections import Counter
from typing import Any, Final

from lab.progress import counted
from lab.verification.checker import KINDS, Verdict, Wait
from lab.verification.history import EVERYBODY, Fault, History

SHOWN: Final = 10
"""Problems that are told in words; all of them are in the JSON and in the kept history."""
_MEANS: Final = {
    "lost": "accepted, and neither there nor told as failed",
    "doubled": "in an inbox more than once",
    "disorder": "behind a later message of the same two",
    "invented": "there, and never accepted",
    "changed": "not as it was sent",
    "untold": "there, and its sender does not know",
    "invariant": "broken invariants of the simulator",
}


def table(history: History, verdict: Verdict) -> str:
    """The whole report."""
    lines = [headline(history), ""]
    rows = [
        (
            "accepted",
            verdict.accepted,
            f"{verdict.refused:,} refused, {verdict.unknown:,} without an answer to the end",
        ),
        ("delivered", verdict.delivered, _pace(verdict)),
        ("failed", verdict.failed, "not delivered in their time, and their senders say so"),
        ("broadcasts", verdict.broadcasts, f"{verdict.copies:,} copies in all inboxes"),
    ]
    if verdict.unsure:
        rows.append(
            ("unsure", verdict.unsure, "told as failed, though they arrived: nobody can know")
        )
    if verdict.exempt:
        rows.append(
            ("exempt", verdict.exempt, "from or to a node that is gone for good, or lost its disk")
        )
    rows += [(kind, verdict.count(kind), _MEANS[kind]) for kind in KINDS]
    lines += [f"  {what:<11}{number:>9,}  {means}".rstrip() for what, number, means in rows]
    lines += ["", *_waits(history, verdict)]
    if verdict.problems:
        lines += ["", *(f"  {p.kind}: {p.words}" for p in verdict.problems[:SHOWN])]
        if len(verdict.problems) > SHOWN:
            lines.append(f"  … and {len(verdict.problems) - SHOWN:,} more")
    lines += ["", sentence(verdict)]
    return "\n".join(lines)


def headline(history: History) -> str:
    """Where, how long, and what was broken."""
    kinds = Counter(fault.words.split(" ", 1)[0] for fault in history.faults if fault.done)
    broken = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "nothing"
    line = (
        f"{history.where}, {history.seconds:.0f} s, seed {history.seed}. What was done to "
        f"them: {broken}."
    )
    undone = sum(not fault.done for fault in history.faults)
    return line + (f" {counted(undone, 'faults')} could not be done." if undone else "")


def sentence(verdict: Verdict) -> str:
    """In one line."""
    if verdict.holds:
        told = f" or was told to have failed ({verdict.failed:,})" if verdict.failed else ""
        return f"HOLDS: every accepted message arrived once, unchanged and in order{told}."
    if not verdict.problems:
        what = "no message was accepted" if not verdict.accepted else "no fault could be done"
        return f"NOTHING SHOWN: {what}."
    kinds = Counter(problem.kind for problem in verdict.problems)
    told = ", ".join(f"{kinds[kind]:,} {kind}" for kind in KINDS if kinds[kind])
    return f"BROKEN: {told}."


def as_json(history: History, verdict: Verdict) -> dict[str, Any]:
    """All figures and all problems."""
    return {
        "where": history.where,
        "seed": history.seed,
        "seconds": history.seconds,
        "nodes": len(history.nodes),
        "faults": sum(fault.done for fault in history.faults),
        "faults_undone": sum(not fault.done for fault in history.faults),
        "asked": verdict.asked,
        "accepted": verdict.accepted,
        "delivered": verdict.delivered,
        "failed": verdict.failed,
        "unsure": verdict.unsure,
        "refused": verdict.refused,
        "unknown": verdict.unknown,
        "exempt": verdict.exempt,
        "broadcasts": verdict.broadcasts,
        "copies": verdict.copies,
        **{kind: verdict.count(kind) for kind in KINDS},
        "wait_median": percentile(verdict.waits, 0.5),
        "wait_p99": percentile(verdict.waits, 0.99),
        "wait_longest": verdict.longest.seconds if verdict.longest else None,
        "unavailable_longest": verdict.unavailable.seconds if verdict.unavailable else None,
        "problems": [problem._asdict() for problem in verdict.problems],
        "holds": verdict.holds,
    }


def percentile(ascending: list[float], share: float) -> float | None:
    """The value below which that share lies; None of nothing."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] if ascending else None


def _pace(verdict: Verdict) -> str:
    middle, most = percentile(verdict.waits, 0.5), percentile(verdict.waits, 0.99)
    if middle is None or most is None:
        return ""
    return f"half of them within {_seconds(middle)}, 99 % within {_seconds(most)}"


def _waits(history: History, verdict: Verdict) -> list[str]:
    lines = []
    if verdict.longest is not None:
        message = verdict.longest.message
        to = "everybody" if message.to_everybody else message.to
        lines.append(
            f"Longest wait: {_seconds(verdict.longest.seconds)}, {message.sender} to {to}"
            f"{_meanwhile(history, verdict.longest, message.accepted_at)}"
        )
    if verdict.unavailable is not None:
        lines.append(
            f"Longest unavailability: {_seconds(verdict.unavailable.seconds)} until "
            f"{verdict.unavailable.message.sender} took a message"
            f"{_meanwhile(history, verdict.unavailable, verdict.unavailable.message.asked_at)}"
        )
    return lines


def _meanwhile(history: History, wait: Wait, began: float | None) -> str:
    """What was broken about those two just then."""
    if began is None:
        return ""
    there = {wait.message.sender, wait.message.to}
    faults = [f for f in history.faults if f.done and _touches(f, there, began, wait.seconds)]
    if not faults:
        return "; no fault of theirs in that time"
    words = "; ".join(fault.words.partition(" (not at ")[0] for fault in faults[:3])
    return f" ({words}{'; …' if len(faults) > 3 else ''})"


def _touches(fault: Fault, nodes: set[str], began: float, seconds: float) -> bool:
    overlaps = fault.at <= began + seconds and fault.until >= began
    return overlaps and (EVERYBODY in nodes or not nodes.isdisjoint(fault.nodes))


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
