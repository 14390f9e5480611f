"""Every bound that two programs must agree on, in one table.

A number without a source is a guess, and says so.
"""

from typing import Final

# --- sizes ---------------------------------------------------------------------------
MAX_BODY: Final = 65_536
"""Bytes in the body of an ordinary call: as many as in one overlay frame."""
MAX_FRAME: Final = 65_536
"""Bytes of one frame in a `POST /overlay` (protocol brief: 64 KiB)."""
MAX_BATCH: Final = 1_048_576
"""Bytes in one `POST /overlay` (protocol brief: 1 MiB)."""
MAX_TOGETHER: Final = 64
"""Messages in one `POST /messages` [guess; measured: with it a message costs its two nodes 0.3 to
0.5 ms of CPU, accepting it included, and 1.1 to 1.8 where each goes alone]."""
MAX_FRAMES: Final = 1_000
"""Frames in one batch [guess: ten times the busiest batch seen with 100 nodes]."""
MAX_ANNOUNCED: Final = 256
"""Broadcasts named in one frame that are taken; ours name fewer (`overlay.pieces`)."""
MAX_HOPS: Final = 32
"""Hops of a broadcast (protocol brief); nodes further away fetch it."""
MAX_ROUTE: Final = 16
"""Hops of a routed message (protocol brief): three times the longest way among 1,000."""
MAX_AVOIDED: Final = 8
"""Nodes that a routed message is to avoid: as many as a node has links."""
MARK: Final = 8
"""Characters that stand for a member in a receipt: 48 bits of a hash, in base 64."""
CENSUS: Final = 32
"""Numbers in a census: an error of a fifth [Baquero and others 2009: 1 / sqrt(32 - 2)]."""
MAX_LISTS: Final = 50
"""Neighbour lists in one frame that are taken; ours hold fewer where ids are long."""

# --- texts, in characters ------------------------------------------------------------
MAX_SENDER: Final = 128
"""A sender is a name, an id or a URL [guess]."""
MAX_TEXT: Final = 10_000
"""The text of a message; at 4 bytes a character and JSON escapes still below MAX_BODY."""
MAX_NAME: Final = 63
"""A node's name: one DNS label (RFC 1035, section 2.3.4)."""
MAX_ID: Final = 64
"""A node's or a message's id; a UUID has 36 characters."""
MAX_URL: Final = 256
"""A peer's base URL: scheme, a 253-character host (RFC 1035) and a port would be 268;
names in a laboratory are short [guess]."""

# --- how many ------------------------------------------------------------------------
MAX_MEMBERS: Final = 1_000
"""Members in one node's map; above this the protocol switches the map off."""
MAX_PEERS_ANSWER: Final = 5_000
"""URLs taken from somebody's `/peers`; the rest is ignored [guess]."""
MAX_INBOX: Final = 10_000
"""Messages kept in an inbox; older ones are pruned [guess: an hour of three a second]."""
MAX_OUTBOX: Final = 10_000
"""Messages waiting to be sent; a full outbox answers 429 [issue: 10,000 queued for one]."""
MIN_TTL: Final = 1
DEFAULT_TTL: Final = 86_400.0
MAX_TTL: Final = 604_800
"""Seconds for which a message waits for its receiver: at least, without a wish, and at most
[issue: a day; a week is a guess]."""
MAX_EVENTS: Final = 4_096
"""Events a node keeps for late subscribers, about 1.5 MiB [guess]."""
MAX_SUBSCRIBERS: Final = 16
"""Open event subscriptions of one node [guess: a few dashboards and some scripts]."""
