"""`python -m benchmarks`: measure, print ratios and bars, exit with 1 where a bar is missed."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.processes import BenchmarkError
from benchmarks.verdict import Figure

EXAMPLES = """examples:
  python -m benchmarks                    everything that this machine can run, some 12 minutes
  python -m benchmarks serving            only one
  python -m benchmarks idle --nodes 50
  python -m benchmarks history            the dashboard's history, some 3 minutes
  python -m benchmarks seeking            any moment of an hour, as the page draws it: 4 minutes
  python -m benchmarks dashboard          the dashboard under load, some 5 minutes
  python -m benchmarks dashboard --quick  the same for shorter times, one minute
  python -m benchmarks messages           two nodes, fifty, and one that is down: 3 minutes
  python -m benchmarks messages --part pair
  python -m benchmarks page               every bar of the page, some 20 minutes
  python -m benchmarks page --quick       the same, shorter: some 8 minutes
  python -m benchmarks page --part click --part thousand    some of them
  python -m benchmarks faults             acts at 100 nodes, delays, what none costs: 3 minutes
  python -m benchmarks overlay            every bar of the protocol, half an hour
  python -m benchmarks overlay --quick    the same with smaller networks, some 4 minutes
  python -m benchmarks overlay --part halves --part kill-80    some of them
  python -m benchmarks --json bench.json  the figures as a file as well
"""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_BENCHMARKS))
    parser.add_argument("--nodes", type=int, help="nodes of the network (idle 100, others 50)")
    parser.add_argument("--seconds", type=float, help="how long each measurement looks")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the median counts")
    parser.add_argument("--quick", action="store_true", help="overlay, dashboard, page: less of it")
    parser.add_argument("--seed", type=int, default=1, help="of all chance (1)")
    parser.add_argument(
        "--part",
        action="append",
        default=[],
        help="only this part of a benchmark",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(_BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark '{unknown.pop()}'; there are {', '.join(_BENCHMARKS)}")

    figures: list[Figure] = []
    failed = False
    for name in chosen.names or _BENCHMARKS:
        print(f"\n{name}", flush=True)
        try:
            for figure in _BENCHMARKS[name](chosen, _say):
                figures.append(figure)
                print(f"  {figure.line()}", flush=True)
                failed |= not figure.passed
                _write(chosen, figures)  # whoever stops it keeps what there is
        except BenchmarkError as error:
            print(f"  not measured: {error}", flush=True)
            failed |= bool(chosen.names)  # asked for by name and not to be had
    _write(chosen, figures)
    missed = [figure for figure in figures if not figure.passed]
    if missed:
        print(f"\n{len(missed)} bars missed:")
        for figure in missed:
            print(f"  {figure.line()}")
    return int(failed)


def _write(chosen: argparse.Namespace, figures: list[Figure]) -> None:
    if chosen.json:
        text = json.dumps(_report(chosen, figures), indent=2)
        chosen.json.write_text(text + "\n", encoding="utf-8")


def _say(line: str) -> None:
    print(f"  … {line}", flush=True)


def _serving(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import serving

    return serving.run(rounds=chosen.rounds, seconds=chosen.seconds or 5.0, say=say)


def _idle(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import idle

    return idle.run(nodes=chosen.nodes or 100, seconds=chosen.seconds or 30.0, say=say)


def _startup(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import startup

    return startup.run(nodes=chosen.nodes or 50, rounds=chosen.rounds, say=say)


def _healing(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import healing

    return healing.run(nodes=chosen.nodes or 50, say=say)


def _page(chosen: argparse.Namespace, say: Callable[[str], None]) -> Iterable[Figure]:
    from benchmarks import page

    return page.run(
        nodes=chosen.nodes or 50,
        seconds=chosen.seconds or 10.0,
        quick=chosen.quick,
        parts=_parts(chosen, page.PARTS),
        say=say,
    )


def _table(_chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import table

    return table.run(say=say)


def _simulation(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import simulation

    return simulation.run(seconds=chosen.seconds or 3.0, say=say)


def _history(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import history

    return history.run(nodes=chosen.nodes or 100, seconds=chosen.seconds or 3_600.0, say=say)


def _seeking(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Figure]:
    from benchmarks import seeking

    return seeking.run(nodes=chosen.nodes or 100, seconds=chosen.seconds or 3_600.0, say=say)


def _messages(chosen: argparse.Namespace, say: Callable[[str], None]) -> Iterable[Figure]:
    from benchmarks import messages

    return messages.run(
        nodes=chosen.nodes or 50,
        rounds=chosen.rounds,
        seconds=chosen.seconds or 5.0,
        seed=chosen.seed,
        parts=_parts(chosen, messages.PARTS),
        say=say,
    )


def _parts(chosen: argparse.Namespace, there: Iterable[str]) -> list[str]:
    """Those that are asked for. Raises BenchmarkError where one is not there."""
    parts: list[str] = chosen.part
    unknown = set(parts) - set(there)
    if unknown:
        raise BenchmarkError(f"there is no part '{unknown.pop()}'; there are {', '.join(there)}")
    return parts


def _faults(chosen: argparse.Namespace, say: Callable[[str], None]) -> Iterable[Figure]:
    from benchmarks import faults

    return faults.run(
        nodes=chosen.nodes or 100,
        rounds=chosen.rounds,
        parts=_parts(chosen, faults.PARTS),
        say=say,
    )


def _overlay(chosen: argparse.Namespace, say: Callable[[str], None]) -> Iterable[Figure]:
    from benchmarks import overlay

    parts = _parts(chosen, overlay.PARTS)
    # Among all others it takes its turn with small networks.
    quick = chosen.quick or not chosen.names
    return overlay.run(say, quick=quick, seed=chosen.seed, parts=parts)


def _dashboard(chosen: argparse.Namespace, say: Callable[[str], None]) -> Iterable[Figure]:
    from benchmarks import dashboard

    return dashboard.run(
        # Among all others it takes its turn with less of everything.
        quick=chosen.quick or not chosen.names,
        seed=chosen.seed,
        parts=_parts(chosen, dashboard.PARTS),
        say=say,
    )


_BENCHMARKS: dict[str, Callable[[argparse.Namespace, Callable[[str], None]], Iterable[Figure]]] = {
    "serving": _serving,
    "idle": _idle,
    "startup": _startup,
    "healing": _healing,
    "page": _page,
    "table": _table,
    "messages": _messages,
    "faults": _faults,
    "simulation": _simulation,
    "history": _history,
    "seeking": _seeking,
    "dashboard": _dashboard,
    "overlay": _overlay,
}


def _report(chosen: argparse.Namespace, figures: list[Figure]) -> dict[str, object]:
    return {
        "at": time.strftime("%Y-%m-%d", time.gmtime()),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "asked": " ".join(sys.argv[1:]),
        "seed": chosen.seed,
        "figures": [
            {
                "name": figure.name,
                "ours": figure.ours,
                "unit": figure.unit.strip(),
                "yardstick": figure.yardstick,
                "ratio": figure.ratio,
                "at_least": figure.at_least,
                "at_most": figure.at_most,
                "passed": figure.passed,
            }
            for figure in figures
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
