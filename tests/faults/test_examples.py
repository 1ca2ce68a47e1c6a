"""The systems of contracts/examples as an integrator starts them, on a real network: a real case through each, to its end."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.chassis.ground import until
from tests.faults.lives import introduce
from xianjie.agency import Agency, Received
from xianjie.message import named
from xianjie.messages.case import Applicant, CaseConclusionProposed, CaseReviewed, CaseSubmitted, DisputedRight, Respondent
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.proceeding import ProceedingNoticed
from xianjie.messages.referral import ReferralMoved, ReferralRequested
from xianjie.messages.visit import VisitDue
from xianjie.vocabulary import ApplicantKind, LegKind, Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "contracts/examples"
OWNER, COURT, MEDIATORS, PLATFORM = "CN-SH-IPO", "CN-SH-IPC", "CN-SH-YPQ-PMC", "CN-TMALL"


@pytest.fixture(scope="module")
def network(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Four services that know the directory."""
    network = Network(machine, tmp_path_factory.mktemp("networks"), f"shown{uuid.uuid4().hex[:8]}")
    network.prepare([OWNER, COURT, MEDIATORS, PLATFORM])
    network.start()
    network.wait_known("routing", "directory", introduce(network))
    yield network
    network.clear()


@contextmanager
def system(network: Network, file: str, code: str, folder: Path, *options: str) -> Iterator[Path]:
    """One of the examples at work, as its users start it; its log. It ends well when it is told to."""
    log = folder / f"{file}.log"
    command = [sys.executable, str(EXAMPLES / file), "--code", code, "--store", str(folder / f"{file}.sqlite"), *options]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "XIANJIE_URI": network.uri(code)}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield log
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


class Owner:
    """The office that answers for one case, which it refers to a body; what it hears of it."""

    def __init__(self, office: Agency, track: Track, body: str, settles: bool) -> None:
        self.office, self.track, self.body, self.settles = office, track, body, settles
        self.case = f"shown-{uuid.uuid4().hex[:8]}"
        self.outcome: str | None = None
        self.moved: list[str] = []
        self.refused: list[ReceiptGiven] = []
        self.visited = threading.Event()
        office.on(ProceedingNoticed, self.take_note)
        office.on(ReferralMoved, self.propose)
        office.on(VisitDue, lambda _: self.visited.set())
        office.on_refusal(lambda received: self.refused.append(received.message))

    def refer(self, **more: str) -> None:
        applicant = Applicant(name="某某家居有限公司", kind=ApplicantKind.LEGAL_PERSON)
        submitted = CaseSubmitted(
            receiving_body=OWNER, applicant=applicant, right=DisputedRight(type="design"),
            respondents=(Respondent(name="某某商行", area="310110"),),
        )  # fmt: skip
        for message in (
            submitted, CaseReviewed(verdict="accept"), ReferralRequested(track=self.track, kind=LegKind.FILE, body=self.body, **more),
        ):  # fmt: skip
            receipt = self.office.receipt(self.office.say(message, self.case), 60)
            assert receipt is not None
            assert receipt.status == 202, receipt

    def take_note(self, received: Received[ProceedingNoticed]) -> None:
        news = received.message
        if news.state == "outcome_reported":
            self.outcome = news.outcome
            acknowledged = named(f"{self.track}.outcome_acknowledged")(leg=news.leg)  # type: ignore[call-arg]
            self.office.say(acknowledged, received.case)

    def propose(self, received: Received[ReferralMoved]) -> None:
        """Where an outcome does not settle the dispute by itself, its owner says that the case is done."""
        self.moved.append(received.message.state)
        if received.message.state == "closed" and not self.settles:
            self.office.say(CaseConclusionProposed(outcome="advised"), received.case)


