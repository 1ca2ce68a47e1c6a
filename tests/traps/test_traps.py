"""The traps that users of comparable systems reported, each by its number, on the real network: four services, broker, database.

The scenarios beside this file are invented. All are played together in one exercise; then each test looks at what became of its own.
"""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pika
import pytest

from deploy.demo import messages_shown, on_stage
from tests.chassis.ground import encode, until
from tests.traps.staging import Stage
from xianjie import journal
from xianjie.bodies import read_bodies
from xianjie.cli import network as seen
from xianjie.cli.again import run as replay
from xianjie.cli.play import load_all, play
from xianjie.cli.verify import verified
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralAccepted
from xianjie.topology import address
from xianjie.vocabulary import Mode

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1200)]
MEDIATED = Path(__file__).parents[1] / "scenarios/sh-markor-design-2020.yaml"
"""A published case: no trap brings mediation anything to do."""
FILES = [*sorted(Path(__file__).parent.glob("*.yaml")), MEDIATED]
DIRECTORY = Path(__file__).parents[2] / "deploy/directory"
OFFICE, CITY, MEDIATOR = "CN-ZJ-IPO", "CN-ZJ-WNZ-IPO", "CN-BJ-BSIA-PMC"
COMPANY = "91110000600037341L"
ACCEPTS = ("--leg", "L1", "--set", "recusal_checked=true")
"""What `xianjie say referral.accepted` says beside the case."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every scenario, played in one exercise."""
    scenarios = load_all(FILES)
    with on_stage(scenarios, tmp_path_factory.mktemp("stage")) as network:
        live = seen.find(network.file)
        yield Stage(network, live, {each.scenario.id: each for each in play(live, scenarios)})


@pytest.mark.parametrize("name", [each.stem for each in FILES])
def test_it_ends_as_the_scenario_says(stage: Stage, name: str) -> None:
    assert stage.played[name].wrong == []


@pytest.mark.parametrize(("name", "state"), [("trap-01-accepted-first", "taken"), ("trap-01-recalled-first", "recalled")])
def test_trap_1_recall_and_accept_cross_and_both_sides_end_equal(stage: Stage, name: str, state: str) -> None:
    assert stage.said(name, "referral.moved", OFFICE)[-1]["state"] == state
    assert stage.owner(name) == {CITY if state == "taken" else OFFICE}


def raw(stage: Stage, case: str, message: Message, id: str) -> bytes:
    """The message of the city's office, as its bytes."""
    return encode(message, case, f"/agencies/{CITY}", id, exercise=stage.live.name, mode=Mode.EXERCISE, time=_now(stage))


def _now(stage: Stage) -> datetime:
    now = stage.live.now()
    assert now is not None
    return now


PUBLISH = """
import os, sys, pika
uri, exchange, key, case, body, user, way = sys.argv[1:]
channel = pika.BlockingConnection(pika.URLParameters(uri)).channel()
if way == "live":
    channel.confirm_delivery()
properties = pika.BasicProperties(headers={"case": case}, delivery_mode=2, content_type="application/cloudevents+json", user_id=user)
channel.basic_publish(exchange, key, body.encode(), properties)
os._exit(9 if way == "die" else 0)
"""


def publish(stage: Stage, case: str, message: Message, body: bytes, way: str) -> int:
    """Publish as the city's office from a process of its own: one that awaits the confirmation, or dies before it; its exit status."""
    uri = stage.live.uri(CITY)
    exchange, key = address(CITY, message.name, message.version, "routing")
    words = [uri, exchange, key, case, body.decode(), pika.URLParameters(uri).credentials.username, way]
    return subprocess.run([sys.executable, "-c", PUBLISH, *words], check=False, timeout=90).returncode


@contextmanager
def inbox(stage: Stage, code: str) -> Iterator[Callable[[str, int], list[dict[str, Any]]]]:
    """What a body really gets from now on: `receipts(to, count)` waits for that many receipts for its message `to`."""
    found: list[dict[str, Any]] = []

    def receipts(to: str, count: int) -> list[dict[str, Any]]:
        def come() -> list[dict[str, Any]]:
            while body := channel.basic_get(f"agency.{code}", auto_ack=True)[2]:
                message = json.loads(body)
                if message["type"] == ReceiptGiven.type and message["data"]["to"] == to:
                    found.append(message["data"])
            return found if len(found) >= count else []

        return list(until(come, f"{code} gets {count} receipts for {to}"))

    with pika.BlockingConnection(pika.URLParameters(stage.live.uri(code))) as connection:
        channel = connection.channel()
        while channel.basic_get(f"agency.{code}", auto_ack=True)[0]:
            pass
        yield receipts


