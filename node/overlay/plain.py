"""Addresses without a name yet, and the care of plain nodes.

A *contact* is an address where a node may be: a line in the bootstrap's list, somebody who
registered. It is greeted with `hello`. One of ours answers and becomes a member. A node
that answers HTTP but knows no `/overlay` is a *plain node*: somebody's homework, with the
assignment's four calls. It becomes a member too, but cannot speak for itself.

So every plain node has a *keeper*, who polls its `/peers`, notices its death and refutes
suspicions for it. The keeper needs no election: it is the living member with the highest
hash of (member, address), and as all maps agree, all come to the same one (rendezvous
hashing, Thaler and Ravishankar 1998). When it dies, the next highest takes over by itself.
The same rule picks the one node that looks into the bootstrap's list now and then.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from contract.limits import MAX_MEMBERS, MAX_NAME
from contract.unnamed import id_of, name_of
from node.overlay.config import Config
from node.overlay.frames import Record

REGISTERED_TRIES: Final = 12
"""Greetings to an address that somebody registered by hand before it is given up: a
minute, since students register before they serve [guess]."""


class Contact(msgspec.Struct):
    """An address that has not answered yet."""

    url: str
    name: str | None = None
    registered: bool = False
    """Somebody vouched for it by `POST /register`: it is listed in `/peers` meanwhile."""
    tries: int = 0


class Contacts:
    """The addresses that are being greeted; bounded, and each given up in the end."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._contacts: dict[str, Contact] = {}
        self.reserve: list[str] = []
        """Addresses that a newcomer greets when those it chose do not answer."""

    def __len__(self) -> int:
        return len(self._contacts)

    def __contains__(self, url: str) -> bool:
        return url in self._contacts

    def registered(self) -> list[str]:
        """The addresses that somebody registered and that have not answered yet."""
        return [contact.url for contact in self._contacts.values() if contact.registered]

    def add(self, url: str, *, name: str | None = None, registered: bool = False) -> bool:
        """Take an address in; False where it is known, or there is no room."""
        known = self._contacts.get(url)
        if known is not None:
            known.registered = known.registered or registered
            known.name = known.name or name
            known.tries = 0 if registered else known.tries
            return False
        if len(self._contacts) >= MAX_MEMBERS:
            return False
        self._contacts[url] = Contact(url, name, registered)
        return True

    def done(self, url: str) -> Contact | None:
        """It answered, or it is given up."""
        return self._contacts.pop(url, None)

    def silent(self, url: str, *, last_hope: bool) -> bool:
        """One more greeting without an answer; True where that was the last.

        Who knows nobody gives no address up: without a bootstrap these are its only ways in,
        and a cut that outlasts a few greetings would leave it alone for ever.
        """
        contact = self._contacts.get(url)
        if contact is None:
            return False
        contact.tries += 1
        limit = REGISTERED_TRIES if contact.registered else self._config.contact_tries
        if contact.tries < limit or (last_hope and not contact.registered):
            return False
        self.done(url)
        return True


class Polls:
    """A keeper's turns through its plain nodes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._last = ""
        self._silences: dict[str, int] = {}

    def next(self, mine: Iterable[Record]) -> Record | None:
        """The next one in turn, by address."""
        urls = sorted(mine, key=lambda record: record.url)
        if not urls:
            return None
        chosen = next((record for record in urls if record.url > self._last), urls[0])
        self._last = chosen.url
        return chosen

    def answered(self, url: str) -> None:
        """It lives."""
        self._silences.pop(url, None)

    def silent(self, url: str) -> bool:
        """One more poll without an answer; True where it must be taken for dead."""
        count = self._silences.get(url, 0) + 1
        if count >= self._config.plain_failures:
            self._silences.pop(url, None)
            return True
        self._silences[url] = count
        return False


def plain_record(url: str, name: str | None) -> Record:
    """A first record of a plain node. Its id comes from its address: the same for all of us."""
    return Record(id=id_of(url), name=(name or name_of(url))[:MAX_NAME], url=url, kind="plain")


def keeper(key: str, members: Iterable[str]) -> str:
    """Which of the living members cares for a key: the highest rendezvous hash."""
    return max(
        members,
        key=lambda member: blake2b(f"{member}\0{key}".encode(), digest_size=8).digest(),
    )
