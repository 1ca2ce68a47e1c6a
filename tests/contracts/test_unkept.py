"""Headers that the journal cannot keep, however deep they hide it."""

from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from xianjie.arrival import unkept


@pytest.mark.parametrize("depth", [0, 1, 500, 5000])
@pytest.mark.parametrize("within", ["lists", "tables"])
def test_a_decimal_is_found_at_any_depth_and_nothing_else_is(depth: int, within: str) -> None:
    def deep(value: Any) -> Any:
        return reduce(lambda inner, _: [inner] if within == "lists" else {"a": inner}, range(depth), value)

    assert unkept({"case": "c-1", "x": deep(Decimal("1.00"))}) == "x"
    assert unkept({"case": "c-1", "x": deep(1.0)}) == ""
