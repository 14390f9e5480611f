"""`clean`: remove what was made and can be made again."""

import argparse
import shutil
from pathlib import Path

from lab import ROOT, LabError, called
from lab.folder import Folder
from lab.local import Local

DESCRIPTION = """Remove caches, test results and the page's libraries; with --all the Python
environment as well. Images and containers stay (`down` removes those)."""
EXAMPLES = """  {prog} clean
  {prog} clean --all"""

_MADE = (
    *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".cache", "test-results"),
    *("node_modules", "static/vendor"),
)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--all", action="store_true", help="the environment (.venv) as well")


def run(chosen: argparse.Namespace) -> int:
    """Remove it."""
    for path in sorted((ROOT / ".p2p").glob("*")):
        if Local(Folder(path.name)).runs:
            raise LabError(
                f"A network runs here; stop it first: {called()} down --name {path.name}"
            )
    made = [ROOT / name for name in _MADE]
    made += [
        path for path in ROOT.rglob("__pycache__") if not {".venv", "node_modules"} & {*path.parts}
    ]
    if chosen.all:
        made.append(ROOT / ".venv")
    removed = sum(_remove(path) for path in made)
    print(f"Removed {removed} folders.")
    return 0


def _remove(path: Path) -> bool:
    if path.is_symlink():  # somebody else's, lent to us
        path.unlink()
        return True
    if not path.exists():
        return False
    shutil.rmtree(path)
    return True
