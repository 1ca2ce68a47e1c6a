"""National codes of organisations and people: one form each, without blanks, in capitals, and a check digit that is right."""

import re
from datetime import date
from functools import lru_cache

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

CREDIT_CODE, IDENTITY_NUMBER = "[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}", "[0-9]{17}[0-9X]"
"""Their forms, as patterns of the whole."""
_is_credit_code, _is_identity_number = re.compile(CREDIT_CODE).fullmatch, re.compile(IDENTITY_NUMBER).fullmatch
_VALUES = {each: at for at, each in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))


def credit_code(value: str) -> bool:
    """Whether `value` is a unified social credit code (GB 32100)."""
    if not _is_credit_code(value):
        return False
    total = sum(_VALUES[each] * weight for each, weight in zip(value, _WEIGHTS, strict=False))
    return -total % 31 == _VALUES[value[17]]


def identity_number(value: str) -> bool:
    """Whether `value` is a resident identity number (GB 11643): check digit, day of birth, and that the place had its number then."""
    if not _is_identity_number(value) or ric.calc_check_digit(value) != value[17]:
        return False
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    return _birthplace(value[:10])


@lru_cache(maxsize=4096)
def _birthplace(value: str) -> bool:
    """Whether a place, six digits, had that number in that year, four digits."""
    try:
        return bool(ric.get_birth_place(f"{value}0101"))
    except ValidationError:
        return False
