"""Statuses in which a case is put aside, and the way back out of them."""

ASIDE = frozenset({"suspended", "concluding", "withdrawing"})
"""Statuses in which the case only waits: it may go back to where it stood, whose clock is not over."""

Way = tuple[str, ...]
"""The statuses through which a case goes back, the next one last. A halted case that is to be withdrawn has two."""


def way(back: Way, old: str, new: str) -> Way:
    """The way back after a move from `old` to `new`. It never leads into a conclusion again, which open legs stand against."""
    if new not in ASIDE:
        return ()
    if new in back:
        return back[: back.index(new)]
    return back if old == "concluding" else (*back, old)


def planned(back: Way) -> Way:
    """The way back of a case whose first leg opened meanwhile: it will be in service."""
    return tuple("in_service" if each == "accepted" else each for each in back)


def halted(status: str, back: Way) -> bool:
    """Whether a case stands still, be it that it is to be withdrawn besides."""
    return "suspended" in (status, *back)
