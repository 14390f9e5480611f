"""What the environment says, read once and checked at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable that makes no sense. The text names it and says what would."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, see "Settings" in docs/api.md."""

    host: str
    port: int
    """0 takes any free port; the line printed at the start says which."""
    data: Path
    allowed_hosts: tuple[str, ...]


def settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment. An empty variable counts as not set.

    Raises SettingsError.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    return Settings(
        host=given.get("BOOTSTRAP_HOST", "0.0.0.0"),  # noqa: S104 - all of a container's interfaces
        port=_port(given.get("BOOTSTRAP_PORT", "5000")),
        data=Path(given.get("BOOTSTRAP_DATA", "data")),
        allowed_hosts=tuple(
            name.strip() for name in given.get("P2P_ALLOWED_HOSTS", "").split(",") if name.strip()
        ),
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise SettingsError(f"BOOTSTRAP_PORT must be a port from 0 to 65535, not {text!r}")
