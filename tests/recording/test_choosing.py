"""Which messages are wanted: by time, case, type, agency; what comes with them; and recordings put together."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from xianjie import topology
from xianjie.journal import Recorded
from xianjie.recording import recorder
from xianjie.recording.choosing import Choice, Chosen, face
from xianjie.recording.file import Reader, Writer
from xianjie.written import BadFile

MORNING = "2025-03-03T09:00:00+08:00"


def said(
    at: int, name: str = "referral.offered", source: str = "/services/routing", case: str = "c-1", time: str | None = MORNING,
    key: str | None = None, **data: Any,
) -> Recorded:  # fmt: skip
    body = {"id": f"m-{at}", "source": source, "type": f"xianjie.{name}.v1", "subject": case, "data": data}
    content = json.dumps(body | ({"time": time} if time else {})).encode()
    word = source.rsplit("/", 1)[-1]
    return Recorded(
        at, topology.EVENTS, key or f"{word}.{name}.v1.intake", f"m-{at}", content, {"case": case}, {"message_id": f"m-{at}"}
    )


def chosen(messages: list[Recorded], **what: Any) -> list[int]:
    choice = Choice(Chosen(**what))
    return [each.offset for each in messages if choice.takes(each)]


def test_without_a_choice_everything_is_wanted_even_what_nobody_can_read() -> None:
    assert chosen([said(0), Recorded(1, "x", "k", None, b"\xff", {"case": 7})]) == [0, 1]


def test_by_the_time_that_a_message_says_the_first_moment_in_and_the_last_not() -> None:
    days = [said(at, time=f"2025-03-0{at}T00:00:00+08:00") for at in range(1, 6)]
    since, until = (datetime.fromisoformat(f"2025-03-0{day}T00:00:00+08:00") for day in (2, 4))
    assert chosen(days, since=since, until=until) == [2, 3]
    assert chosen(days, since=since) == [2, 3, 4, 5]
    assert chosen(days, until=until) == [1, 2, 3]


def test_a_message_without_a_time_counts_as_said_with_the_one_before_it() -> None:
    messages = [
        said(0, time=None),
        said(1),
        said(2, time=None),
        said(3, time="2025-03-04T09:00:00+08:00"),
        said(4, time="yesterday"),
    ]
    assert chosen(messages, since=datetime.fromisoformat("2025-03-03T00:00:00+08:00")) == [1, 2, 3, 4]
    assert chosen(messages, until=datetime.fromisoformat("2025-03-04T00:00:00+08:00")) == [0, 1, 2]


def test_with_a_case_come_the_directory_and_what_the_journal_was_told_of_its_commits() -> None:
    mine, other = {"case": "c-1", "n": 1}, {"case": "c-2", "n": 1}
    messages = [
        said(0), said(1, case="c-2"), said(2, "org.listed", case="directory"), said(3, "log.committed", case="c-2", commits=[other]),
        said(4, "log.committed", case="c-2", commits=[other, mine]), said(5, "log.committed", case="directory", commits=[{"case": "directory"}]),
    ]  # fmt: skip
    assert chosen(messages, cases=("c-1",)) == [0, 2, 4, 5]


def test_by_type_and_by_agency() -> None:
    messages = [
        said(0), said(1, "referral.accepted", source="/agencies/CN-A"), said(2, "case.moved", source="/services/intake"),
        said(3, "receipt.given", key="CN-A.receipt.given.v1"),
    ]  # fmt: skip
    assert chosen(messages, types=("referral.*",)) == [0, 1]
    assert chosen(messages, types=("case.moved", "receipt.*")) == [2, 3]
    assert chosen(messages, agencies=("CN-A",)) == [1, 3]


def test_of_what_nobody_can_read_the_case_is_that_of_its_header() -> None:
    assert face(Recorded(0, "x", "k", None, b"no JSON", {"case": "c-7"})).subject == "c-7"
    assert face(Recorded(0, "x", "k", None, b'{"subject": 7}', {})).subject == ""


# --- several recordings


def written(path: Path, messages: list[Recorded]) -> Path:
    with Writer.begin(path, recorder.about("x", None, Chosen())) as writer:
        for each in messages:
            writer.add(each)
    return path


def test_recordings_of_one_journal_are_put_together_every_message_once(tmp_path: Path) -> None:
    every = [said(at) for at in range(9)]
    one, other = written(tmp_path / "a", every[:6]), written(tmp_path / "b", every[3:])
    assert list(recorder.merged([Reader(one), Reader(other)])) == every


def test_recordings_that_are_not_of_one_journal_are_not_put_together(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a", [said(0)]), written(tmp_path / "b", [said(0, case="c-2")])
    with pytest.raises(BadFile, match="offset 0 is not the same in all"):
        list(recorder.merged([Reader(one), Reader(other)]))


def test_a_file_is_gone_on_with_only_for_the_same_network_and_choice(tmp_path: Path) -> None:
    what = recorder.about("x", None, Chosen(cases=("c-1",)))
    writer = recorder.begin(tmp_path / "a", what)
    writer.add(said(0))
    writer.__exit__(KeyboardInterrupt, None, None)
    with pytest.raises(BadFile, match="of another network or with other messages chosen"):
        recorder.begin(tmp_path / "a", recorder.about("x", None, Chosen()))
    with recorder.begin(tmp_path / "a", what) as writer:
        assert writer.last == 0
