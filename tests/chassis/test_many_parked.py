"""Operators and parked cases in numbers: lists stay quick at 100,000 of them, and cases get going one first, the rest at a bounded rate."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.chassis.parking import LADDER
from tests.chassis.ground import Ground, Probe, taken, until
from xianjie.cli import app

pytestmark = pytest.mark.broker
MANY = 100_000
TRIES = len(LADDER)
"""So many a parked message has had when only an operator tries it again."""
LIMIT = 1.0
"""Seconds within which the door answers one page; with the groups of all."""


def crowd(ground: Ground) -> None:
    """100,000 parked cases of three kinds, each with a successor that waits behind."""
    then = datetime(2026, 3, 2, tzinfo=UTC)
    kinds = ["aaaaaaaaaaaa"] * 6 + ["bbbbbbbbbbbb"] * 3 + ["cccccccccccc"]
    for begin in range(0, MANY, 10_000):
        rows: list[dict[str, Any]] = []
        for at in range(begin, begin + 10_000):
            kind = kinds[at % 10]
            row = {
                "_id": f"c-{at}/1", "service": "mediation", "case": f"c-{at}", "k": 1, "head": 0, "body": b"{}",
                "headers": [], "exchange": "xianjie.events", "routing_key": "x", "at": then + timedelta(seconds=at // 3), "attempts": 7,
                "fingerprint": kind, "error": f"ValueError in {kind}", "culprit": None, "hold_until": None, "digest": "0",
                "key": f"/services/routing m-{at}",
            }  # fmt: skip
            behind = {**row, "_id": f"c-{at}/2", "k": 2, "key": f"/services/routing n-{at}", "fingerprint": None, "error": None}
            rows += [row, behind]
        ground.store.parked.insert_many(rows, ordered=False)


def timed(probe: Probe, path: str) -> dict[str, Any]:
    """What the door answers: within the limit at one of three tries, for others use the machine too."""
    took = []
    while not took or (min(took) >= LIMIT and len(took) < 3):
        began = time.monotonic()
        status, page = probe.get(path)
        took.append(time.monotonic() - began)
        assert status == 200
    assert min(took) < LIMIT, path
    return dict(page)


def test_the_list_answers_within_a_second_at_a_hundred_thousand(ground: Ground) -> None:
    probe = ground.probe()
    crowd(ground)
    page = timed(probe, "/parked?limit=200")
    assert [(each["_id"], each["cases"]) for each in page["groups"]] == [
        ("aaaaaaaaaaaa", 60_000), ("bbbbbbbbbbbb", 30_000), ("cccccccccccc", 10_000),
    ]  # fmt: skip
    assert [each["case"] for each in page["cases"]][:3] == ["c-0", "c-1", "c-2"]
    seen = {each["case"] for each in page["cases"]}
    for _ in range(3):  # pages that follow neither repeat nor leave out, though several rows came at one moment
        last = page["cases"][-1]
        page = timed(probe, f"/parked?limit=200&after={_after(last)}")
        assert page["groups"] == []
        seen |= {each["case"] for each in page["cases"]}
    assert seen == {f"c-{at}" for at in range(800)}
    deep = {"at": (datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=33_000)).isoformat(), "case": "c-99001", "k": 1}
    assert len(timed(probe, f"/parked?after={_after(deep)}")["cases"]) == 200, (
        "a page at the end is as quick as one at the beginning"
    )
    found = timed(probe, f"/parked?fingerprint=cccccccccccc&after={_after(deep)}")["cases"]
    assert {each["fingerprint"] for each in found} == {"cccccccccccc"}
    assert [each["case"] for each in timed(probe, "/parked?case=c-77777")["cases"]] == ["c-77777"]
    for bad in ("after=yesterday", "after=2026-03-02T00:00:00,c-1/1", "limit=0", "fingerprint=%00", "case=a%20b"):
        assert probe.get(f"/parked?{bad}")[0] == 400, bad
    until(lambda: probe.metric("cases_parked") == MANY, "it is counted")
    assert probe.get("/live")[0] == 200


def _after(row: dict[str, Any]) -> str:
    return f"{row['at']},{row['case']}/{row['k']}".replace("+", "%2B")


class Desk:
    """The command line, and a network of which only the probe runs."""

    def __init__(self, ground: Ground, probe: Probe, home: Path) -> None:
        self.file = home / "network.json"
        doors, amqp = {"mediation": f"http://127.0.0.1:{probe.port}"}, {"operator": ground.uri("operator")}
        self.file.write_text(json.dumps({"name": "probe", "exercise": False, "doors": doors, "amqp": amqp}))

    def parked(self, *words: str) -> Result:
        result = CliRunner().invoke(app, ["parked", *words, "--network", str(self.file)], catch_exceptions=False)
        assert "Traceback" not in result.output
        return result


@pytest.fixture
def waiting(ground: Ground, tmp_path: Path) -> tuple[Ground, Probe, Desk]:
    """Thirty cases wait for one reason and three for another, and the ladders are at their ends."""
    ground.broken.touch()
    probe = ground.probe()
    ground.tell(*[(f"c-{at:02}", f"m-{at}", taken("break" if at < 30 else "raise")) for at in range(33)])
    until(lambda: len(ground.parked()) == 33, "all wait")
    at_their_ends = {"$set": {"hold_until": None, "attempts": TRIES}}
    ground.store.parked.update_many({}, at_their_ends)
    ground.tell(("c-other", "o-1", taken()))  # behind what the ladder may have asked for just before
    until(lambda: ground.tale("c-other") == ["o-1"], "the ladder's last tries are over")
    ground.store.parked.update_many({}, at_their_ends)
    return ground, probe, Desk(ground, probe, tmp_path)


def test_the_list_comes_in_pages_and_says_how_to_go_on(waiting: tuple[Ground, Probe, Desk]) -> None:
    _, _, desk = waiting
    seen: list[str] = []
    after, pages = "", 0
    while after is not None:
        page = json.loads(desk.parked("list", "--limit", "10", "--after", after, "--json").stdout)
        assert bool(page["groups"]) == (pages == 0), "groups are counted for the first page alone"
        seen += [each["case"] for each in page["cases"]]
        after, pages = page["next"], pages + 1
    assert (pages, sorted(seen)) == (4, [f"c-{at:02}" for at in range(33)])
    assert "more with: --after " in desk.parked("list", "--limit", "10").stdout


def test_all_go_at_the_rate_that_was_asked_and_a_kind_whose_first_fails_is_left_alone(
    waiting: tuple[Ground, Probe, Desk],
) -> None:
    ground, probe, desk = waiting
    ground.broken.unlink()
    began = time.monotonic()
    result = desk.parked("retry", "--all", "--rate", "20/s", "--why", "mended", "--who", "Ann")
    assert time.monotonic() - began >= 30 / 20, "no faster than asked"
    assert "30 of 31 got going again" in result.stdout
    assert "its other 2 were left alone" in result.stderr
    assert result.exit_code == 1
    assert {each["case"] for each in ground.parked()} == {"c-30", "c-31", "c-32"}
    assert sorted(each["attempts"] for each in ground.parked()) == [TRIES, TRIES, TRIES + 1], "one went first"
    probe.sound("c-00", "c-29")


def test_while_nothing_is_mended_only_the_first_of_a_kind_is_tried(waiting: tuple[Ground, Probe, Desk]) -> None:
    ground, _, desk = waiting
    kind = next(each["fingerprint"] for each in ground.parked() if each["case"] == "c-00")
    result = desk.parked("retry", "--fingerprint", kind, "--why", "perhaps")
    assert (result.exit_code, "its other 29 were left alone" in result.stderr) == (1, True)
    assert sorted(each["attempts"] for each in ground.parked())[-2:] == [TRIES, TRIES + 1]
    ground.broken.unlink()
    result = desk.parked("retry", "--fingerprint", kind, "--rate", "500", "--why", "now")
    assert (result.exit_code, result.stderr) == (0, "")
    assert {each["case"] for each in ground.parked()} == {"c-30", "c-31", "c-32"}
    assert "c-30 still waits" in desk.parked("retry", "c-30", "--why", "perhaps").stderr


@pytest.mark.parametrize("words", [("--rate", "0"), ("--rate", "fast"), ("--rate", "5000/s"), ("c-1",)])
def test_a_rate_that_is_none_and_two_choices_at_once_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["parked", "retry", "--all", "--why", "x", *words, "--network", str(tmp_path / "none")])
    assert result.exit_code == 2
