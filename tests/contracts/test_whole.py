"""A file that is written whole or not at all."""

from pathlib import Path

import pytest

from xianjie.whole import write_whole


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_it_takes_the_place_of_the_old_one_with_its_mode_and_leaves_nothing_beside(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "held"
    file.write_text("old")
    write_whole(file, "衔接", mode)
    assert file.read_text("utf-8") == "衔接"
    assert file.stat().st_mode & 0o777 == mode
    assert [*tmp_path.iterdir()] == [file]


def test_what_cannot_be_written_leaves_the_old_one_and_nothing_beside(tmp_path: Path) -> None:
    """A folder is in its place: it cannot take that."""
    (tmp_path / "held").mkdir()
    with pytest.raises(OSError, match="held"):
        write_whole(tmp_path / "held", "new")
    assert [each.name for each in tmp_path.iterdir()] == ["held"]
