"""`python -m node.bundle FILE`: write down all that a node loads at its start (`contract.bundle`).

The image's build calls it. A node that stands in a network of ours has a dashboard, so what the
first subscriber makes it load is in there, too; Flask, which comes later, is not.
"""

from contract import bundling


def _load() -> None:
    import node.__main__  # noqa: F401 - for its imports
    from contract import server
    from node import subscribe

    server.load()
    subscribe.load()


if __name__ == "__main__":
    bundling.main(_load)
