"""What bodies ask of routing without having a leg: who has room for a matter, and for a case that another body has."""

from services.routing import guards, moving, offering
from services.routing.asking import Asking, above
from services.routing.custody import Pull
from services.routing.guards import Way, Why
from services.routing.leg import Wanted
from services.routing.moving import RoutingTurn
from xianjie import competence
from xianjie.competence import Matter, takes
from xianjie.law import calendar
from xianjie.messages.capacity import CapacityAsked, CapacityTold, Room
from xianjie.messages.pull import PullAnswered, PullAsked, PullRequested, PullTold
from xianjie.messages.routing import RoutingPullNoted, RoutingPullSettled
from xianjie.vocabulary import Ground

PULL = Asking("pull-", "N2.pull")
"""The answer to a body that asked for a case: its key is that body."""
MOST = 10
"""Bodies that are named in an answer."""


def room(turn: RoutingTurn, said: CapacityAsked) -> None:
    """Who may take such a matter, by the directory as the commit names it."""
    known = moving.directory(turn)
    unable = {code: why for code in known.supports if (why := known.unsupported(code, said.track))}
    matter = Matter(track=said.track, right=said.right, areas=said.areas, today=calendar.day(turn.now), barred=unable)
    able, others = competence.judged(known.bodies.values(), matter, load=known.load, drained=known.drained, record=known.record)
    rooms = tuple(Room(body=each.body.code, rule=each.cited, open_legs=each.load) for each in able[:MOST])
    told = CapacityTold(
        track=said.track, right=said.right, bodies=rooms, excluded=len(others), directory=moving.directory_version(turn)
    )
    turn.say(told, to=turn.heard.speaker)


def ask(turn: RoutingTurn, said: PullAsked) -> None:
    """Put the wish to the owner, who has so long to answer."""
    asker = turn.heard.speaker
    if refused := _refused(turn, said, asker):
        turn.refuse(403, *refused)
        return
    turn.say(RoutingPullNoted(asker=asker, track=said.track, kind=said.kind, text=said.text))
    _put(turn, asker)
    turn.say(PullTold(state="asked", track=said.track, due=PULL.due(turn, asker)), to=asker)


def _refused(turn: RoutingTurn, said: PullAsked, asker: str) -> Why:
    custody, body = turn.state, moving.directory(turn).body(asker)
    if asker == custody.owner:
        return Ground.DUPLICATE, "the case is yours: ask for a leg with referral.requested"
    if asker in custody.pulls:
        return Ground.DUPLICATE, "you have asked for this case, and are not answered yet"
    if body is None or not any(takes(each, said.track, custody.right) for each in body.capabilities):
        return Ground.NOT_COMPETENT, f"the directory does not say that {asker} takes {said.track} for this right"
    return _barred(turn, _wanted(turn, said), asker)


def _owner(turn: RoutingTurn) -> str:
    assert turn.state.owner is not None, "a case without an owner is asked of nobody"
    return turn.state.owner


def _wanted(turn: RoutingTurn, about: PullAsked | Pull) -> Wanted:
    return Wanted(track=about.track, kind=about.kind, sender=_owner(turn))


def _barred(turn: RoutingTurn, wanted: Wanted, asker: str) -> Why:
    known = moving.directory(turn)
    return guards.leaving(turn.state, wanted) or guards.going(turn.state, known, wanted, Way(receiver=asker, new_facts=True))


def _put(turn: RoutingTurn, asker: str) -> None:
    PULL.begin(turn, asker)
    _request(turn, asker)


def _request(turn: RoutingTurn, asker: str) -> None:
    """To the owner, and once it was put to it to the body above."""
    pull, owner = turn.state.pulls[asker], _owner(turn)
    asked = PullRequested(asker=asker, track=pull.track, kind=pull.kind, text=pull.text, due=PULL.due(turn, asker))
    for each in (owner, *(above(turn)[:1] if pull.put else ())):
        turn.say(asked, to=each)


def remind(turn: RoutingTurn, about: str) -> None:
    """The answer is near its limit: who must give it hears once more."""
    asker = about.removeprefix(PULL.prefix)
    if asker in turn.state.pulls:
        _request(turn, asker)


def answer(turn: RoutingTurn, said: PullAnswered) -> None:
    """The owner's word, or after its silence that of the body above it. What is agreed is offered like any other leg."""
    pull, speaker, owner = turn.state.pulls.get(said.asker), turn.heard.speaker, turn.state.owner
    higher = above(turn) if pull and pull.put else []
    if pull is None:
        turn.refuse(410, Ground.TOO_LATE, f"{said.asker} does not wait for an answer in this case")
    elif speaker not in (owner, *higher):
        turn.refuse(403, Ground.NOT_YOURS, "only the owner, and after its silence a body above it, may answer")
    elif not said.agreed:
        if said.ground is None:
            turn.refuse(422, Ground.OTHER, "/data/ground: a refusal needs its ground")
            return
        _answered(turn, said.asker, PullTold(state="refused", track=pull.track, ground=said.ground, text=said.text))
    elif refused := _barred(turn, _wanted(turn, pull), said.asker):
        turn.refuse(403, *refused)
    else:
        leg = offering.offer(turn, _wanted(turn, pull), said.asker, text=said.text, rule="it asked for the case")
        _answered(turn, said.asker, PullTold(state="agreed", track=pull.track, leg=leg.id, text=said.text))


def _answered(turn: RoutingTurn, asker: str, told: PullTold) -> None:
    PULL.answered(turn, asker)
    _settle(turn, asker, told)


def _settle(turn: RoutingTurn, asker: str, told: PullTold) -> None:
    """Nobody waits any more: what of its clock still runs stops, and the asker hears how it ended."""
    PULL.over(turn, asker)
    turn.say(RoutingPullSettled(asker=asker))
    turn.say(told, to=asker)


def lapse(turn: RoutingTurn, about: str) -> None:
    """The owner is silent: the body above it is asked as well, once; then the asker hears that nobody answered."""
    asker = about.removeprefix(PULL.prefix)
    pull = turn.state.pulls.get(asker)
    if pull is None:
        return
    if pull.put or not above(turn):
        _settle(turn, asker, PullTold(state="unanswered", track=pull.track, ground=Ground.LAPSED))
        return
    turn.say(RoutingPullNoted(asker=asker, track=pull.track, kind=pull.kind, text=pull.text, put=True))
    _put(turn, asker)


def drop(turn: RoutingTurn) -> None:
    """The case ends: who waits for an answer hears it."""
    for asker, pull in sorted(turn.state.pulls.items()):
        _settle(turn, asker, PullTold(state="refused", track=pull.track, ground=Ground.CASE_ENDED))
