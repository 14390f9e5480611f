"""Which command is meant, and what happens when it is stopped or cannot work.

Exit statuses: 0 done; 1 it did not work, and the last lines say why; 2 asked wrongly;
130 stopped with Ctrl-C. `test` hands on pytest's own.
"""

import argparse
import importlib
import os
import sys
from typing import Any, Final, Protocol

from lab import LabError, called

COMMANDS: Final = {
    "up": "start the network and wait until it is one",
    "down": "stop it and remove all that was started, nothing else",
    "status": "what state the network is in",
    "send": "send a message from one node to another",
    "outbox": "what a node has sent, what of it waits or failed; try again, drop",
    "broadcast": "send a message from one node to all others",
    "traffic": "let nodes send each other messages at random, for a while",
    "replay": "show a recorded run, with no network behind it",
    "chaos": "break nodes on purpose: freeze, crash, delay, cut off, partition; heal",
    "nemesis": "random faults for a while, from a seed and within limits; all heal",
    "logs": "what the nodes have printed",
    "run": "play a scenario: steps from a file, and a verdict",
    "verify": "faults and messages; then check that none was lost or doubled",
    "sim": "the same protocol in a simulator, with faults and a seed",
    "nightly": "ten thousand seeds of it, as long as that takes; goes on where it was stopped",
    "dev": "a small local network for working on the page",
    "check": "format, types, quick tests: under a minute",
    "test": "all tests, in an environment of their own",
    "bench": "measure, beside the assignment's own node",
    "screenshots": "the pictures of the docs, made anew from a network that runs",
    "lock": "pin the dependencies anew, with hashes",
    "clean": "remove what was made and can be made again",
}

_INTRODUCTION: Final = """usage: {prog} COMMAND [OPTIONS]

A peer-to-peer network of up to 100 real nodes, and a page that shows it at work.

commands:
{commands}

examples:
  {prog} up                     50 nodes, then open http://localhost:8080
  {prog} up --nodes 100
  {prog} send node7 node23 "Hello!"
  {prog} down

`{prog} COMMAND --help` says more about one of them."""


class Command(Protocol):
    """What a command's module has."""

    DESCRIPTION: str
    EXAMPLES: str

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Say what can be asked for."""

    def run(self, chosen: argparse.Namespace) -> int:
        """Do it; the exit status. Raises LabError."""


def main(arguments: list[str]) -> int:
    """Run one command line; the exit status."""
    try:
        return _main(arguments)
    except LabError as error:
        print(f"\n{error}" if sys.stderr.isatty() else str(error), file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output (`| head`) has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(introduction())
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        raise LabError(_unknown(name), 2)
    module: Any = importlib.import_module("lab." + _MODULES.get(name, name))
    return _run(name, module, rest)


_MODULES: Final = {"test": "testing"}
"""Modules that are not called like their command: `test` is a package of Python's own."""


def _run(name: str, command: Command, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"{called()} {name}",
        description=command.DESCRIPTION,
        epilog="examples:\n" + command.EXAMPLES.format(prog=called()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.options(parser)
    own, rest = _split(command, arguments)
    chosen = parser.parse_args(own)
    chosen.rest = rest
    return command.run(chosen)


def _split(command: Command, arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is for the command, and what it passes on to the tool that it calls."""
    if getattr(command, "PASSES_ON_ALL", False):
        return [], arguments
    if getattr(command, "PASSES_ON", False) and "--" in arguments:
        where = arguments.index("--")
        return arguments[:where], arguments[where + 1 :]
    return arguments, []


def introduction() -> str:
    """What there is to be said when nothing was asked."""
    commands = "\n".join(f"  {name:<11} {what}" for name, what in COMMANDS.items())
    return _INTRODUCTION.format(prog=called(), commands=commands)


def _unknown(name: str) -> str:
    from lab.near import near

    shown = name[:40]
    meant = near(shown, COMMANDS)
    return f"There is no command {shown!r}.{meant} `{called()}` lists them."
