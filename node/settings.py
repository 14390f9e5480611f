"""What the environment says about this node, read once and checked."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from contract.errors import ApiError
from contract.limits import MAX_NAME
from contract.urls import peer_url
from node.overlay.presets import PRESETS
from node.seal import LEAST
from node.store import Durability

NO_BOOTSTRAP = "none"
WEBHOOKS = "webhooks.sqlite"
"""A file in the data folder: the webhooks that go on after a restart (`node.webhooks.kept`)."""
DOWN = "down"
"""A file in the data folder: until when the node is to be dead (`node.faults.down`)."""
LEAST_TOKEN = 8
"""Characters of a token [guess, as for a secret]."""
MOST_KEPT = 3_600
"""Seconds that broadcasts may be kept for those who missed them: more would only ever be cut
short by the bounds on their number and length [guess]."""


class Settings(msgspec.Struct, frozen=True):
    """One node's settings; docs/api.md describes the variables."""

    host: str = "0.0.0.0"  # noqa: S104 - a container publishes what its owner publishes
    port: int = 5000
    data: Path = Path("data")
    name: str | None = None
    url: str | None = None
    public_url: str | None = None
    bootstrap: str | None = None
    """A URL, `none` to do without, or None to look for one."""
    peers: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    preset: str = "lab"
    """Which numbers the protocol runs with (`node.overlay.presets`)."""
    kept: float | None = None
    """Seconds that broadcasts are kept for those who missed them; None: as the preset has it."""
    durability: Durability = "normal"
    """What an acknowledged message survives: `normal` the process's death, `full` the power's."""
    secret: str | None = None
    """What the members share, so that nobody else's batches are taken; None: an open network."""
    faults: bool = True
    """Whether faults may be set (`node.faults`)."""
    operator_token: str | None = None
    """What who sets faults must show; None: whoever is near enough (`node.operator`)."""


class SettingsError(ValueError):
    """A variable that cannot be meant; the message names it."""


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises SettingsError."""

    def text(variable: str) -> str | None:
        return environ.get(variable, "").strip() or None

    def url(variable: str) -> str | None:
        value = text(variable)
        return None if value is None else _url(variable, value)

    def several(variable: str) -> tuple[str, ...]:
        return tuple(part for part in environ.get(variable, "").replace(",", " ").split() if part)

    usual = Settings()
    name = text("NODE_NAME")
    if name is not None and (len(name) > MAX_NAME or not name.isprintable()):
        raise SettingsError(f"NODE_NAME must have at most {MAX_NAME} printable characters")
    secret = text("P2P_SECRET")
    if secret is not None and len(secret) < LEAST:
        raise SettingsError(f"P2P_SECRET must have at least {LEAST} characters")
    token = text("P2P_OPERATOR_TOKEN")
    if token is not None and len(token) < LEAST_TOKEN:
        raise SettingsError(f"P2P_OPERATOR_TOKEN must have at least {LEAST_TOKEN} characters")
    faults = text("P2P_FAULTS") or "on"
    if faults not in {"on", "off"}:
        raise SettingsError(f"P2P_FAULTS must be on or off, not {faults!r}")
    preset = text("P2P_PRESET") or usual.preset
    if preset not in PRESETS:
        raise SettingsError(f"P2P_PRESET must be one of {', '.join(PRESETS)}, not {preset!r}")
    durability = text("P2P_DURABILITY") or usual.durability
    if durability not in {"normal", "full"}:
        raise SettingsError(f"P2P_DURABILITY must be normal or full, not {durability!r}")
    bootstrap = text("BOOTSTRAP_URL")
    return Settings(
        host=text("NODE_HOST") or usual.host,
        port=_port("NODE_PORT", text("NODE_PORT"), usual.port),
        data=Path(text("NODE_DATA") or usual.data),
        name=name,
        url=url("NODE_URL"),
        public_url=url("NODE_PUBLIC_URL"),
        bootstrap=NO_BOOTSTRAP if bootstrap == NO_BOOTSTRAP else url("BOOTSTRAP_URL"),
        peers=tuple(_url("PEERS", peer) for peer in several("PEERS")),
        allowed_hosts=several("P2P_ALLOWED_HOSTS"),
        preset=preset,
        kept=_seconds("P2P_BROADCASTS_KEPT", text("P2P_BROADCASTS_KEPT")),
        durability="full" if durability == "full" else "normal",
        secret=secret,
        faults=faults == "on",
        operator_token=token,
    )


def _url(variable: str, value: str) -> str:
    try:
        return peer_url(value, variable)
    except ApiError as error:
        raise SettingsError(error.message) from None


def _seconds(variable: str, value: str | None) -> float | None:
    if value is None:
        return None
    if not value.isdecimal() or not 1 <= int(value) <= MOST_KEPT:
        raise SettingsError(f"{variable} must be from 1 to {MOST_KEPT} seconds, not {value!r}")
    return float(value)


def _port(variable: str, value: str | None, default: int) -> int:
    if value is None:
        return default
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingsError(f"{variable} must be a port from 1 to 65535, not {value!r}")
    return int(value)
