"""Which ports are taken, by which program, and which ones are free instead.

A port is free when nobody answers there and it can be bound. Both are asked: on macOS an
address can be bound although a program listens on all addresses (AirPlay does, on 5000),
and a socket that is bound but does not listen answers nobody.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from lab import LabError
from lab.layout import Layout

_CANDIDATES: Final = (61, 71, 81, 91, 101, 121, 141, 161, 181, *range(201, 320, 20))
"""Hundreds to propose: away from what other programs like to use [guess], and below the ports
that systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere)."""
_COMMAND: Final = 60
"""Characters of a command line that are shown."""
_SHOWN: Final = 4
"""Taken ports that are listed one by one."""


def free(port: int) -> bool:
    """Whether a program could listen at this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as probe:
        if os.name != "nt":  # there it would mean "although it is taken"
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def taken(ports: Iterable[int]) -> list[int]:
    """Those of the ports that are not free."""
    return [port for port in ports if not free(port)]


def refuse(layout: Layout, blocked: list[int], program: str) -> LabError:
    """What to tell a person whose ports are taken; `program` is how this one is called."""
    lines = [f"These ports are taken: {', '.join(map(str, blocked[:12]))}" + _more(blocked, 12)]
    lines += [f"  {port} ({layout.ports[port]}): {owner(port)}" for port in blocked[:_SHOWN]]
    options = []
    if any(port != layout.dashboard for port in blocked):
        hundreds = next((h for h in _CANDIDATES if _all_free(replace(layout, hundreds=h))), None)
        if hundreds is not None:
            options.append(f"--ports {hundreds}")
    if layout.dashboard in blocked:
        page = next((port for port in range(8081, 8181) if free(port)), 8181)
        options.append(f"--dashboard-port {page}")
    if options:
        nodes = "" if layout.nodes == Layout.nodes else f" --nodes {layout.nodes}"
        lines.append(f"Free ones instead: {program} up{nodes} {' '.join(options)}")
    return LabError("\n".join(lines))


def owner(port: int) -> str:
    """Who has a port, as far as this machine tells."""
    container = _container(port)
    if container:
        return f"the container {container}"
    names = sorted(set(_listeners_from_proc(port) or _listeners_from_lsof(port)))
    if any(name.startswith("ControlCe") for name in names):
        return "AirPlay of macOS (System Settings > General > AirDrop & Handoff > AirPlay Receiver)"
    return " and ".join(names) if names else "a program that this machine does not name"


def _all_free(layout: Layout) -> bool:
    return not taken(port for port in layout.ports if port != layout.dashboard)


def _more(values: list[int], shown: int) -> str:
    return f" and {len(values) - shown} more" if len(values) > shown else ""


def _container(port: int) -> str:
    """The container that publishes a port; empty without one or without Docker."""
    if shutil.which("docker") is None:
        return ""
    with contextlib.suppress(subprocess.SubprocessError):
        said = subprocess.run(
            ["docker", "ps", "--filter", f"publish={port}", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
        return said.stdout.split()[0] if said.stdout.split() else ""
    return ""


def _listeners_from_proc(port: int) -> list[str]:
    """Linux: the sockets' inodes from /proc/net/tcp, and who has them open."""
    inodes = set(_sockets_at(port))
    if not inodes:
        return []
    return [name for name, open_inodes in _processes() if inodes & open_inodes]


def _sockets_at(port: int) -> Iterator[str]:
    """Those that listen, and an outgoing connection that happened to get this port."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rsplit(":", 1)[1], 16) == port:
                    yield f"socket:[{fields[9]}]"


def _processes() -> Iterator[tuple[str, set[str]]]:
    """Every process that we may look into, with its open sockets."""
    for folder in Path("/proc").glob("[0-9]*"):
        sockets: set[str] = set()
        words = [""]
        with contextlib.suppress(OSError):  # it ended, or belongs to somebody else
            words = (folder / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
            for file in (folder / "fd").iterdir():
                with contextlib.suppress(FileNotFoundError):  # closed just now
                    sockets.add(str(file.readlink()))
        command = " ".join(words).strip()
        yield f"{command[:_COMMAND]!r} (process {folder.name})", sockets


def _listeners_from_lsof(port: int) -> list[str]:
    if shutil.which("lsof") is None:
        return []
    with contextlib.suppress(subprocess.SubprocessError):
        said = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,  # 1 where it finds nothing
        )
        return [
            f"{name} (process {pid})"
            for pid, name in re.findall(r"^p(\d+)\nc(.*)$", said.stdout, re.MULTILINE)
        ]
    return []
