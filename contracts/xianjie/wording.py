"""Words for people: numbers in sentences, and what a terminal may be shown."""

import unicodedata


def counted(n: int, thing: str) -> str:
    """`1 fault`, `2 faults`; of several words the last is the thing."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def printable(text: str, instead: str = "?") -> str:
    """Without what moves a terminal's cursor; blanks of any width stay."""
    return "".join(each if each.isprintable() or unicodedata.category(each) == "Zs" else instead for each in text)
