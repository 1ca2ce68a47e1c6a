"""Agencies over HTTP alone in a real network: services, broker and database are the real ones."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Receiver

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bridge.asking import Client, until
from tests.bridge.hooks import Hooks
from tests.faults.lives import introduce
from xianjie.bridge_keys import Served, Webhook, new_key, new_secret, read_served, with_key, without_older_keys, write_served
from xianjie.message import Message
from xianjie.messages.case import (
    Applicant,
    CaseFileReleased,
    CaseRegistered,
    CaseReviewed,
    CaseSubmitted,
    DisputedRight,
    Respondent,
    Wish,
)
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralDelivered, ReferralOffered
from xianjie.messages.tracks import MEDIATION
from xianjie.vocabulary import CHINA, ApplicantKind, Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

CENTRE, COMMITTEE, OFFICE = "CN-SH-IPAC", "CN-SH-YPQ-PMC", "CN-SH-IPO"
PAGE = Path(__file__).parents[2] / "contracts/README.md"


@pytest.fixture(scope="module")
def network(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three services, the directory, and a bridge for three agencies that have no user on the broker."""
    if not machine.broker.running:
        machine.up()
    network = Network(machine, tmp_path_factory.mktemp("whole"), f"whole{uuid.uuid4().hex[:8]}")
    network.prepare([], bridged=[CENTRE, COMMITTEE, OFFICE])
    try:
        network.start("intake", "routing", "mediation", "bridge")
        network.wait_known("routing", "directory", introduce(network))
        yield network
    finally:
        network.clear()


def client(network: Network, code: str) -> Client:
    return Client(network.bridge.address, code, network.bridge.keys[code])


def receipt(body: Client, id: str) -> Any:
    """The one answer of the network to that message."""
    return body.hear(lambda event: event["type"] == ReceiptGiven.type and event["data"]["to"] == id)["data"]


def said(body: Client, message: Message, case: str) -> None:
    """Say it, and hear that it was taken."""
    given = receipt(body, body.say(message, case))
    assert given["status"] == 202, given


def written(network: Network, served: Sequence[Served]) -> None:
    """Write the file of agencies, and wait until the bridge has read it: who tries a key before that tries a wrong one."""
    read = network.log("bridge").read_text().count('"agencies read"')
    write_served(network.bridge.agencies, served)
    until(lambda: network.log("bridge").read_text().count('"agencies read"') > read)


def test_a_case_goes_from_application_to_acceptance_over_http_alone(network: Network) -> None:
    """Submitted, reviewed, offered, delivered, acknowledged, accepted; then the file and the proceeding are there."""
    centre, committee, case = client(network, CENTRE), client(network, COMMITTEE), f"http-{uuid.uuid4().hex[:8]}"
    application = CaseSubmitted(
        receiving_body=CENTRE, applicant=Applicant(name="somebody", kind=ApplicantKind.LEGAL_PERSON), right=DisputedRight(type="design"),
        respondents=(Respondent(name="somebody else", area="310110"),), infringement_area="310110",
        wish=Wish(track=Track.MEDIATION, body=COMMITTEE),
    )  # fmt: skip
    centre.say(application, case)
    assert centre.hear_type(CaseRegistered)["subject"] == case
    said(centre, CaseReviewed(verdict="accept"), case)
    leg = committee.hear_type(ReferralOffered)["data"]["leg"]
    for answer in (ReferralDelivered(leg=leg), ReferralAcknowledged(leg=leg), ReferralAccepted(leg=leg, recusal_checked=True)):
        said(committee, answer, case)
    heard = set()
    while heard != {CaseFileReleased.type, MEDIATION.opened.type}:
        event = committee.hear(lambda event: event["type"] in (CaseFileReleased.type, MEDIATION.opened.type))
        assert event["subject"] == case
        heard.add(event["type"])


def test_the_receipt_of_a_message_comes_by_long_poll_and_of_the_same_again_as_409(network: Network) -> None:
    """Routing hears it, and answers once for each time."""
    office = client(network, OFFICE)
    raw = office.written(ReferralAcknowledged(leg="L1"), f"nothing-{uuid.uuid4().hex[:8]}", id := str(uuid.uuid4()))
    assert office.post(raw).status == 202
    assert receipt(office, id)["status"] == 202
    assert office.post(raw).status == 202
    again = receipt(office, id)
    assert (again["status"], again["first"]) == (409, 202)


