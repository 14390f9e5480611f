"""Partitions: who must not hear whom, drawn up before anybody is asked.

    groups   lists of nodes; nobody hears those of another group. Of one group all others are the
             rest; who is in none of several hears them all
    halves   two halves, by name, or by chance with a seed
    bridge   two halves, and one node between them that hears both (Jepsen's "bridge")
    ring     each hears only the one before and the one after it

*A newcomer.* A node that starts while a partition lasts falls under it, or it would join what was
cut apart. One that was there before, by its id or its name, goes to its old place. Anybody else
goes to the rest where there is one, and to the smallest group otherwise; in a ring between the
last and the first. Only the newcomer need be told: what it drops to and from the others is
dropped, whoever asked.

Nothing here asks a node; names are resolved by the caller.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, Literal, NamedTuple

from contract.errors import out_of_range

Shape = Literal["halves", "bridge", "ring"]
SHAPES: Final[tuple[Shape, ...]] = ("halves", "bridge", "ring")
LEAST: Final = {"halves": 2, "bridge": 3, "ring": 4}
"""Nodes that a shape needs: in a ring of three everybody hears everybody."""


class Who(NamedTuple):
    """A node of a partition."""

    id: str
    name: str
    url: str


class Cut(NamedTuple):
    """A partition."""

    sides: tuple[tuple[Who, ...], ...]
    """In a ring each node is a side of its own, in the ring's order."""
    rest: int | None = None
    """The side where strangers go; None: to the smallest."""
    ring: bool = False
    outside: tuple[Who, ...] = ()
    """Who is on no side, and hears all of them."""

    def side_of(self, who: Who) -> int | None:
        """On which side a node is, or was under another id; None: on none."""
        places = list(enumerate(self.sides))
        by_id = (number for number, side in places if any(one.id == who.id for one in side))
        by_name = (number for number, side in places if any(one.name == who.name for one in side))
        return next(by_id, next(by_name, None))

    def apart(self, number: int) -> list[Who]:
        """Whom those of a side must not hear."""
        hears = {number}
        if self.ring:
            hears |= {(number - 1) % len(self.sides), (number + 1) % len(self.sides)}
        return [who for n, side in enumerate(self.sides) if n not in hears for who in side]

    def joined(self, who: Who) -> "tuple[Cut, list[Who]]":
        """The partition with a newcomer in it, and whom that one must not hear."""
        if any(who.id == one.id or who.name == one.name for one in self.outside):
            return self, []
        number = self.side_of(who)
        if number is not None:
            kept = tuple(one for one in self.sides[number] if one.name != who.name)
            sides = (*self.sides[:number], (*kept, who), *self.sides[number + 1 :])
            cut = self._replace(sides=sides)
            return cut, cut.apart(number)
        if self.ring:
            cut = self._replace(sides=(*self.sides, (who,)))
            return cut, cut.apart(len(self.sides))
        number = self.rest
        if number is None:
            number = min(range(len(self.sides)), key=lambda n: len(self.sides[n]))
        sides = (*self.sides[:number], (*self.sides[number], who), *self.sides[number + 1 :])
        cut = self._replace(sides=sides)
        return cut, cut.apart(number)


def in_shape(
    shape: Shape, nodes: Sequence[Who], *, through: Who | None = None, seed: int | None = None
) -> Cut:
    """A shape over some nodes, in the order given, or in one by chance. Raises ApiError.

    `through` is the bridge; else the one in the middle.
    """
    if len(nodes) < LEAST[shape]:
        raise out_of_range(f"'{shape}' needs at least {LEAST[shape]} living nodes", "shape")
    order = list(nodes)
    if seed is not None:
        Random(f"partition {seed}").shuffle(order)  # noqa: S311 - chance, no secret
    if shape == "ring":
        return Cut(tuple((who,) for who in order), ring=True)
    outside: tuple[Who, ...] = ()
    if shape == "bridge":
        between = through or order[len(order) // 2]
        order = [who for who in order if who.id != between.id]
        outside = (between,)
    middle = (len(order) + 1) // 2
    return Cut((tuple(order[:middle]), tuple(order[middle:])), outside=outside)
