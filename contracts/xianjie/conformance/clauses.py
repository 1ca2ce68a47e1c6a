"""The clauses that a system is held to, as data: what each asks, whether it must be met, and where it is written down."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from marshmallow import validate

from xianjie.fields import Text
from xianjie.law.reading import listed
from xianjie.shipped import shipped

FILE = "conformance/clauses.yaml"
ClauseId = Annotated[str, validate.Regexp(r"[a-z]+\.[a-z_]+\Z")]

UNSEEN = (
    "whether it waits for the broker's confirm before it takes a message as said",
    "whether it has stored a message before it acknowledges it",
    "whether a body, a person or a paper that it names exists",
    "whether it may say what is about no leg and no case, as costs, quality, knowledge",
    "whether it keeps within its rights on the broker, where it may declare nothing",
    "whether it does later what it has promised, as to look at a contested outcome again",
    "what it does later than the trial lasts (--patience makes it longer)",
)
"""What no trial can see that has nothing but the address of a broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause."""

    id: ClauseId
    must: bool
    conditional: bool = False
    """Whether it is no fault if the occasion never arose, since it depends on what the system decides."""
    says: Text
    where: Text


@cache
def clauses() -> dict[str, Clause]:
    """Every clause of the data file, by its id, in the order of the file."""
    return {each.id: each for each in listed(Clause, shipped(FILE), FILE, lambda _: ())}
