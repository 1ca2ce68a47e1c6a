"""The example agency in Node.js: it conforms, in every wrong it is found out, and the real services carry cases through with it."""

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

import pytest
from long import chosen, some

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE, application, replies
from tests.conformance.example import Program, Report, installed, running, verdicts
from tests.faults.lives import introduce
from xianjie.agency import Agency
from xianjie.conformance.course import offer
from xianjie.conformance.disturbing import ONE_BY_ONE, moved, unreadable
from xianjie.conformance.place import Place
from xianjie.conformance.report import as_json
from xianjie.conformance.restarting import restarted
from xianjie.conformance.roles import ROLES
from xianjie.conformance.scripts import TOGETHER
from xianjie.conformance.trial import Script, Trial
from xianjie.messages.visit import VisitDue
from xianjie.vocabulary import Ground, Mode

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

CODE = "CN-TRIED"
PATIENCE = 6.0
AT_ONCE = 5
XIANJIE = Path(sys.executable).parent / "xianjie"
WRONGS = {
    "never-delivers": "offer.delivered",
    "answers-receipts": "receipt.unanswered",
    "acts-twice": "duplicate.once",
    "uses-an-id-twice": "contract.identity",
    "speaks-of-other-cases": "contract.subject",
    "accepts-without-declaring": "protocol.rule",
    "outcome-without-papers": "protocol.rule",
    "works-though-refused": "refused.stops",
    "ignores-recalls": "recall.answered",
    "lets-go-of-what-it-took": "recall.kept",
    "ignores-cancelling": "cancel.answered",
    "ignores-contests": "contest.answered",
    "no-content-type": "contract.valid",
    "wrong-routing-key": "contract.valid",
    "stumbles-over-what-it-does-not-understand": "reader.unreadable",
    "stays-away": "inbox.comes_back",
}
"""By what it does wrong, the clause that names it."""
FEW = ("never-delivers", "acts-twice", "ignores-recalls", "no-content-type", "wrong-routing-key", "stays-away")
"""What every run tries; the long one tries all."""
SHOWN_BY = {"stumbles-over-what-it-does-not-understand": (unreadable,), "stays-away": (moved,)}
"""The scripts that it takes, where those that go on together do not show it."""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the example is installed."""
    return installed(tmp_path_factory.mktemp("node"))


def conformed(uri: str) -> Report:
    """The report of `xianjie conform` for the court, as an integrator gets it."""
    words = [XIANJIE, "conform", "--agency", CODE, "--role", "court", "--patience", str(PATIENCE), "--json"]
    done = subprocess.run(words, env={"TRIAL_AMQP": uri}, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout, done.stderr
    return {**json.loads(done.stdout), "status": done.returncode}


def tried(uri: str, role: str, scripts: Any) -> Report:
    """The report of a trial with some of the scripts."""
    with Place(uri, CODE) as place:
        trial = Trial(place, ROLES[role], PATIENCE)
        trial.attend(60)
        for each in scripts:
            trial.run(each)
    return as_json(trial.findings, {})


def one_trial(name: str, uri: str, example: Path, log: Path) -> Report:
    """What a trial finds of the example in this role, or as a court that does this wrong."""
    Place(uri, CODE).close()  # the inbox is there before the example is
    options = (example, log, uri, CODE, "--pace", "0.1")
    if name == "court":
        with running(*options):
            return conformed(uri)
    if name == "mediation_body":
        with running(*options, "--tracks", "mediation"):
            return tried(uri, name, [TOGETHER, *([each] for each in ONE_BY_ONE)])
    with running(*options, "--wrong", name, status=1 if name.startswith("stumbles") else 0):
        return tried(uri, "court", [SHOWN_BY.get(name, TOGETHER)])


@pytest.fixture(scope="module")
def found(
    machine: Machine, example: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[Report]]]:
    """By role or wrong, what a trial finds: many at a time, for they mostly wait."""
    home, names = tmp_path_factory.mktemp("trials"), [*chosen(request, "role"), *chosen(request, "wrong")]
    places = [f"node-{number}" for number in range(AT_ONCE)]
    machine.broker.import_definitions({"vhosts": [{"name": each} for each in places]})
    free: SimpleQueue[str] = SimpleQueue()
    for each in places:
        free.put(each)

    def trial(name: str) -> Report:
        vhost = free.get()
        try:
            return one_trial(name, machine.broker.uri(vhost), example, home / f"{name}.log")
        finally:
            free.put(vhost)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {each: pool.submit(trial, each) for each in names}
    for vhost in places:
        machine.broker.delete_vhost(vhost)


@pytest.mark.parametrize("role", ["court", "mediation_body"])
def test_the_example_conforms_in_every_clause(found: dict[str, Future[Report]], role: str) -> None:
    """The recommended ones among them; as a court by the command, and as a mediation body by its steps table alone. Its messages have neither
    `follows` nor `ttl`; another test stops it and starts it again."""
    report = found[role].result()
    assert verdicts(report, "failed", "not shown") == {}
    assert verdicts(report, "not called for").keys() == {
        "contract.order", "contract.lasting", "inbox.acknowledged", "inbox.after_restart",
    }  # fmt: skip
    assert report["conforms"]
    assert report.get("status", 0) == 0


@pytest.mark.parametrize("wrong", some(WRONGS, FEW))
def test_every_wrong_of_the_example_is_named_by_its_clause(found: dict[str, Future[Report]], wrong: str) -> None:
    """With what was expected."""
    named = verdicts(found[wrong].result(), "failed", "not shown")
    assert WRONGS[wrong] in named
    assert all(fault["says"] and fault["expected"] for fault in named[WRONGS[wrong]])
    assert named[WRONGS[wrong]]


def test_a_leg_whose_acceptance_was_refused_it_lets_go_when_it_is_recalled(uri: str, example: Path, tmp_path: Path) -> None:
    """It has not taken it; and it tells its operators with which words it was refused."""

    def recalled(trial: Trial) -> Script:
        leg = trial.open("let go")
        leg.course.bars = Ground.SUED, "a party has sued"
        trial.say(leg, offer(leg.course))
        assert (yield from trial.until(lambda: bool(leg.refused), 30))
        trial.say(leg, leg.course.recall())
        assert (yield from trial.until(lambda: leg.has("referral.recalled", "referral.recall_refused"), 30))
        yield from trial.silence()
        said = [each.message.name for each in leg.said]
        assert said == ["referral.delivered", "referral.acknowledged", "referral.accepted", "referral.recalled"]

    with Place(uri, CODE) as place, running(example, tmp_path / "log", uri, CODE, by=signal.SIGINT) as program:
        trial = Trial(place, ROLES["court"], PATIENCE)
        trial.attend(60)
        trial.run([recalled])
    assert trial.findings.faults == []
    told = [(each["message"], each["status"], each["ground"], each["text"]) for each in program.told("refused")]
    assert told == [("referral.accepted", 403, "sued", "a party has sued")]


def test_killed_in_its_work_it_goes_on_from_its_memory(uri: str, example: Path, tmp_path: Path) -> None:
    """Nothing is said twice, nothing left out: with the same ids, and the same bytes under each."""
    options = (example, tmp_path / "first.log", uri, CODE, "--memory", str(tmp_path / "memory"), "--pace", "0.5")
    with Place(uri, CODE) as place:
        trial, first = Trial(place, ROLES["court"], PATIENCE), Program(*options)
        trial.attend(60)

        def killed(trial: Trial) -> Script:
            leg = trial.offer("killed")
            assert (yield from trial.until(lambda: leg.has("court.progressed"), 30))
            first.process.kill()
            assert first.process.wait(10) == -9
            with running(options[0], tmp_path / "second.log", *options[2:]):
                assert (yield from trial.until(lambda: leg.has("court.outcome_reported"), 60))
                yield from trial.silence()
            said = [each.message.name for each in leg.said]
            assert said == [
                "referral.delivered", "referral.acknowledged", "referral.accepted", *["court.progressed"] * 2, "court.outcome_reported",
            ]  # fmt: skip

        trial.run([killed])
    assert trial.findings.faults == []


def test_stopped_and_started_again_it_has_forgotten_nothing(uri: str, example: Path, tmp_path: Path) -> None:
    """With its memory: nothing comes back, nothing is done twice, and what came meanwhile is taken."""
    options = (example, tmp_path / "log", uri, CODE, "--memory", str(tmp_path / "memory"))
    lives = list[Program]()

    def told(what: Literal["stop", "start"]) -> None:
        if what == "start":
            lives.append(Program(*options))
        else:
            assert lives[-1].end(signal.SIGTERM) == 0

    with Place(uri, CODE) as place:
        told("start")
        trial = Trial(place, ROLES["court"], PATIENCE)
        trial.attend(60)
        trial.run([restarted(told, 30)])
        told("stop")
    assert trial.findings.faults == []
    assert (trial.findings.met["inbox.acknowledged"], trial.findings.met["inbox.after_restart"]) == (1, 2)


def test_words_that_are_wrong_and_a_broker_that_refuses_end_it_with_a_message(uri: str, example: Path) -> None:
    """Status 2 for the words, 1 for the broker; the password is not shown."""

    def ended(*words: str) -> tuple[int, str]:
        done = subprocess.run(["node", "main.mjs", *words], cwd=example, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stderr

    status, says = ended("--agency", "x", "--amqp", uri)
    assert (status, "--agency: give the code" in says) == (2, True)
    status, says = ended("--agency", CODE, "--amqp", uri, "--tracks", "court,tennis")
    assert (status, "--tracks tennis: there are court" in says) == (2, True)
    schemas = ("--schemas", str(Path(__file__).parents[2] / "contracts/schemas"))
    place = uri.rsplit("@", 1)[1]
    status, says = ended("--agency", CODE, "--amqp", f"amqp://{CODE}:not-the-secret@{place}", *schemas)
    assert (status, "look at user, password" in says, "not-the-secret" in says) == (1, True, False)


# --- with the real services


@pytest.fixture
def network(machine: Machine, tmp_path: Path) -> Iterator[Network]:
    """Four services that know the directory, an office and a court; the court is for the example."""
    network = Network(machine, tmp_path, f"node{uuid.uuid4().hex[:8]}")
    network.prepare([OFFICE, COURT])
    try:
        network.start()
        network.wait_known("routing", "directory", introduce(network))
        yield network
    finally:
        network.clear()


def test_real_cases_go_through_it_to_a_closed_leg(network: Network, example: Path, tmp_path: Path) -> None:
    """Adjudicated and mediated by the office, confirmed by the example; its connection is cut on the way, and it comes back."""
    cases = {f"node-{n}" for n in range(4)}
    visits: set[str] = set()
    log = tmp_path / "court.log"
    with (
        running(example, log, network.uri(COURT), COURT, "--tracks", "court,confirmation", "--pace", "0.2") as court,
        Agency(network.uri(OFFICE), OFFICE) as office,
    ):
        court.awaits("listening")
        for n, case in enumerate(sorted(cases)):
            office.say(application(n), case, mode=Mode.TEST)
        while visits != cases:
            received = office.hear(90)
            assert received, f"nothing came for 90 s; {court.log.read_text()}"
            visits |= {received.case} if isinstance(received.message, VisitDue) else set()
            for reply in replies(received):
                office.say(reply, received.case, because=received.heard.id, mode=Mode.TEST)
            office.done(received)
            if len(visits) == 1 and not court.told("away"):
                network.machine.broker.cut(COURT, "a test")
                court.awaits("listening", times=2)
    assert court.told("refused") == []
    assert court.told("not understood") == []
    assert court.told("fault") == []