SHOWN = {
    "court": ("court.py", COURT, Track.COURT, {"basis": "first_instance"}, (), "judged_for_claimant", True),
    "mediation": ("mediation_body.py", MEDIATORS, Track.MEDIATION, {}, (), "agreement", True),
    "platform, the seller silent": ("online_platform.py", PLATFORM, Track.PLATFORM, {}, (), "measures_stand", True),
    "platform, countered": (
        "online_platform.py", PLATFORM, Track.PLATFORM, {}, ("--seller", "counters", "--proof"), "measures_kept", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shown", SHOWN)
def test_a_case_goes_through_the_system_to_its_end(network: Network, tmp_path: Path, shown: str) -> None:
    """Offered, taken, walked through its track, reported, taken note of, concluded; nothing that anybody said is refused."""
    file, code, track, more, options, outcome, settles = SHOWN[shown]
    with (
        system(network, file, code, tmp_path, *options) as log,
        Agency(network.uri(OWNER), OWNER, store=tmp_path / "owner.sqlite") as office,
    ):
        owner = Owner(office, track, code, settles)
        office.start()
        owner.refer(**more)
        assert owner.visited.wait(90), log.read_text()
        assert (owner.outcome, owner.refused) == (outcome, [])
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [each["text"] for each in lines if each["event"] == "refused"] == []
    assert next(each["type"] for each in lines if each["event"] == "heard") == "referral.offered"
    assert f"{track}.opened" in [each.get("type") for each in lines]
    assert "某某" not in log.read_text(), "no name in a log"


def test_parties_that_refuse_send_the_leg_back(network: Network, tmp_path: Path) -> None:
    with (
        system(network, "mediation_body.py", MEDIATORS, tmp_path, "--parties", "refuse") as log,
        Agency(network.uri(OWNER), OWNER, store=tmp_path / "owner.sqlite") as office,
    ):
        owner = Owner(office, Track.MEDIATION, MEDIATORS, True)
        office.start()
        owner.refer()
        until(lambda: "returned" in owner.moved, f"the leg is back: {log.read_text()}")
        assert owner.refused == []


@pytest.mark.parametrize("file", sorted(each.name for each in EXAMPLES.glob("*.py")))
def test_each_example_teaches_how_it_is_started_and_says_what_is_missing(file: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "XIANJIE_URI"}
    helped = subprocess.run([sys.executable, EXAMPLES / file, "--help"], capture_output=True, text=True, check=True, env=env)
    assert f"python contracts/examples/{file}" in helped.stdout
    assert "--store" in helped.stdout
    alone = subprocess.run([sys.executable, EXAMPLES / file], capture_output=True, text=True, check=False, env=env)
    assert (alone.returncode, "give --uri, or set XIANJIE_URI" in alone.stderr) == (2, True)


def test_the_examples_and_their_handlers_are_typed(tmp_path: Path) -> None:
    """A checker knows the class that each handler gets, and refuses a handler of another."""
    wrong = (
        "from xianjie.agency import Agency, Received\nfrom xianjie.messages.referral import ReferralMoved, ReferralOffered\n"
        "def f(received: Received[ReferralMoved]) -> None: ...\ndef g(received: Received) -> None: ...\n"
        "office = Agency('', 'CN-A')\noffice.on(ReferralMoved, f)\noffice.otherwise(g)\n"
        "@office.on(ReferralOffered)\ndef h(received: Received[ReferralOffered]) -> None:\n    reveal_type(received.message)\n"
        "office.on(ReferralOffered, f)\n"
    )
    (tmp_path / "wrong.py").write_text(wrong)
    command = [sys.executable, "-m", "mypy"]
    typed = subprocess.run([*command, *sorted(EXAMPLES.glob("*.py"))], cwd=ROOT, capture_output=True, text=True, check=False)
    assert typed.returncode == 0, typed.stdout
    found = subprocess.run([*command, tmp_path / "wrong.py"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert 'wrong.py:10: note: Revealed type is "xianjie.messages.referral.ReferralOffered"' in found
    errors = [line.split(":")[1] for line in found.splitlines() if "error:" in line]
    assert errors == ["11"], found
