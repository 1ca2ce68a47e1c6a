"""What waits for an answer of the owner, or of a body above it: its clock, and who is above."""

from dataclasses import dataclass
from datetime import datetime

from services.routing import moving
from services.routing.moving import RoutingTurn
from xianjie import clocks


@dataclass(frozen=True, slots=True)
class Asking:
    """One kind of question. Its clocks are about `prefix` and a key of the question's own, as in cost-CN-SH-IPO-travel/N2.cost."""

    prefix: str
    rule: str

    def about(self, key: str) -> str:
        return f"{self.prefix}{key}"

    def begin(self, turn: RoutingTurn, key: str) -> None:
        """The answer is waited for, from now on."""
        about = self.about(key)
        turn.tell(*clocks.stop(turn.state.clocks, about), *clocks.start(about, self.rule, turn.now))

    def due(self, turn: RoutingTurn, key: str) -> datetime:
        """Until when."""
        return turn.state.clocks[f"{self.about(key)}/{self.rule}"].due

    def answered(self, turn: RoutingTurn, key: str) -> None:
        """It came."""
        turn.tell(*clocks.meet(turn.state.clocks, f"{self.about(key)}/{self.rule}", turn.now, judged=turn.heard.judged))

    def over(self, turn: RoutingTurn, key: str) -> None:
        """Nobody waits any more."""
        turn.tell(*clocks.stop(turn.state.clocks, self.about(key)))


def above(turn: RoutingTurn, but: str = "") -> list[str]:
    """The bodies above the owner, the nearest first; `but`: the one that may not decide for itself."""
    owner = turn.state.owner
    return [each for each in moving.directory(turn).superiors(owner) if each != but] if owner else []
