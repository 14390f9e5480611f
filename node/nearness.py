"""Did you mean …? The names most like one that nobody has."""


def nearest(wanted: str, names: list[str], most: int = 3) -> str:
    """Up to three names that look like it, as words for a sentence; empty without any."""
    import difflib  # late: most nodes are never asked for a name that nobody has

    near = difflib.get_close_matches(wanted[:100], names, n=most, cutoff=0.6)
    return " or ".join(f"'{name}'" for name in near)
