"""What the environment says, read once and checked at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ApiError
from contract.limits import MAX_MEMBERS
from contract.signing import key_of
from contract.urls import peer_url

NO_BOOTSTRAP = "none"


class SettingsError(ValueError):
    """A variable that makes no sense. The text names it and says what would."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, see "Settings" in docs/api.md."""

    host: str
    port: int
    """0 takes any free port; the line printed at the start says which."""
    data: Path
    bootstrap: str | None
    """A URL, `none` to do without, or None to look for one."""
    seeds: tuple[str, ...]
    expect: int | None
    allowed_hosts: tuple[str, ...]
    history_mb: int = 512
    """Megabytes (10^6 bytes) that all runs together may take; 0 keeps no history [guess: an hour of
    a hundred nodes with a hundred messages a second takes some 200]."""
    history_hours: int = 168
    """Hours after which what happened is removed [guess: a week]."""
    faults: bool = True
    """Whether nodes may be broken from here: the nodes' own setting, P2P_FAULTS."""
    operator_token: str | None = None
    """What who sets faults must show, here and at the nodes."""
    webhook_key: bytes | None = None
    """What events that are posted must be signed with; None: whoever is near may post them."""
    read_only: bool = False
    """Nobody acts through this dashboard but who shows the operator's token: for a class."""
    replay: Path | None = None
    """A .p2prun file to show instead of a network."""


def settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment. An empty variable counts as not set.

    Raises SettingsError.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}

    def several(variable: str) -> tuple[str, ...]:
        return tuple(given.get(variable, "").replace(",", " ").split())

    bootstrap = given.get("BOOTSTRAP_URL")
    faults = given.get("P2P_FAULTS", "on")
    if faults not in {"on", "off"}:
        raise SettingsError(f"P2P_FAULTS must be on or off, not {faults!r}")
    return Settings(
        host=given.get("DASHBOARD_HOST", "0.0.0.0"),  # noqa: S104 - all of a container's interfaces
        port=_number("DASHBOARD_PORT", given.get("DASHBOARD_PORT", "8080"), 65_535),
        data=Path(given.get("DASHBOARD_DATA", "data")),
        bootstrap=(
            bootstrap
            if bootstrap is None or bootstrap.lower() == NO_BOOTSTRAP
            else _url("BOOTSTRAP_URL", bootstrap)
        ),
        seeds=tuple(_url("DASHBOARD_SEEDS", url) for url in several("DASHBOARD_SEEDS")),
        expect=(
            _number("DASHBOARD_EXPECT", given["DASHBOARD_EXPECT"], MAX_MEMBERS)
            if "DASHBOARD_EXPECT" in given
            else None
        ),
        allowed_hosts=several("P2P_ALLOWED_HOSTS"),
        history_mb=_number(
            "DASHBOARD_HISTORY_MB", given.get("DASHBOARD_HISTORY_MB", "512"), 99_999
        ),
        history_hours=_number(
            "DASHBOARD_HISTORY_HOURS", given.get("DASHBOARD_HISTORY_HOURS", "168"), 87_600
        ),
        faults=faults == "on",
        operator_token=given.get("P2P_OPERATOR_TOKEN"),
        webhook_key=_key("DASHBOARD_WEBHOOK_SECRET", given.get("DASHBOARD_WEBHOOK_SECRET")),
        read_only=_switch("DASHBOARD_READ_ONLY", given.get("DASHBOARD_READ_ONLY", "0")),
        replay=Path(given["DASHBOARD_REPLAY"]) if "DASHBOARD_REPLAY" in given else None,
    )


def _url(variable: str, value: str) -> str:
    try:
        return peer_url(value, variable)
    except ApiError as error:
        raise SettingsError(error.message) from None


def _key(variable: str, value: str | None) -> bytes | None:
    try:
        return None if value is None else key_of(value)
    except ValueError as error:
        raise SettingsError(f"{variable} {error}") from None


def _switch(variable: str, value: str) -> bool:
    if value.lower() not in {"0", "1", "off", "on", "no", "yes", "false", "true"}:
        raise SettingsError(f"{variable} must be 1 or 0, not {value[:40]!r}")
    return value.lower() in {"1", "on", "yes", "true"}


def _number(variable: str, text: str, highest: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= highest:
        return int(text)
    raise SettingsError(f"{variable} must be a whole number from 0 to {highest:,}, not {text!r}")
