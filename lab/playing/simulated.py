"""A scenario in the simulator: a program of its own, whose JSON becomes a record."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from lab import ROOT, LabError, environment
from lab.playing.record import Record
from lab.progress import Progress
from lab.verification.history import parse
from scenario.cast import Script

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of what it tells [guess: 1,000 nodes for two minutes tell some 20 MiB]."""


def play(
    script: Script,
    file: Path,
    progress: Progress,
    *,
    speed: float | None,
    chapter: Callable[[int], None] | None,
) -> Record:
    """Play it. `chapter(number)` is called before each, and may take its time. Raises LabError."""
    command = [
        *(str(environment.python()), "-m", "simulator.play", str(file), "--progress"),
        *("--nodes", str(len(script.nodes)), "--seed", str(script.seed)),
        *([] if speed is None else ["--speed", f"{speed:g}"]),
        *([] if chapter is None else ["--step"]),
    ]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - pipes were asked for
        assert process.stderr is not None  # noqa: S101
        assert process.stdin is not None  # noqa: S101
        said: list[bytes] = []
        output = process.stdout
        reader = threading.Thread(target=lambda: said.append(output.read(MOST_BYTES + 1)))
        reader.start()
        try:
            complaints = _follow(process.stderr, process.stdin, progress, chapter)
            reader.join()
        except BaseException:
            process.kill()  # it keeps nothing, so nothing is lost with it
            reader.join()
            raise
    if process.returncode != 0 or not said or len(said[0]) > MOST_BYTES:
        last = "\n  ".join(complaints[-12:]) or "it does not say why"
        raise LabError(f"The simulator ended with status {process.returncode}:\n  {last}")
    return record(script, json.loads(said[0]))


def record(script: Script, said: Mapping[str, Any]) -> Record:
    """What `simulator.play` told."""
    count = len(script.nodes)
    return Record(
        script=script,
        place="sim",
        words=f"the simulator, {count:,} nodes",
        zero=float(said["zero"]),
        history=parse(said["history"]),
        watch=said["watch"],
        done={int(number): tuple(times) for number, times in said["done"].items()},
        calm=said["calm"],
        events=said["events"],
        broken=said["broken"],
        look=float(said["look"]),
        real_seconds=float(said["real_seconds"]),
    )


def _follow(
    lines: IO[bytes],
    answers: IO[bytes],
    progress: Progress,
    chapter: Callable[[int], None] | None,
) -> list[str]:
    """Draw how far it is, and let a teacher talk; what else it said."""
    complaints: list[str] = []
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\n")
        word, *rest = line.split(" ", 3)
        if word == "progress" and len(rest) == 3:
            progress.count("seconds", int(float(rest[0])), max(1, int(float(rest[1]))))
            progress.note(rest[2])
        elif word == "chapter" and len(rest) == 1 and chapter is not None:
            chapter(int(rest[0]))
            answers.write(b"\n")
            answers.flush()
        else:
            complaints.append(line)
    return complaints
