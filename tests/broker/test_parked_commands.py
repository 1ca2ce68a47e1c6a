"""`xianjie parked` and `xianjie cases` against a live service whose cases are really parked: what the commands promise, they do."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chassis.ground import Ground, Probe, encode, taken, until
from xianjie.topology import address

pytestmark = pytest.mark.broker
WHY = ("--who", "Ann", "--why", "looked at it")


@pytest.fixture
def probe(ground: Ground) -> Probe:
    """The service, up, and a network.json that names its door."""
    probe = ground.probe()
    content = {
        "name": "probe", "exercise": None, "doors": {"mediation": f"http://127.0.0.1:{probe.port}"},
        "amqp": {"operator": ground.uri("operator")},
    }  # fmt: skip
    (ground.home / "network.json").write_text(json.dumps(content))
    return probe


def cli(ground: Ground, *words: str) -> subprocess.CompletedProcess[str]:
    """One call of `xianjie` against this network."""
    command = [str(Path(sys.executable).with_name("xianjie")), *words, "--network", str(ground.home / "network.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def park(ground: Ground, *cases: str) -> None:
    """Make the rule fail in each of these cases, until the ladder has given up for longer than a test takes."""
    ground.broken.touch()
    ground.tell(*[(case, f"{case}-m1", taken("break")) for case in cases])
    until(lambda: [each["attempts"] for each in ground.parked()] == [2] * len(cases), "they wait, the next try is 15 s away")
    ground.store.parked.update_many(
        {}, {"$set": {"hold_until": datetime.now(UTC) + timedelta(hours=1)}}
    )  # a test may take longer


def why(ground: Ground, case: str) -> list[str]:
    """What operators said in a case, as its log keeps it."""
    notes = [each for commit in ground.commits(case) for each in commit["said"] if each["type"] == "xianjie.log.noted.v1"]
    return [json.loads(bytes(each["body"]))["data"]["words"] for each in notes]


@pytest.mark.usefixtures("probe")
def test_retry_by_fingerprint_tries_the_first_alone_then_all(ground: Ground) -> None:
    park(ground, "c-1", "c-2", "c-3")
    listed = json.loads(cli(ground, "parked", "list", "--json").stdout)
    (group,) = listed["groups"]
    assert (group["service"], group["cases"], [each["case"] for each in listed["cases"]]) == (
        "mediation",
        3,
        ["c-1", "c-2", "c-3"],
    )
    (found,) = [each for each in json.loads(cli(ground, "cases", "--parked", "--json").stdout) if each["case"] == "c-2"]
    assert found["stuck"] == "parked at mediation"

    still = cli(ground, "parked", "retry", "--fingerprint", group["_id"], *WHY)
    assert still.returncode == 1
    assert f"the first of {group['_id']} at mediation is parked again: its other 2 were left alone" in still.stderr
    assert [each["attempts"] for each in ground.parked()] == [3, 2, 2]

    ground.broken.unlink()
    again = cli(ground, "parked", "retry", "--fingerprint", group["_id"], *WHY)
    assert (again.returncode, again.stdout) == (0, "3 of 3 got going again\n"), again.stderr
    assert [ground.tale(each) for each in ("c-1", "c-2", "c-3")] == [["c-1-m1"], ["c-2-m1"], ["c-3-m1"]]
    assert "parked.retry_asked by Ann: looked at it" in why(ground, "c-2")
    assert cli(ground, "parked", "list").stdout == "nothing is parked\n"


@pytest.mark.usefixtures("probe")
def test_retry_of_one_case_leaves_the_others_and_skip_notes_the_first_and_decides_the_rest(ground: Ground) -> None:
    park(ground, "c-1", "c-2")
    ground.tell(("c-2", "c-2-m2", taken()), after={"c-2": "c-2-m1"})
    until(lambda: len(ground.parked("c-2")) == 2, "a successor waits")
    skipped = cli(ground, "parked", "skip", "c-2", *WHY)
    assert (skipped.returncode, skipped.stdout) == (0, "c-2 got going again\n"), skipped.stderr
    assert ground.tale("c-2") == ["c-2-m2"]
    assert why(ground, "c-2").count("parked.skip_asked by Ann: looked at it") == 2, (
        "once as said, once in the place of the message"
    )

    ground.broken.unlink()
    again = cli(ground, "parked", "retry", "c-1", *WHY)
    assert (again.returncode, again.stdout) == (0, "c-1 got going again\n"), again.stderr
    assert ground.tale("c-1") == ["c-1-m1"]
    nothing = cli(ground, "parked", "retry", "c-1", *WHY)
    assert (nothing.returncode, "nothing is parked for c-1" in nothing.stderr) == (1, True)


@pytest.mark.usefixtures("probe")
def test_amend_puts_a_right_message_in_the_place_of_a_wrong_one(ground: Ground) -> None:
    good = encode(taken(), "c-1", "/services/routing", "m-1")
    ground.publish([(*address("routing", taken().name, 1, "mediation"), "c-1", good.replace(b'"L1"', b'"leg one"'))])
    until(lambda: ground.parked("c-1"), "it waits")
    body = ground.home / "right.json"
    missing = cli(ground, "parked", "amend", "c-1", "--body", str(body), *WHY)
    assert (missing.returncode, "is not there" in missing.stderr) == (2, True)
    body.write_bytes(good)
    amended = cli(ground, "parked", "amend", "c-1", "--body", str(body), *WHY)
    assert (amended.returncode, amended.stdout) == (0, "c-1 got going again\n"), amended.stderr
    assert ground.tale("c-1") == ["m-1"]
    assert "parked.amend_asked by Ann: looked at it" in why(ground, "c-1")
