"""Processes of this machine under the local supervisor: signals, by pid and start time."""

import signal
from collections.abc import Sequence

from lab.folder import Folder
from lab.layout import Layout
from lab.local import Local
from lab.processes import Identity, tell
from lab.verification.place import FaultNotDoneError
from lab.verification.schedule import PROCESSES, Kind


class Processes:
    """A network in local mode. Its supervisor starts again whoever ended."""

    kinds: Sequence[Kind] = PROCESSES

    def __init__(self, folder: Folder, layout: Layout, python: str) -> None:
        self.layout = layout
        self.words = f"{layout.nodes} processes"
        self._local = Local(folder)
        self._python = python

    def kill(self, node: str) -> None:
        """SIGKILL."""
        self._tell(node, signal.SIGKILL)

    def freeze(self, node: str) -> None:
        """SIGSTOP."""
        self._tell(node, signal.SIGSTOP)

    def thaw(self, node: str) -> None:
        """SIGCONT; no harm where it runs."""
        self._tell(node, signal.SIGCONT)

    def restart(self, node: str) -> None:
        """SIGTERM: it says good-bye, and the supervisor starts it again."""
        self._tell(node, signal.SIGTERM)

    def disconnect(self, node: str) -> None:
        """The loopback cannot be pulled out."""
        raise FaultNotDoneError(f"{node} is a process: it has no network of its own")

    def connect(self, node: str) -> None:
        """So there is nothing to put back."""
        raise FaultNotDoneError(f"{node} is a process: it has no network of its own")

    def back(self, node: str) -> None:
        """The supervisor does that."""

    def heal(self) -> None:
        """Everybody goes on, and whoever was given up is started again."""
        for node in self.layout.names:
            process = self._local.process(node)
            if process is not None:
                tell(process, signal.SIGCONT)
        self._local.start(self.layout, self._python)

    def _tell(self, node: str, number: signal.Signals) -> None:
        process: Identity | None = self._local.process(node)
        if process is None or not tell(process, number):
            raise FaultNotDoneError(f"{node} does not run just now")
