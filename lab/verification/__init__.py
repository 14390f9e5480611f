"""`verify` taken apart: messages, faults beside them, and a check that nothing was lost.

The method is Jepsen's (Kingsbury, "Jepsen", 2013 ff.): a *workload* does what people do and
writes down what it was told; a *nemesis* breaks things meanwhile; then everything is healed,
and a *checker* compares what was promised with what is there. The checker knows nothing of
how the network works, so the same one judges the simulator, processes and containers.

    history      what was sent and what was found, as values; a file to keep
    checker      history in, verdict out: no network, no clock, no chance
    report       the verdict in words
    schedule     which fault when, from a seed
    wishes       what nodes are asked for then
    nemesis      does the schedule to a place
    workload     numbered messages between random pairs, and broadcasts
    asking       a node's own interface, over HTTP
    place  processes  containers     where the network runs, and how it is broken there
    collecting   waits until nothing is under way, and reads all inboxes and outboxes
"""
