"""The rules of the probe: they do as they are told by what they hear.

What a message orders stands in its text (from agencies) or in its basis (from routing, words joined by `_`): `say 3`, `tell`, `raise`,
`break`, `die`, `hold`, `refuse 410`, `due 2`, `met`, `big`, `grow`, `nobody`. A message whose id begins with `fact` is the fact that
`hold` awaits.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from xianjie.deciding import Event, Given, Hold, Refuse, Rules, Say
from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.messages.ops import ClockTicked
from xianjie.messages.proceeding import ProceedingEnded, ProceedingMoved, ProceedingNoticed
from xianjie.messages.tracks import MEDIATION
from xianjie.vocabulary import Ground, Track

BROKEN = Path(os.environ.get("PROBE_BROKEN", "/nowhere"))
"""As long as this file is there, `break` raises and `die` dies; without it they are taken like any other."""
SECRET = "张三 13800138000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """What the probe keeps of a case: the ids of what it decided, in order, and when it wants to be woken."""

    case: str
    steps: tuple[str, ...] = ()
    due: datetime | None = None
    ballast: str = ""


def decide(state: Tale, heard: Heard, given: Given) -> list[Event]:
    """Whatever the message orders, and a note of its id."""
    if isinstance(heard.message, ClockTicked):
        return [moved(given, "ticked", "tick")]
    word, _, number = order(heard.message).partition(" ")
    return [*ACTS.get(word, nothing)(state, heard, given, int(number or 0)), moved(given, heard.id, "step")]


def order(said: Message) -> str:
    """What the message orders the probe to do."""
    return said.text if isinstance(said, MEDIATION.progressed) else str(getattr(said, "basis", "") or "").replace("_", " ")


def moved(given: Given, text: str, row: str, at: datetime | None = None) -> Say:
    """The probe's only event that changes its state."""
    return Say(ProceedingMoved(leg="L1", state="open", stage=row, row=row, at=at or given.now, text=text))


def nothing(*_: Any) -> list[Event]:
    return []


def say(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [
        Say(ProceedingEnded(leg="L1", track=Track.MEDIATION, how="closed", text=f"{heard.id}/{at}"), to="routing")
        for at in range(number)
    ]


def tell(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [Say(ProceedingNoticed(leg="L1", track=Track.MEDIATION, state="open", stage="open", text=heard.id), to="CN-PROBE")]


def boom(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    raise ValueError(SECRET)


def wobble(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return boom(state, heard, given, number) if BROKEN.exists() else []


def die(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    if BROKEN.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return []


def wait(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [] if "fact" in state.steps else [Hold("the fact")]


def refuse(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [Refuse(number, Ground.TOO_LATE if number == 410 else Ground.NOT_YOURS, "the probe was told to refuse")]


def wake(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [moved(given, "", "due", given.now + timedelta(seconds=number))]


def meet(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [moved(given, "met", "met")]


def shout(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [Say(ProceedingEnded(leg="L1", track=Track.MEDIATION, how="closed", text="x" * 300_000), to="routing")]


def grow(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [Say(ProceedingMoved(leg="L1", state="open", stage="grow", row="grow", at=given.now))]


def whisper(state: Tale, heard: Heard, given: Given, number: int) -> list[Event]:
    return [Say(ProceedingEnded(leg="L1", track=Track.MEDIATION, how="closed"), to="nobody?")]


ACTS: dict[str, Callable[..., list[Event]]] = {
    "say": say, "tell": tell, "raise": boom, "break": wobble, "die": die, "hold": wait, "refuse": refuse, "due": wake, "met": meet, "big": shout,
    "grow": grow, "nobody": whisper,
}  # fmt: skip


def evolve(state: Tale, said: Message) -> Tale:
    """The tale after one event."""
    match said:
        case ProceedingMoved(row="step", text=text):
            return replace(state, steps=(*state.steps, "fact" if text.startswith("fact") else text))
        case ProceedingMoved(row="tick"):
            return replace(state, steps=(*state.steps, "ticked"), due=None)
        case ProceedingMoved(row="met"):
            return replace(state, steps=(*state.steps, "met"), due=None)
        case ProceedingMoved(row="due", at=at):
            return replace(state, due=at)
        case ProceedingMoved(row="grow"):
            return replace(state, ballast="x" * 13_000_000)
    return state


rules = Rules(
    service="mediation", state=Tale, initial=lambda case: Tale(case=case), decide=decide, evolve=evolve, due=lambda tale: tale.due
)
