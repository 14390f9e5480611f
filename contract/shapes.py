"""The shapes of bodies and answers that more than one program has, for `contract.openapi`."""

from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

from msgspec import Meta

from contract.limits import MAX_ID, MAX_NAME, MAX_URL
from contract.registration import URL_FIELDS


class Error(TypedDict):
    """What went wrong, in the one shape that all errors have."""

    error: Annotated[str, Meta(description="What is wrong and what to do.")]
    field: NotRequired[Annotated[str, Meta(description="The one field that is to blame.")]]


class Healthy(TypedDict):
    """The program lives."""

    status: Literal["ok"]


_Url = Annotated[str, Meta(max_length=MAX_URL)]
_Id = Annotated[str, Meta(max_length=MAX_ID)]


class Registering(TypedDict):
    """Who registers. The URL has four names, the id two: one of each is enough."""

    peer: NotRequired[_Url | None]
    address: NotRequired[_Url | None]
    peer_url: NotRequired[_Url | None]
    url: NotRequired[_Url | None]
    id: NotRequired[_Id | None]
    node_id: NotRequired[_Id | None]
    name: NotRequired[Annotated[str, Meta(max_length=MAX_NAME)] | None]


REGISTERING: Final[Any] = Annotated[
    Registering,
    Meta(extra_json_schema={"anyOf": [{"required": [field]} for field in URL_FIELDS]}),
]
REGISTERING_EXAMPLE: Final = {"url": "http://mynode:5000", "name": "mynode"}
