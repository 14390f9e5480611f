"""A run's figures for people: a table beside the papers' figures and the project's bars."""

from simulator.figures import Figures, Spread
from simulator.invariant import BrokenInvariantError, shown
from simulator.plan import Plan
from simulator.run import Outcome

Row = tuple[str, str, str]


def table(outcome: Outcome) -> str:
    """What, how much, and beside what."""
    rows = list(_rows(outcome.plan, outcome.figures))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {a:<{widths[0]}}  {b:>{widths[1]}}   {c}".rstrip() for a, b, c in rows]
    head = (
        f"{outcome.plan.nodes} nodes, {outcome.plan.seconds:g} s, seed {outcome.plan.seed}: "
        "no invariant broken"
    )
    return "\n".join([head, *lines, f"again: {outcome.plan.command()}"])


def line(outcome: Outcome) -> str:
    """One run of many."""
    f = outcome.figures
    faults = sum(f.faults.values())
    return (
        f"seed {outcome.plan.seed}: all well {f.settled:.1f} s after {faults} faults"
        f", {f.delivered} of {f.accepted} messages, {f.steps:,} steps, {f.real_seconds:.1f} s"
    )


def _rows(plan: Plan, f: Figures) -> list[Row]:
    graph = f.graph
    share = f.owed_delivered / f.owed if f.owed else 1.0
    faults = ", ".join(f"{n} {kind}" for kind, n in f.faults.items()) or "none"
    rows: list[Row] = [
        ("one network after the last start", f"{f.joined:.1f} s", ""),
        ("faults", faults, ""),
        ("maps and links right after the last fault", f"{f.healed:.1f} s", "halves: 30 s [bar]"),
        ("  and no message waiting", f"{f.settled:.1f} s", "60 s for one to a dead node"),
        (
            "messages between survivors delivered",
            f"{f.owed_delivered:,} of {f.owed:,} ({share:.2%})",
            "99.9 % [bar]",
        ),
        ("  of all", f"{f.delivered:,} of {f.accepted:,}", ""),
        ("  told as failed", f"{f.failed:,}", ""),
        ("  time, p50 / p99", _times(f.latency), ""),
        *_broadcast_rows(f),
        ("crashes", f"{f.crashes:,}", ""),
        ("  its links given up, p50 / p99", _times(f.link_noticed), "3 s p99 at N=100 [bar]"),
        ("  first noticed, p50 / p99", _times(f.first_noticed), "8 s at N=100 [SWIM: 4 log10 N]"),
        (
            "  known everywhere, p50 / p99",
            _times(f.known_everywhere) if plan.config().map else "nobody keeps a map",
            "12 s p99 at N=100 [bar]",
        ),
        ("found dead, but ran", f"{f.false_deaths:,}", "0 without faults [bar]"),
        (
            "links a node",
            f"{graph.degree_mean:.2f} ({graph.degree_least} to {graph.degree_most})",
            "6 (4 to 8) [brief]",
        ),
        ("components", str(graph.components), "1"),
        (
            "mean path",
            _hops(graph.path),
            f"{_hops(graph.path_random)} in a random graph; 5.7 at N=10,000 [bar]",
        ),
        (
            "clustering",
            f"{graph.clustering:.3f}",
            f"{graph.clustering_random:.3f} in a random graph",
        ),
        ("requests a node and second", f"{f.requests_per_node:.2f}", "1 [measured: 0.3 core]"),
        ("pairs that talked in 30 s", f"{f.pairs_that_talked:,}", "512 [Linux: 1,024 entries]"),
        ("bytes a batch", _bytes(f.bytes_per_batch), ""),
        ("virtual time", f"{f.virtual_seconds:.1f} s", ""),
        ("real time", f"{f.real_seconds:.1f} s, {f.cpu_seconds:.1f} s of CPU", ""),
        ("memory", f"{f.memory / 1e6:,.0f} MB" if f.memory else "not known", ""),
        ("steps", f"{f.steps:,}", ""),
        (
            "frames delivered",
            f"{f.frames:,} ({f.frames_per_second:,.0f}/s)",
            "100,000/s of one core [bar]",
        ),
    ]
    if f.unperformed:
        what = ", ".join(f"{n} {kind}" for kind, n in f.unperformed.items())
        rows.append(("not simulated", what, "outputs that the simulator does not know"))
    if not plan.encoding:
        rows.append(("frames", "passed as values", "not encoded, not parsed"))
    return rows


def _broadcast_rows(f: Figures) -> list[Row]:
    """Those that somebody sent while the faults lasted, and those of a root after them."""
    rows: list[Row] = []
    during, calm = f.broadcasts_during, f.broadcasts_calm
    if during is not None:
        rows += [
            (
                "broadcasts during the faults: survivors reached",
                f"{during.reliability:.2%} (least {during.reliability_least:.2%})",
                "",
            ),
            ("  by everybody", f"{during.everywhere:,} of {during.sent:,}", ""),
            ("  time, p50 / p99", _times(during.latency), ""),
        ]
    if calm is not None:
        rows += [
            (
                "broadcasts of a root afterwards: nodes reached",
                f"{calm.reliability:.2%} (least {calm.reliability_least:.2%})",
                "99.9 % after 80 % died, 90 % after 95 % [paper: HyParView]",
            ),
            ("  by everybody", f"{calm.everywhere:,} of {calm.sent:,}", "all [brief]"),
            ("  redundancy after ten", _redundancy(calm.redundancy), "0.05 [bar]; a flood: 4"),
            (
                "  hops, mean / last",
                f"{_hops(calm.hop_mean)} / {_hops(calm.last_hop)} (most {calm.last_hop_most})",
                "last 6 at N=100 [bar]",
            ),
            ("  time, p50 / p99", _times(calm.latency), ""),
        ]
    return rows


def broken_words(broken: BrokenInvariantError, plan: Plan) -> str:
    """What broke, where, which two states disagree, and how to see it again."""
    width = max(len(name) for name, _ in broken.states)
    lines = [
        f"Invariant broken: {broken}",
        f"  seed {plan.seed} · step {broken.step:,} · {broken.at:.3f} s",
        *(f"  {name:<{width}}  {shown(state)}" for name, state in broken.states),
    ]
    if broken.history:
        lines.append(f"  what {broken.where} went through last:")
        lines += [f"    {line}" for line in broken.history]
    lines.append(f"again: {plan.command()}")
    return "\n".join(lines)


def broken_json(broken: BrokenInvariantError, plan: Plan) -> dict[str, object]:
    """The same for programs."""
    return {
        "plan": plan,
        "broken": {
            "number": broken.invariant.number,
            "sentence": broken.invariant.sentence,
            "where": broken.where,
            "step": broken.step,
            "at": broken.at,
            "states": [[name, shown(state)] for name, state in broken.states],
            "history": broken.history,
        },
        "again": plan.command(),
    }


def _times(times: Spread | None) -> str:
    return "none" if times is None else f"{times.p50:.3g} / {times.p99:.3g} s"


def _redundancy(redundancy: float | None) -> str:
    return "none" if redundancy is None else f"{redundancy:.3f}"


def _bytes(count: float | None) -> str:
    return "not encoded" if count is None else f"{count:,.0f}"


def _hops(hops: float | None) -> str:
    return "none" if hops is None else f"{hops:.2f}"
