"""Names and ports of a network's programs: the same in containers and as processes.

`node7` is at `localhost:5007`, `node100` at `localhost:5100`, the bootstrap at 5000. The
hundreds can be others (`--ports 61`: node7 at 6107, node100 at 6200).
"""

from dataclasses import dataclass
from typing import Final

MOST_NODES: Final = 100
"""As many as compose.yaml has services for."""
BOOTSTRAP: Final = "bootstrap"
DASHBOARD: Final = "dashboard"
LOWEST_HUNDREDS: Final = 11
"""1100: below 1024 only the superuser may listen."""
HIGHEST_HUNDREDS: Final = 654
"""65400 and a hundred more stay below 65536."""


@dataclass(frozen=True)
class Layout:
    """How many nodes there are and where everything is."""

    nodes: int = 50
    hundreds: int = 50
    dashboard: int = 8080
    read_only: bool = False
    """Whether the dashboard is for looking only (`up --read-only`)."""

    @property
    def names(self) -> list[str]:
        """The nodes' names."""
        return [f"node{number}" for number in range(1, self.nodes + 1)]

    @property
    def programs(self) -> list[str]:
        """The names of everything that runs, in the order in which it starts."""
        return [BOOTSTRAP, DASHBOARD, *self.names]

    def port(self, program: str) -> int:
        """Where a program is, on this machine."""
        if program == DASHBOARD:
            return self.dashboard
        number = 0 if program == BOOTSTRAP else int(program.removeprefix("node"))
        return self.hundreds * 100 + number

    @property
    def ports(self) -> dict[int, str]:
        """Every port, and whose it is."""
        return {self.port(program): program for program in self.programs}

    @property
    def page(self) -> str:
        """Where a person looks at the network."""
        return f"http://localhost:{self.dashboard}"
