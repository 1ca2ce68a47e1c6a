"""Supervision: what a body above the owner found when it checked a case (feature 61)."""

from services.routing import moving
from services.routing.moving import RoutingTurn
from xianjie.messages.quality import QualityChecked, QualityNoted, QualityTold
from xianjie.vocabulary import Ground


def check(turn: RoutingTurn, said: QualityChecked) -> None:
    """Only who stands above the owner checks its work; the owner hears the result."""
    speaker, owner = turn.heard.speaker, turn.state.owner
    if owner is None or speaker not in moving.directory(turn).superiors(owner):
        turn.refuse(403, Ground.NOT_YOURS, "a case is checked by a body above the one that answers for it")
        return
    turn.tell(QualityNoted(by=speaker, passed=said.passed))
    turn.say(QualityTold(by=speaker, passed=said.passed, text=said.text), to=owner)
