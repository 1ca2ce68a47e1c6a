"""Which message leads to which decision about a proceeding."""

from xianjie import clocks
from xianjie.deciding import Event, Given, Hold, Note, Rules, Turn
from xianjie.envelope import Heard
from xianjie.messages import proceeding as shapes
from xianjie.messages.ops import CalendarExtended, ClockTicked
from xianjie.messages.routing import RoutingLegTaken
from xianjie.proceeding import contesting, docket, ending, joining, lapsing, moving, parts, steps
from xianjie.proceeding.docket import PROCEEDING, Docket, Proceeding
from xianjie.proceeding.moving import DocketTurn
from xianjie.protocol.table import NotYours, Row, TooLate
from xianjie.tracks.track import service_of
from xianjie.vocabulary import Ground


def rules_for(service: str) -> Rules[Docket]:
    """The rules of a service that keeps the proceedings of those tracks whose tables name it."""

    def decide(state: Docket, heard: Heard, given: Given) -> list[Event]:
        turn = Turn(state, docket.evolve, heard, given)
        match heard.message:
            case RoutingLegTaken(leg=leg, track=track):
                if service_of(track) == service and leg not in state.proceedings:
                    moving.open_(turn, heard.message)
                else:
                    turn.note(f"{leg} is not for {service}, or open already")
            case shapes.ProceedingHandlersNamed() as said:
                parts.hear(turn, said)
            case shapes.ProceedingJoined() as said:
                joining.hear(turn, said)
            case shapes.ProceedingJoinUnmet() as said:
                joining.undo(turn, said)
            case ClockTicked():
                lapsing.lapse(turn)
            case CalendarExtended():
                turn.tell(*clocks.recount(state.clocks))
            case said if "leg" in said.__dataclass_fields__ and heard.from_agency:  # type: ignore[attr-defined]
                return hear(turn)
            case _:
                return [Note("nothing follows from this here")]
        return turn.events

    return Rules(
        service=service,
        state=Docket,
        initial=docket.initial,
        decide=decide,
        evolve=docket.evolve,
        due=docket.due,
        glance=docket.glance,
    )


def hear(turn: DocketTurn) -> list[Event]:
    """What the body or the sender says about a proceeding, by the row of the protocol."""
    said = turn.heard.message
    about = turn.state.proceedings.get(said.leg)  # type: ignore[attr-defined]
    if about is None:
        return [Hold(f"proceeding {said.leg}")]  # type: ignore[attr-defined]
    track, verb = said.name.split(".")
    if track != about.track:
        turn.refuse(403, Ground.NOT_YOURS, f"{about.leg} is a proceeding of {about.track}, not of {track}")
        return turn.events
    what = _spoken(said, verb)
    match PROCEEDING.row(about.state, what, roles(turn, about)):
        case NotYours(roles=who):
            turn.refuse(403, Ground.NOT_YOURS, f"of {about.leg}, only its {' or '.join(sorted(who))} may say {said.name}")
        case TooLate(state=state):
            when = PROCEEDING.when(what, roles(turn, about))
            turn.refuse(410, Ground.TOO_LATE, f"{about.leg} is {state}; {said.name} may be said while it is {when}")
        case Row() as row:
            _follow(turn, about, row)
    return turn.events


def _spoken(said: object, verb: str) -> str:
    """What was said, as the protocol names it: the verb, and its verdict where it has one."""
    match said:
        case shapes.CancelAnswered(agreed=agreed):
            return f"{verb}:{'yes' if agreed else 'no'}"
        case shapes.ContestAnswered(again=again) | shapes.Ordered(again=again):
            return f"{verb}:{'again' if again else 'stands'}"
        case _:
            return verb


def roles(turn: DocketTurn, about: Proceeding) -> list[str]:
    """What the speaker is to this proceeding."""
    speaker = turn.heard.speaker
    found = [
        ("body", speaker == about.receiver), ("sender", speaker == about.sender), ("superior", speaker in about.superiors),
    ]  # fmt: skip
    return [role for role, true in found if true]


def _follow(turn: DocketTurn, about: Proceeding, row: Row) -> None:
    match turn.heard.message:
        case shapes.Progressed() as said:
            steps.progress(turn, about, said)
        case shapes.Suspended() as said:
            steps.suspend(turn, about, row, said)
        case shapes.Resumed(text=text):
            steps.resume(turn, about, row, text)
            lapsing.catch_up(turn, about.leg)
        case shapes.Returned(inventory=()):
            turn.refuse(*ending.NO_INVENTORY)
        case shapes.Returned() as said:
            ending.give_back(turn, about, row, said)
        case shapes.OutcomeReported() as said:
            ending.report(turn, about, row, said)
        case shapes.OutcomeAcknowledged():
            ending.close(turn, about, row)
        case shapes.OutcomeContested() as said:
            contesting.contest(turn, about, row, said)
        case shapes.ContestAnswered() as said:
            contesting.answer(turn, about, row, said.text)
        case shapes.Escalated(text=text):
            contesting.escalate(turn, about, row, text)
        case shapes.Ordered() as said:
            contesting.order(turn, about, row, said.text)
        case shapes.CancelAsked(text=text):
            ending.ask_to_cancel(turn, about, row, text)
        case shapes.CancelAnswered(agreed=True, text=text):
            ending.cancel(turn, about, row, text)
        case shapes.CancelAnswered(text=text):
            moving.move(turn, about.leg, row, text=text)
            moving.notice(turn, about.leg, text=text)
            lapsing.catch_up(turn, about.leg)
