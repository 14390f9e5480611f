"""One peer of the network.

`node/overlay` decides, everything else in this package does: it moves bytes, keeps time,
stores messages, answers HTTP and tells whoever listens what happened.
"""
