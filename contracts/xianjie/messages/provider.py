"""The registers of those who help beside the bodies: organisations, experts, volunteers. Kept by routing, in the log of the directory."""

from dataclasses import dataclass
from datetime import date

from xianjie.fields import Area, Code, Count, CreditCode, Right, Text, Word
from xianjie.message import AGENCY, OPERATOR, Message, message
from xianjie.vocabulary import Ground, ProviderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One of them, by a code and never by name: what it can do, for which rights (none: all), where, from when to when.

    `body`: through whom it is asked. `conflicts`: the organisations for or against whom it may not work, by credit code. `available`: whether it
    takes new tasks. `source`: what admitted it.
    """

    code: Code
    kind: ProviderKind
    body: Code
    skills: tuple[Word, ...]
    rights: tuple[Right, ...] = ()
    area: Area
    conflicts: tuple[CreditCode, ...] = ()
    available: bool = True
    valid_from: date | None = None
    valid_to: date | None = None
    source: Text
    verified: bool = False


@message("provider.listed", said_by=(OPERATOR, "routing"), heard_by="routing")
class ProviderListed(Message):
    """These are in the registers from now on: those known by code are described anew, others added, none removed."""

    providers: tuple[Provider, ...]
    text: Text = ""


@message("provider.unlisted", said_by=(OPERATOR, "routing"), heard_by="routing")
class ProviderUnlisted(Message):
    """This one is in no register any more."""

    code: Code
    text: Text = ""


@message("provider.asked", said_by=AGENCY, heard_by="routing")
class ProviderAsked(Message):
    """Who can do this, for this right and near this place, and has nothing to do with these parties? Under a thread of your own as subject."""

    skill: Word
    right: Right
    area: Area
    parties: tuple[CreditCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One who can, and through whom to ask. `distance`: 0 the same county, 1 prefecture, 2 province, 3 the nation, 4 elsewhere."""

    code: Code
    kind: ProviderKind
    body: Code
    distance: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """One who has the skill and may not, or cannot now, and why."""

    code: Code
    ground: Ground


@message("provider.told", said_by="routing", heard_by=AGENCY)
class ProviderTold(Message):
    """Who can, the nearest first, and who has the skill and is left out, as the directory stood then."""

    skill: Word
    right: Right
    found: tuple[Match, ...]
    unfit: tuple[Unfit, ...]
    directory: Count
