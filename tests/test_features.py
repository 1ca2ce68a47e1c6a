"""Every row of what the network must do has a test that bears its number: test_NN_…, or test_NN_MM_… for two rows at once."""

import re
from pathlib import Path

ROWS = {*range(1, 67), 78, 79, 80}
"""Rows that are law and land: 67 to 77 belong to replay and to joining by contract."""
MISSING: set[int] = set()


def named_rows() -> set[int]:
    """The rows that a test names."""
    found: set[int] = set()
    for file in Path(__file__).parent.rglob("test_*.py"):
        for name in re.findall(r"\bdef test_((?:\d\d_)+)", file.read_text(encoding="utf-8")):
            found |= {int(number) for number in name.split("_") if number}
    return found


def test_every_row_has_a_test_of_its_number_but_those_that_are_named_here() -> None:
    assert ROWS - named_rows() == MISSING
