"""`check`: all that can be known in less than a minute."""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor

from lab import environment, steps, vendor
from lab.pagetests import page_tests, type_checks
from lab.progress import Progress

DESCRIPTION = """Lint, format, types, unit tests, simulation and the page's own tests: less than a
minute. `test` does the rest."""
EXAMPLES = "  {prog} check"

_PARTS = ("unit", "simulation")


def options(_parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(_chosen: argparse.Namespace) -> int:
    """Check everything, also after a failure."""
    began = time.monotonic()
    progress = Progress()
    environment.ensure(progress, dev=True)
    node = vendor.node_folder(progress)
    vendor.ensure(progress, dev=True)  # the layout's tests run the real d3
    progress.close()
    own = dict(os.environ)
    tool = environment.executable
    python = str(environment.python())
    quick = [python, "-m", "pytest", "-q", "-m", "not long"]
    of_all = [
        *((part, [*quick, f"tests/{part}"], own) for part in _PARTS),  # the longest first
        ("ruff check", [str(tool("ruff")), "check", "."], own),
        ("ruff format", [str(tool("ruff")), "format", "--check", "."], own),
        ("mypy", [python, "-m", "mypy"], own),
    ]
    with_node = vendor.with_node(node)
    files = page_tests()
    if files:
        of_all.append(("page", [str(node / "node"), "--test", *files], with_node))
    of_all += [(name, command, with_node) for name, command in type_checks(node)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda step: steps.quietly(*step), of_all))
    failed = steps.status(results)
    print(f"{'Something failed' if failed else 'All well'} after {time.monotonic() - began:.0f} s.")
    return failed
