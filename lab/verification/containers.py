"""Containers: the user's own `docker`, and only on containers of this very network."""

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lab.engine import Engine
from lab.layout import Layout
from lab.verification.place import FaultNotDoneError
from lab.verification.schedule import CONTAINERS, Kind

PATIENCE: Final = 60.0
"""Seconds for one command [guess: an engine with fifty busy containers takes up to ten]."""
AT_ONCE: Final = 4
"""Commands side by side."""


class Containers:
    """A network of containers that `up` has started under this name."""

    kinds: Sequence[Kind] = CONTAINERS

    def __init__(self, engine: Engine, layout: Layout) -> None:
        self.layout = layout
        self.words = f"{layout.nodes} containers"
        self._engine = engine
        self._ids = {c.service: c.id for c in engine.containers()}  # of our own labels only
        self._network = engine.name

    def kill(self, node: str) -> None:
        """`docker kill`."""
        self._docker("kill", self._id(node))

    def freeze(self, node: str) -> None:
        """`docker pause`."""
        self._docker("pause", self._id(node))

    def thaw(self, node: str) -> None:
        """`docker unpause`."""
        self._docker("unpause", self._id(node))

    def restart(self, node: str) -> None:
        """`docker restart`."""
        self._docker("restart", "--time", "5", self._id(node))

    def stop(self, node: str) -> None:
        """`docker stop`: it says good-bye, and stays ended."""
        self._docker("stop", "--time", "5", self._id(node))

    def disconnect(self, node: str) -> None:
        """`docker network disconnect`: to the others it vanishes with its name and address."""
        self._docker("network", "disconnect", self._network, self._id(node))

    def connect(self, node: str) -> None:
        """`docker network connect`, under its name; its address is another one."""
        self._docker("network", "connect", "--alias", node, self._network, self._id(node))

    def back(self, node: str) -> None:
        """`docker start`."""
        self._docker("start", self._id(node))

    def heal(self) -> None:
        """Whatever is paused, stopped or off the network comes back."""
        known = {container.service: container.state for container in self._engine.containers()}
        connected = self._connected()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(self._mend, n, known, connected) for n in self.layout.names]:
                done.result()

    def mend(self, node: str) -> None:
        """The same for one that is no node of the layout: the bootstrap, or who came later."""
        known = {container.service: container.state for container in self._engine.containers()}
        if known.get(node) == "paused":
            self.thaw(node)
        elif known.get(node) != "running":
            self.back(node)

    def _mend(self, node: str, known: dict[str, str], connected: set[str]) -> None:
        if known.get(node) == "paused":
            self.thaw(node)
        elif known.get(node) != "running":
            self.back(node)
        if self._id(node) not in connected:
            self.connect(node)

    def _connected(self) -> set[str]:
        form = "{{range $id, $_ := .Containers}}{{$id}} {{end}}"
        return set(self._docker("network", "inspect", self._network, "--format", form).split())

    def _id(self, node: str) -> str:
        if node not in self._ids:
            raise FaultNotDoneError(f"there is no container of {node}")
        return self._ids[node]

    def _docker(self, *words: str) -> str:
        try:
            done = subprocess.run(
                ["docker", *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FaultNotDoneError(f"docker {words[0]} took over {PATIENCE:.0f} s") from None
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["it does not say why"])[0]
            raise FaultNotDoneError(f"docker {words[0]}: {reason[:200]}")
        return done.stdout
