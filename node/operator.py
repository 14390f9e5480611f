"""Who may set faults and webhooks: the operator, by his token, or whoever sits at the machine.

With `P2P_OPERATOR_TOKEN` everybody needs it. Without one the node takes them from who is near
(`contract.near`): its own machine's loopback addresses and, in a container on a network of Docker's
that has names, that network. Others are told to set a token.
"""

import hmac

from contract import near
from contract.errors import ApiError
from node.settings import Settings


def check(settings: Settings, authorization: str | None, remote: str) -> None:
    """Raise 403 where faults are switched off, and 401 where this is nobody who may set them."""
    if not settings.faults:
        raise ApiError(403, "faults are switched off at this node (P2P_FAULTS=off)")
    check_operator(settings, authorization, remote, "faults")


def check_operator(settings: Settings, authorization: str | None, remote: str, what: str) -> None:
    """Raise 401 where this is nobody who may ask for such things as `what`."""
    token = settings.operator_token
    if token is None:
        if not near.is_near(remote):
            raise ApiError(
                401,
                f"{what} are taken from this very machine only, unless the node has a token: "
                "start it with P2P_OPERATOR_TOKEN",
            )
        return
    scheme, _, given = (authorization or "").partition(" ")
    # Compared in constant time, or the time it takes would tell how much of it is right.
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise ApiError(
            401,
            "this needs the operator's token (P2P_OPERATOR_TOKEN): "
            "send the header 'Authorization: Bearer <token>'",
        )