def test_trap_2_the_receiver_dies_between_accept_and_acknowledgement_exactly_one_owner(stage: Stage) -> None:
    """It says the same again when it is back: under the same identity, it is the same acceptance."""
    case = "trap-02-accept-and-die"
    body = raw(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), "accept-1")
    assert publish(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), body, "die") == 9
    assert publish(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), body, "live") == 0
    until(lambda: stage.owner(case) == {CITY}, "it owns the case, everywhere")
    moved = stage.said(case, "routing.custody_moved")
    assert [each["owner"] for each in moved] == [CITY], "once"


def test_trap_3_the_same_leg_sent_twice_has_one_effect_and_the_repetition_hears_409(stage: Stage) -> None:
    case = "trap-03-same-leg-twice"
    assert len(stage.said(case, "routing.leg_drafted")) == 1, "another message that asks for the same is refused"
    said = stage.cli("say", "referral.acknowledged", "--as", CITY, "--case", case, "--leg", "L1")
    assert said.returncode == 1
    body = raw(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), "accept-1")
    with inbox(stage, CITY) as receipts:
        for _ in range(2):
            publish(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), body, "live")
        given = receipts("accept-1", 2)
    assert [(each["status"], each.get("first")) for each in given] == [(202, None), (409, 202)]
    heard = [commit for commit in stage.live.commits(case)["routing"] if commit["cause"]["id"] == "accept-1"]
    assert len(heard) == 1
    assert len(stage.said(case, "routing.leg_taken")) == 1


def test_trap_4_a_second_leg_to_the_same_body_while_one_is_pending_is_refused(stage: Stage) -> None:
    drafted = stage.said("trap-04-second-leg", "routing.leg_drafted")
    assert [(each["leg"], each["track"]) for each in drafted] == [("L1", "adjudication"), ("L2", "mediation")]


def test_trap_5_a_decline_reaches_the_sender_with_code_and_text(stage: Stage) -> None:
    (news,) = [each for each in stage.whole("trap-05-decline", "referral.moved", OFFICE) if each["state"] == "declined"]
    assert (news["ground"], news["text"]) == ("no_facts", "no sample was bought")


def test_trap_6_silence_past_due_expires_then_the_next_candidate_then_a_person(stage: Stage) -> None:
    case = "trap-06-silence"
    drafted = stage.said(case, "routing.leg_drafted")
    assert [each["receiver"] for each in drafted] == [CITY, OFFICE]
    assert stage.said(case, "referral.choice_asked", OFFICE), "its owner is asked to choose"
    assert stage.glance("routing", case)["homeless"] == ["adjudication"]


def test_trap_7_what_the_old_owner_still_adds_does_not_move_custody(stage: Stage) -> None:
    assert stage.owner("trap-07-old-owner") == {CITY}
    assert len(stage.said("trap-07-old-owner", "routing.custody_moved")) == 1


def test_trap_8_a_pseudonymised_transfer_is_refused_and_pseudonymised_help_gets_no_file(stage: Stage) -> None:
    assert stage.owner("trap-08-pseudonym") == {OFFICE}
    assert stage.said("trap-08-pseudonym", "case.file_released") == []
    assert stage.said("trap-07-old-owner", "case.file_released", CITY), "who takes a leg under its name gets the file"


def test_trap_9_a_refusal_wipes_the_preview_at_the_receiver(stage: Stage) -> None:
    for case in ("trap-05-decline", "trap-12-delivered-then-no", "trap-01-recalled-first", "trap-06-silence"):
        (news,) = [each for each in stage.said(case, "referral.moved", CITY) if each.get("wipe")]
        assert news["leg"] == "L1"


def test_trap_10_a_duplicate_that_arises_after_a_hand_over_is_still_flagged(stage: Stage) -> None:
    for case, owner in (("trap-10-first", CITY), ("trap-10-second", "CN-JS-IPO")):
        assert stage.glance("intake", case)["duplicates"] == 1
        assert "duplicate" in [each.get("ground") for each in stage.said(case, "case.noticed", owner)], (
            "who answers for it hears of it"
        )
    assert stage.glance("intake", "trap-05-decline")["duplicates"] == 0


