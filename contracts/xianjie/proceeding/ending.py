"""How a proceeding ends: its outcome is reported and noted, it is given back, or it is cancelled."""

from xianjie import clocks
from xianjie.messages import proceeding as shapes
from xianjie.messages.proceeding import ProceedingCancelRequested
from xianjie.proceeding.docket import PROCEEDING, Proceeding
from xianjie.proceeding.moving import DocketTurn, end, meet, move, notice
from xianjie.protocol.table import Row
from xianjie.tracks.track import Outcome
from xianjie.vocabulary import Ground, Track

NO_INVENTORY = (
    422,
    Ground.PAPERS_INCOMPLETE,
    "/data/inventory is empty: name every paper that goes back, or say that there are `none`",
)
"""The refusal of a return that does not say which papers go back with it (T20)."""


def give_back(turn: DocketTurn, about: Proceeding, row: Row, said: shapes.Returned, step: str | None = None) -> None:
    """T20: the leg goes back to routing, with an inventory of its papers."""
    move(turn, about.leg, row, ground=said.ground, text=said.text, step=step)
    end(turn, about.leg, "returned", ground=said.ground, text=said.text, inventory=said.inventory)


def report(turn: DocketTurn, about: Proceeding, row: Row, said: shapes.OutcomeReported, step: str | None = None) -> None:
    """T21: an outcome of the track. The sender takes note, or its clock closes the loop; its own outcome, and one that hurries, need no note."""
    outcome = about.rules.outcomes.get(said.outcome)
    if outcome is None:
        known = ", ".join(sorted(about.rules.outcomes))
        turn.refuse(422, Ground.OTHER, f"{about.track} has no outcome {said.outcome}; it has {known}")
    elif wrong := _wrong(about, outcome, said):
        turn.refuse(*wrong)
    else:
        reported = move(turn, about.leg, row, outcome=said.outcome, ground=said.ground, text=said.text, to=said.to, step=step)
        meet(turn, about.leg, *outcome.meets)
        turn.tell(*clocks.stop_except(turn.state.clocks, about.leg, "N2.close"))
        facts = about.facts if outcome.hands_over_facts else ()
        notice(turn, about.leg, ground=said.ground, text=said.text, papers=said.papers, facts=facts)
        if outcome.hurries:
            close(turn, reported, PROCEEDING.taken("outcome_reported", "handed_on", "service"))
        elif reported.sender == reported.receiver:
            close(turn, reported, PROCEEDING.taken("outcome_reported", "outcome_acknowledged", "sender"))


def _wrong(about: Proceeding, outcome: Outcome, said: shapes.OutcomeReported) -> tuple[int, Ground, str] | None:
    """Why this outcome may not be reported so."""
    if outcome.start and about.stage not in outcome.start:
        return 410, Ground.TOO_LATE, f"{outcome.name} is not possible in the stage {about.stage}"
    if said.ground and said.ground.value in outcome.bars:
        return 403, said.ground, f"{outcome.name} is barred: {said.ground.english}"
    if outcome.grounds and (said.ground is None or said.ground.value not in outcome.grounds):
        return 422, Ground.OTHER, f"{outcome.name} needs one of these grounds: {', '.join(outcome.grounds)}"
    if outcome.papers and not any(each.kind in outcome.papers for each in said.papers):
        return 422, Ground.PAPERS_INCOMPLETE, f"/data/papers: {outcome.name} needs its {' or '.join(outcome.papers)}"
    if outcome.needs_body and said.to is None:
        return 422, Ground.OTHER, f"{outcome.name} names the body that goes on: give it in `to`"
    return None


def close(turn: DocketTurn, about: Proceeding, row: Row) -> None:
    """T22: the loop is closed; what follows by itself is the track's data."""
    move(turn, about.leg, row)
    assert about.outcome is not None, "nothing closes without an outcome"
    outcome = about.rules.outcomes[about.outcome]
    next_track = Track(outcome.next) if outcome.next else None
    end(turn, about.leg, "closed", outcome=about.outcome, next=next_track, next_body=about.to, settles=outcome.settles)


def ask_to_cancel(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T18: the sender wants the work stopped; the body answers."""
    move(turn, about.leg, row, text=text)
    turn.say(ProceedingCancelRequested(leg=about.leg, track=about.track, text=text), to=about.receiver)


def cancel(turn: DocketTurn, about: Proceeding, row: Row, text: str) -> None:
    """T19: the body stops."""
    move(turn, about.leg, row, ground=Ground.WITHDRAWN, text=text)
    end(turn, about.leg, "cancelled", ground=Ground.WITHDRAWN, text=text)
