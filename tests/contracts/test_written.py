"""Files that people write: read as they stand, and what cannot be read is refused with its place."""

from pathlib import Path

import pytest

from xianjie.written import BadFile, document, value


def written(tmp_path: Path, text: str | bytes) -> Path:
    """A file with that in it."""
    file = tmp_path / "file.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_a_date_stays_as_it_was_written(tmp_path: Path) -> None:
    assert document(written(tmp_path, "{a: 2024-01, b: 2024-02-31, c: 2024-02-01}")) == {
        "a": "2024-01", "b": "2024-02-31", "c": "2024-02-01",
    }  # fmt: skip
    assert value("2024-02-01") == "2024-02-01"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", r"the key a stands twice in .*line 3"),
        ("x: [{a: 1, a: 2}]", "the key a stands twice"),
        ("[", "is not YAML"),
        ("url: {{ url }}", r"a key must be a word.*line 1"),
        ("? [a]\n: b", "a key must be a word"),
        (b"\xff", "is not YAML"),
        ("- 1\n---\n- 2\n", "holds 2 documents"),
        ("!!python/object:os.system {}", "is not YAML"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        document(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none\.yaml: cannot be read: No such file"):
        document(tmp_path / "none.yaml")


def test_a_mapping_may_be_merged_into_others(tmp_path: Path) -> None:
    text = "base: &b {a: 1}\none: {<<: *b, a: 2}\n"
    assert document(written(tmp_path, text))["one"] == {"a": 2}


def test_what_is_no_yaml_is_the_text_itself() -> None:
    assert value("[") == "["
    assert value("{{x}}") == "{{x}}"
    assert value("[1, 2]") == [1, 2]
