"""`bench`: the benchmarks, in the project's environment."""

import argparse
import os
import subprocess

from lab import ROOT, environment, vendor
from lab.progress import Progress

DESCRIPTION = """Measure this network beside the assignment's own sample node, and say where a bar
is missed (exit status 1). What stands behind `bench` goes to `python -m benchmarks`."""
EXAMPLES = """  {prog} bench
  {prog} bench serving
  {prog} bench idle --nodes 50"""
PASSES_ON_ALL = True


def options(_parser: argparse.ArgumentParser) -> None:
    """The benchmarks read their own."""


def run(chosen: argparse.Namespace) -> int:
    """Run them."""
    progress = Progress()
    python = environment.ensure(progress, dev=True)
    vendor.ensure(progress)
    progress.close()
    command = [str(python), "-m", "benchmarks", *chosen.rest]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False).returncode