def test_trap_11_from_one_body_to_another_and_back_makes_no_second_case(stage: Stage) -> None:
    case = "trap-11-there-and-back"
    assert stage.owner(case) == {OFFICE}
    assert [each["owner"] for each in stage.said(case, "routing.custody_moved")] == [CITY, OFFICE]
    submitted = {
        line.case for name in stage.played for line in stage.played[name].scenario.lines if line.message.name == "case.submitted"
    }
    assert {head["case"] for head in stage.live.heads("intake")} == submitted


def test_trap_12_a_negative_status_after_delivered_is_accepted_and_shown(stage: Stage) -> None:
    case = "trap-12-delivered-then-no"
    moved = [each["state"] for each in stage.said(case, "routing.leg_moved")]
    assert moved[-2:] == ["delivered", "declined"]
    shown = stage.cli("timeline", case)
    assert shown.returncode == 0
    assert "declined" in shown.stdout


def test_trap_13_no_receipt_is_given_for_a_receipt(stage: Stage) -> None:
    """What an agency says as one is kept and not answered; no case has ever heard one."""
    receipt, case = ReceiptGiven(to="m-1", status=202), "trap-03-same-leg-twice"
    kept = stage.live.ask("routing", "/kept")["count"]
    publish(stage, case, receipt, raw(stage, case, receipt, "receipt-1"), "live")
    publish(stage, case, receipt, b"no receipt at all", "live")
    until(lambda: stage.live.ask("routing", "/kept")["count"] == kept + 2, "they are kept")
    for each in stage.live.ask("routing", "/kept")["last"][:2]:
        assert each["case"].startswith("kept-")
        (commit,) = stage.live.ask("routing", f"/cases/{each['case']}")
        assert [said["type"] for said in commit["said"] if "receipt" in said["type"]] == []
    for case in stage.played:
        for log in stage.live.commits(case).values():
            assert not [commit for commit in log if commit["type"] == "receipt.given"]


def test_trap_14_a_closed_leg_is_never_overdue(stage: Stage) -> None:
    """Half a year after its end, it still has no clock."""
    for service in ("routing", "enforcement_liaison"):
        heads = [head for head in stage.live.heads(service) if head["case"] == "trap-05-decline"]
        assert [late for head in heads for late in head["glance"]["late"]] == []
    breached = [each["clock"] for each in stage.said("trap-05-decline", "sla.breached")]
    assert [each for each in breached if each.startswith("L1/")] == []


def test_trap_15_concluding_is_blocked_by_open_legs(stage: Stage) -> None:
    case = "trap-15-open-leg"
    assert [each["legs"] for each in stage.said(case, "routing.legs_open")] == [["L1"]]
    assert stage.said(case, "case.concluded") == []
    assert [each for each in stage.whole(case, "case.noticed", OFFICE) if "legs are open: L1" in each["text"]], (
        "the owner hears which"
    )


def test_trap_16_a_retry_after_a_timeout_hears_already_have_it(stage: Stage) -> None:
    case = "trap-16-retry"
    body = raw(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), "accept-1")
    publish(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), body, "live")
    until(lambda: stage.owner(case) == {CITY}, "it is accepted")
    with inbox(stage, CITY) as receipts:
        publish(stage, case, ReferralAccepted(leg="L1", recusal_checked=True), body, "live")
        (receipt,) = receipts("accept-1", 1)
    assert (receipt["status"], receipt["first"]) == (409, 202)
    other = stage.cli("say", "referral.accepted", "--as", CITY, "--case", case, *ACCEPTS, "--json")
    answer = json.loads(other.stdout)
    assert (answer["status"], "L1 is taken" in answer["text"]) == (410, True)


def test_trap_17_acceptance_from_another_address_of_the_same_body_still_matches(stage: Stage) -> None:
    """A body is its code: its connection, the address and reference that it names, and what it answers to do not decide.

    So another body that names the receiver's address is still another body.
    """
    case, address = "trap-17-other-address", "second-office.wenzhou.example"
    words = ("say", "referral.accepted", "--case", case, *ACCEPTS, "--set", f"address={address}", "--json")
    foreign = json.loads(stage.cli(*words, "--as", MEDIATOR).stdout)
    assert (foreign["status"], foreign["ground"]) == (403, "not_yours")
    assert stage.owner(case) == {OFFICE}
    accepted = ReferralAccepted(leg="L1", recusal_checked=True, address=address, reference="X-9")
    with inbox(stage, CITY) as receipts:
        publish(stage, case, accepted, raw(stage, case, accepted, "accept-1"), "live")
        (receipt,) = receipts("accept-1", 1)
    assert receipt["status"] == 202
    until(lambda: stage.owner(case) == {CITY}, "it is the same body")
    shown = stage.cli("timeline", case).stdout
    assert "referral.accepted" in shown
    assert address not in shown, "where a body may be reached is its own words, and no door shows them"


