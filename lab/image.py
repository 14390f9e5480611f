"""The image: built when what it is made of has changed, and not looked at otherwise.

A build with everything in the cache still takes seconds, and asks registries where there is
a network. So the image carries a fingerprint of its sources as a label: as long as it is
the one of the files here, there is nothing to build. `.dockerignore` says which files these
are, so the list cannot differ from the engine's.
"""

import hashlib
import os
import re
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lab import ROOT, LabError
from lab.engine import IMAGE
from lab.progress import Progress

LABEL: Final = "p2p.sources"
_NEVER: Final = frozenset({"__pycache__", "node_modules"})
"""Folders that `.dockerignore` leaves out wherever they are (`**/…`)."""
_STEP: Final = re.compile(r"#\d+ \[(?P<stage>[^\]]*?) *(?P<number>\d+)/(?P<all>\d+)\] (?P<what>.*)")


def fingerprint(root: Path = ROOT) -> str:
    """One value for all files that the image is made of."""
    total = hashlib.sha256()
    for path in sorted(_sources(root)):
        name = path.relative_to(root).as_posix()
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{name} {content}\n".encode())
    return total.hexdigest()[:32]


def is_current(labels: Mapping[str, str] | None, wanted: str) -> bool:
    """Whether the image (its labels) was made from these very files."""
    return labels is not None and labels.get(LABEL) == wanted


def build(wanted: str, progress: Progress) -> None:
    """Build it, with every step told. Raises LabError with the last lines of the output."""
    progress.say("Building the image (once; a few minutes the first time)")
    progress.count("image", 0, 1)
    last: deque[str] = deque(maxlen=30)
    with subprocess.Popen(
        ["docker", "build", "--tag", IMAGE, "--label", f"{LABEL}={wanted}", "."],
        cwd=ROOT,
        env={**os.environ, "BUILDKIT_PROGRESS": "plain"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            for line in process.stdout:
                last.append(line.rstrip())
                step = _STEP.match(line)
                if step:
                    progress.note(f"step {step['number']} of {step['all']}: {step['what'].strip()}")
        except BaseException:
            process.terminate()
            raise
    progress.note("")
    if process.returncode != 0:
        raise LabError("The image cannot be built:\n  " + "\n  ".join(last))
    progress.count("image", 1, 1)
    _forget_replaced()


def _forget_replaced() -> None:
    """Remove our images that lost their name to this one, where no container uses them."""
    subprocess.run(
        ["docker", "image", "prune", "--force", "--filter", f"label={LABEL}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,  # whatever stays does no harm, and the next build tries again
    )


def _sources(root: Path) -> Iterator[Path]:
    kept, dropped = [root / ".dockerignore", root / "Dockerfile"], set()
    for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            kept.append(root / line[1:].strip())
        elif line and not line.startswith("#") and "*" not in line:
            dropped.add(root / line.strip())
    for path in kept:
        yield from _files(path, dropped)


def _files(path: Path, dropped: set[Path]) -> Iterator[Path]:
    if path in dropped or path.name in _NEVER:
        return
    if path.is_dir():
        for inside in path.iterdir():
            yield from _files(inside, dropped)
    elif path.exists():
        yield path
