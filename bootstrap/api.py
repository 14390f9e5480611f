"""The registry over HTTP: see "The bootstrap" in docs/api.md."""

import random
from typing import Annotated, Final, Literal, TypedDict

from flask import Blueprint, Flask, Response, request
from msgspec import Meta

from bootstrap import metrics
from bootstrap.registry import Registry, RegistryFullError
from contract import documents
from contract.described import Number, described
from contract.errors import ApiError, out_of_range
from contract.http import answer, read_object
from contract.http import create_app as create_json_app
from contract.itself import Itself, refuse_loopback_from_afar
from contract.registration import registration
from contract.shapes import REGISTERING, REGISTERING_EXAMPLE
from contract.text import one_line

SAMPLE: Final = 8
"""Peers in the answer to a registration: a few more than an active view has."""
MAX_SAMPLE: Final = 1_000
COME_AGAIN: Final = 60
"""Seconds that a newcomer is asked to wait when the registry is full: one round of checks."""

LIMIT: Final = Number(
    "limit", None, 1, MAX_SAMPLE, "A random sample of so many; without it all of them."
)
_ABOUT: Final = """The first address that a newcomer knows: a list of peers. It may die, as soon \
as the nodes know each other. Answers carry the header P2P-Bootstrap.

HEAD is answered as GET, without the body; 405 is what another method gets."""


class Running(TypedDict):
    """Who answers here."""

    message: str


class Peers(TypedDict):
    """URLs of peers."""

    peers: list[str]


class Registered(TypedDict):
    """The peer is on the list."""

    status: Literal["registered"]
    peers: Annotated[list[str], Meta(max_length=SAMPLE)]


class Removed(TypedDict):
    """The peer is on the list no more."""

    status: Literal["removed"]


class Alive(TypedDict):
    """The bootstrap lives."""

    status: Literal["ok"]
    peers: Annotated[int, Meta(ge=0, description="How many are on the list.")]


def create_app(
    registry: Registry,
    itself: Itself,
    *,
    chance: random.Random | None = None,
    hosts: tuple[str, ...] = (),
) -> Flask:
    """The bootstrap's HTTP. `chance` picks the samples; `hosts` see `contract.http`."""
    app = create_json_app("bootstrap", hosts=hosts)

    def sign(response: Response) -> Response:
        response.headers["P2P-Bootstrap"] = "1"  # so that no node takes it for a plain node
        return response

    app.after_request(sign)
    app.register_blueprint(_calls(registry, itself, chance or random.Random()))  # noqa: S311 - a sample, no secret
    app.register_blueprint(metrics.blueprint(registry))
    app.register_blueprint(documents.blueprint("The bootstrap", _ABOUT))
    return app


def _calls(registry: Registry, itself: Itself, chance: random.Random) -> Blueprint:
    calls = Blueprint("registry", __name__)

    @calls.get("/")
    @described("Who answers here", answer=Running)
    def hello() -> Response:
        return answer({"message": "Bootstrap node is running!"})

    @calls.get("/peers")
    @described(
        "The registered peers, sorted",
        query=(LIMIT,),
        answer=Peers,
    )
    def peers() -> Response:
        if "limit" not in request.args:
            return answer({"peers": registry.urls()})
        return answer({"peers": registry.sample(LIMIT.read(), chance)})

    @calls.post("/register")
    @described(
        "Register a peer\n\nThe answer has some others, without the caller.",
        body=REGISTERING,
        answer=Registered,
        errors=(429,),
        example=REGISTERING_EXAMPLE,
    )
    def register() -> Response:
        # A newcomer need not answer yet: students register first and serve afterwards.
        # The checker finds out soon enough.
        peer = registration(read_object())
        if itself.is_at(peer.url, request.host):
            raise out_of_range(
                f"{peer.url} is this bootstrap itself; register the URL of your node", "url"
            )
        refuse_loopback_from_afar(peer.url, request.remote_addr or "")
        try:
            new = registry.register(peer)
        except RegistryFullError as error:
            raise ApiError(429, f"{error}; come again later", retry_after=COME_AGAIN) from None
        if new:
            print(one_line(f"Registered {peer.url}"), flush=True)
        return answer(
            {"status": "registered", "peers": registry.sample(SAMPLE, chance, without=peer.url)}
        )

    @calls.delete("/register")
    @described(
        "Take a peer off the list",
        body=REGISTERING,
        answer=Removed,
        errors=(404,),
        example=REGISTERING_EXAMPLE,
    )
    def remove() -> Response:
        peer = registration(read_object())
        if not registry.remove(peer.url):
            raise ApiError(404, f"{peer.url} is not registered", field="url")
        print(one_line(f"Removed {peer.url}"), flush=True)
        return answer({"status": "removed"})

    @calls.get("/healthz")
    @described("Whether the bootstrap lives", answer=Alive)
    def healthz() -> Response:
        return answer({"status": "ok", "peers": len(registry)})

    return calls
