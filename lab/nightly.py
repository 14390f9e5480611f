"""`nightly`: ten thousand seeds of the simulator, for as long as it takes; it can be stopped."""

import argparse

from lab import sim

DESCRIPTION = """Run thousands of seeds of mixed faults in the simulator. It goes on where it was
stopped, tells what breaks with the command that replays it, and exits with 1 then."""
EXAMPLES = """  {prog} nightly
  {prog} nightly --seeds 500 --stop"""
PASSES_ON_ALL = True


def options(_parser: argparse.ArgumentParser) -> None:
    """The simulator reads its own."""


def run(chosen: argparse.Namespace) -> int:
    """Run it and show how far it is; its exit status."""
    return sim.show_module("simulator.nightly", chosen.rest, "seeds")
