"""Faults on demand: what is done to a node so that one can see how the others bear it.

kinds    what can be asked for, and what is refused
wire     requests and answers between nodes that are lost, late, doubled or held
active   the faults of now: each expires by itself, is told of, and can be healed
down     a node that is dead for a while, across the end of its process

*What a fault touches.* What nodes say to each other: `POST /overlay`, `POST /message`, and the
polling of plain nodes. Never the control path, which is everything else that a node answers:
whoever sets a fault must be able to see it and to heal it.

*A loss is a silence.* A packet that is lost tells nobody so. A request that is dropped here is
not refused: its sender waits as long as it always would, and finds out by itself. That is the
point of it, as finding out is what the protocol is for.

A fault lives in memory. A node that starts again has none, but for the time that it is to be
dead. None of this is loaded before the first fault is set (`node.api.faults`).
"""
