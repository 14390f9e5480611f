"""What somebody says when it registers.

The assignment fixes the path, `POST /register`, and leaves the body open, so every class
writes its own. Four names for the URL were seen in public repositories, two for the id.
All of them mean the same here, for the bootstrap and for nodes:

    {"peer": URL}   {"address": URL}   {"peer_url": URL}   {"url": URL}
    and with any of them: "id" or "node_id", and "name"

A field that is null counts as not given, as many JSON libraries write an absent value so.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from contract.errors import malformed, out_of_range
from contract.limits import MAX_ID, MAX_NAME
from contract.text import checked
from contract.urls import peer_url

URL_FIELDS: Final = ("peer", "address", "peer_url", "url")
ID_FIELDS: Final = ("id", "node_id")


class Registration(NamedTuple):
    """A registration in its one normal form."""

    url: str
    """In the form of `contract.urls.peer_url`."""
    id: str | None = None
    name: str | None = None


def registration(body: Mapping[str, Any]) -> Registration:
    """The registration that a body means.

    Raises 400 where the URL is missing or a field is no text, 422 where a value cannot be
    meant or two fields that mean the same say different things.
    """
    url = _agreed(body, URL_FIELDS, peer_url)
    if url is None:
        raise malformed(
            "the URL of the peer is missing; send it as 'url' (or 'peer', 'address', "
            '\'peer_url\'), such as {"url": "http://node7:5000"}',
            "url",
        )
    return Registration(
        url,
        _agreed(body, ID_FIELDS, lambda value, field: checked(value, field, MAX_ID)),
        _agreed(body, ("name",), lambda value, field: checked(value, field, MAX_NAME)),
    )


def _agreed(
    body: Mapping[str, Any], fields: tuple[str, ...], read: Callable[[Any, str], str]
) -> str | None:
    """The one value of fields that mean the same, or None where none of them is given."""
    value: str | None = None
    first = ""
    for field in fields:
        if body.get(field) is None:
            continue
        this = read(body[field], field)
        if value is not None and this != value:
            raise out_of_range(f"'{first}' and '{field}' disagree; send only one of them", field)
        if value is None:
            value, first = this, field
    return value
