"""What is said of commits in a recording: each that was dropped, altered or moved is named, and nothing else is."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recording.command import run
from tests.recording.memory import SCENARIOS, recorded
from tests.recording.spoiling import changed
from xianjie.messages.log import Committed
from xianjie.recording.chains import Chains
from xianjie.recording.file import Reader, Writer
from xianjie.vocabulary import CHINA

NOW = datetime(2025, 3, 3, tzinfo=CHINA)
LENGTH = 8
places = st.integers(2, LENGTH - 1)


def row(n: int, mark: str = "a", case: str = "c") -> Committed:
    return Committed(
        case=case, n=n, source="/agencies/X", id=f"{case}-{n}", now=NOW, versions=(), hash=f"{n:x}".rjust(16, mark) + "0" * 48
    )


def faults(rows: Iterable[Committed]) -> list[str]:
    chains = Chains()
    for each in rows:
        chains.take("intake", each)
    return list(chains.faults())


WHOLE = [row(n) for n in range(1, LENGTH + 1)]


@given(st.lists(st.integers(1, LENGTH), max_size=5), st.integers(0, LENGTH))
def test_what_is_told_again_is_no_fault(again: list[int], after: int) -> None:
    """A service that did not see it confirmed tells it again."""
    rows = [*WHOLE[:after], *(row(n) for n in again if n <= after), *WHOLE[after:]]
    assert faults(rows) == []


@given(st.sets(places, min_size=1))
def test_what_is_dropped_is_named(dropped: set[int]) -> None:
    found = faults(each for each in WHOLE if each.n not in dropped)
    assert len(found) == len([n for n in dropped if n - 1 not in dropped])
    assert all("dropped" in each for each in found)


def test_runs_of_dropped_commits_are_named_by_their_ends() -> None:
    assert faults(each for each in WHOLE if each.n not in (3, 5, 6)) == [
        "c at intake: commit 3 is not told of, though later ones are: dropped",
        "c at intake: 2 commits, 5 to 6, are not told of, though later ones are: dropped",
    ]


@given(places)
def test_what_is_moved_is_named(n: int) -> None:
    rows = list(WHOLE)
    rows[n - 1], rows[n] = rows[n], rows[n - 1]
    assert faults(rows) == [f"c at intake: commit {n} stands behind a later one: they were reordered"]


@given(places)
def test_two_hashes_of_one_commit_are_named(n: int) -> None:
    (found,) = faults([*WHOLE, row(n, "b")])
    assert found.startswith(f"c at intake: commit {n} is told of with two hashes")


def test_a_recording_that_begins_later_is_no_fault_and_is_said() -> None:
    chains = Chains()
    for each in WHOLE[3:]:
        chains.take("intake", each)
    assert (list(chains.faults()), list(chains.begun_later())) == ([], [("intake", "c", 4)])


# --- the command


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    one = next(each for each in SCENARIOS if each.stem == "sh-markor-design-2020")
    return recorded(tmp_path_factory.mktemp("chains") / "one.journal", one)


@pytest.fixture(autouse=True)
def _salted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "exercise-salt")


def verified(file: Path) -> list[str]:
    result = run("verify", "--journal", file, "--json")
    found: list[str] = json.loads(result.stdout)["faults"]
    assert result.exit_code == bool(found)
    return found


def test_a_whole_recording_has_no_faults(file: Path) -> None:
    assert verified(file) == []
    assert "verify: 0 faults" in run("verify", "--journal", file).output


def test_an_altered_hash_is_named_and_nothing_after_it(file: Path, tmp_path: Path) -> None:
    def alter(service: str, rows: list[Any]) -> list[Any]:
        return [{**each, "hash": "f" * 64} if (service, each["n"]) == ("intake", 4) else each for each in rows]

    (found,) = verified(changed(file, tmp_path / "altered.journal", alter))
    assert found.startswith("sh-markor-design-2020 at intake: commit 4, made again, is another: it was altered")


def test_a_dropped_row_is_named(file: Path, tmp_path: Path) -> None:
    def drop(service: str, rows: list[Any]) -> list[Any]:
        return [each for each in rows if (service, each["n"]) != ("intake", 4)]

    assert verified(changed(file, tmp_path / "dropped.journal", drop)) == [
        "sh-markor-design-2020 at intake: commit 4 is not told of, though later ones are: dropped"
    ]


def test_an_altered_message_is_found_where_it_was_decided(file: Path, tmp_path: Path) -> None:
    with Writer.begin(tmp_path / "message.journal", Reader.about_of(file)) as writer:
        for each in Reader(file):
            reviewed = b'"xianjie.case.reviewed.v1"' in each.body
            writer.add(each._replace(body=each.body.replace(b'"accept"', b'"accept" ')) if reviewed else each)
    (found,) = verified(tmp_path / "message.journal")
    assert "sh-markor-design-2020 at intake: commit " in found
    assert "is another" in found


def test_another_salt_is_suspected_where_no_first_commit_is_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "another")
    assert "is XIANJIE_SALT the salt of that network?" in run("verify", "--journal", file).output


def test_a_damaged_block_is_a_fault_with_its_place(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.journal"
    cut.write_bytes(file.read_bytes()[:-40])
    assert any("byte" in each for each in verified(cut))


def test_a_recording_is_checked_whole(file: Path) -> None:
    assert run("verify", "c-1", "--journal", file).exit_code == 2
