"""The bootstrap: the one address that every newcomer knows.

A node that starts knows nobody. It tells the bootstrap where it is, is told where a few
others are, and from then on talks to them directly; it need never call here again. So
the bootstrap is a list and no more, and the network lives on when it is stopped.

    registry   the list, in SQLite, so that a restart forgets nothing
    checker    asks the listed peers now and then, drops the dead, finds the unlisted
    itself     which URLs would lead back here
    api        the list over HTTP
    settings   what the environment says
"""
