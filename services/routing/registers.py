"""Who of the registers can help: by skill, right and place, without those who have to do with a party (feature 79)."""

from collections.abc import Iterable
from datetime import date

from services.routing import moving
from services.routing.moving import RoutingTurn
from xianjie.law import calendar
from xianjie.law.rule import in_force
from xianjie.messages.case import CaseAccepted
from xianjie.messages.provider import Match, Provider, ProviderAsked, ProviderTold, Unfit
from xianjie.vocabulary import NATION, Ground

MOST = 20
"""Of each list that is told, at most so many."""


def tell(turn: RoutingTurn, said: ProviderAsked) -> None:
    """Answer by the registers as the commit names them."""
    turn.say(_answer(turn, said), to=turn.heard.speaker)


def _answer(turn: RoutingTurn, asked: ProviderAsked) -> ProviderTold:
    able, unfit = matched(moving.directory(turn).providers.values(), asked, calendar.day(turn.now))
    version = moving.directory_version(turn)
    return ProviderTold(skill=asked.skill, right=asked.right, found=able[:MOST], unfit=unfit[:MOST], directory=version)


def propose(turn: RoutingTurn, said: CaseAccepted) -> None:
    """Whose case it is hears who of the registers can render the service that is asked for, near the place that it is about."""
    if said.skill is None:
        return
    home = moving.directory(turn).bodies.get(said.owner)
    area = said.infringement_area or said.applicant_area or (home.area if home else NATION)
    asked = ProviderAsked(skill=said.skill, right=said.right, area=area, parties=said.parties)
    turn.say(_answer(turn, asked), to=said.owner)


def matched(
    providers: Iterable[Provider], asked: ProviderAsked, today: date
) -> tuple[tuple[Match, ...], tuple[Unfit, ...]]:  # fmt: skip
    """Who can, the nearest first and by code; and who has the skill and is left out, by code."""
    skilled = sorted((each for each in providers if _can(each, asked)), key=lambda each: each.code)
    grounds = {each.code: _barred(each, asked, today) for each in skilled}
    able = [
        Match(code=each.code, kind=each.kind, body=each.body, distance=_distance(each.area, asked.area))
        for each in skilled
        if grounds[each.code] is None
    ]
    unfit = tuple(Unfit(code=code, ground=ground) for code, ground in grounds.items() if ground)
    return tuple(sorted(able, key=lambda each: each.distance)), unfit


def _can(provider: Provider, asked: ProviderAsked) -> bool:
    return asked.skill in provider.skills and (not provider.rights or asked.right in provider.rights)


def _barred(provider: Provider, asked: ProviderAsked, today: date) -> Ground | None:
    if set(provider.conflicts) & set(asked.parties):
        return Ground.CONFLICT
    if not in_force(provider.valid_from, provider.valid_to, today):
        return Ground.LAPSED
    return None if provider.available else Ground.CAPACITY


def _distance(here: str, there: str) -> int:
    """By GB/T 2260: the same county, prefecture or province; who is of the nation is there for all."""
    if here == NATION:
        return 3
    same = next((digits for digits in (6, 4, 2) if here[:digits] == there[:digits]), 0)
    return {6: 0, 4: 1, 2: 2, 0: 4}[same]
