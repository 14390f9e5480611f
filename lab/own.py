"""Bring your own node: somebody's program in place of some of ours, or of all.

A node of the assignment answers `GET /`, `GET /peers`, `POST /register` and `POST /message`, and
registers with the bootstrap. It is told where it is by its environment: as a process PORT (and
NODE_PORT, NODE_HOST, NODE_NAME, NODE_URL, BOOTSTRAP_URL), as a container nothing but
NODE_NAME, NODE_URL and BOOTSTRAP_URL, since there it listens on port 5000 as the assignment says.

With `--mix K` the last K nodes are somebody's own, so that those whom the dashboard asks first
are ours; without it all are.
"""

import argparse
import json
import os
import shlex
import shutil
from pathlib import Path
from typing import Final

from lab import LabError
from lab.layout import Layout
from lab.options import number
from lab.wanted import MOST_WORDS, Own

OVERRIDE: Final = "own.yaml"
"""A second Compose file, in the network's folder."""
_MEMORY: Final = "256m"
"""Of a container [guess: a Flask node with its development server needs some 60 MiB]."""


def options(parser: argparse.ArgumentParser) -> None:
    """For commands that start a network."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--image", metavar="IMAGE", help="docker: the nodes are this image of yours")
    which.add_argument(
        "--command", metavar="LINE", help="local: the nodes are this program of yours"
    )
    parser.add_argument(
        "--mix", type=number(1, 100), metavar="K", help="... only the last K of them"
    )


def own(chosen: argparse.Namespace, layout: Layout) -> Own | None:
    """The program that was asked for, as local mode runs it. Raises LabError."""
    names = own_names(chosen, layout)
    if not names:
        return None
    if getattr(chosen, "image", None):
        return Own((), "", names)
    try:
        words = shlex.split(chosen.command, posix=os.name != "nt")
    except ValueError as error:
        raise LabError(f"--command cannot be read: {error}.", 2) from None
    if not 1 <= len(words) <= MOST_WORDS:
        raise LabError(f"--command must have 1 to {MOST_WORDS} words.", 2)
    program = shutil.which(words[0])
    if program is None:
        raise LabError(f"--command: there is no program {words[0][:60]!r} to be run.", 2)
    return Own((str(Path(program).absolute()), *words[1:]), str(Path.cwd()), names)


def own_names(chosen: argparse.Namespace, layout: Layout) -> frozenset[str]:
    """Which nodes are somebody's own. Raises LabError."""
    mix = getattr(chosen, "mix", None)
    if not (getattr(chosen, "command", None) or getattr(chosen, "image", None)):
        if mix:
            raise LabError("--mix says how many are yours; say --command or --image, too.", 2)
        return frozenset()
    if mix and mix > layout.nodes:
        raise LabError(f"--mix {mix} is more than there are nodes ({layout.nodes}).", 2)
    return frozenset(layout.names[-(mix or layout.nodes) :])


def override(image: str, names: frozenset[str]) -> str:
    """The second Compose file: these services are another image.

    What ours must not do (write to its own file system, start as it likes) we do not know of
    somebody else's, so it may write; it still has no rights, no ports but ours, and bounds.
    JSON, which is YAML as well, so that no name can break it.
    """
    services = {
        name: {
            "image": image,
            "pull_policy": "missing",
            "read_only": False,
            "mem_limit": _MEMORY,
            "memswap_limit": _MEMORY,
        }
        for name in sorted(names, key=lambda name: int(name.removeprefix("node")))
    }
    return json.dumps({"services": services}, indent=2) + "\n"


def checked_image(image: str) -> str:
    """An image's name, as Docker takes it. Raises LabError."""
    if not 1 <= len(image) <= 256 or image.startswith("-") or not image.isascii():
        raise LabError(f"There is no image called {image[:60]!r}.", 2)
    if any(letter.isspace() or not letter.isprintable() for letter in image):
        raise LabError(f"There is no image called {image[:60]!r}.", 2)
    return image
