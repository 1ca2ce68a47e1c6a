"""Numbers in sentences."""

from xianjie.wording import counted


def test_one_is_one_and_none_is_many() -> None:
    assert [counted(n, "open leg") for n in (0, 1, 2)] == ["0 open legs", "1 open leg", "2 open legs"]
