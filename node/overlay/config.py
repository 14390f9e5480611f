"""Every number of the protocol, in one place, with its source.

Times are seconds, sizes are counts. [paper] HyParView, SWIM or Lifeguard; [brief] the
project's protocol brief; [measured] on two cores with 50 to 100 nodes; [guess] said plainly.
"""

import msgspec

from contract.limits import MAX_MEMBERS


class Config(msgspec.Struct, frozen=True):
    """The knobs of one node. `Config()` is what ships; tests turn single ones."""

    # --- links -----------------------------------------------------------------------
    links_wanted: int = 4
    """Links a node looks for [brief: an active view of 4 to 8]. Others look for it as well,
    so it comes to hold six [simulated: mean 6.0, least 4, most 8 of 50 and of 100]."""
    links_wanted_large: int = 3
    """The same in a large network: it comes to hold five [simulated], HyParView's own
    number [paper, section 5.1]. With six, a hundred containers alone would fill Linux's table
    of neighbours (see `links`), and did [measured]."""
    links_replaced_large: int = 5
    """`links_replaced` in a large network, for the same reason."""
    large: int = 64
    """Members from which on a network is large [guess, between 50 and 100]."""
    links_most: int = 8
    """Links a node accepts: so many more that a newcomer finds open doors [brief]."""
    links_at_once: int = 2
    """Links that a node without any asks for at once; one with links asks for one, and
    then waits: others ask it too [simulated: see `links`]."""
    links_check: float = 0.6
    """Seconds after asking for a link until the next one is asked where no answer came
    [guess: an answer and its way back]."""
    links_replaced: int = 6
    """A link that broke is replaced at once where fewer than this are left [brief: about
    six]. A node does not look for as many by itself: others ask it too, see `links_wanted`."""
    links_own: int = 2
    """Links of its own choosing that a node keeps, whoever wants in [brief: eclipse
    protection, after Bitcoin's outbound connections, Heilman et al. 2015]."""
    links_overdue: float = 4.0
    """Seconds of silence after which a link is pinged by the end whose turn it is not; the
    other end pings each of its about three links every three seconds [guess]."""

    # --- passive view and walks --------------------------------------------------------
    passive_most: int = 60
    """Members of the passive view [paper: 30 for N = 10,000; simulated: of 2,000 nodes 95 % die,
    and the largest part has 98.5 % of the survivors; with 30 it has 93.5 %]."""
    walk_active: int = 6
    """Steps of a walk; where it ends a link is tied [paper, section 5.1]."""
    walk_passive: int = 3
    """Steps that are left where a join is written into a passive view [paper]."""
    join_walks: int = 1
    """Walks that a contact starts for a newcomer. The paper starts one over each link; here
    a newcomer greets two contacts, both become links, and later newcomers ask it in turn,
    so two walks are enough [simulated: mean degree six]."""
    shuffle_interval: float = 10.0
    """Between two shuffles [brief; code: iroh-gossip takes 60]."""
    shuffle_active: int = 3
    """Links that a shuffle carries: ka [paper]."""
    shuffle_passive: int = 4
    """Passive members that a shuffle carries: kp [paper]."""
    map: bool = True
    """Whether every member is known to everybody, as long as they are few enough. False: never;
    links and passive views then stand alone."""
    members_most: int = MAX_MEMBERS
    """Other members in the map, at most; where there are more it is switched off [brief: 1,000].
    It comes back where fewer than half as many are left [guess]."""
    map_hold: float = 60.0
    """A node switches its map on or off once in so many seconds [guess]."""
    census_every: float = 120.0
    """How long those without a map count how many they are, before they begin anew [guess: a
    minimum is everywhere after six steps of three seconds]."""

    # --- gossip ----------------------------------------------------------------------
    gossip_interval: float = 1.0
    """Between two rounds of comparing notes; ± a quarter, so that rounds do not align. Each
    is a ping too: of six links a node pings three, so every link is pinged every three
    seconds. One exchange a node and second costs 100 nodes 0.15 of a core [measured]."""
    gossip_least: float = 10.0
    """Links that are alive by other traffic need no ping, but notes are compared at least
    this often [brief]."""
    gossip_stranger: float = 0.01
    """Share of rounds that go to a random member instead of a link. Without it, two groups
    that share no link would never find out about each other. Rare, since every new pair
    that talks takes room in the machine's table of neighbours (see `links`): at 0.2 they
    took 40 % of it [simulated]."""
    rumour_delay: float = 0.15
    """News wait this long for company before they leave together [guess]."""
    rumour_pause: float = 0.6
    """Least time between two batches of news: what comes meanwhile is joined. With one second,
    as the brief has it, 50 containers stood idle for two seconds at the end of their start
    while the last names went round; with 0.3 they took more of the processor [measured]."""
    rumour_fanout: int = 4
    """Links that are told each piece of news; the rounds above repair what is missed
    [paper: epidemic broadcast with fan-out ln(N) reaches nearly all; ln(50) = 3.9]."""
    rumour_kept: float = 3.0
    """For so long news is told to links that are tied after it went round [simulated: after
    the last of 50 starts everybody knows everybody in 0.8 s instead of 1.1]."""

    # --- failure detection -----------------------------------------------------------
    failures_to_suspect: int = 3
    """Unanswered requests in a row before a member that is no link is left to its own links, or
    is suspected where none lead to it [guess: at 5 % loss each is lost once in ten times, and
    nobody waits for this verdict]."""
    retry_probe: float = 0.5
    """Before a member that did not answer is asked once more [brief]."""
    ping_timeout: float = 0.5
    """Seconds until an answer is missed and others are asked to try [brief]."""
    probe_helpers: int = 3
    """Members that are asked to try where we got no answer [paper: SWIM, k = 3]."""
    late: float = 1.0
    """A timer that is so late tells that this node was paused or starved: its own
    observations of the last moments are worth nothing [guess: twice a ping's timeout]."""
    health_most: int = 7
    """Worst mark of a node's own health; times are stretched by 1 + mark, so up to eightfold
    [brief; paper: Lifeguard, section IV-A, S = 8]."""
    acquittal: float = 10.0
    """Seconds for which we do not accuse a member again that refuted us; they double with
    each time, against flapping [guess]."""
    suspicion_factor: float = 4.0
    """A suspect has factor · log10(N) seconds to refute [brief, SWIM]: 8 s at N=100."""
    suspicion_least: float = 3.0
    """... but never less than this, however few we are [guess]."""
    heal_interval: float = 10.0
    """How often one random dead member is tried again, ± half [brief]."""
    heal_each: float = 3.0
    """How often all nodes together try each of the dead in such an interval: who starts
    again and knows nobody any more, with the bootstrap gone, waits for this [guess]."""
    heal_together: float = 10.0
    """How often at most they try any in such an interval, all together: one a second [measured:
    when each of 100 did, false deaths did not end]."""
    tie_again: float = 5.0
    """Between two links that are tied again after they had been given up [guess]."""
    dead_kept: float = 24 * 3600.0
    """How long a dead record is kept, so that it cannot come back as a ghost [brief]."""

    # --- strangers (see `strangers`) ---------------------------------------------------
    stranger_pause: float = 0.5
    """Half the seconds from a call to a stranger that was not answered to the next one; they
    double with each that is in vain [guess]."""
    stranger_pause_most: float = 16.0
    """... and at most, where nobody answers: a hundred nodes that each try every 16 s take
    some 300 of the 1,024 places of Linux's table [reckoned]; their links and the dashboard's
    take 740 [measured]."""
    stranger_pause_alone: float = 2.0
    """... and where it knows nobody at all, so that nobody is waiting but itself [guess]."""

    pairs_most: int = 440
    """Pairs of containers that may talk on one machine in half a minute: Linux's table of
    neighbours has 1,024 entries, two a pair [arp(7)], and the rest is left to the bootstrap's
    checks (65 at a hundred nodes), rounds with strangers (130) and who looks for links [measured].
    What links and the dashboard leave is shared by those who write to strangers."""

    # --- joining ---------------------------------------------------------------------
    join_contacts: int = 2
    """Addresses that a newcomer greets at once; they know the others, and become its first
    links. Two, as one of them may be dead [guess]."""
    joins_per_second: float = 5.0
    """Strangers that a node takes in; the rest are told when to come again [brief]."""
    learn_per_second: float = 5.0
    """Unknown members that a node takes from those who are no links of it and whom it did
    not ask, in the long run: a liar fills no map in a moment [guess]."""
    learn_at_once: int = 50
    """... and at once: two halves of a hundred that meet learn all of each other [guess]."""
    contact_patience: float = 3.0
    """For so long an address from the bootstrap's list that nobody told us of is left alone
    by who knows people already [measured: while a hundred start, the news is quicker]."""
    contact_tries: int = 3
    """Greetings to an address that never answered, before it is given up [guess]."""
    contact_again: float = 5.0
    """Between two of those greetings [guess]."""
    bootstrap_interval: float = 10.0
    """How often one node of all looks into the bootstrap's list, for nodes that
    registered nowhere else [guess]."""

    # --- plain nodes -----------------------------------------------------------------
    plain_interval: float = 5.0
    """Between two polls by a keeper; it polls its plain nodes in turn [mission: plain
    nodes themselves poll every 3 to 10 s]."""
    plain_failures: int = 3
    """Unanswered polls in a row before a plain node counts as dead [guess]."""

    # --- broadcast -------------------------------------------------------------------
    ihave_delay: float = 0.7
    """Announcements wait this long for company: each batch costs a request [guess; only repair
    waits for it. Simulated, see `window`: with 0.5 they take 13.1 batches an operation]."""
    ihave_rides: float = 0.2
    """Announcements that have waited for so long leave with whatever batch goes to that link
    [guess: the tree has brought most messages by then; simulated, see `window`: 12.6 batches an
    operation; where they travel alone 14.4]."""
    graft_after: float = 0.4
    """From an announcement until the message is fetched: time for the tree to bring it, ten
    hops of 40 ms, a loaded machine's request [guess; paper: "a bit more than the time of
    the slowest way"]."""
    graft_again: float = 1.5
    """Until another announcer is asked: a request behind one in flight, and back [guess]."""
    shorter_by: int = 1
    """Hops that an announcer must be nearer to the origin than the link that pushes us its
    messages, to take its place [paper, section 3.8; simulated: of forty trees of a hundred
    nodes none has more than 6 hops, redundancy 0.029 at most; with 2 the mean is 6.3]."""
    payload_kept: float = 120.0
    """How long a broadcast can be fetched [issue: who was away for 60 s gets all that it missed;
    simulated: who is back has links and everything 11 s later at worst, see `payloads`]."""
    payloads_most: int = 8_192
    """Broadcasts kept: 68 a second for so long; a node that fills this by itself answers
    429 [guess: 100 nodes on two cores cannot store more]."""
    payload_characters: int = 8_000_000
    """... and characters: 8 MB of those that Latin-1 has, 32 MB at worst [guess: a quarter of what
    a container may use]."""
    fetch_at_once: int = 64
    """Broadcasts that are fetched of one link at a time: who missed thousands must not make it
    drop from a full queue what it has asked for [guess; a queue has 1,000 places]."""
    receipt_step: float = 0.4
    """Seconds for each hop by which a node is nearer to a broadcast's origin than the deepest, that
    it waits for its children's receipts before it makes a request of its own [simulated, see
    `window`: with 0.3 a few find nothing to ride with]."""
    receipt_rides: float = 0.1
    """A receipt that has waited for so long leaves with whatever goes to its parent anyway
    [simulated, see `window`: 12.5 batches an operation, as without receipts; with 0.2 and answers
    after 0.6 they are 12.7]."""
    receipt_answers: float = 1.0
    """... and after so long with an answer that would be empty: an answer is no request [as above;
    where all speak in one direction nothing else goes the other way]."""
    gap_after: float = 10.0
    """Seconds after which a broadcast that is known to be, and that nobody can hand over, is told
    as missed [guess: several times what a repair takes]."""
    trees_most: int = 128
    """Origins whose tree is remembered; the least used is forgotten [brief]."""

    # --- routing ---------------------------------------------------------------------
    lists_pause: float = 2.0
    """Least time between two versions of a node's own neighbour list: while a network forms
    links change all the time [guess; brief: joined together for up to 1 s]."""
    lists_compare: float = 10.0
    """How often a node tells one link the sum of all neighbour lists [brief]."""
    route_within: float = 2.0
    """Seconds until a routed message's acknowledgement is missed: six hops there and back on
    a loaded machine, each with a request before it in line [guess]."""
    route_within_most: float = 15.0
    """... at most, however long acknowledgements take lately [guess: of fifty nodes that got
    one core where they needed two, messages took 5 to 13 s from end to end]."""
    route_tries: int = 3
    """First hops that are tried before a way is searched for by a flood [guess]."""
    route_distrust: float = 60.0
    """Seconds for which a link that lost a routed message comes last [guess]."""
    discover_within: float = 1.5
    """Seconds that a flood has to find its member [guess: a route there and back]."""
    discoveries_own: float = 0.5
    """Floods that a node begins in a second, in the long run; each costs all links [guess]."""
    discoveries_others: float = 2.0
    """Floods of others that it takes part in, in the long run: a liar can make it send no more
    than two frames a second to each of its links [guess]."""

    # --- delivery --------------------------------------------------------------------
    retry_first: float = 0.5
    """Back-off after the first failed attempt; it doubles each time, ± a quarter [guess]."""
    retry_most: float = 8.0
    """Longest back-off while the receiver is held for alive [guess]."""
    retry_most_gone: float = 60.0
    """... and while it is not: its return is heard of, and ends the wait [guess]."""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot work, naming the field."""
        for field in self.__struct_fields__:
            if field != "map" and getattr(self, field) <= 0:
                raise ValueError(f"{field} must be more than 0")
        if self.members_most > MAX_MEMBERS:
            raise ValueError(f"members_most must not be more than {MAX_MEMBERS}")
        if not self.links_own <= self.links_wanted <= self.links_replaced <= self.links_most:
            raise ValueError(
                "links_own, links_wanted, links_replaced, links_most must not fall in this order"
            )
        if self.route_within_most < self.route_within:
            raise ValueError("route_within_most must not be less than route_within")
        if self.links_wanted < self.links_wanted_large:
            raise ValueError("links_wanted_large must not be more than links_wanted")
        if not self.links_wanted_large <= self.links_replaced_large <= self.links_replaced:
            raise ValueError("links_replaced_large must lie between its neighbours")
        if self.gossip_stranger > 1:
            raise ValueError("gossip_stranger is a share, at most 1")
