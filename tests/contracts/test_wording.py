"""Numbers in sentences."""

from xianjie.wording import counted, printable


def test_one_is_one_and_none_is_many() -> None:
    assert [counted(n, "open leg") for n in (0, 1, 2)] == ["0 open legs", "1 open leg", "2 open legs"]


def test_what_moves_a_cursor_is_not_shown_and_blanks_are() -> None:
    assert printable("调\u3000解\xa0\x1b[2J\n\ud800") == "调\u3000解\xa0?[2J??"