def test_the_receipt_comes_by_webhook_signed(network: Network) -> None:
    """And by polls again when the webhook is taken out of the file."""
    office, hooks, secret, file = client(network, OFFICE), Hooks().start(), new_secret(), network.bridge.agencies
    served = read_served(file)
    hook = Webhook(url=hooks.url, secret=secret)
    written(network, [replace(each, webhook=hook) if each.code == OFFICE else each for each in served])
    try:
        id = office.say(ReferralAcknowledged(leg="L1"), f"nothing-{uuid.uuid4().hex[:8]}")
        until(lambda: hooks.told, lambda told: any(json.loads(each.body)["data"].get("to") == id for each in told))
        assert {Receiver(secret).verify(each.body, each.headers)["type"] for each in hooks.told} == {ReceiptGiven.type}
    finally:
        written(network, served)
        hooks.stop()


def test_a_key_takes_the_place_of_another_without_a_gap(network: Network) -> None:
    """Both are in force for a while; then the older one is revoked, and says so; no restart."""
    file = network.bridge.agencies
    before, (key, digest) = read_served(file), new_key()
    old = client(network, OFFICE)
    new = Client(old.address, OFFICE, key)
    try:
        written(network, with_key(before, OFFICE, digest))
        assert new.ask("GET", "/v1/inbox?wait=0").status == 200
        assert old.ask("GET", "/v1/inbox?wait=0").status == 200
        written(network, without_older_keys(read_served(file), OFFICE))
        refused = old.ask("GET", "/v1/inbox?wait=0")
        assert (refused.status, refused.body["code"]) == (401, "revoked_key")
        assert new.ask("GET", "/v1/inbox?wait=0").status == 200
        file.write_text("- {code: broken")
        until(lambda: '"agencies not read"' in network.log("bridge").read_text())
        assert new.ask("GET", "/v1/inbox?wait=0").status == 200, "what it said last holds"
    finally:
        written(network, before)
    assert old.ask("GET", "/v1/inbox?wait=0").status == 200


def test_one_command_starts_a_network_with_a_bridge(tmp_path: Path) -> None:
    """As the page for operators has it; network.json says where it is, and with which key one comes in."""
    local, where = [sys.executable, "-m", "deploy.local"], ["--name", "http", "--home", str(tmp_path)]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*local, *words, *where], capture_output=True, text=True, check=False, cwd=PAGE.parents[1])

    unknown = run("up", "--bridge", "CN-XX-NOBODY")
    assert (unknown.returncode, "CN-XX-NOBODY: no such body" in unknown.stderr) == (1, True)
    try:
        up = run("up", "--bridge", OFFICE)
        assert up.returncode == 0, up.stderr
        known = json.loads((tmp_path / "http/network.json").read_text())["bridge"]
        assert known["address"] in up.stdout
        assert known["keys"][OFFICE] not in up.stdout
        office = Client(known["address"], OFFICE, known["keys"][OFFICE])
        id = office.say(ReferralAcknowledged(leg="L1"), "nothing-here")
        assert receipt(office, id)["status"] == 202
        assert "is up already" in run("up", "--bridge", OFFICE).stdout
        assert f"its bridge serves {OFFICE}" in run("up", "--bridge", COMMITTEE).stderr
    finally:
        down = run("down")
    assert down.returncode == 0, down.stderr


def test_the_examples_of_the_page_for_integrators_work_as_they_stand(network: Network, tmp_path: Path) -> None:
    """With curl, from the message shown to the acknowledgement of its receipt."""
    section = PAGE.read_text("utf-8").split("## Without AMQP\n", 1)[1].split("\n## ", 1)[0]
    ((_, example), (_, commands)) = re.findall(r"(?ms)^```([a-z]*)\n(.*?)^```$", section)
    shown = {**json.loads(example), "id": str(uuid.uuid4()), "time": datetime.now(CHINA).isoformat()}
    (tmp_path / "accepted.json").write_text(json.dumps(shown))
    environment = {"BRIDGE": network.bridge.address, "KEY": network.bridge.keys[OFFICE], "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=90, check=True
    )
    said, acknowledged = json.loads(f"[{done.stdout.replace('}{', '},{')}]")
    assert said == {"id": shown["id"], "source": f"/agencies/{OFFICE}"}
    (received,) = json.loads((tmp_path / "inbox.json").read_text())["messages"]
    assert (received["message"]["data"]["to"], acknowledged) == (shown["id"], {"acknowledged": 1, "unknown": []})
