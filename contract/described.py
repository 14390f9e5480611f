"""What a call is for, said beside the function that answers it.

`@described(…)` under a route's decorator keeps a `Description` with the view function, and does
nothing else: OpenAPI documents are made of these only when somebody asks (`contract.openapi`).
Parameters of the query are values that the function itself reads by (`LIMIT.read()`), so the
document has the bounds that hold. Bodies and answers are types, TypedDicts mostly.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeVar

from contract.errors import out_of_range
from contract.http import whole_number
from contract.limits import MAX_ID

View = TypeVar("View", bound=Callable[..., Any])
_KEPT: Final = "__described__"


class Number(NamedTuple):
    """A whole number in the query."""

    name: str
    default: int | None
    lowest: int
    highest: int
    about: str

    def read(self) -> int:
        """What the caller gave, or the default, or the highest. Raises 400, 422."""
        default = self.highest if self.default is None else self.default
        return whole_number(self.name, default, self.lowest, self.highest)


class Choice(NamedTuple):
    """One of some words in the query."""

    name: str
    words: tuple[str, ...]
    about: str
    default: str | None = None

    def read(self) -> str | None:
        """What the caller gave, or the default. Raises 422."""
        from flask import request

        given = request.args.get(self.name, self.default)
        if given is None or given in self.words:
            return given
        told = [f"'{word}'" for word in self.words]
        raise out_of_range(f"'{self.name}' must be {', '.join(told[:-1])} or {told[-1]}", self.name)


class Words(NamedTuple):
    """A text, in the query or in the path."""

    name: str
    longest: int | None
    about: str


Query = Number | Choice | Words


class Raw(NamedTuple):
    """A body that is not JSON: its media type."""

    media: str


class Shape(NamedTuple):
    """A type that is loaded when a document is made."""

    module: str
    name: str

    def load(self) -> Any:
        """The type itself."""
        return getattr(import_module(self.module), self.name)


class Shapes:
    """The types of a module, each a Shape until then: `Shapes("node.api.shapes").Inbox`.

    Making a hundred types takes a node 5 ms [measured], and hardly one is asked for its document.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Shape:
        return Shape(self._module, name)


class Either(NamedTuple):
    """An answer that has one of several shapes."""

    types: tuple[Any, ...]


class Late(NamedTuple):
    """A body whose schema is made of a table, by a function that is called when it is wanted.

    It gives the schema and those that it refers to, by name.
    """

    make: Any


class Description(NamedTuple):
    """All that a document says of a call."""

    summary: str
    about: str
    query: tuple[Query, ...]
    path: Mapping[str, Words]
    body: Any
    """A type, Shape, Late, Raw, or None where there is none."""
    answer: Any
    """A type, Shape, Either, Raw, or None where the body is empty."""
    status: int
    errors: tuple[int, ...]
    example: Any
    """A body to try it with."""

    def loaded(self) -> "Description":
        """The same with types for Shapes."""
        return self._replace(body=_loaded(self.body), answer=_loaded(self.answer))

    def statuses(self) -> list[int]:
        """Every error that the call can have, 405 aside, which is not for its method."""
        found = {403, *self.errors}  # the guard's: see `contract.http`
        if self.body is not None:
            found |= {400, 413, 415, 422}
        if any(isinstance(one, Number) for one in self.query):
            found |= {400, 422}
        if self.query:
            found.add(422)
        return sorted(found)


def described(
    text: str,
    *,
    query: tuple[Query, ...] = (),
    path: tuple[Words, ...] = (),
    body: Any = None,
    answer: Any = None,
    status: int = 200,
    errors: tuple[int, ...] = (),
    example: Any = None,
) -> Callable[[View], View]:
    """Describe a view function: in a few words, and after an empty line in more.

    `errors` are statuses besides those that follow from the rest: 403 (who may call at all),
    400, 413, 415 and 422 of a body, 400 and 422 of a query. 401 says that the call takes the
    operator's token.
    """
    summary, _, about = text.partition("\n\n")
    named = {one.name: one for one in path}
    this = Description(summary, about, query, named, body, answer, status, errors, example)

    def keep(view: View) -> View:
        vars(view)[_KEPT] = this
        return view

    return keep


def description(view: Callable[..., Any]) -> Description | None:
    """What was said of a view function."""
    found: Description | None = vars(view).get(_KEPT)
    return found


def _loaded(one: Any) -> Any:
    match one:
        case Shape():
            return one.load()
        case Late(Shape() as make):
            return Late(make.load())
        case Either(types):
            return Either(tuple(map(_loaded, types)))
        case _:
            return one


def message_id(name: str) -> Words:
    """The id of a message, in a path."""
    return Words(name, MAX_ID, "A message's id.")
