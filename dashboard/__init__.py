"""The laboratory's window: it watches every node, and shows the network to browsers.

    directory -> subscriptions (stream), plain     who is there, and what they say
                      |  reports: typed values, parsed once
                      v
    model: reducer (records, judgement), messages, topology   what is true, as far as can be seen
                      |  observer: the lock around it, and what has changed
                      v
    live, api, pages                               browsers; `control` asks nodes for them
    history -> runfile (rows, checkpoints)         the same entries, written down
                      |  recall: past, exports, analysis; archive and replay
                      v
    history_api, runs_api                          what was, and files of it

The nodes are not trusted: whatever they say is bounded, parsed at the border, and counts
as the word of one of many where it is about others.
"""
