"""Three configurations, for three kinds of networks. Names and idea are memberlist's.

    lab   containers or processes of one machine: what ships, and what all figures are of.
          They share two cores and one table of neighbours, so they talk in few pairs.
    lan   machines of their own in one building: a packet takes milliseconds and pairs are
          cheap. More links in a large network, quicker news, quicker healing.
    wan   machines far apart: a packet takes up to some 200 ms and some get lost. Whoever
          would not wait longer for an answer would suspect everybody.

A network needs one preset: who waits less than the others accuses them. Where a number of
`lan` and `wan` says no source it is a guess; 40 simulated nodes with 50 to 200 ms and 2 % loss
suspected nobody in two minutes under `wan`, and 3,600 times under `lab`.
"""

from typing import Final

import msgspec

from node.overlay.config import Config

LAB: Final = Config()

LAN: Final = msgspec.structs.replace(
    LAB,
    links_wanted_large=LAB.links_wanted,  # no table is shared: six links at any size
    links_replaced_large=LAB.links_replaced,
    gossip_stranger=0.05,
    rumour_pause=0.3,  # no core is shared by fifty [guess]
    heal_together=100.0,
    pairs_most=1_000_000,  # no table is shared
    tie_again=1.0,
    stranger_pause_most=4.0,
    contact_patience=1.0,
)

WAN: Final = msgspec.structs.replace(
    LAN,
    # A question and its answer take up to 400 ms. memberlist waits 3 s, and asks every 5 s.
    ping_timeout=1.5,
    gossip_interval=2.0,
    links_overdue=10.0,
    links_check=2.0,
    retry_probe=1.5,
    late=3.0,
    suspicion_factor=6.0,  # as memberlist has it for such networks
    suspicion_least=8.0,
    rumour_delay=0.3,
    rumour_pause=1.0,
    # Ten hops of 200 ms, and the slowest way is not yet late.
    graft_after=2.0,
    graft_again=4.0,
    ihave_delay=1.0,
    receipt_step=0.8,
    shorter_by=2,  # here one hop more may be the faster way [guess]
    shuffle_interval=30.0,
    heal_interval=20.0,
    contact_again=10.0,
    contact_patience=5.0,
    retry_first=1.5,
    route_within=6.0,
    route_within_most=30.0,
    discover_within=5.0,
)

PRESETS: Final = {"lab": LAB, "lan": LAN, "wan": WAN}
