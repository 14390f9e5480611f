"""Kinds of values. Each reads itself from a tree, and describes itself for the JSON Schema.

Because both are said in one place, the published schema cannot promise what the reader
refuses. Where a rule needs two fields (a step's end after the scenario's) the reader has it
and the schema does not.
"""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from scenario.document import Fields, Many, Tree, Value

Schema = dict[str, Any]
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_DURATION: Final = r"([0-9]+(\.[0-9]+)?)(ms|s|m|h)"
_SHARES: Final = {"all": 1.0, "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
_SHARE: Final = r"([0-9]+(\.[0-9]+)?)%"


class Kind(Protocol):
    """A kind of value."""

    @property
    def about(self) -> str:
        """What it is for, in the schema."""

    def read(self, tree: Tree) -> Any:
        """The value. Raises ScenarioError where it is none of this kind."""

    def schema(self) -> Schema:
        """As JSON Schema has it."""


@dataclass(frozen=True)
class Text:
    """A text."""

    most: int
    about: str = ""

    def read(self, tree: Tree) -> str:
        """Of one line or several."""
        if not isinstance(tree, Value) or not isinstance(tree.value, str):
            raise tree.error(f"must be a text, not {tree.words}")
        text = tree.value.strip()
        if not text or len(text) > self.most:
            raise tree.error(f"must have 1 to {self.most:,} characters; it has {len(text):,}")
        if any(not (letter.isprintable() or letter == "\n") for letter in text):
            raise tree.error("has a character that cannot be printed")
        return text

    def schema(self) -> Schema:
        """A string."""
        return _about(self, {"type": "string", "minLength": 1, "maxLength": self.most})


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    least: int
    most: int
    about: str = ""

    def read(self, tree: Tree) -> int:
        """From `least` to `most`."""
        value = tree.value if isinstance(tree, Value) else None
        if isinstance(value, bool) or not isinstance(value, int):
            raise tree.error(f"must be a whole number, not {tree.words}")
        if not self.least <= value <= self.most:
            raise tree.error(f"must be from {self.least:,} to {self.most:,}, not {value:,}")
        return value

    def schema(self) -> Schema:
        """An integer."""
        return _about(self, {"type": "integer", "minimum": self.least, "maximum": self.most})


@dataclass(frozen=True)
class Amount:
    """A number."""

    least: float
    most: float
    about: str = ""

    def read(self, tree: Tree) -> float:
        """From `least` to `most`."""
        value = tree.value if isinstance(tree, Value) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise tree.error(f"must be a number, not {tree.words}")
        if not math.isfinite(value) or not self.least <= value <= self.most:
            raise tree.error(f"must be from {self.least:,g} to {self.most:,g}, not {value:,g}")
        return float(value)

    def schema(self) -> Schema:
        """A number."""
        return _about(self, {"type": "number", "minimum": self.least, "maximum": self.most})


@dataclass(frozen=True)
class Duration:
    """A time: `10s`, `300ms`, `1.5m`, `1h`; a bare number is seconds."""

    least: float
    most: float
    about: str = ""

    def read(self, tree: Tree) -> float:
        """In seconds."""
        value = tree.value if isinstance(tree, Value) else None
        seconds: float | None = None
        if isinstance(value, str) and (match := re.fullmatch(_DURATION, value)):
            seconds = float(match[1]) * _UNITS[match[3]]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = float(value)
        if seconds is None or not math.isfinite(seconds):
            raise tree.error(f"must be a time like 10s, 300ms or 2m, not {tree.words}")
        if not self.least <= seconds <= self.most:
            bounds = f"from {seconds_in_words(self.least)} to {seconds_in_words(self.most)}"
            raise tree.error(f"must be {bounds}, not {seconds_in_words(seconds)}")
        return seconds

    def schema(self) -> Schema:
        """A number of seconds, or a text with a unit (whose bounds only the reader knows)."""
        number = {"type": "number", "minimum": self.least, "maximum": self.most}
        return _about(self, {"anyOf": [number, {"type": "string", "pattern": f"^{_DURATION}$"}]})


@dataclass(frozen=True)
class Share:
    """A share: `30%`, `half`, `third`, `quarter`, `all`."""

    about: str = ""

    def read(self, tree: Tree) -> float:
        """From 0 to 1."""
        share = share_of(tree)
        if share is None:
            raise tree.error(f"must be a share like 30% or half, not {tree.words}")
        if not 0 <= share <= 1:
            raise tree.error(f"must be from 0% to 100%, not {tree.words}")
        return share

    def schema(self) -> Schema:
        """A text."""
        return _about(self, {"type": "string", "pattern": f"^({_SHARE}|{'|'.join(_SHARES)})$"})


@dataclass(frozen=True)
class Flag:
    """True: something that is either said or not."""

    about: str = ""

    def read(self, tree: Tree) -> bool:
        """True."""
        if not isinstance(tree, Value) or tree.value is not True:
            raise tree.error(f"must be true, not {tree.words}; leave it out where it is not meant")
        return True

    def schema(self) -> Schema:
        """A constant."""
        return _about(self, {"const": True})


@dataclass(frozen=True)
class Word:
    """One of some words."""

    words: tuple[str, ...]
    about: str = ""

    def read(self, tree: Tree) -> str:
        """The word."""
        value = tree.value if isinstance(tree, Value) else None
        if value not in self.words or not isinstance(value, str):
            there = ", ".join(self.words)
            raise tree.error(f"must be one of {there}, not {tree.words}{near(value, self.words)}")
        return value

    def schema(self) -> Schema:
        """An enumeration."""
        return _about(self, {"enum": list(self.words)})


@dataclass(frozen=True)
class ListOf:
    """A list of one kind."""

    item: Kind
    least: int = 0
    most: int = 1_000
    about: str = ""

    def read(self, tree: Tree) -> list[Any]:
        """All of them."""
        if not isinstance(tree, Many):
            raise tree.error(f"must be a list, not {tree.words}")
        if not self.least <= len(tree.items) <= self.most:
            raise tree.error(f"must have {self.least} to {self.most:,} entries")
        return [self.item.read(item) for item in tree.items]

    def schema(self) -> Schema:
        """An array."""
        bounds = {"minItems": self.least, "maxItems": self.most}
        return _about(self, {"type": "array", "items": self.item.schema(), **bounds})


@dataclass(frozen=True)
class Table:
    """Fields, each of its kind."""

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    about: str = ""

    def read(self, tree: Tree) -> dict[str, Any]:
        """Those that are there. Unknown names are refused, with the nearest known one."""
        if not isinstance(tree, Fields):
            raise tree.error(f"must be a table of fields, not {tree.words}")
        for name in tree.items:
            if name not in self.fields:
                at = tree.names[name]
                there = ", ".join(self.fields)
                raise at.error(
                    f"there is no field {name[:60]!r} here{near(name, self.fields)} (there are "
                    f"{there})"
                )
        for name in self.required:
            if name not in tree.items:
                raise tree.error(f"'{name}' is missing")
        return {name: self.fields[name].read(item) for name, item in tree.items.items()}

    def schema(self) -> Schema:
        """An object without anything else in it."""
        said: Schema = {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in self.fields.items()},
            "additionalProperties": False,
        }
        return _about(self, said | ({"required": list(self.required)} if self.required else {}))


def share_of(tree: Tree) -> float | None:
    """A share, where it is one."""
    value = tree.value if isinstance(tree, Value) else None
    if not isinstance(value, str):
        return None
    if value in _SHARES:
        return _SHARES[value]
    match = re.fullmatch(_SHARE, value)
    return float(match[1]) / 100 if match else None


def near(word: object, words: Iterable[str]) -> str:
    """What was probably meant."""
    found = difflib.get_close_matches(str(word)[:60], list(words), 1, 0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def seconds_in_words(seconds: float) -> str:
    """`90s` as people write it."""
    if seconds and seconds < 1:
        return f"{seconds * 1000:g}ms"
    return f"{seconds:g}s"


def share_in_words(share: float) -> str:
    """`30%`."""
    return f"{share * 100:.4g}%"


def _about(kind: Kind, schema: Schema) -> Schema:
    return {"description": kind.about, **schema} if kind.about else schema
