"""The protocol, and nothing but the protocol.

Rule 1: nothing in this package opens a socket, starts a thread, reads a clock, draws a
random number of its own or touches a file. What goes in (`inputs`) and what comes out
(`outputs`) are plain values; the time comes with every input; chance is a generator that
is handed in. So the same code runs in a container over HTTP, under a test that steps it
by hand, and in a simulator with a virtual clock, and the same inputs always give the
same outputs.

Read it in this order:

    config    every number, with its source
    presets   these numbers for a laboratory, for machines near each other, for machines far apart
    frames    what nodes say to each other
    inputs    what can happen to a node
    outputs   what a node can want done
    members   who is there: one record a node, and which of two records wins
    links     the few members that this node talks to all the time
    passive   whom to turn to when a link is lost, and the walks that keep it fresh
    strangers patience with those that it does not talk to
    joins     how many strangers it takes in
    detector  who does not answer: suspicion, refutation, death
    gossip    how news travels: rumours and comparing notes
    seen      which broadcasts were here already
    payloads  the broadcasts of the last two minutes, for whoever missed one
    receipts  who has which broadcast, on its way to the origin; coverage, what the origin knows
    gaps      those that came too late for that: known, counted, told
    broadcast one message to everybody, over a tree that grows by itself
    window    how many batches may be under way to one peer
    linkstate who is whose link, everywhere
    nexthop   which link a message for somebody else is handed to
    floods    asking everybody for a way, the last resort
    journeys  our own messages on their way over the links
    routing   those of others, and the rest of the layer behind one door
    plain     taking care of nodes that only know the assignment's four calls
    lanes     what waits for each receiver, in order
    delivery  getting a message to its receiver, or saying that it failed
    views     records as events show them
    core      joins the layers: one input in, outputs out

After HyParView, SWIM with Lifeguard, and Plumtree; `docs/protocol.md` tells the whole story.
"""
