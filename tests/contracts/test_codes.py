"""Check digits: what the library of national numbers takes in its one form is taken, and nothing else."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from xianjie import fields, vocabulary

PLACES = st.sampled_from(["110105", "310115", "440305", "510902", "999999", "110000"])
CAPITALS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def passes(hint: object, value: str) -> bool:
    """Whether a field of this type takes it."""
    (check,) = hint.__metadata__  # type: ignore[attr-defined]
    return bool(check.test(value))


@settings(max_examples=500)
@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.text(CAPITALS, min_size=9, max_size=9), st.sampled_from(CAPITALS))
def test_a_credit_code_is_taken_if_and_only_if_its_check_digit_is_right(place: str, body: str, check: str) -> None:
    right = uscc.calc_check_digit(place + body)
    assert passes(fields.CreditCode, place + body + right)
    assert passes(fields.CreditCode, place + body + check) is (check == right) is uscc.is_valid(place + body + check)


@settings(max_examples=500)
@given(PLACES, st.dates(), st.integers(0, 999), st.sampled_from("0123456789X"))
def test_an_identity_number_is_taken_if_and_only_if_all_of_it_is_right(place: str, born: date, number: int, check: str) -> None:
    begun = f"{place}{born.isoformat().replace('-', '')}{number:03}"
    for last in (check, ric.calc_check_digit(begun + "0")):
        assert passes(fields.IdentityNumber, begun + last) is ric.is_valid(begun + last)


def test_a_number_of_no_day_is_none() -> None:
    for day in ("19490231", "19491301", "00000101", "19490000"):
        begun = f"110105{day}002"
        assert not passes(fields.IdentityNumber, begun + ric.calc_check_digit(begun + "0"))


def test_divisions_are_looked_up_for_what_may_be_one_and_kept_within_bounds() -> None:
    vocabulary._division.cache_clear()
    assert not any(map(vocabulary.division_code, ["x" * 9999, "31000", "３１００００", "", "3100000"]))
    assert vocabulary._division.cache_info().currsize == 0
    assert vocabulary.division_code("310000")
    assert vocabulary._division.cache_info().maxsize
