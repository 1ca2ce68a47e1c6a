"""The front door of intake as applicants meet it: a real broker, a real database, a real process."""

import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import pika
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pymongo import MongoClient

from deploy.local.machine import Machine
from deploy.local.network import Network
from services.intake.front.codes import Codes
from xianjie.agency import Agency
from xianjie.message import plain
from xianjie.messages.case import CaseReviewed, DisputedRight, Gap
from xianjie.topology import partition
from xianjie.vocabulary import Ground

from .applying import Applicant, until
from .telling import CENTRE, application, paper

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def network(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Broker, database and intake alone: the door needs no other service."""
    network = Network(machine, tmp_path_factory.mktemp("front"))
    network.prepare([CENTRE])
    network.start("intake")
    yield network
    network.clear()


@pytest.fixture
def applicant(network: Network) -> Applicant:
    return Applicant(network)


@pytest.fixture
def centre(network: Network) -> Iterator[Agency]:
    with Agency.connect(network.uri(CENTRE), CENTRE) as centre:
        yield centre


def case_of(network: Network, key: str) -> str:
    return Codes(network.secrets["XIANJIE_DOOR_KEY"]).case(key)


def shown_inside(network: Network, case: str) -> list[Any]:
    """The commits of a case, as the service's own door shows them."""
    with urllib.request.urlopen(f"{network.doors['intake']}/cases/{case}") as answer:
        return list(json.load(answer))


def test_an_application_is_taken_reviewed_supplemented_and_accepted(
    network: Network, applicant: Applicant, centre: Agency
) -> None:
    """From the applicant's side: a code, then one word after another, and what is missing with its date."""
    key = str(uuid.uuid4())
    answer = applicant.ask("POST", "/applications", plain(application()), key)
    assert (answer.status, answer.body["status"]) == (202, "received")
    code = answer.body["code"]
    assert answer.headers["Location"] == f"/applications/{code}"
    assert applicant.see(code).status == 200
    seen = applicant.see_until(code, "under_review")
    assert set(seen) == {"code", "status", "label", "received", "updated"}
    case = case_of(network, key)
    centre.say(CaseReviewed(verdict="gaps", gaps=(Gap(field="contract", text="the licence contract"),)), case)
    asked = applicant.see_until(code.lower().replace("-", ""), "supplement_required")["asked"]
    assert asked["gaps"] == [{"field": "contract", "text": "the licence contract"}]
    assert asked["due"]
    assert applicant.post(code, "appeal").status == 409
    assert applicant.post(code, "supplements", {"papers": [plain(paper("contract"))]}).status == 202
    applicant.see_until(code, "under_review")
    centre.say(CaseReviewed(verdict="accept"), case)
    applicant.see_until(code, "accepted")


def test_a_retry_with_the_same_key_is_the_same_application(network: Network, applicant: Applicant) -> None:
    """The same code each time, one case, one message; another application under this key is refused."""
    key = str(uuid.uuid4())
    codes = {applicant.submit(key) for _ in range(3)}
    (code,) = codes
    applicant.see_until(code, "under_review")
    assert applicant.submit(key.upper()) == code
    assert len(shown_inside(network, case_of(network, key))) >= 1
    types = [each["type"] for each in shown_inside(network, case_of(network, key))]
    assert types.count("case.submitted") == 1
    other = applicant.ask("POST", "/applications", plain(application(summary="another")), key)
    assert (other.status, other.body["errors"][0]["header"]) == (422, "Idempotency-Key")


def test_of_many_applications_at_once_under_one_key_one_is_taken_and_the_others_are_refused(
    network: Network, applicant: Applicant
) -> None:
    key, found = str(uuid.uuid4()), []

    def submit(at: int) -> None:
        found.append(applicant.ask("POST", "/applications", plain(application(summary=f"number {at}")), key))

    threads = [threading.Thread(target=submit, args=(at,)) for at in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.status for each in found) == [202, 422, 422, 422]
    (code,) = [each.body["code"] for each in found if each.status == 202]
    applicant.see_until(code, "under_review")
    with MongoClient[dict[str, Any]](network.machine.database.uri()) as client:
        log = client[f"{network.name}_intake"]["log"]
        assert log.count_documents({"outcome": "kept"}) == 0, "nobody is told 202 for what is then kept as a double"


def test_a_key_stands_for_one_message_of_a_case_on_file_too(network: Network, applicant: Applicant, centre: Agency) -> None:
    key, later = str(uuid.uuid4()), str(uuid.uuid4())
    code = applicant.submit(key)
    applicant.see_until(code, "under_review")
    case = case_of(network, key)
    centre.say(CaseReviewed(verdict="gaps", gaps=(Gap(field="contract", text="the licence contract"),)), case)
    applicant.see_until(code, "supplement_required")
    first = {"text": "first", "papers": [plain(paper("contract"))]}
    path = f"/applications/{code}/supplements"
    assert [applicant.ask("POST", path, first, later).status for _ in range(2)] == [202, 202]
    applicant.see_until(code, "under_review")
    assert applicant.ask("POST", path, first, later).status == 202
    other = applicant.ask("POST", path, {**first, "text": "second"}, later)
    assert (other.status, other.body["errors"][0]["header"]) == (422, "Idempotency-Key")


def test_many_at_once_under_one_key_are_one_application(network: Network, applicant: Applicant) -> None:
    key, codes = str(uuid.uuid4()), []
    threads = [threading.Thread(target=lambda: codes.append(applicant.submit(key))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(codes), len(set(codes))) == (8, 1)
    applicant.see_until(codes[0], "under_review")
    until(lambda: waiting(network), lambda count: count == 0)
    assert [each["type"] for each in shown_inside(network, case_of(network, key))].count("case.submitted") == 1


def test_an_application_is_withdrawn_once(applicant: Applicant) -> None:
    code = applicant.submit()
    applicant.see_until(code, "under_review")
    key = str(uuid.uuid4())
    assert applicant.post(code, "withdrawal", key=key).status == 202
    applicant.see_until(code, "withdrawn")
    assert applicant.post(code, "withdrawal", key=key).status == 202, "the same request again"
    again = applicant.post(code, "withdrawal")
    assert (again.status, again.body["detail"]) == (409, "This is not possible now: the application is withdrawn.")


def test_a_refusal_tells_why_and_is_appealed(network: Network, applicant: Applicant, centre: Agency) -> None:
    key = str(uuid.uuid4())
    code = applicant.submit(key)
    applicant.see_until(code, "under_review")
    centre.say(
        CaseReviewed(verdict="refuse", ground=Ground.OUT_OF_SCOPE, text="no IP matter", remedy="ask a court"),
        case_of(network, key),
    )
    refusal = applicant.see_until(code, "refused")["refusal"]
    assert (refusal["ground"], refusal["text"], refusal["remedy"]) == ("out_of_scope", "no IP matter", "ask a court")
    assert refusal["due"]
    assert applicant.post(code, "appeal", {"text": "it is"}).status == 202
    applicant.see_until(code, "appealed")


def test_every_fault_is_listed_as_a_problem(applicant: Applicant) -> None:
    answer = applicant.ask("POST", "/applications", {"applicant": {"kind": "robot"}}, "not a key")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    named = {each.get("pointer") or each["header"] for each in answer.body["errors"]}
    assert named == {"Idempotency-Key", "/applicant/kind", "/applicant/name", "/receiving_body", "/right"}


@pytest.mark.parametrize(("method", "path", "raw", "headers", "status"), [
    ("POST", "/applications", b"{", {}, 400),
    ("POST", "/applications", b"{}", {"Content-Type": "text/xml"}, 415),
    ("POST", "/applications", b" " * 300_000, {}, 413),
    ("POST", "/applications", b" " * 3_000_000, {}, 413),
    ("PUT", "/applications", b"{}", {}, 405),
    ("GET", "/applications", None, {}, 405),
    ("GET", "/elsewhere", None, {}, 404),
    ("GET", "/", None, {}, 404),
])  # fmt: skip
def test_what_is_wrong_is_answered_as_a_problem(
    applicant: Applicant, method: str, path: str, raw: bytes, headers: Any, status: int
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    answer = applicant.ask(method, path, raw=raw, key=str(uuid.uuid4()), **named)
    assert (answer.status, answer.body["status"], answer.headers["Content-Type"]) == (status, status, "application/problem+json")
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_wrong_code_and_what_is_no_code_are_answered_alike(applicant: Applicant) -> None:
    answers = [applicant.see(code) for code in ("0000-0000-0000-0000", "x", "%00", "%ff")]
    assert {each.status for each in answers} == {404}
    assert len({json.dumps(each.body) for each in answers}) == 1
    assert applicant.post("0000-0000-0000-0000", "withdrawal").status == 404


def test_the_description_served_is_valid(applicant: Applicant) -> None:
    OpenAPIV31SpecValidator(applicant.ask("GET", "/openapi.json").body).validate()


def test_nothing_personal_is_logged_and_no_list_shows_the_code(network: Network, applicant: Applicant) -> None:
    code = applicant.submit()
    applicant.see_until(code, "under_review")
    log = network.log("intake").read_text()
    for secret in (code, code.replace("-", ""), "深圳某某", "13800138000", "91440300708461136T", "127.0.0.1:"):
        assert secret not in "\n".join(line for line in log.splitlines() if '"settings"' not in line), secret
    with urllib.request.urlopen(f"{network.doors['intake']}/cases") as answer:
        assert all("query" not in each["glance"] for each in json.load(answer))


def waiting(network: Network) -> int:
    """How many messages wait for intake."""
    with pika.BlockingConnection(pika.URLParameters(network.machine.broker.uri(network.name))) as connection:
        return int(connection.channel().queue_declare(partition("intake", 1), passive=True).method.message_count)


def test_while_the_broker_stands_still_nothing_is_taken_and_the_rest_is_served(network: Network, applicant: Applicant) -> None:
    """503 with Retry-After within the time limit; meanwhile others are answered at once; afterwards the same key works."""
    code = applicant.submit()
    applicant.see_until(code, "under_review")
    key, answers = str(uuid.uuid4()), []
    network.machine.broker.pause()
    try:
        asking = threading.Thread(
            target=lambda: answers.append(applicant.ask("POST", "/applications", plain(application()), key))
        )
        asking.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert applicant.see(code).status == 200
        assert time.monotonic() - began < 2
        asking.join(20)
    finally:
        network.machine.broker.resume()
    assert (answers[0].status, int(answers[0].headers["Retry-After"]) > 0) == (503, True)
    again = until(
        lambda: applicant.ask("POST", "/applications", plain(application()), key), lambda answer: bool(answer.status == 202)
    )
    applicant.see_until(again.body["code"], "under_review")


def test_an_address_that_tries_codes_is_made_to_wait(network: Network, applicant: Applicant) -> None:
    """Last, for it spoils this address for a minute: then even a right code is not looked up."""
    code = applicant.submit()
    answers = [applicant.see(f"{each:016d}") for each in range(25)]
    assert answers[-1].status == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert applicant.see(code).status == 429


def test_a_code_is_found_by_an_index(network: Network) -> None:
    """Among a million cases too."""
    with MongoClient[Any](network.machine.database.uri()) as client:
        log = client[f"{network.name}_intake"]["log"]
        plan = log.find({"glance.query": "0" * 64, "head": True}).explain()["queryPlanner"]["winningPlan"]
    assert "by query" in json.dumps(plan)


def test_intake_stops_under_load_and_every_application_it_took_is_a_case(network: Network, applicant: Applicant) -> None:
    """202 is a promise. Who got no answer asks again with the same key."""
    taken: list[str] = []

    def submit_until_it_is_gone() -> None:
        with suppress(OSError, HTTPException):
            while True:
                key = str(uuid.uuid4())
                applicant.submit(key, right=DisputedRight(type="invention", number=key))  # no two are duplicates
                taken.append(key)

    threads = [threading.Thread(target=submit_until_it_is_gone) for _ in range(4)]
    for each in threads:
        each.start()
    until(lambda: len(taken), lambda count: count >= 20)
    network.stop("intake")
    for each in threads:
        each.join()
    network.start("intake")
    until(lambda: waiting(network), lambda count: count == 0)
    assert all(until(lambda key=key: shown_inside(network, case_of(network, key)), bool) for key in taken)
