"""`python -m simulator`: one run from the command line. `p2p.py sim` calls it.

Exit statuses: 0 nothing broke; 1 an invariant broke; 2 asked wrongly. The table or the JSON
goes to standard output, everything else to standard error. With `--progress` it says there
how far it is, one line each time: `progress <seconds done> <seconds in all> <what>`.
"""

import argparse
import contextlib
import gc
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from node.overlay.presets import PRESETS
from simulator.invariant import BrokenInvariantError
from simulator.nemesis import ScenarioError, read_scenario
from simulator.plan import Plan
from simulator.plots import draw
from simulator.report import broken_json, broken_words, line, table
from simulator.run import Outcome, Progress, run
from simulator.trace import Trace

PROGRAM = "python3 p2p.py sim"

EXAMPLES = """examples:
  python3 p2p.py sim                                        50 nodes, a minute, no faults
  python3 p2p.py sim --nodes 100 --kill 50% --loss 5%       half of them die at once
  python3 p2p.py sim --nodes 30 --chaos 1 --seed 7          everything at random, from a seed
  python3 p2p.py sim --nodes 10000 --kill 80% --plots pictures   some minutes, drawn as SVG
  python3 p2p.py sim --scenario halves.yaml --trace a.jsonl a schedule of faults; the whole history
  python3 p2p.py sim --nodes 30 --chaos 1 --seeds 200       one run a seed, 1 to 200
  python3 p2p.py sim --preset wan --latency 50-200          machines far apart
"""


def main(arguments: list[str]) -> int:
    """Run what is asked for; the exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        plan = _plan(chosen)
        plan.latencies()
        plan.overlay_class()
        plan.schedule()
    except (ScenarioError, msgspec.ValidationError, ValueError, TypeError) as error:
        parser.error(str(error))
    if chosen.plots is not None and chosen.seeds > 1:
        parser.error("--plots draws one run, and --seeds makes several")
    gc.disable()  # a run makes no cycles; the collector would look for them half the time
    progress = _say_progress if chosen.progress else None
    say = _say_table if chosen.seeds == 1 else _say_line
    with _trace(chosen.trace) as trace:
        for seed in range(plan.seed, plan.seed + chosen.seeds):
            one = msgspec.structs.replace(plan, seed=seed)
            if not _one(one, progress, trace, _say_json if chosen.json else say, chosen.plots):
                return 1
    return 0


Say = Callable[[Plan, Outcome | BrokenInvariantError], None]


def _one(
    plan: Plan, progress: Progress | None, trace: Trace | None, say: Say, plots: str | None
) -> bool:
    try:
        outcome = run(plan, progress, trace)
    except BrokenInvariantError as broken:
        say(plan, broken)
        return False
    say(plan, outcome)
    if plots is not None:
        for file in draw(outcome, Path(plots)):
            print(f"drawn: {file}", file=sys.stderr, flush=True)
    return True


def _say_json(plan: Plan, outcome: Outcome | BrokenInvariantError) -> None:
    value: dict[str, Any]
    if isinstance(outcome, BrokenInvariantError):
        value = broken_json(outcome, plan)
    else:
        value = {"plan": plan, "figures": outcome.figures, "series": outcome.series}
        value |= {"again": plan.command()}
    print(msgspec.json.encode(value).decode(), flush=True)


def _say_table(plan: Plan, outcome: Outcome | BrokenInvariantError) -> None:
    if isinstance(outcome, BrokenInvariantError):
        print(broken_words(outcome, plan), flush=True)
    else:
        print(table(outcome), flush=True)


def _say_line(plan: Plan, outcome: Outcome | BrokenInvariantError) -> None:
    if isinstance(outcome, BrokenInvariantError):
        print(broken_words(outcome, plan), flush=True)
    else:
        print(line(outcome), flush=True)


@contextlib.contextmanager
def _trace(path: str | None) -> Iterator[Trace | None]:
    if path is None:
        yield None
    else:
        with Path(path).open("wb") as file:
            yield Trace(file)


def _say_progress(done: float, goal: float, note: str) -> None:
    print(f"progress {done:.1f} {goal:.1f} {note}", file=sys.stderr, flush=True)


def _plan(chosen: argparse.Namespace) -> Plan:
    """What was typed, what the scenario fixes, and the defaults, in this order."""
    values = {
        field: value
        for field in Plan.__struct_fields__
        if (value := getattr(chosen, field)) is not None
    }
    if chosen.scenario:
        scenario = read_scenario(Path(chosen.scenario))
        for field in ("nodes", "seconds", "seed", "rate", "talk"):
            fixed = getattr(scenario, field)
            if fixed is not None:
                values.setdefault(field, fixed)
    return msgspec.convert(values, Plan)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Run the nodes' own protocol under a virtual clock, with faults.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--nodes", type=int, metavar="N", help="how many (50)")
    add("--seconds", type=_number, metavar="S", help="of the world's time with faults (60)")
    add("--seed", type=int, metavar="N", help="of all chance (1)")
    add("--seeds", type=_count, default=1, metavar="N", help="so many runs, a seed each")
    add("--kill", type=_share, metavar="SHARE", help="dies at once, for good: 50%% or 0.5")
    add("--loss", type=_share, metavar="SHARE", help="of all packets is lost, all the time")
    add("--chaos", type=_number, metavar="X", help="random faults; 1: one in four seconds")
    add("--scenario", metavar="FILE", help="a schedule of faults (YAML: docs/scenarios; or TOML)")
    add("--rate", type=_number, metavar="X", help="messages a second in the network (2)")
    add("--route", metavar="WAY", help="of messages: auto (so), direct, overlay, or mixed")
    add("--talk", type=_number, metavar="X", help="broadcasts a second during the faults (0.5)")
    add("--broadcasts", type=int, metavar="N", help="of one node, after the settling (20)")
    add("--latency", metavar="MS", help="one way: 100, or least and most (0.5-5)")
    add("--skew", type=_number, metavar="X", help="clocks go wrong by this share (0.001)")
    add("--settle", type=_number, metavar="S", help="until all must be well again (180)")
    add("--bootstrap", action=argparse.BooleanOptionalAction, help="with one, or with PEERS")
    add("--encoding", action=argparse.BooleanOptionalAction, help="encode and parse all frames")
    add("--preset", choices=tuple(PRESETS), help="numbers for machines near or far (lab)")
    add("--map", action=argparse.BooleanOptionalAction, help="off above 1,000 nodes in any case")
    add("--overlay", metavar="MODULE:CLASS", help="another class than the nodes' own")
    add("--json", action="store_true", help="figures as JSON")
    add("--plots", metavar="DIR", help="draw pictures of it there (SVG)")
    add("--trace", metavar="FILE", help="write the whole history, a line a step")
    add("--progress", action="store_true", help="say how far it is, for a program that calls")
    return parser


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a number, not {text[:40]!r}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1_000_000:
        raise argparse.ArgumentTypeError("must be from 1 to 1,000,000")
    return value


def _share(text: str) -> float:
    value = _number(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, or 0% to 100%, not {text[:40]!r}")
    return value
