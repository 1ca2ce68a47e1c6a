"""A contested outcome (T23, T24): the body answers, and where that does not do, a body above it gives an order."""

from xianjie.messages import proceeding as shapes
from xianjie.messages.proceeding import ProceedingContested, ProceedingOrderAsked
from xianjie.proceeding import ending
from xianjie.proceeding.docket import PROCEEDING, Proceeding
from xianjie.proceeding.moving import DocketTurn, due, move, notice
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground


def contest(turn: DocketTurn, about: Proceeding, row: Row, said: shapes.OutcomeContested) -> None:
    """T23: the body hears what is wrong with its outcome, and until when it must answer."""
    if about.contested:
        turn.refuse(
            403, Ground.DUPLICATE, f"{about.leg} was contested before; put it to the body above with {about.track}.escalated"
        )
        return
    now = move(turn, about.leg, row, ground=said.ground, text=said.text)
    assert now.outcome is not None, "only an outcome is contested"
    told = ProceedingContested(
        leg=now.leg, track=now.track, outcome=now.outcome, ground=said.ground, text=said.text, papers=said.papers,
        due=due(turn, now),
    )  # fmt: skip
    turn.say(told, to=now.receiver)


def answer(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T23a, T23b: the work goes on without the outcome, or the outcome stands and is closed by note, clock or the body above."""
    move(turn, about.leg, row, text=text)
    notice(turn, about.leg, ground=about.contested, text=text)


def escalate(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T23d: the answer does not do."""
    if about.contested is None:
        turn.refuse(403, Ground.TOO_LATE, f"contest the outcome of {about.leg} first: its body may put it right itself")
    elif not about.superiors:
        turn.refuse(403, Ground.OTHER, f"nobody is above {about.receiver} in the network; the outcome of {about.leg} stands")
    else:
        move(turn, about.leg, row, ground=about.contested, text=text)
        put(turn, about.leg, text)


def put(turn: DocketTurn, leg: str, text: str) -> None:
    """Ask the nearest superior for its order. Where nobody is above, the outcome stands, and its sender hears that."""
    about = turn.state.proceedings[leg]
    if not about.superiors:
        move(turn, leg, PROCEEDING.taken(about.state, "nobody_above", "service"), ground=Ground.LAPSED)
        notice(
            turn, leg, ground=Ground.LAPSED, text=f"{text}; nobody is above {about.receiver} in the network: the outcome stands"
        )
        return
    assert about.outcome is not None, "only an outcome is put to a superior"
    asked = ProceedingOrderAsked(
        leg=leg, track=about.track, sender=about.sender, receiver=about.receiver, outcome=about.outcome, ground=about.contested,
        text=text, due=due(turn, about),
    )  # fmt: skip
    turn.say(asked, to=about.superiors[0])
    notice(turn, leg, to=about.receiver, ground=about.contested, text=f"put to {about.superiors[0]}: {text}")


def order(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T24: the superior's word: the work is taken up again, or the outcome stands and the loop is closed."""
    stands = row.to == "closed"
    if not stands:
        move(turn, about.leg, row, text=text, by=turn.heard.speaker)
    words = "the outcome stands" if stands else "the work is to be taken up again"
    for each in (about.receiver, about.sender):
        notice(turn, about.leg, to=each, text=f"{words}. {turn.heard.speaker} orders: {text}")
    if stands:
        ending.close(turn, about, row)
