"""`dev`: a small network of processes for who works on the page or on a node."""

import argparse

from lab import called, up

DESCRIPTION = """Start 12 nodes as processes of this machine. The dashboard serves `static/` from
the disk: edit a file, reload the page. After a change to a program's Python, call it again:
what has changed is started anew."""
EXAMPLES = """  {prog} dev
  {prog} dev --nodes 5 --ports 61"""

NODES = 12


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for: the same as for `up`."""
    up.options(parser)
    parser.set_defaults(nodes=NODES, local=True)


def run(chosen: argparse.Namespace) -> int:
    """Start them."""
    status = up.run(chosen)
    if not chosen.json:
        print(f"Edit static/ and reload; after a change in Python `{called()} dev` again.")
    return status
