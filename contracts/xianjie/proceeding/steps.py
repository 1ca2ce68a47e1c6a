"""What a body reports from a proceeding: a step of the track by its table, a pause, and going on after it."""

from xianjie import clocks
from xianjie.clocks import Clock
from xianjie.law import deadlines
from xianjie.messages import proceeding as shapes
from xianjie.proceeding import ending, joining, parts
from xianjie.proceeding.docket import Proceeding
from xianjie.proceeding.moving import DocketTurn, meet, move, notice, own, start
from xianjie.protocol.table import Row
from xianjie.tracks.track import Step
from xianjie.vocabulary import Ground

ALL = "all"
"""Who took a step: every party."""


def progress(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> None:
    """T15, T16: a step of the track, by its table; some give the leg back, end it or halt it at once (T20, T21, T17)."""
    step = about.rules.steps.get(said.step)
    if step is None:
        turn.refuse(422, Ground.OTHER, f"{about.track} has no step {said.step}; it has {', '.join(sorted(about.rules.steps))}")
    elif wrong := _wrong(turn, about, step, said):
        turn.refuse(*wrong)
    elif row := own(turn, about, step.does):
        _take(turn, about, row, step, said)


def _wrong(turn: DocketTurn, about: Proceeding, step: Step, said: shapes.Progressed) -> tuple[int, Ground, str] | None:
    """Why this step may not be taken so."""
    if step.start and about.stage not in step.start:
        return 410, Ground.TOO_LATE, f"{step.name} is not possible in the stage {about.stage}"
    if step.to and about.state == "suspended":
        return 410, Ground.TOO_LATE, f"{about.leg} is suspended; say {about.track}.resumed before {step.name}"
    if "all_agree" in step.needs and said.by != ALL:
        return 403, Ground.PARTY_REFUSED, f"{step.name} needs the agreement of all: say by: {ALL}"
    if "recusal_checked" in step.needs and not said.recusal_checked:
        return 403, Ground.CONFLICT, f"{step.name} needs the declaration that nobody must withdraw: say recusal_checked: true"
    if step.parties and not said.by:
        return 422, Ground.OTHER, f"{step.name} is taken by a party: say by whom, or by: {ALL}"
    if step.returns and not said.inventory:
        return ending.NO_INVENTORY
    if barred := parts.wrong(turn.state, about, said) or joining.wrong(turn, about, said):
        return barred
    found = [each for each in _to_lengthen(turn, about, step) if each.version.extend]
    if found and not any(clocks.extensible(each) for each in found):
        return 403, Ground.LAPSED, f"{', '.join(each.name for each in found)} may not be lengthened again"
    return None


def _to_lengthen(turn: DocketTurn, about: Proceeding, step: Step) -> list[Clock]:
    """The running limits that a step lengthens; never one of the network's own."""
    running = [each for name, each in sorted(turn.state.clocks.items()) if name.startswith(f"{about.leg}/")]
    return [each for each in running if step.extends in ("any", each.rule) and not each.rule.startswith("N2.")]


def _take(turn: DocketTurn, about: Proceeding, row: Row, step: Step, said: shapes.Progressed) -> None:
    if step.returns:
        back = shapes.Returned(
            leg=about.leg, ground=said.ground or Ground(step.returns), text=said.text, inventory=said.inventory
        )
        ending.give_back(turn, about, row, back, step.name)
    elif step.outcome:
        ground = said.ground or (Ground(step.ground) if step.ground else None)
        reported = shapes.OutcomeReported(
            leg=about.leg, outcome=step.outcome, papers=said.papers, text=said.text, to=said.to, ground=ground
        )
        ending.report(turn, about, row, reported, step.name)
    elif step.suspends:
        halt(turn, about, row, Ground(step.suspends), said.text, step.name)
    else:
        _advance(turn, about, row, step, said)


def _advance(turn: DocketTurn, about: Proceeding, row: Row, step: Step, said: shapes.Progressed) -> None:
    """The step itself: where several parties must take it, its stage and clocks wait for the last of them."""
    agreed = tuple(dict.fromkeys((*about.parties, said.by or ""))) if step.parties else ()
    whole = said.by == ALL or len(agreed) >= step.parties
    move(
        turn, about.leg, row, stage=step.to if whole else None, ground=said.ground, step=step.name, parties=agreed,
        text="" if step.withheld else said.text, by=None if step.withheld else said.by, fact=said.text if step.facts else None,
    )  # fmt: skip
    if whole:
        _miss(turn, about, step)
        _tick(turn, about, step)
    parts.name(turn, about, said)
    joining.join(turn, about, said)
    if step.tells:
        notice(turn, about.leg, text=f"{step.english}. {said.text}".strip())


def _miss(turn: DocketTurn, about: Proceeding, step: Step) -> None:
    """A step that must come some time after a notice, and came without one: the notice that it is itself is too short.

    Within its own stage a step only goes on, as a hearing does on another day.
    """
    for rule in step.meets if step.to != about.stage else ():
        if deadlines.least(rule) and f"{about.leg}/{rule}" not in turn.state.clocks:
            start(turn, about.leg, rule)


def _tick(turn: DocketTurn, about: Proceeding, step: Step) -> None:
    """The clocks that a step meets, ends, lengthens and starts."""
    meet(turn, about.leg, *step.meets)
    for rule in step.stops:
        turn.tell(*clocks.stop_one(turn.state.clocks, f"{about.leg}/{rule}"))
    for each in _to_lengthen(turn, about, step):
        turn.tell(*clocks.extend(turn.state.clocks, each.name, step.english))
    for rule in step.starts:
        if about.rules.binds(rule, about.basis, about.kind.value):
            start(turn, about.leg, rule)


def suspend(turn: DocketTurn, about: Proceeding, row: Row, said: shapes.Suspended) -> None:
    """T17: the body halts for a ground that the track knows, with the proof that it asks for."""
    grounds = about.rules.suspends
    proofs = grounds.get(said.ground.value)
    if proofs is None:
        known = ", ".join(sorted(grounds)) or "no ground"
        turn.refuse(403, Ground.OTHER, f"{about.track} is not suspended for {said.ground}; it may be for {known}")
    elif proofs and said.proof not in proofs:
        shown = "; what was shown is not enough" if said.proof else ""
        wanted = " or ".join(proofs)
        turn.refuse(403, Ground.PAPERS_INCOMPLETE, f"suspending for {said.ground} needs as proof: {wanted}{shown}")
    else:
        halt(turn, about, row, said.ground, said.text)


def halt(turn: DocketTurn, about: Proceeding, row: Row, ground: Ground, text: str, step: str | None = None) -> None:
    """The proceeding stands still; clocks pause where their rule stops for this ground; the sender is told."""
    move(turn, about.leg, row, ground=ground, text=text, step=step)
    turn.tell(*clocks.pause(turn.state.clocks, about.leg, turn.now, ground))
    notice(turn, about.leg, ground=ground, text=text)


def resume(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T17 back: clocks run again, each with its new due moment."""
    move(turn, about.leg, row, text=text)
    turn.tell(*clocks.resume(turn.state.clocks, about.leg, turn.now))
    notice(turn, about.leg, text=text)
