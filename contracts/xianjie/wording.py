"""Numbers in sentences."""


def counted(n: int, thing: str) -> str:
    """`1 fault`, `2 faults`; of several words the last is the thing."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