def test_trap_18_a_body_with_pending_legs_cannot_leave(stage: Stage) -> None:
    case, why = "trap-18-leaving", ("--why", "closes")
    assert "drain it first" in stage.cli("directory", "leave", MEDIATOR, *why).stderr
    drained = stage.cli("directory", "drain", MEDIATOR, *why)
    assert drained.stdout == f"{MEDIATOR} gets no new legs; it has 1 open leg, and answers for 0 open cases\n", drained.stderr
    resumed = stage.cli("directory", "resume", MEDIATOR, "--why", "stays open")
    assert (resumed.returncode, resumed.stdout) == (0, f"{MEDIATOR} gets new legs again\n"), resumed.stderr
    assert stage.cli("directory", "drain", MEDIATOR, *why).returncode == 0
    refused = stage.cli("directory", "leave", MEDIATOR, *why)
    assert refused.returncode == 1
    assert "has 1 open leg" in refused.stderr
    assert f"  {case} L1 mediation {MEDIATOR}" in refused.stderr
    asked = (
        "say",
        "referral.requested",
        "--as",
        OFFICE,
        "--case",
        "trap-05-decline",
        "--set",
        "track=mediation",
        "--set",
        "kind=file",
    )
    told = stage.cli(*asked, "--set", f"body={MEDIATOR}", "--json")
    assert (json.loads(told.stdout)["status"], json.loads(told.stdout)["ground"]) == (403, "capacity")
    declined = (
        "say",
        "referral.declined",
        "--as",
        MEDIATOR,
        "--case",
        case,
        "--leg",
        "L1",
        "--set",
        "ground=capacity",
        "--set",
        "text=x",
    )
    assert stage.cli(*declined, "--actor", "clerk-7", "--role", "clerk").returncode == 0
    acted = [json.loads(each.body) for each in journal.read(stage.live.operator) if b'"clerk-7"' in each.body]
    assert {(each["source"], each["actorrole"], each.get("actoragency")) for each in acted} == {
        (f"/agencies/{MEDIATOR}", "clerk", None), ("/services/routing", "clerk", MEDIATOR), ("/services/intake", "clerk", MEDIATOR),
    }, "who acted stands with all that came of it"  # fmt: skip
    left = stage.cli("directory", "leave", MEDIATOR, *why)
    assert left.returncode == 0, left.stderr
    assert "has left the network" in stage.cli("directory", "leave", MEDIATOR, *why).stderr


def test_trap_19_three_days_over_the_october_holiday_differ_by_statute(stage: Stage) -> None:
    """From 30 September 2024: three working days (浙江省专利条例 25) and three days (司法确认程序规定 4)."""
    started = {each["clock"]: datetime.fromisoformat(each["due"]).date() for each in stage.said("trap-19-october", "sla.started")}
    assert (started["L1/B1"].isoformat(), started["L2/C8"].isoformat()) == ("2024-10-10", "2024-10-08")


