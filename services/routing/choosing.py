"""Where routing has no answer, a person chooses: the owner is asked, then reminded together with the body above it."""

from services.routing import guards, offering
from services.routing.custody import Custody, Wanted
from services.routing.guards import Way
from xianjie import clocks
from xianjie.deciding import Turn
from xianjie.messages.referral import ReferralBodyChosen, ReferralChoiceAsked, ReferralPlanDropped
from xianjie.messages.routing import RoutingHomeless, RoutingPlanned
from xianjie.vocabulary import Ground, Track

CHOICE = "choice-"
"""What the clock of a choice is about: this and the track, as in choice-mediation/N2.person."""


def ask(turn: Turn[Custody], wanted: Wanted, text: str) -> None:
    """No body is left by rule: the owner is asked to choose, and the choice has a clock."""
    homeless = RoutingHomeless(
        track=wanted.track, text=text, kind=wanted.kind, sender=wanted.sender, basis=wanted.basis, consent=wanted.consent,
        pseudonymised=wanted.pseudonymised,
    )  # fmt: skip
    turn.say(homeless)
    _start(turn, wanted.track)
    if turn.state.owner:
        _say(turn, wanted.track, turn.state.owner, text)


def _start(turn: Turn[Custody], track: Track) -> None:
    about = f"{CHOICE}{track}"
    turn.tell(*clocks.stop(turn.state.clocks, about))
    turn.tell(*clocks.start(about, "N2.person", turn.now))


def _say(turn: Turn[Custody], track: Track, to: str, text: str) -> None:
    clock = turn.state.clocks[f"{CHOICE}{track}/N2.person"]
    turn.say(ReferralChoiceAsked(track=track, text=text, due=clock.due), to=to)


def remind(turn: Turn[Custody], about: str, *, passed: bool) -> None:
    """The choice is near its limit, or past it: then it starts anew, and the body above the owner is asked as well."""
    track = Track(about.removeprefix(CHOICE))
    owner = turn.state.owner
    if owner is None or track.value not in turn.state.homeless:
        return
    if passed:
        _start(turn, track)
    above = offering.directory(turn).superiors(owner)[:1] if passed else []
    for each in (owner, *above):
        _say(turn, track, each, "nobody has chosen yet")


def settle(turn: Turn[Custody], track: Track) -> None:
    """Nobody needs to choose any more for this track."""
    if track.value in turn.state.homeless:
        turn.tell(*clocks.meet(turn.state.clocks, f"{CHOICE}{track}/N2.person", turn.now, judged=turn.heard.judged))
        turn.say(RoutingPlanned(track=track, candidates=(), directory=0))


def choose(turn: Turn[Custody], said: ReferralBodyChosen | ReferralPlanDropped) -> None:
    """A person settles what routing could not: the owner, who wanted the leg, or a body above the owner."""
    custody, speaker, known = turn.state, turn.heard.speaker, offering.directory(turn)
    wanted = custody.homeless.get(said.track.value)
    above = known.superiors(custody.owner) if custody.owner else []
    if speaker not in (custody.owner, *above, wanted.sender if wanted else None):
        turn.refuse(403, Ground.NOT_YOURS, "only the owner, its superior or who wanted the leg may choose")
    elif wanted is None:
        turn.refuse(410, Ground.TOO_LATE, f"no choice is open for {said.track}; ask for a leg with referral.requested")
    elif isinstance(said, ReferralPlanDropped):
        settle(turn, said.track)
    elif refused := guards.leaving(custody, wanted) or guards.going(
        custody, known, wanted, Way(receiver=said.body, new_facts=True)
    ):
        turn.refuse(403, *refused)
    else:
        offering.offer(turn, wanted, said.body, text=said.text)
