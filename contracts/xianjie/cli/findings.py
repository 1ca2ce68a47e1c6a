"""What `xianjie verify` finds, and how it is shown."""

from dataclasses import dataclass, field

from rich.text import Text

from xianjie.cli.showing import show
from xianjie.wording import counted


@dataclass(slots=True)
class Findings:
    """What was looked at, what is wrong, and what could not be looked at."""

    cases: int = 0
    commits: int = 0
    said: int = 0
    recorded: int | None = None
    parked: int = 0
    kept: int = 0
    """Messages that nobody could read."""
    undelivered: int = 0
    """Messages whose hearer has no inbox."""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def tell(found: Findings) -> None:
    """Counts, then notes, then faults, and a last line that says how many."""
    counts = [counted(found.cases, "case"), counted(found.commits, "commit")]
    counts += [f"{counted(found.said, 'message')} said"] if found.said or found.recorded is None else []
    counts += [f"{counted(found.recorded, 'message')} in the journal"] if found.recorded is not None else []
    show(Text(", ".join(counts)))
    for each in found.notes:
        show(Text(f"note: {each}", style="yellow"))
    for each in found.faults:
        show(Text(f"fault: {each}", style="red"))
    show(Text(f"verify: {counted(len(found.faults), 'fault')}, {found.parked} parked", style="red" if found.faults else "green"))
