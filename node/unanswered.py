"""A request that gets no answer, not even a refusal.

Only a fault on demand makes one (`node.faults.wire`), but whoever answers requests must know
of it, and a node without faults does not load them.
"""


class UnansweredError(Exception):
    """The request or its answer is lost: end the connection and say nothing."""
