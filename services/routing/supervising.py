"""Supervision: what a body above the owner found when it checked a case (feature 61)."""

from services.routing.asking import above
from services.routing.moving import RoutingTurn
from xianjie.messages.quality import QualityChecked, QualityNoted, QualityTold
from xianjie.vocabulary import Ground


def check(turn: RoutingTurn, said: QualityChecked) -> None:
    """Only who stands above the owner checks its work; the owner hears the result."""
    speaker = turn.heard.speaker
    if speaker not in above(turn):
        turn.refuse(403, Ground.NOT_YOURS, "a case is checked by a body above the one that answers for it")
        return
    turn.tell(QualityNoted(by=speaker, passed=said.passed))
    turn.say(QualityTold(by=speaker, passed=said.passed, text=said.text), to=turn.state.owner)
