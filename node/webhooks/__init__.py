"""Webhooks: the event log, posted to whoever asks for it, in whatever language.

wish     what a subscriber may ask for, and what is refused
target   where a webhook may point, judged by the address that is connected to
line     one connection to it
ask      the handshake before anything is delivered, and what an answer means
batch    the next events for a subscriber, as a CloudEvents batch
active   the webhooks of now: verified, fed, tried again, ended
kept     those that survive a restart, written down

*The same log, another way out.* A webhook holds a cursor in the event log as a subscriber over
Socket.IO does (`node.subscribe`). It is fed by a thread of its own, at most every 0.1 s, and has
one batch on the way at a time: the next one leaves when its receiver has answered the last. A slow
or dead receiver therefore slows nobody; its cursor waits, and what has left the ring by then is
told as a `gap`.

*At least once.* A batch counts as delivered when a 2xx came back. Until then it is sent again,
with the same `webhook-id`, at pauses that double. A receiver that saw it already knows it by that
id, and each event by its own.

*A lease.* A webhook ends with its lease unless it is renewed, which is done by posting the same
wish again. It does not end with the process: `kept` has it written down, and the next start goes
on with it. `seq` starts anew with each epoch, so a cursor means nothing afterwards: the first
delivery of a new life begins with a gap that nobody can count, and a snapshot.

None of this is loaded before the first `POST /webhooks`, but where one is written down.
"""