def test_trap_20_the_whole_journal_decided_again_is_the_same_to_the_byte(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each commit's hash covers what was heard, what was said and the state. Shuffled deliveries: tests/recording/test_memory.py."""
    file = tmp_path / "all.journal"
    told = stage.cli("record", "--out", str(file))
    assert told.returncode == 0, told.stderr
    monkeypatch.setenv("XIANJIE_SALT", stage.network.environment("routing")["XIANJIE_SALT"])
    compared = replay(file).compared
    assert list(compared.differences()) == []
    assert dict(compared.left) == {}
    assert compared.hashed
    found = verified(stage.live)
    assert compared.commits == found.commits + found.kept + found.undelivered
    assert told.stdout.startswith(f"recorded: {compared.messages} messages in ")


def test_the_state_of_a_case_is_decided_again_from_the_journal_of_the_network(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANJIE_SALT", stage.network.environment("routing")["XIANJIE_SALT"])
    told = stage.cli("state", "trap-05-decline", "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    (head,) = (each for each in stage.live.heads("routing") if each["case"] == "trap-05-decline")
    assert (found["routing"]["n"], found["routing"]["hash_compared"]) == (head["n"], True)


def test_trap_20_every_log_folds_to_the_state_that_is_stored(stage: Stage) -> None:
    """From its first commit; and one owner across the services."""
    found = verified(stage.live)
    assert found.faults == []
    assert found.commits > 500
    assert found.parked == 0
    told = stage.cli("verify")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "verify: 0 faults, 0 parked"), told.stderr


def test_a_directory_is_imported_by_command(stage: Stage) -> None:
    bodies = read_bodies(DIRECTORY)
    imported = stage.cli("directory", "import", str(DIRECTORY))
    told = f"{len(bodies)} bodies are known to {stage.live.name}, without those that have left\n"
    assert (imported.returncode, imported.stdout) == (0, told), imported.stderr


def test_the_table_of_messages_names_only_traps_that_show_them(stage: Stage) -> None:
    kept: dict[str, list[str]] = json.loads((Path(__file__).parent / "shown.json").read_text())
    seen = messages_shown(stage.live, [each.scenario for each in stage.played.values()])
    assert {name: files for name, files in kept.items() if not set(files) <= set(seen.get(name, []))} == {}


def test_every_trap_has_a_test_of_its_number() -> None:
    text = Path(__file__).read_text()
    assert {int(each) for each in re.findall(r"def test_trap_(\d+)_", text)} == set(range(1, 21))


# --- what stands beside the cases: figures, checks, filing, registers


def test_61_62_figures_count_what_was_kept_what_it_cost_and_what_was_checked(stage: Stage) -> None:
    rows = {each["group"]: each for each in json.loads(stage.cli("figures", "--json").stdout)}
    centre, office = rows["CN-GD-IPPC"], rows["CN-GD-GZH-IPO"]
    assert (centre["spent_fen"], centre["satisfied"], centre["checked"], centre["passed"]) == (1_000_001, 5, 1, 1)
    assert office["taken"] <= office["offered"]
    assert office["kept"] > 0
    assert "440000" in stage.cli("figures", "--by", "region").stdout
    drawn = json.loads(stage.cli("draw", "--percent", "100", "--word", "2023", "--json").stdout)
    assert {"CN-GD-IPO": True} in [each["checks"] for each in drawn if each["case"] == "costs-and-checks"]


def test_61_what_is_filed_has_a_row_for_every_case(stage: Stage, tmp_path: Path) -> None:
    out = tmp_path / "filed.csv"
    assert stage.cli("filing", "--from", "2023-06-01", "--to", "2023-07-01", "--out", str(out)).returncode == 0
    (row,) = csv.DictReader(out.read_text("utf-8-sig").splitlines())
    assert (row["case"], row["path"]) == ("costs-and-checks", "L1 adjudication CN-GD-GZH-IPO closed infringement_found")


def test_12_load_and_record_are_counted_by_command_into_the_log_of_the_directory(stage: Stage) -> None:
    counted = stage.cli("directory", "count", "--record")
    assert counted.returncode == 0, counted.stderr
    assert re.search(r"\d+ open legs? and \d+ open cases? of \d+ bodies counted", counted.stdout)
    said = [
        each["data"]
        for commit in stage.live.log("routing", "directory")
        for each in commit["said"]
        if "load_counted" in each["type"]
    ]
    assert {each["code"] for each in said if each.get("refused")}, "somebody declined something"
    assert {each["code"] for each in said if each["open_legs"]}


def test_79_registers_are_made_known_by_command_and_asked_by_message(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "experts.yaml"
    entry = {
        "kind": "expert",
        "body": "CN-GD-IPPC",
        "skills": ["optics"],
        "area": "440000",
        "source": "appointed",
        "conflicts": [COMPANY],
    }
    file.write_text(json.dumps([{"code": "EXP-1", **entry}, {"code": "EXP-2", **entry, "conflicts": []}]))
    made = stage.cli("register", "import", str(file), "--why", "appointed")
    assert made.returncode == 0, made.stderr
    asked = (
        "say",
        "provider.asked",
        "--as",
        CITY,
        "--case",
        "who-knows-optics",
        "--set",
        "skill=optics",
        "--set",
        "right=invention",
    )
    assert stage.cli(*asked, "--set", "area=440100", "--set", f'parties=["{COMPANY}"]').returncode == 0
    (told,) = until(lambda: stage.said("who-knows-optics", "provider.told", CITY), "it is answered")
    assert [each["code"] for each in told["found"]] == ["EXP-2"]
    assert told["unfit"] == [{"code": "EXP-1", "ground": "conflict"}]
    assert stage.cli("register", "remove", "EXP-2", "--why", "resigned").returncode == 0
    assert "has the code EXP-2" in stage.cli("register", "remove", "EXP-2", "--why", "again").stderr
