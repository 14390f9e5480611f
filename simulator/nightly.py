"""`python -m simulator.nightly`: thousands of seeds of mixed faults, one run each.

What ten seeds do not show, ten thousand may. Each seed is a network of thirty under faults of
an intensity of its own; what breaks is told with the command that replays it, and the night
goes on, or ends there (`--stop`). It is resumable: each seed that is done is a line in a file,
together with a digest of the code that ran it, so that a night that was stopped goes on where
it was, and a changed protocol begins anew.

Exit statuses: 0 nothing broke, also not in the seeds that were done before; 1 something did.
"""

import argparse
import gc
import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from simulator.invariant import BrokenInvariantError
from simulator.plan import Plan
from simulator.report import broken_words
from simulator.run import run

ROOT = Path(__file__).parents[1]
SEEDS = 10_000
FIRST = 1_000
"""The first seed: the quick tests have those below it."""
FILE = ROOT / ".cache" / "nightly.jsonl"
CODE = ("contract", "node/overlay", "simulator")
"""Whatever a run depends on."""

PROGRAM = "python3 p2p.py nightly"

EXAMPLES = """examples:
  python3 p2p.py nightly                    ten thousand seeds, from where it was stopped
  python3 p2p.py nightly --seeds 500        fewer
  python3 p2p.py nightly --first 50000      others
  python3 p2p.py nightly --stop             until the first that breaks something
"""


class Done(msgspec.Struct, frozen=True):
    """One line of the file."""

    code: str
    seed: int
    broken: str = ""
    """What broke, in words; empty where nothing did."""


def main(arguments: list[str]) -> int:
    """Run what is still to be run; the exit status."""
    chosen = _parser().parse_args(arguments)
    gc.disable()
    mend(chosen.file)
    code = digest()
    done = {line.seed: line for line in read(chosen.file) if line.code == code}
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    known = [done[seed] for seed in seeds if seed in done]
    if known:
        print(f"{len(known):,} seeds were done before with this very code.", flush=True)
    broken = [line for line in known if line.broken]
    for line in broken:
        print(line.broken, flush=True)
    left = [seed for seed in seeds if seed not in done]
    began, ran = time.monotonic(), 0
    for count, seed in enumerate(left, 1):
        if chosen.stop and broken:
            break
        line = Done(code, seed, _one(seed))
        write(chosen.file, line)
        if line.broken:
            broken.append(line)
            print(line.broken, flush=True)
        ran = count
        if chosen.progress:
            minutes = (time.monotonic() - began) / count * (len(left) - count) / 60
            note = f"seed {seed}, {len(broken)} broke, some {minutes:.0f} minutes to go"
            print(f"progress {count} {len(left)} {note}", file=sys.stderr, flush=True)
    minutes = (time.monotonic() - began) / 60
    failing = ", ".join(str(line.seed) for line in broken) or "none"
    print(
        f"{len(known) + ran:,} of {len(seeds):,} seeds from {chosen.first} are done, "
        f"{ran:,} of them now in {minutes:.1f} minutes. Broken: {failing}"
    )
    return int(bool(broken))


def plan(seed: int) -> Plan:
    """The run of a seed: thirty nodes, from quiet to wild, sometimes without a bootstrap."""
    return Plan(
        nodes=30,
        seconds=60.0,
        chaos=0.5 + seed % 8 / 2,
        seed=seed,
        bootstrap=seed % 7 != 0,
        encoding=seed % 5 == 0,
    )


def digest() -> str:
    """What the code is, as 16 hexadecimal digits."""
    sum_ = hashlib.blake2b(digest_size=8)
    for file in sorted(file for folder in CODE for file in (ROOT / folder).rglob("*.py")):
        sum_.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return sum_.hexdigest()


def read(file: Path) -> Iterator[Done]:
    """What was done before."""
    if file.exists():
        for line in file.read_bytes().splitlines():
            yield msgspec.json.decode(line, type=Done)


def mend(file: Path) -> None:
    """A last line that was cut off, as by a power failure, was not done."""
    if file.exists():
        whole = file.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        if kept != whole:
            file.write_bytes(kept)


def write(file: Path, line: Done) -> None:
    """Add a seed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as out:
        out.write(msgspec.json.encode(line) + b"\n")


def _one(seed: int, make: Callable[[Plan], object] = run) -> str:
    """Make the run of a seed; what broke, in words."""
    one = plan(seed)
    try:
        make(one)
    except BrokenInvariantError as broken:
        return broken_words(broken, one)
    finally:
        gc.collect()
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Thousands of seeds of mixed faults, resumable.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help=f"how many ({SEEDS})")
    parser.add_argument("--first", type=int, default=FIRST, metavar="N", help=f"({FIRST})")
    parser.add_argument("--stop", action="store_true", help="at the first that breaks something")
    parser.add_argument("--file", type=Path, default=FILE, help="what was done (.cache/…)")
    parser.add_argument("--progress", action="store_true", help="for a program that calls")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # the next one goes on from here
