"""`status`: the dashboard's one line, and what runs underneath."""

import argparse
import json
from typing import Any

from lab import called
from lab.dashboard import Dashboard, NoAnswerError, RefusedError, Summary
from lab.engine import Engine, NoEngineError
from lab.folder import Folder, Mode, Run, network_name
from lab.layout import Layout
from lab.options import name_option, setting
from lab.progress import counted

DESCRIPTION = """Say what state the network is in. The exit status is 0 when all nodes are in one
network, and 1 when they are not or when nothing runs."""
EXAMPLES = """  {prog} status
  {prog} status --json | python3 -m json.tool"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at a network."""
    folder = Folder(network_name(chosen.name))
    known = last_run(folder)
    programs = _programs(folder, known.mode)
    try:
        summary: Summary | None = Dashboard(known.layout.dashboard).summary()
    except (NoAnswerError, RefusedError):
        summary = None
    if chosen.json:
        print(
            json.dumps(
                {
                    "name": folder.name,
                    "mode": known.mode,
                    "page": known.layout.page,
                    "summary": summary.said if summary else None,
                    "programs": programs,
                }
            )
        )
    else:
        print("\n".join(_lines(known, programs, summary)))
    return 0 if summary is not None and summary.is_one_network_of(summary.expected or 1) else 1


def last_run(folder: Folder) -> Run:
    """What `up` started, or what Compose starts by itself when `up` knows of nothing."""
    return folder.run() or Run(
        "docker",
        Layout(
            hundreds=int(setting("P2P_PORTS", Layout.hundreds)),
            dashboard=int(setting("P2P_DASHBOARD_PORT", Layout.dashboard)),
        ),
    )


def _programs(folder: Folder, mode: Mode) -> dict[str, str]:
    """What runs, by name; without the dashboard's help."""
    if mode == "local":
        from lab.local import Local

        local = Local(folder)
        return {n: _state(said) for n, said in local.states().items()} if local.runs else {}
    try:
        return {c.service: c.state for c in Engine(folder.name).containers()}
    except (NoEngineError, OSError):
        return {}


def _state(said: dict[str, Any]) -> str:
    state = str(said.get("state"))
    crashes = said.get("crashes")
    return f"{state}, ended {said.get('ended')} ({counted(crashes, 'times')})" if crashes else state


def _lines(known: Run, programs: dict[str, str], summary: Summary | None) -> list[str]:
    what = "containers" if known.mode == "docker" else "processes"
    runs = sum(state.startswith("running") for state in programs.values())
    lines = []
    if summary is not None:
        said: dict[str, Any] = summary.said
        lines += [
            summary.line,
            f"  page      {known.layout.page}",
            (
                f"  nodes     {summary.alive} alive, {said.get('suspect', '?')} suspect, "
                f"{said.get('dead', '?')} dead, {said.get('plain', '?')} plain"
            ),
            (f"  network   {counted(summary.components, 'parts')}, {said.get('links', '?')} links"),
            f"  messages  {said.get('messages', '?')}",
        ]
    elif programs:
        lines.append(f"The dashboard does not answer at {known.layout.page}.")
    else:
        return [f"Nothing runs. `{called()} up` starts a network."]
    if programs:
        lines.append(f"  {what:<9} {runs} of {len(programs)} run")
        lines += [
            f"            {name}: {state}"
            for name, state in sorted(programs.items())
            if state != "running"
        ]
    return lines
