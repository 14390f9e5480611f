"""Webhooks: the event log, posted to whoever asks for it, in whatever language.

wish     what a subscriber may ask for, and what is refused
target   where a webhook may point, judged by the address that is connected to
line     one connection to it
ask      the handshake before anything is delivered, and what an answer means
batch    the next events for a subscriber, as a CloudEvents batch
active   the webhooks of now: verified, fed, tried again, ended

*The same log, another way out.* A webhook holds a cursor in the event log as a subscriber over
Socket.IO does (`node.subscribe`). It is fed by a thread of its own, at most every 0.1 s, and has
one batch on the way at a time: the next one leaves when its receiver has answered the last. A slow
or dead receiver therefore slows nobody; its cursor waits, and what has left the ring by then is
told as a `gap`.

*At least once.* A batch counts as delivered when a 2xx came back. Until then it is sent again,
with the same `webhook-id`, at pauses that double. A receiver that saw it already knows it by that
id, and each event by its own.

*A lease, and memory only.* A webhook ends with its lease unless it is renewed, and with the
process: `seq` starts anew with each epoch, so a cursor would mean nothing afterwards. Who wants to
outlive a restart posts the same wish again and again, which is also how a lease is renewed.

None of this is loaded before the first `POST /webhooks`.
"""
