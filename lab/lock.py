"""`lock`: the dependencies pinned anew, with the hash of every file, and without addresses."""

import argparse
import os
import subprocess

from lab import ROOT, LabError, environment
from lab.progress import Progress

DESCRIPTION = """Write requirements.txt and requirements-dev.txt anew from the `.in` files.
Versions stay unless --upgrade is given."""
EXAMPLES = """  {prog} lock
  {prog} lock --upgrade"""

_OPTIONS = (
    "--allow-unsafe",
    "--generate-hashes",
    "--no-emit-find-links",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--strip-extras",
    "--quiet",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")


def run(chosen: argparse.Namespace) -> int:
    """Write both files."""
    progress = Progress()
    environment.ensure(progress, dev=True)
    upgrade = ["--upgrade"] if chosen.upgrade else []
    for name in ("requirements", "requirements-dev"):
        progress.say(f"Pinning {name}.in")
        command = [
            *(str(environment.python()), "-m", "piptools", "compile", *_OPTIONS, *upgrade),
            *(f"--output-file={name}.txt", f"{name}.in"),
        ]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "CUSTOM_COMPILE_COMMAND": "python3 p2p.py lock"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LabError(f"{name}.in cannot be pinned:\n{done.stderr.strip()[-1500:]}")
        if "://" in (ROOT / f"{name}.txt").read_text(encoding="utf-8"):
            raise LabError(f"{name}.txt names an address; a lock file must not.")
    print("Pinned. `make test` says whether everything still works with it.")
    return 0
