"""The order of what a system says, as its hearers keep it: `follows` names the last that it said to a hearer of the case."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from xianjie.envelope import Heard

What = TypeVar("What")


@dataclass(slots=True)
class Order(Generic[What]):
    """What every hearer heard last, and what waits for the message that it follows. `What` is kept beside a message that waits."""

    _last: dict[tuple[str, str], str] = field(default_factory=dict)
    """By case and hearer, the id of the last message that was taken."""
    _waiting: list[tuple[float, Heard, What]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def follows(self, heard: Heard) -> bool:
        """Whether every hearer may take it now."""
        named = heard.attributes.follows
        return named is None or all(self._last.get((heard.subject, each)) == named for each in heard.message.heard_by)

    def taken(self, heard: Heard) -> None:
        """It was taken, and the next may follow it."""
        for each in heard.message.heard_by:
            self._last[heard.subject, each] = heard.id

    def hold(self, heard: Heard, what: What, until: float) -> None:
        """Let it wait until then, by whatever clock `overdue` is asked by."""
        self._waiting.append((until, heard, what))

    def released(self) -> Iterator[tuple[Heard, What]]:
        """What may be taken now. Say `taken` of each before the next is asked for."""
        while found := next((each for each in self._waiting if self.follows(each[1])), None):
            self._waiting.remove(found)
            yield found[1:]

    def overdue(self, now: float) -> list[tuple[Heard, What]]:
        """What has waited too long; it does not wait any more."""
        over = [each for each in self._waiting if each[0] <= now]
        self._waiting = [each for each in self._waiting if each[0] > now]
        return [each[1:] for each in over]
