"""A recording on disk: what was written is read, a cut or damaged file is reported with the place, and its good part still reads."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianjie.journal import Recorded
from xianjie.recording import file
from xianjie.recording.file import Reader, Writer
from xianjie.written import BadFile

ABOUT = {"by": "a test", "network": "x"}


def message(at: int, body: bytes = b'{"a": "\xe8\xa1\x94"}', **more: Any) -> Recorded:
    return Recorded(at, "xianjie.events", "intake.case.moved.v1", None, body, {"case": f"c-{at}"}, more)


def written(path: Path, messages: Sequence[Recorded], *, end: bool = True, per_block: int = 2) -> Path:
    """A recording with so many messages in each block."""
    writer = Writer.begin(path, ABOUT)
    try:
        with writer:
            for at, each in enumerate(messages, 1):
                writer.add(each)
                if at % per_block == 0:
                    writer.flush()
            if not end:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    return path


def read(path: Path) -> tuple[list[Recorded], Reader]:
    reader = Reader(path)
    return list(reader), reader


def members(path: Path) -> list[int]:
    """Where each block begins."""
    raw, found, at = path.read_bytes(), [], 0
    while (at := raw.find(file.MAGIC, at)) >= 0:
        found.append(at)
        at += 1
    return found


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20)
FOREIGN = SCALARS | st.binary(max_size=20) | st.decimals(allow_nan=False) | st.datetimes(timezones=st.just(UTC))
HEADERS = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), FOREIGN | st.lists(FOREIGN, max_size=3), max_size=4)


@given(st.lists(st.tuples(st.binary(max_size=200), HEADERS, HEADERS), max_size=9), st.integers(1, 4))
def test_what_was_written_is_read_to_the_byte(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, dict[str, Any], dict[str, Any]]], per_block: int
) -> None:
    said = [
        Recorded(at, "x", f"k.{at}", properties.get("message_id"), body, headers, properties)
        for at, (body, headers, properties) in enumerate(parts)
    ]
    found, reader = read(written(tmp_path_factory.mktemp("recording") / "a.journal", said, per_block=per_block))
    assert found == said
    assert (reader.messages, reader.ended, reader.about, reader.faults()) == (len(said), True, ABOUT, [])


def test_it_is_lines_that_any_gzip_shows_and_its_digests_are_those_of_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal", [message(at) for at in range(5)])
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    heads = [json.loads(line) for line in lines if "xianjie journal" in line]
    assert [each["block"] for each in heads] == [1, 2, 3, 4, 5]
    assert json.loads(lines[1]) == {"digest": hashlib.sha256(f"{lines[0]}\n".encode()).hexdigest()}
    assert heads[1]["before"] == json.loads(lines[1])["digest"]
    assert heads[0]["about"] == ABOUT
    assert json.loads(lines[-2]) == {"end": 5}


def test_the_same_messages_make_the_same_file(tmp_path: Path) -> None:
    said = [message(at, user_id="x", priority=1) for at in range(9)]
    one, other = (written(tmp_path / name, said).read_bytes() for name in ("a", "b"))
    assert one == other


def test_a_file_cut_anywhere_is_reported_with_the_place_and_its_good_blocks_read(tmp_path: Path) -> None:
    said = [message(at) for at in range(6)]
    whole = written(tmp_path / "whole", said).read_bytes()
    starts = [*members(tmp_path / "whole"), len(whole)]
    for cut in range(starts[1], len(whole)):
        path = tmp_path / "cut"
        path.write_bytes(whole[:cut])
        found, reader = read(path)
        good = max(each for each in starts if each <= cut)
        assert found == said[: 2 * (starts.index(good) - 1)], cut
        (fault,) = reader.faults()
        assert f"byte {good}: " in fault
        assert not reader.torn


def test_a_byte_that_was_changed_costs_its_block_alone_and_the_place_is_named(tmp_path: Path) -> None:
    said = [message(at) for at in range(8)]
    whole = written(tmp_path / "whole", said).read_bytes()
    starts = members(tmp_path / "whole")
    for at in range(starts[1], starts[2]):
        changed = bytearray(whole)
        changed[at] ^= 0x55
        (tmp_path / "changed").write_bytes(changed)
        found, reader = read(tmp_path / "changed")
        if found == said:
            assert at - starts[1] < 10, "some bytes of a gzip header (its time, its system) are nobody's"
            continue
        assert found == said[2:], at
        (fault,) = reader.faults()
        assert f"byte {starts[1]}: " in fault
        assert f"goes on at byte {starts[2]} with block 3" in fault
        assert reader.torn


def test_a_block_that_was_taken_out_or_moved_is_missed(tmp_path: Path) -> None:
    said = [message(at) for at in range(8)]
    whole = written(tmp_path / "whole", said).read_bytes()
    _, one, two, three, *_ = members(tmp_path / "whole")
    (tmp_path / "out").write_bytes(whole[:two] + whole[three:])
    found, reader = read(tmp_path / "out")
    assert found == [*said[:2], *said[4:]]
    assert reader.faults() == [f"{tmp_path / 'out'}: byte {two}: 1 block missing before block 4"]
    (tmp_path / "twice").write_bytes(whole[:two] + whole[one:])
    _, reader = read(tmp_path / "twice")
    assert "does not follow the one before it" in reader.faults()[0]


NO_RECORDING = {
    "nothing": b"", "text": b"not a recording", "other lines": gzip.compress(b"hello\n"), "other JSON": gzip.compress(b"{}\n{}\n"),
    "a beginning": b"\x1f\x8b\x08",
}  # fmt: skip


@pytest.mark.parametrize("content", NO_RECORDING.values(), ids=NO_RECORDING)
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"is no recording|is empty"):
        read(path)


def test_a_later_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    head = b'{"xianjie journal":2,"block":1,"before":"0"}\n'
    path = tmp_path / "new"
    path.write_bytes(gzip.compress(head + json.dumps({"digest": hashlib.sha256(head).hexdigest()}).encode() + b"\n"))
    with pytest.raises(BadFile, match="is of format 2; this release reads format 1: update it"):
        read(path)


def test_blocks_of_a_later_format_behind_good_ones_are_reported_and_the_good_ones_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal", [message(at) for at in range(4)], end=False)
    later = gzip.compress(b'{"xianjie journal":2,"block":9,"before":""}\n{"digest":"0"}\n')
    path.write_bytes(path.read_bytes() + later)
    reader = Reader(path)
    assert len(list(reader)) == 4
    assert "a block is of format 2; this release reads format 1: update it" in reader.faults()[0]


def test_a_block_that_unpacks_to_more_than_any_block_is_not_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path / "a", [message(1)], end=False)
    path.write_bytes(path.read_bytes() + gzip.compress(b"0" * (file.LARGEST + 1)))
    found, reader = read(path)
    assert len(found) == 1
    assert "more than 64 MB" in reader.faults()[0]


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b\x08rest of a block that was not written to its end"])
def test_a_recording_that_was_not_finished_is_gone_on_with_as_if_it_had_not_stopped(tmp_path: Path, torn: bytes) -> None:
    said = [message(at) for at in range(8)]
    path = written(tmp_path / "a", said[:4], end=False)
    path.write_bytes(path.read_bytes() + torn)
    with Writer.resume(path) as writer:
        assert (writer.last, writer.messages) == (3, 4)
        for at, each in enumerate(said[4:], 1):
            writer.add(each)
            if at % 2 == 0:
                writer.flush()
    assert path.read_bytes() == written(tmp_path / "b", said).read_bytes()


def test_a_finished_one_and_one_that_is_damaged_further_ahead_are_not_gone_on_with(tmp_path: Path) -> None:
    path = written(tmp_path / "a", [message(at) for at in range(8)])
    with pytest.raises(BadFile, match="is finished"):
        Writer.resume(path)
    changed = bytearray(path.read_bytes())
    changed[members(path)[1] + 40] ^= 0x55
    path.write_bytes(changed)
    with pytest.raises(BadFile, match="cannot be gone on with"):
        Writer.resume(path)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FileExistsError):
        Writer.begin(tmp_path / "a", ABOUT)


def test_values_that_json_has_not_come_back_as_they_were(tmp_path: Path) -> None:
    headers = {
        "t": datetime(2025, 3, 3, tzinfo=UTC),
        "d": Decimal("1.50"),
        "b": b"\xff",
        "n": {"in": [b"x", None]},
        "$": {"$time": "never", "$$": {"$bytes": 1}},
    }
    said = Recorded(0, "x", "k", "m", b"\xff", headers, {"message_id": "m", "timestamp": 7})
    found, _ = read(written(tmp_path / "a", [said]))
    assert found == [said]
