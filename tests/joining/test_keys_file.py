"""The machine's file of who joined by hand: what it holds comes back, and what is none is named."""

from pathlib import Path

import pytest

from xianjie.joining.keys import Key, Keys
from xianjie.written import BadFile


def test_who_joined_and_left_comes_back(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.joins("CN-A-B", "one", "a password")
    keys.leaves("CN-C-D", "two")
    assert keys.read() == {"CN-A-B": Key(password="a password", joined=("one",)), "CN-C-D": Key(left=("two",))}
    assert keys.members("two", ["CN-C-D", "CN-E-F"]) == ["CN-E-F"]


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"CN-A-B": 7}', '{"CN-A-B": {"joined": 7}}', '{"CN-A-B": {"password": []}}'])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(BadFile, match=r"keys\.json: is no file of keys"):
        Keys(file).read()
