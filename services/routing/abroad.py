"""Disputes abroad: a warning goes to all who advise, and evidence leaves the country only with leave (feature 80)."""

from typing import Any, Literal

from services.routing import moving
from services.routing.asking import Asking, above
from services.routing.custody import Export
from services.routing.moving import RoutingTurn
from xianjie.messages.overseas import (
    AlertRaised,
    AlertTold,
    ExportAsked,
    ExportDecided,
    ExportLeaveAsked,
    ExportNoted,
    ExportSettled,
    ExportTold,
)
from xianjie.vocabulary import AgencyKind, Ground

WARN = frozenset({AgencyKind.NATIONAL_OFFICE, AgencyKind.OVERSEAS_CENTRE, AgencyKind.OVERSEAS_BRANCH})
"""Who may warn."""
ADVISE = WARN | {
    AgencyKind.PROVINCIAL_IP_OFFICE, AgencyKind.PROTECTION_CENTRE, AgencyKind.ASSISTANCE_CENTRE, AgencyKind.RAPID_CENTRE,
}  # fmt: skip
"""Who is told: those who advise enterprises."""
EXPORT = Asking("export-", "N2.export")
"""Leave for papers to go abroad: its key is the owner's name for it."""
HOME = "CN"
State = Literal["asked", "approved", "refused", "unanswered"]


def warn(turn: RoutingTurn, said: AlertRaised) -> None:
    """To every body that advises and has an inbox, the one that warns left out."""
    known, by = moving.directory(turn), turn.heard.speaker
    body = known.body(by)
    if body is None or body.kind not in WARN:
        turn.refuse(
            403, Ground.NOT_YOURS, "warnings come from the national office, the centre for disputes abroad, and its branches"
        )
        return
    if not said.countries or HOME in said.countries:
        turn.refuse(422, Ground.OTHER, f"/data/countries: name one at least, and not {HOME}: warnings are about disputes abroad")
        return
    told = AlertTold(by=by, countries=said.countries, rights=said.rights, topics=said.topics, text=said.text)
    for each in sorted(known.bodies.values(), key=lambda each: each.code):
        if each.kind in ADVISE and each.inbox and each.code != by:
            turn.say(told, to=each.code)


def ask(turn: RoutingTurn, said: ExportAsked) -> None:
    """Only the owner asks; the body above it decides, and until then nothing goes (数据安全法 36)."""
    custody = turn.state
    made = Export(body=turn.heard.speaker, item=said.item, country=said.country, papers=said.papers, text=said.text)
    if made.body != custody.owner:
        turn.refuse(403, Ground.NOT_YOURS, "only the body that answers for the case gives its papers abroad")
    elif not said.papers or not custody.papers:
        turn.refuse(422, Ground.OTHER, "/data/papers: name one at least, of those that the file holds")
    elif said.country == HOME:
        turn.refuse(422, Ground.OTHER, f"/data/country: {HOME} is not abroad")
    elif made.item in custody.exports:
        turn.refuse(403, Ground.DUPLICATE, f"this case has an export called {said.item} already: give this one another name")
    elif not above(turn):
        turn.refuse(403, Ground.OTHER, "nobody above the owner can give leave: the papers do not go")
    else:
        turn.say(ExportNoted(body=made.body, item=made.item, country=made.country, papers=made.papers, text=made.text))
        EXPORT.begin(turn, made.item)
        _ask(turn, made)
        _tell(turn, made, "asked", due=EXPORT.due(turn, made.item))


def _ask(turn: RoutingTurn, export: Export) -> None:
    asked = ExportLeaveAsked(
        body=export.body,
        item=export.item,
        country=export.country,
        papers=export.papers,
        text=export.text,
        due=EXPORT.due(turn, export.item),
    )
    for each in above(turn)[:1]:
        turn.say(asked, to=each)


def _tell(turn: RoutingTurn, export: Export, state: State, **more: Any) -> None:
    turn.say(ExportTold(item=export.item, state=state, **more), to=export.body)


def decide(turn: RoutingTurn, said: ExportDecided) -> None:
    """Leave, with the decision of the competent authority; or none."""
    export = turn.state.exports.get(said.item)
    if export is None or export.body != said.body or export.approved is not None:
        turn.refuse(410, Ground.TOO_LATE, f"no export of {said.body} called {said.item} waits for leave in this case")
    elif turn.heard.speaker not in above(turn):
        turn.refuse(403, Ground.NOT_YOURS, "only a body above the owner gives leave")
    elif said.approved and said.decision is None:
        turn.refuse(422, Ground.PAPERS_INCOMPLETE, "/data/decision: leave needs the number of the competent authority's decision")
    else:
        EXPORT.answered(turn, export.item)
        turn.say(ExportSettled(body=export.body, item=export.item, approved=said.approved, by=turn.heard.speaker))
        _tell(turn, export, "approved" if said.approved else "refused", decision=said.decision, text=said.text)


def _waiting(turn: RoutingTurn, about: str) -> list[Export]:
    return [each for each in turn.state.exports.values() if each.approved is None and EXPORT.about(each.item) == about]


def remind(turn: RoutingTurn, about: str) -> None:
    """The decision is near its limit: who must take it hears once more."""
    for export in _waiting(turn, about):
        _ask(turn, export)


def lapse(turn: RoutingTurn, about: str) -> None:
    """Silence is no leave."""
    for export in _waiting(turn, about):
        turn.say(ExportSettled(body=export.body, item=export.item, approved=False))
        _tell(turn, export, "unanswered", ground=Ground.LAPSED)
