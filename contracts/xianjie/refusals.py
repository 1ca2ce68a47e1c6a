"""Why a system is not let in, or not read: each reason with its code, its words and its remedy, the same for client, services and bridge."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from xianjie.fields import Text, Word
from xianjie.law.reading import listed
from xianjie.shipped import shipped

FILE = "refusals.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason. `at`: where it shows; `http`: the status with which the bridge answers it."""

    code: Word
    at: tuple[Literal["broker", "receipt", "bridge"], ...]
    http: int
    says: Text
    chinese: Text
    remedy: Text


@cache
def refusals() -> dict[str, Refusal]:
    """Every reason of the data file, by its code."""
    return {each.code: each for each in listed(Refusal, shipped(FILE), FILE, lambda _: (), key="code")}
