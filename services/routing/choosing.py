"""Where routing has no answer, a person chooses: the owner is asked, then reminded together with the body above it."""

from services.routing import moving
from services.routing.leg import Wanted
from services.routing.moving import RoutingTurn
from xianjie import clocks
from xianjie.messages.referral import ReferralChoiceAsked
from xianjie.messages.routing import RoutingHomeless, RoutingPlanned
from xianjie.vocabulary import Track

CHOICE = "choice-"
"""What the clock of a choice is about: this and the track, as in choice-mediation/N2.person."""


def ask(turn: RoutingTurn, wanted: Wanted, text: str) -> None:
    """No body is left by rule: the owner is asked to choose, and the choice has a clock."""
    homeless = RoutingHomeless(
        track=wanted.track, text=text, kind=wanted.kind, sender=wanted.sender, basis=wanted.basis, consent=wanted.consent,
        pseudonymised=wanted.pseudonymised,
    )  # fmt: skip
    turn.say(homeless)
    _start(turn, wanted.track)
    if turn.state.owner:
        _say(turn, wanted.track, turn.state.owner, text)


def _start(turn: RoutingTurn, track: Track) -> None:
    about = f"{CHOICE}{track}"
    turn.tell(*clocks.stop(turn.state.clocks, about))
    turn.tell(*clocks.start(about, "N2.person", turn.now))


def _say(turn: RoutingTurn, track: Track, to: str, text: str) -> None:
    clock = turn.state.clocks[f"{CHOICE}{track}/N2.person"]
    turn.say(ReferralChoiceAsked(track=track, text=text, due=clock.due), to=to)


def remind(turn: RoutingTurn, about: str, *, passed: bool) -> None:
    """The choice is near its limit, or past it: then it starts anew, and the body above the owner is asked as well."""
    track = Track(about.removeprefix(CHOICE))
    owner = turn.state.owner
    if owner is None or track.value not in turn.state.homeless:
        return
    if passed:
        _start(turn, track)
    above = moving.directory(turn).superiors(owner)[:1] if passed else []
    for each in (owner, *above):
        _say(turn, track, each, "nobody has chosen yet")


def settle(turn: RoutingTurn, track: Track) -> None:
    """Nobody needs to choose any more for this track."""
    if track.value in turn.state.homeless:
        turn.tell(*clocks.meet(turn.state.clocks, f"{CHOICE}{track}/N2.person", turn.now, judged=turn.heard.judged))
        turn.say(RoutingPlanned(track=track, candidates=(), directory=0))
