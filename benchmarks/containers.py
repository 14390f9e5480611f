"""A network of containers of the benchmarks' own, beside whatever else runs."""

import os
import subprocess
import sys

from benchmarks.processes import ROOT, BenchmarkError

PROJECT = "p2p-bench"
PORTS = "62"
"""Hundreds of the nodes' ports, away from a running laboratory's."""
DASHBOARD_PORT = "8962"
ADDRESS = ("--ports", PORTS, "--dashboard-port", DASHBOARD_PORT)
_ENVIRONMENT = {
    "COMPOSE_PROJECT_NAME": PROJECT,
    "P2P_PORTS": PORTS,
    "P2P_DASHBOARD_PORT": DASHBOARD_PORT,
}


def need_engine() -> None:
    """Raise BenchmarkError where no engine answers."""
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        raise BenchmarkError("no Docker engine answers")


def compose(arguments: list[str], what: str, stdin: bytes | None = None) -> bytes:
    """`docker compose` with the benchmarks' project and ports."""
    return _run(["docker", "compose", *arguments], what, stdin)


def p2p(arguments: list[str]) -> None:
    """The laboratory's own command."""
    _run([sys.executable, "p2p.py", *arguments], f"p2p.py {arguments[0]}")


def _run(command: list[str], what: str, stdin: bytes | None = None) -> bytes:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **_ENVIRONMENT},
        input=stdin,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkError(f"{what} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout
