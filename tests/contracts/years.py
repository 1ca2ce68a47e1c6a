"""A year whose holidays are announced while a test runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xianjie.law import calendar

NEXT = calendar.last().year + 1
"""The first year that the library does not know."""
TEXT = """\
- year: {year}
  source: an announcement made up for a test
  free: [{year}-01-01..{year}-01-03, {year}-10-01..{year}-10-07]
  working: [{year}-09-26, {year}-10-09]
"""


@contextmanager
def announced(patch: pytest.MonkeyPatch, folder: Path, text: str = TEXT.format(year=NEXT)) -> Iterator[Path]:
    """Within it the calendar knows the year after the last one as well, from a file that an operator wrote."""
    file = folder / "announced.yaml"
    file.write_text(text)
    with patch.context() as grown:
        grown.setenv(calendar.VARIABLE, str(file))
        calendar._table.cache_clear()
        yield file
    calendar._table.cache_clear()
