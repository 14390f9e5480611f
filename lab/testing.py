"""`test`: every kind of test, each in its folder, in an environment that is made for it.

What failed, and what cannot run on this machine, is said loudly and last, where it is seen.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lab import ROOT, LabError, chromium, environment, failures, steps, vendor
from lab.engine import Engine, NoEngineError
from lab.near import near
from lab.pagetests import page_tests, type_checks
from lab.progress import Progress

DESCRIPTION = """Run the tests, all kinds or the named ones: unit, simulation, page, api, browser
(needs Chromium), docker (needs an engine). What stands behind `--` goes to pytest. The exit
status is pytest's."""
EXAMPLES = """  {prog} test
  {prog} test unit api
  {prog} test api -- -x -k send"""

KINDS: Final = ("unit", "simulation", "page", "api", "browser", "docker")
_SIDE_BY_SIDE: Final = ("-n", "2", "--dist", "loadfile")
"""Two at a time, each with networks of its own. What stands behind `--` wins."""
_TWO_AT_A_TIME: Final = frozenset({"simulation", "api", "browser"})
"""A test of the API or the page mostly waits; the simulation computes in that time."""
PASSES_ON = True
"""What stands behind `--` goes on to the tool."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))


def run(chosen: argparse.Namespace) -> int:
    """Run the kinds one after the other, also after a failure."""
    for kind in chosen.kinds:
        if kind not in KINDS:
            shown = kind[:40]
            there = f"there are {', '.join(KINDS)}."
            raise LabError(f"There are no {shown!r} tests;{near(shown, KINDS)} {there}", 2)
    progress = Progress()
    environment.ensure(progress, dev=True)
    vendor.ensure(progress, dev=True)
    progress.close()
    # The tests start a thousand programs of ours, and each would compile its modules anew:
    # half of a node's start [measured].
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kinds = [kind for kind in KINDS if kind in (chosen.kinds or KINDS)]
    with tempfile.TemporaryDirectory() as folder:
        reports = {kind: Path(folder, f"{kind}.xml") for kind in kinds}
        results = _all(kinds, chosen.rest, progress, reports, asked=bool(chosen.kinds))
        print("\n" + "\n".join(steps.line(result) for result in results))
        failed = failures.lines(reports)
    if failed:
        print("\n" + "\n".join(failed))
    for result in results:
        if result.note.startswith(steps.SKIPPED):
            print(f"\nNOT TESTED: the {result.name} tests were {result.note}.")
    return steps.status(results)


def _all(
    kinds: Sequence[str],
    rest: Sequence[str],
    progress: Progress,
    reports: Mapping[str, Path],
    *,
    asked: bool,
) -> list[steps.Result]:
    """Run the kinds in turn, but for the simulation: it computes while the API's tests wait."""
    beside = None
    if {"simulation", "api"} <= set(kinds):
        beside = steps.Beside(
            "simulation", _pytest("simulation", rest, reports["simulation"]), dict(os.environ)
        )
    results = []
    for kind in kinds:
        if kind == "simulation" and beside is not None:
            continue
        results.append(_run(kind, rest, progress, reports[kind], asked=asked))
        if kind == "api" and beside is not None:
            results.append(beside.result())
    return results


def _pytest(kind: str, rest: Sequence[str], report: Path) -> list[str]:
    own = _SIDE_BY_SIDE if kind in _TWO_AT_A_TIME else ()
    told = failures.report_to(report)
    return [str(environment.python()), "-m", "pytest", f"tests/{kind}", *told, *own, *rest]


def _run(
    kind: str, rest: Sequence[str], progress: Progress, report: Path, *, asked: bool
) -> steps.Result:
    own = dict(os.environ)
    if kind == "page":
        return _page(progress)
    if not any((ROOT / "tests" / kind).glob("test_*.py")):
        return _left_out(kind, "there are none")
    if kind == "browser":
        browser = chromium.find() or chromium.install(progress)
        if browser is None:
            return _left_out(kind, f"there is no Chromium. {chromium.ADVICE}", status=1)
        own["P2P_CHROMIUM"] = browser
    if kind == "docker":
        try:
            Engine("p2p").look()
        except NoEngineError as error:
            return _left_out(kind, str(error), status=int(asked))
    return steps.aloud(kind, _pytest(kind, rest, report), own)


def _page(progress: Progress) -> steps.Result:
    files = page_tests()
    if not files:
        return _left_out("page", "there are none")
    node = vendor.node_folder(progress)
    own = vendor.with_node(node)
    tested = steps.aloud("page", [str(node / "node"), "--test", *files], own)
    checked = [steps.aloud(name, command, own) for name, command in type_checks(node)]
    return next((result for result in (tested, *checked) if result.status != 0), tested)


def _left_out(kind: str, why: str, status: int = 0) -> steps.Result:
    return steps.Result(kind, status, 0.0, f"{steps.SKIPPED}: {why}")
