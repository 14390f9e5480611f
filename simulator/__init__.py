"""The simulator: thousands of nodes in one process, on a clock that jumps.

It runs the very classes that a node runs (`node.overlay`), which know neither sockets nor
clocks, and puts a network around them that can do everything a bad day can: lose, double,
delay and garble packets, cut cables in one direction, halve the world, stop processes and
let them go on, crash them with their disks or without. All chance comes from one seed, so
every run can be had again, to the byte.

    agenda      the virtual clock
    machine     a place, and the process on it
    disk        what survives a crash
    weather     latency and trouble between two nodes
    network     HTTP as programs notice it: an answer, a refusal, a silence
    transport   frames in batches, as the node sends them
    courier     messages to their receivers
    plain       nodes that only know the assignment's calls
    bootstrap   a list of addresses that can die
    world       joins all that: one step of one node at a time

    faults      what can be done to a world, as values
    nemesis     who does it: at random from a seed, or by a scenario in a file
    invariants  what must hold, each a small class with its number and sentence
    trace       the history as bytes
    plan        one run, fully described: its command line replays it
    run         from the first start to the last look
    broadcasts  who got each broadcast, when, at which hop, at what price
    figures     what is measured
    report      ... as a table beside the papers' figures
    plots       ... and as pictures, drawn by chart
    command     `python -m simulator`
"""
