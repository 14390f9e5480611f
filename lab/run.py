"""`run`: play a scenario to a network, and judge whether what was promised held."""

import argparse
import json
import os
import shlex
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contract.limits import MAX_MEMBERS
from lab import ROOT, LabError, called
from lab.layout import HIGHEST_HUNDREDS, LOWEST_HUNDREDS
from lab.options import number
from lab.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.playing.record import Record
    from scenario.cast import Script

DESCRIPTION = """Play a scenario (a YAML file of steps, docs/scenarios/README.md) to a network:
a fresh one, which is taken away again, or with --running the present one. Tells its chapters as
it goes, and ends with a verdict: each promise with its figure. Exit status 0: all were kept;
1: one was not; 2: asked wrongly, and nothing was done."""
EXAMPLES = """  {prog} run                                    lists the scenarios of this project
  {prog} run split-brain                        containers; without an engine, processes
  {prog} run split-brain --sim --nodes 1000     the simulator: two to six minutes
  {prog} run my.yaml --local --nodes 12 --report run.html --json run.json
  {prog} run split-brain --running --step       in class: Enter goes on to the next chapter
  {prog} run my.yaml --check                    only read it
  {prog} run --compare before.json after.json   what got worse"""

NAME: Final = "p2p-run"
HUNDREDS: Final = 75
DASHBOARD: Final = 7580
"""Where its own network is: away from where people's are."""
SHIPPED: Final = ROOT / "docs" / "scenarios"
_AGAIN: Final = "P2P_RUN_IN_ENVIRONMENT"
MOST_JSON: Final = 256 * 1024 * 1024
_WIDTH: Final = 88
OF_THE_MAP: Final = frozenset({"detection", "false-deaths", "joining", "agreement"})
"""Promises about whom nodes know."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="a scenario, or the name of one of this project's")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--sim", action="store_true", help="the simulator")
    where.add_argument("--local", action="store_true", help="processes of this machine")
    where.add_argument("--docker", action="store_true", help="containers, or not at all")
    where.add_argument(
        "--running", action="store_true", help="the network that `up` has started, healed after it"
    )
    where.add_argument("--check", action="store_true", help="read it, say what it would do")
    where.add_argument(
        "--compare", nargs=2, type=Path, metavar=("A", "B"), help="two verdicts kept with --json"
    )
    add("--nodes", "-n", type=number(2, 10_000), metavar="N", help="instead of the file's")
    add("--seed", type=number(0, 2**31 - 1), metavar="N", help="instead of the file's")
    add(
        "--speed", type=_speed, metavar="X", help="steps come X times as soon; sim: X s in a second"
    )
    add("--step", action="store_true", help="wait for Enter before each chapter")
    add("--json", nargs="?", const="-", metavar="FILE", help="the verdict as JSON, printed or kept")
    add("--junit", type=Path, metavar="FILE", help="the verdict as JUnit XML")
    add("--report", type=Path, metavar="FILE", help="the verdict as one HTML file")
    add("--recording", type=Path, metavar="FILE", help="the dashboard's recording (.p2prun)")
    add("--command", metavar="LINE", help="local: nodes are this program (docs/scenarios)")
    add("--image", metavar="IMAGE", help="docker: nodes are this image")
    add("--mix", type=number(1, 100), metavar="K", help="... only K of them, the others ours")
    add("--leave", action="store_true", help="leave its network running afterwards")
    add("--name", metavar="NAME", help=f"of its network ({NAME}; --running: p2p)")
    add(
        "--ports",
        type=number(LOWEST_HUNDREDS, HIGHEST_HUNDREDS),
        default=HUNDREDS,
        metavar="H",
        help=f"the hundreds of its nodes' ports ({HUNDREDS})",
    )
    add(
        "--dashboard-port",
        type=number(1, 65535),
        default=DASHBOARD,
        metavar="PORT",
        help=f"where to watch it ({DASHBOARD})",
    )


def run(chosen: argparse.Namespace) -> int:
    """Play one, or look at what was kept."""
    if chosen.compare and chosen.file:
        raise LabError("--compare reads two verdicts and plays nothing; leave FILE out.", 2)
    if not _has_yaml():
        return _in_environment()
    if chosen.compare:
        return _compare(*chosen.compare)
    from scenario.document import ScenarioError

    if not chosen.file:
        return _list()
    try:
        return _run(chosen)
    except ScenarioError as error:
        raise LabError(f"{error.of(chosen.file)}\nNothing was done.", 2) from None


def _run(chosen: argparse.Namespace) -> int:
    from scenario.cast import cast
    from scenario.reading import read

    path = _path(chosen.file)
    _writable(chosen.report, chosen.junit, chosen.recording, chosen.json)
    scenario = read(path)
    if chosen.check:
        from scenario.vocabulary import MOST_NODES

        return _tell(cast(scenario, chosen.nodes, chosen.seed, MOST_NODES))
    _agree(chosen)
    progress = Progress()
    again = _again(chosen, scenario.seed if chosen.seed is None else chosen.seed)
    try:
        if chosen.sim:
            record = _simulate(chosen, path, progress)
        else:
            from lab.playing import live

            record = live.play(chosen, scenario, progress, _chapters(chosen, progress))
    finally:
        progress.close()
    return _judge(record, again, chosen)


def _simulate(chosen: argparse.Namespace, path: Path, progress: Progress) -> "Record":
    from lab import environment
    from lab.playing.simulated import play
    from scenario.cast import cast
    from scenario.reading import read
    from scenario.vocabulary import MOST_NODES

    environment.ensure_yaml(progress)
    script = cast(read(path), chosen.nodes, chosen.seed, MOST_NODES)
    note = without_map(script)
    if note:
        progress.say(note)
    tell = _chapters(chosen, progress)
    step = (lambda n: tell(script, n)) if chosen.step or chosen.speed else None
    return play(script, path, progress, speed=chosen.speed, chapter=step)


def without_map(script: "Script") -> str:
    """What a person must know about a network that is too large for maps; mostly nothing."""
    all_of = len(script.nodes) + len(script.joined)
    concerned = [name for name in script.scenario.expect if name in OF_THE_MAP]
    if all_of <= MAX_MEMBERS or not concerned:
        return ""
    most = MAX_MEMBERS - len(script.joined)
    advice = f" This scenario can have {most:,} nodes at most with them (-n {most})."
    return (
        f"With {all_of:,} nodes nobody keeps a map of all: above {MAX_MEMBERS:,} the protocol "
        f"switches it off. What is promised of the maps will fail: {', '.join(concerned)}."
        f"{advice if most > 1 else ''}"
    )


def _judge(record: "Record", again: str, chosen: argparse.Namespace) -> int:
    from lab.playing.judge import judge
    from lab.playing.junit import junit
    from lab.playing.table import table

    said = judge(record, again)
    if chosen.json == "-":
        print(json.dumps(said))
    else:
        print(table(said))
        if chosen.json:
            _write(Path(chosen.json), json.dumps(said) + "\n")
    if chosen.junit:
        _write(chosen.junit, junit(said))
    if chosen.report:
        from lab.playing.page import page

        _write(chosen.report, page(said))
        print(f"report: {chosen.report}", file=sys.stderr)
    return 0 if said["holds"] else 1


# --- for people ----------------------------------------------------------------------------------


def _chapters(chosen: argparse.Namespace, progress: Progress) -> "Callable[[Script, int], None]":
    """Says a chapter; with `--step` only after Enter."""

    def tell(script: "Script", number: int) -> None:
        chapter = script.chapters[number]
        if chosen.step:
            progress.close()
            _ask(f"Enter for chapter {number + 1} of {len(script.chapters)}, {chapter.title!r}: ")
        progress.say(f"\n{number + 1}. {chapter.title}")
        for line in textwrap.wrap(chapter.text, _WIDTH):
            progress.say(f"   {line}")

    return tell


def _ask(words: str) -> None:
    """Wait for a line, whatever it says; at the end of the input go on at once."""
    print(words, end="", file=sys.stderr, flush=True)
    if not sys.stdin.readline():
        print(file=sys.stderr)


def _list() -> int:
    from scenario.document import ScenarioError
    from scenario.reading import read

    for path in sorted(SHIPPED.glob("*.yaml")):
        try:
            about = read(path).name
        except ScenarioError as error:
            about = f"cannot be read: {error.why}"
        print(f"  {path.stem:<18} {about}")
    print(f"\n`{called()} run NAME`, or a file of your own: docs/scenarios/README.md")
    return 0


def _tell(script: "Script") -> int:
    scenario = script.scenario
    work = scenario.workload
    print(f"{scenario.name}: {len(script.nodes):,} nodes, seed {script.seed}, {script.seconds:g} s")
    print(f"  {work.messages:g} messages and {work.broadcasts:g} broadcasts a second")
    for strike in script.strikes:
        print(f"  {strike.at:>7.1f} s  {strike.words}")
    print(f"  expects {', '.join(scenario.expect) or 'nothing but the promise'}")
    return 0


def _again(chosen: argparse.Namespace, seed: int) -> str:
    """The command that repeats it."""
    words = [*called().split(), "run", chosen.file]
    words += [
        f"--{place}" for place in ("sim", "local", "docker", "running") if getattr(chosen, place)
    ]
    for option in ("nodes", "speed", "command", "image", "mix"):
        value = getattr(chosen, option)
        if value is not None:
            words += [f"--{option}", f"{value:g}" if isinstance(value, float) else str(value)]
    return shlex.join([*words, "--seed", str(seed)])


def _compare(one: Path, other: Path) -> int:
    from lab.playing.compare import compare

    words, worse = compare(load(one), load(other), str(one), str(other))
    print(words)
    return 1 if worse else 0


# --- files ---------------------------------------------------------------------------------------


def load(path: Path) -> dict[str, Any]:
    """A verdict that `--json FILE` has kept. Raises LabError."""
    from lab.playing.kept import SCHEMA

    try:
        with path.open("rb") as file:
            said = json.loads(file.read(MOST_JSON))
    except OSError as error:
        raise LabError(f"{path} cannot be read: {error.strerror}.", 2) from None
    except (ValueError, RecursionError):
        raise LabError(f"{path} is no verdict that `run --json FILE` has kept.", 2) from None
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise LabError(f"{path} is no verdict that `run --json FILE` of this version kept.", 2)
    figures, promises = said.get("figures"), said.get("promises")
    if not isinstance(figures, dict) or not isinstance(promises, list):
        raise LabError(f"{path} is no whole verdict.", 2)
    return said


def _path(given: str) -> Path:
    path = Path(given)
    if not path.exists() and "/" not in given and not path.suffix:
        shipped = SHIPPED / f"{given}.yaml"
        if shipped.exists():
            return shipped
        from lab.near import near

        there = [file.stem for file in SHIPPED.glob("*.yaml")]
        raise LabError(
            f"There is no file {given[:60]!r}, and no scenario of that name;"
            f"{near(given[:60], there)} `{called()} run` lists them.",
            2,
        )
    return path


def _writable(*files: Path | str | None) -> None:
    """Rather now than after the run. Raises LabError."""
    for file in files:
        if file is None or file == "-":
            continue
        try:
            Path(file).open("ab").close()
        except OSError as error:
            raise LabError(f"{file} cannot be written: {error.strerror}.", 2) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path} cannot be written: {error.strerror}.") from None


def _agree(chosen: argparse.Namespace) -> None:
    """Whether the options go together. Raises LabError."""
    if chosen.sim:
        for option in ("recording", "command", "image", "mix", "leave", "name"):
            if getattr(chosen, option):
                raise LabError(f"--{option} is for real programs, and --sim has none.", 2)
    if chosen.running:
        for option in ("command", "image", "mix", "leave", "nodes"):
            if getattr(chosen, option):
                raise LabError(f"--{option} is for a fresh network, not for --running.", 2)
    if chosen.command and chosen.image:
        raise LabError("--command is for processes and --image for containers: one of them.", 2)
    if chosen.mix and not (chosen.command or chosen.image):
        raise LabError("--mix says how many are yours; say --command or --image, too.", 2)
    if chosen.image and chosen.local:
        raise LabError("--image is for containers; for processes it is --command.", 2)
    if chosen.command and chosen.docker:
        raise LabError("--command is for processes; for containers it is --image.", 2)


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 1_000:
        raise argparse.ArgumentTypeError(f"must be from 0.01 to 1,000, not {text[:40]!r}")
    return value


# --- the environment -----------------------------------------------------------------------------


def _has_yaml() -> bool:
    import importlib.util

    return importlib.util.find_spec("yaml") is not None


def _in_environment() -> int:
    """Go on in the project's own Python, which has what reading a scenario needs."""
    import subprocess

    from lab import environment

    if os.environ.get(_AGAIN):
        raise LabError("PyYAML is missing in .venv; remove .venv and try again.")
    progress = Progress()
    python = environment.ensure_yaml(progress)
    progress.close()
    command = [str(python), str(ROOT / "p2p.py"), *sys.argv[1:]]
    own = {**os.environ, _AGAIN: str(time.time_ns())}
    if os.name != "nt":
        os.execve(command[0], command, own)  # noqa: S606 - our own program, in our own Python
    return subprocess.run(command, env=own, check=False).returncode
