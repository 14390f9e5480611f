"""The Python environment of the programs and tests: `.venv`, made when it is missing.

Every library is pinned with its hashes. A stamp in the environment names the lock file it
was made from, so that the second start asks nobody; where the stamp is missing, the
environment itself is asked what it has, and only what differs is installed.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from lab import ROOT, LabError
from lab.progress import Progress

VENV: Final = ROOT / ".venv"
RUN: Final = "requirements.txt"
DEV: Final = "requirements-dev.txt"
_PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^\s;]+)")
_STEP: Final = re.compile(r"^\s*(Collecting|Requirement already satisfied:) ")
_LIST: Final = (
    "import json, importlib.metadata as m; "
    "print(json.dumps({d.metadata['Name']: d.version for d in m.distributions()}))"
)


def python() -> Path:
    """The environment's Python."""
    return executable("python")


def executable(name: str) -> Path:
    """A program of the environment."""
    folder, suffix = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    return VENV / folder / (name + suffix)


def ensure(progress: Progress, *, dev: bool = False) -> Path:
    """Make what is missing of the environment; its Python. Raises LabError."""
    files = [RUN, DEV] if dev else [RUN]
    _ensure_venv(progress)
    for file in files:
        _ensure_installed(file, progress)
    return python()


def ensure_yaml(progress: Progress) -> Path:
    """... with the one library more that scenarios are read with. Raises LabError.

    It is none of requirements.txt, which is what a node's image installs: its version and hashes
    are those that the tests have.
    """
    ensure(progress)
    look = [str(python()), "-c", "import yaml"]
    if subprocess.run(look, capture_output=True, check=False).returncode != 0:
        ensure_only(("pyyaml",), DEV, progress)
    return python()


def ensure_only(packages: Iterable[str], file: str, progress: Progress) -> None:
    """Install single packages of a lock file, by its hashes. Raises LabError."""
    _ensure_venv(progress)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.txt"
        part.write_text("".join(_blocks(ROOT / file, set(packages))), encoding="utf-8")
        _install(part, f"of {file}", progress, "--no-deps")


def _ensure_venv(progress: Progress) -> None:
    if python().exists():
        return
    progress.say("Making the Python environment in .venv (once)")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-600:]
        hint = ""
        if "ensurepip" in said:
            hint = "\nOn Debian and Ubuntu: apt install python3-venv"
        raise LabError(f"The environment cannot be made:\n{said}{hint}")


def _ensure_installed(file: str, progress: Progress) -> None:
    stamp = VENV / f".{file}.sha256"
    wanted = hashlib.sha256((ROOT / file).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    if not _has_all(file):
        _install(ROOT / file, f"of {file}", progress)
    stamp.write_text(wanted, encoding="ascii")


def _has_all(file: str) -> bool:
    """Whether the environment has every pinned version already."""
    done = subprocess.run([str(python()), "-c", _LIST], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return False
    installed = {_plain(name): version for name, version in json.loads(done.stdout).items()}
    return all(installed.get(name) == version for name, version in _pins(ROOT / file))


def _install(file: Path, what: str, progress: Progress, *options: str) -> None:
    total = sum(1 for _ in _pins(file))
    progress.say(f"Installing {total} libraries {what} (once; a minute or two)")
    last: deque[str] = deque(maxlen=20)
    seen = 0
    with subprocess.Popen(
        [
            *(str(python()), "-m", "pip", "install", "--require-hashes", "--no-input"),
            *("--disable-pip-version-check", "--progress-bar", "off", *options),
            *("-r", str(file)),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in process.stdout:
            last.append(line.rstrip())
            seen += bool(_STEP.match(line))
            progress.count("libraries", min(seen, total - 1), total)
    if process.returncode != 0:
        raise LabError(f"The libraries {what} cannot be installed:\n  " + "\n  ".join(last))
    progress.count("libraries", total, total)


def _pins(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        pin = _PIN.match(line)
        if pin:
            yield _plain(pin["name"]), pin["version"]


def _blocks(file: Path, names: set[str]) -> Iterator[str]:
    """The lines of some packages: a pin and the hashes below it."""
    wanted = False
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        pin = _PIN.match(line)
        if pin:
            wanted = _plain(pin["name"]) in names
        if wanted and not line.lstrip().startswith("#"):
            yield line


def _plain(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
