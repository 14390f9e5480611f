"""YAML as a tree whose every value knows where it stands, so that an error can say it.

PyYAML's own loader makes dictionaries, which forget lines, take a key twice without a word,
follow aliases in circles, and read `yes` as true and `1:30` as ninety. So only its parser is
used, which tells *events* (here begins a list, here is a scalar), and the tree is made here.
Plain words are read as YAML 1.2 has them: `true`, `false`, `null`, numbers, and else a text.

Everything is bounded while it is read: a file with a million steps is refused at the line
where it becomes too long, and not after a minute.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

MOST_BYTES: Final = 1_048_576
"""Of a file [guess: the longest of ours has two thousand]."""
MOST_ITEMS: Final = 1_000
"""Entries of a list: steps, chapters, names [guess: more is no story any more]."""
MOST_DEPTH: Final = 8
"""Lists and tables inside each other."""
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}


class ScenarioError(ValueError):
    """A file that is no scenario. Nothing of it has been done."""

    def __init__(
        self, why: str, line: int = 1, column: int = 1, where: str = "", file: str = ""
    ) -> None:
        self.why = why
        self.line = line
        self.column = column
        self.where = where
        """The field: `steps[2].kill`; empty for the file itself."""
        self.file = file
        place = [f"line {line}, column {column}", *([where] if where else [])]
        super().__init__(f"{f'{file}, ' if file else ''}{', '.join(place)}: {why}")

    def of(self, file: str) -> "ScenarioError":
        """The same, with the file's name, unless it has one."""
        if self.file:
            return self
        return ScenarioError(self.why, self.line, self.column, self.where, file)


@dataclass(slots=True)
class Value:
    """A scalar: a text, a number, true or false, or nothing."""

    value: str | int | float | bool | None
    line: int
    column: int
    where: str

    def error(self, why: str) -> ScenarioError:
        """What is wrong here."""
        return ScenarioError(why, self.line, self.column, self.where)

    @property
    def words(self) -> str:
        """What it is, for who is told what is wrong with it."""
        shown = repr(self.value)
        return shown if len(shown) <= 60 else f"{shown[:57]}…"


@dataclass(slots=True)
class Many:
    """A list."""

    line: int
    column: int
    where: str
    items: "list[Tree]" = field(default_factory=list)

    def error(self, why: str) -> ScenarioError:
        """What is wrong here."""
        return ScenarioError(why, self.line, self.column, self.where)

    @property
    def words(self) -> str:
        """What it is."""
        return "a list"


@dataclass(slots=True)
class Fields:
    """A table: values by name, in the order in which they stand there."""

    line: int
    column: int
    where: str
    items: "dict[str, Tree]" = field(default_factory=dict)
    names: dict[str, Value] = field(default_factory=dict)
    """Where each name itself stands."""

    def error(self, why: str) -> ScenarioError:
        """What is wrong here."""
        return ScenarioError(why, self.line, self.column, self.where)

    @property
    def words(self) -> str:
        """What it is."""
        return "a table"


Tree = Value | Many | Fields


def load(path: Path) -> tuple[Tree, str]:
    """A file as a tree, and its text. Raises ScenarioError, with the file's name in it."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ScenarioError(f"it cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError("it is not UTF-8", line, file=str(path)) from None
    try:
        tree = parse(text)
    except ScenarioError as error:
        raise error.of(str(path)) from None
    if len(raw) > MOST_BYTES:
        raise ScenarioError(f"it has more than {MOST_BYTES:,} bytes", file=str(path))
    return tree, text


def parse(text: str) -> Tree:
    """A text as a tree. Raises ScenarioError."""
    try:
        return _Builder(text).tree()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = f"this is no YAML: {error.problem or error.context or 'it cannot be read'}"
        raise ScenarioError(why, line, column) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise ScenarioError("there is a character that YAML does not allow", line, column) from None


class _Builder:
    """Takes the parser's events in turn."""

    def __init__(self, text: str) -> None:
        self._events = iter(yaml.parse(text, Loader=yaml.SafeLoader))

    def tree(self) -> Tree:
        next(self._events)  # the stream begins
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise ScenarioError("there is nothing in it")
        tree = self._one(next(self._events), "", 0)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            line, column = _at(after)
            raise ScenarioError("a second document begins here; there must be one", line, column)
        return tree

    def _one(self, event: yaml.Event, where: str, depth: int) -> Tree:
        line, column = _at(event)
        if isinstance(event, yaml.AliasEvent):
            raise ScenarioError(
                f"aliases (*{event.anchor}) are not taken, as they can go in circles: write it "
                "out, or give it a name in 'groups'",
                line,
                column,
                where,
            )
        if depth > MOST_DEPTH:
            why = f"more than {MOST_DEPTH} lists and tables inside each other"
            raise ScenarioError(why, line, column, where)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise ScenarioError(f"tags ({tag}) are not taken", line, column, where)
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and event.style is None
            return Value(_plain(event.value) if plain else event.value, line, column, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._many(Many(line, column, where), depth)
        return self._fields(Fields(line, column, where), depth)

    def _many(self, many: Many, depth: int) -> Many:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            where = f"{many.where}[{len(many.items) + 1}]"
            if len(many.items) >= MOST_ITEMS:
                why = f"a list has at most {MOST_ITEMS:,} entries"
                raise ScenarioError(why, *_at(event), where)
            many.items.append(self._one(event, where, depth + 1))
        return many

    def _fields(self, fields: Fields, depth: int) -> Fields:
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line, column = _at(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise ScenarioError("a name must be a word", line, column, fields.where)
            name = event.value
            where = f"{fields.where}.{name[:60]}" if fields.where else name[:60]
            if name in fields.items:
                first = fields.names[name].line
                why = f"it is said twice: in line {first} already"
                raise ScenarioError(why, line, column, where)
            if len(fields.items) >= MOST_ITEMS:
                why = f"a table has at most {MOST_ITEMS:,} fields"
                raise ScenarioError(why, line, column, where)
            fields.names[name] = Value(name, line, column, where)
            fields.items[name] = self._one(next(self._events), where, depth + 1)
        return fields


def _at(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # always there, for what a parser tells
    return mark.line + 1, mark.column + 1


def _plain(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text
