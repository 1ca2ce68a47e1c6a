"""Who has which part in a case: what nobody may be after having been something else, and what is shown as a possible conflict (feature 43)."""

from xianjie.law.roles import role_at, roles
from xianjie.messages import proceeding as shapes
from xianjie.messages.proceeding import TRACK_SERVICES, ProceedingHandlersNamed, ProceedingHandlersNoted
from xianjie.proceeding.docket import Docket, Part, Proceeding
from xianjie.proceeding.moving import DocketTurn, notice
from xianjie.tracks.track import service_of
from xianjie.vocabulary import Ground


def wrong(docket: Docket, about: Proceeding, said: shapes.Progressed) -> tuple[int, Ground, str] | None:
    """Why these people may not be named with this step."""
    role = role_at(about.track, said.step)
    if said.persons and role is None:
        naming = ", ".join(step for each in roles().values() if each.track is about.track for step in each.steps)
        return (
            422,
            Ground.OTHER,
            f"/data/persons: {said.step} names nobody; people are named with {naming or 'no step of this track'}",
        )
    for part in _others(docket, about, said.persons):
        had = roles().get(part.role)
        if had and role and role.id in had.later_barred:
            return (
                403,
                Ground.CONFLICT,
                f"{part.person} was {had.id} in {part.leg} and may not be {role.id} in this matter ({had.cited})",
            )
    return None


def _others(docket: Docket, about: Proceeding, persons: tuple[str, ...]) -> list[Part]:
    """The parts that these people had in other proceedings of the case."""
    return [each for each in docket.parts if each.person in persons and each.leg != about.leg]


def name(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> None:
    """Who has the part from now on; the other services hear it, and the sender, where somebody had another part: it may be lawful."""
    role = role_at(about.track, said.step)
    if not said.persons or role is None:
        return
    before = _others(turn.state, about, said.persons)
    _note(turn, about.leg, role.id, said.persons)
    named = ProceedingHandlersNamed(leg=about.leg, track=about.track, role=role.id, persons=said.persons)
    for each in TRACK_SERVICES:
        if each != service_of(about.track):
            turn.say(named, to=each)
    if before:
        had = "; ".join(f"{each.person} was {each.role} in {each.leg}" for each in before)
        notice(turn, about.leg, ground=Ground.CONFLICT, text=f"a possible conflict, which may be lawful: {had}")


def hear(turn: DocketTurn, said: ProceedingHandlersNamed) -> None:
    """Who has a part in a proceeding of another service, which may know parts that are not known here."""
    _note(turn, said.leg, said.role, said.persons)


def _note(turn: DocketTurn, leg: str, role: str, persons: tuple[str, ...]) -> None:
    turn.say(ProceedingHandlersNoted(leg=leg, role=role, persons=persons))
