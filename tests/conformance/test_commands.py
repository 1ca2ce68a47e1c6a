"""`xianjie conform` and `xianjie simulate` as people run them: two programs, and a broker that holds nothing."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pika
import pytest
from typer.testing import CliRunner, Result

from deploy.local.machine import Machine
from xianjie.cli import app
from xianjie.cli.verdicts import tell
from xianjie.conformance import page
from xianjie.conformance.clauses import clauses
from xianjie.conformance.findings import Fault, Findings
from xianjie.conformance.judge import Arrival, Judge
from xianjie.envelope import CONTENT_TYPE
from xianjie.vocabulary import CHINA

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

WHO = ("--agency", "CN-TRIED", "--role", "mediation_body")
DECLINES = """
- hears: referral.offered
  nth: 1
  say:
    - {message: referral.acknowledged}
    - {message: referral.declined, with: {ground: capacity, text: no room this week}}
"""


def run(*words: str) -> Result:
    """What a command prints, and how it ends."""
    return CliRunner().invoke(app, [*words], terminal_width=200, catch_exceptions=False)


@contextmanager
def simulated(uri: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A simulated agency as a program; ended by Ctrl-C, which it takes well."""
    command = [sys.executable, "-m", "xianjie", "simulate", *WHO, "--amqp", uri, *more]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        yield program
        program.send_signal(signal.SIGINT)
        assert program.wait(30) == 0


def test_a_trial_of_a_good_agency_ends_with_0_and_writes_every_report(uri: str, tmp_path: Path) -> None:
    """The terminal, JSON, JUnit and HTML say the same."""
    html, junit, out = tmp_path / "r.html", tmp_path / "r.xml", tmp_path / "r.json"
    with simulated(uri):
        tried = run(
            "conform", *WHO, "--amqp", uri, "--patience", "5", "--html", str(html), "--junit", str(junit), "--out", str(out)
        )
    assert tried.exit_code == 0, tried.output
    assert "ok: CN-TRIED as mediation_body conforms" in tried.output
    whole = json.loads(out.read_text())
    assert whole["conforms"]
    assert [each["clause"] for each in whole["clauses"]] == list(clauses())
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get("failures"), len(suite)) == ("0", len(clauses()))
    assert ">conforms<" in html.read_text()


def test_a_trial_asks_for_a_restart_and_names_what_comes_back(uri: str) -> None:
    """Whoever runs the system is told on the terminal; the report stays clean for programs."""
    words = ["conform", *WHO, "--amqp", uri, "--patience", "2", "--restart", "20", "--json"]
    with simulated(uri, "--wrong", "keeps_deliveries"):
        trial = subprocess.Popen(
            [sys.executable, "-m", "xianjie", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert trial.stderr is not None
        assert any("now stop CN-TRIED, within 20 s" in line for line in trial.stderr)
    with simulated(uri), trial:
        whole = json.loads(trial.communicate(timeout=90)[0])
    (named,) = [each for each in whole["clauses"] if each["clause"] == "inbox.acknowledged"]
    assert (trial.returncode, named["verdict"]) == (1, "failed")
    assert "it had not acknowledged them" in named["faults"][0]["says"]


def test_a_system_that_ends_in_the_trial_is_said_to_have_gone_and_over_what(uri: str) -> None:
    """At once, and once: what would be played to nobody is not."""
    with tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, "-m", "xianjie", "simulate", *WHO, "--amqp", uri, "--wrong", "stumbles_over_unknown_fields"]
        with subprocess.Popen(command, stderr=said) as program:
            tried = run("conform", *WHO, "--amqp", uri, "--patience", "2", "--json")
            assert program.wait(30) == 1
    found = {each["clause"]: each for each in json.loads(tried.stdout)["clauses"]}
    (fault,) = found["inbox.emptied"]["faults"]
    assert "nobody consumes agency.CN-TRIED any more" in fault["says"]
    assert (fault["script"], fault["message"]["data"]["urgency"]) == ("unknown fields", "high")
    assert (tried.exit_code, found["offer.many"]["verdict"]) == (1, "not shown")


@pytest.mark.parametrize(
    ("by", "status"),
    [("Ctrl-C", 130), ("the broker went away", 3), ("the broker went away during the trial, or the inbox from it", 3)],
)
def test_a_trial_that_is_broken_off_writes_what_it_has_found(
    machine: Machine, uri: str, tmp_path: Path, by: str, status: int
) -> None:
    out, html, junit = tmp_path / "r.json", tmp_path / "r.html", tmp_path / "r.xml"
    words = ["conform", *WHO, "--amqp", uri, "--patience", "4", "--out", str(out), "--html", str(html), "--junit", str(junit)]
    other = [sys.executable, "-m", "xianjie", "simulate", *WHO, "--amqp", uri]
    with subprocess.Popen(
        other, stderr=subprocess.DEVNULL
    ) as agency:  # what it says to a trial that is gone reaches nobody, and ends it
        trial = subprocess.Popen(
            [sys.executable, "-m", "xianjie", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
            channel = connection.channel()
            channel.exchange_declare("xianjie.agencies.out", "topic", durable=True)
            own = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(own, "xianjie.agencies.out", "CN-TRIED.receipt.given.v1")  # it has judged one message
            next(channel.consume(own, inactivity_timeout=60))
            if by.endswith("the inbox from it"):
                channel.queue_delete("agency.CN-TRIED")
        if by == "Ctrl-C":
            trial.send_signal(signal.SIGINT)
        elif by == "the broker went away":
            machine.broker.ctl("close_all_connections", "--vhost", uri.rpartition("/")[2], "maintenance")
        _, says = trial.communicate(timeout=60)
        agency.kill()
    assert trial.returncode == status
    assert f"the trial was broken off: {by}" in says
    assert "while playing" in says
    whole = json.loads(out.read_text())
    assert by in whole["broken_off"]
    assert f"The trial was broken off: {by}" in html.read_text()
    assert by in (ElementTree.parse(junit).getroot().findtext("system-err") or "")
    assert {each["clause"]: each["verdict"] for each in whole["clauses"]}["contract.valid"] == "passed"


def test_a_trial_of_a_wrong_agency_ends_with_1_and_names_clause_message_and_what_was_expected(uri: str, tmp_path: Path) -> None:
    """In the JSON for programs, and in the page for people."""
    html, junit = tmp_path / "r.html", tmp_path / "r.xml"
    with simulated(uri, "--wrong", "accepts_without_declaring"):
        tried = run(
            "conform", *WHO, "--amqp", uri, "--patience", "4", "--json", "--html", str(html), "--junit", str(junit), "--out", "/dev/full"
        )  # fmt: skip
    assert tried.exit_code == 1
    assert "/dev/full: the report could not be written: No space left on device" in tried.stderr
    whole = json.loads(tried.stdout)
    (rule,) = [each for each in whole["clauses"] if each["clause"] == "protocol.rule"]
    fault = rule["faults"][0]
    assert (rule["verdict"], fault["message"]["type"]) == ("failed", "xianjie.referral.accepted.v1")
    assert fault["expected"] == "referral.accepted with recusal_checked: true"
    assert int(ElementTree.parse(junit).getroot().get("failures", "0")) > 0
    assert 'id="protocol.rule"' in html.read_text()


def test_what_a_hostile_system_says_is_no_markup_on_the_page_and_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    findings = Findings()
    findings.fault(Fault("contract.valid", "<i>", "<u>", "/<b>\x1b[2J", "<s>", {"text": "<img src=x>\x1b[2J"}))
    about = {
        "agency": "CN-TRIED",
        "role": "court",
        "at": "2026-03-02T09:30:00+08:00",
        "seconds": 1,
        "patience": 1,
        "broken_off": "<a>",
    }
    shown = page.page(findings, about)
    assert not [each for each in ("<i>", "<u>", "<b>", "<s>", "<img", "<a>") if each in shown]
    assert "&lt;img src=x&gt;" in shown
    tell(findings, about)
    assert "\x1b[2J" not in capsys.readouterr().out


def test_a_scripted_agency_says_what_its_script_says(uri: str, tmp_path: Path) -> None:
    """Its first offer it declines, as written; all others it takes. Nothing of that is a breach."""
    script = tmp_path / "script.yaml"
    script.write_text(DECLINES)
    with simulated(uri, "--script", str(script)):
        tried = run("conform", *WHO, "--amqp", uri, "--patience", "4", "--json")
    found = {each["clause"]: each["verdict"] for each in json.loads(tried.stdout)["clauses"]}
    assert (found["offer.decided"], found["proceeding.begun"]) == ("passed", "not shown")
    assert "failed" not in found.values()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--role", "judge"), 2, "there are mediation_body, court"),
        (("--agency", "c!"), 2, "must be an agency code"),
        (("--patience", "nan"), 2, "give seconds"),
        (("--restart", "0"), 2, "--restart 0: give seconds, from 1 to 3600"),
        (("--amqp", "http://localhost"), 2, "this is no address of a broker (it begins otherwise): it is written amqp://user"),
        (("--amqp", "amqp://a:b@127.0.0.1:1/"), 3, "is away: [Errno 111] Connection refused"),
        (("--wait", "nan"), 2, "give seconds, 0 to 86400"),
        (("--wait", "0.5"), 3, "no trial: nobody consumes agency.CN-TRIED: start the system"),
    ],
)
def test_what_is_wrong_with_a_trial_is_said_in_one_message(uri: str, words: tuple[str, str], status: int, says: str) -> None:
    """What, where, and what to do."""
    tried = run("conform", *WHO, "--amqp", uri, *words)
    assert (tried.exit_code, says in tried.output) == (status, True), tried.output


def test_a_simulated_agency_that_waits_for_its_inbox_ends_at_once_on_ctrl_c(uri: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "xianjie", "simulate", *WHO, "--amqp", uri], stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        assert any("is not there yet" in line for line in program.stderr)
        program.send_signal(signal.SIGINT)
        assert program.wait(10) == 130


def test_a_script_names_all_its_faults_with_their_places(uri: str, tmp_path: Path) -> None:
    """Before anything is said."""
    script = tmp_path / "script.yaml"
    script.write_text(
        "- {hears: referral.ofered, nth: 0, say: [{message: referral.declined, with: {ground: whim, texxt: x}}]}\n- {hears: 7}\n"
        "- {hears: receipt.given, say: [{message: referral.acknowledged}]}\n"
    )
    tried = run("simulate", *WHO, "--amqp", uri, "--script", str(script))
    assert tried.exit_code == 2
    for each in (
        "/0/hears: no message is named 'referral.ofered'; near: referral.offered",
        "/0/nth: must be a whole number, 1 or more",
        "/0/say/0/with/ground",
        "/0/say/0/with/texxt: referral.declined has no such field; it has leg, ground",
        "/0/say/0/with/text",
        "/1: must be",
        "/2/say/0/with/leg: ",
    ):
        assert each in tried.output


def test_what_a_simulated_agency_can_do_wrong_is_listed() -> None:
    """With the clause that names it."""
    assert "receipt.unanswered" in run("simulate", "--list").output
    assert json.loads(run("simulate", "--list", "--json").output)["acts_twice"] == ["duplicate.once"]
    assert "say who it is" in run("simulate").output
    assert "--wrong juggles" in run("simulate", *WHO, "--amqp", "amqp://x", "--wrong", "juggles").output


def test_a_script_may_have_an_agency_say_what_agencies_say_and_no_more(tmp_path: Path) -> None:
    """Else the trial of it would be one of the script."""
    script = tmp_path / "script.yaml"
    script.write_text("- {hears: referral.offered, say: [{message: referral.moved, with: {state: expired, body: CN-A-B}}]}\n")
    told = run("simulate", *WHO, "--amqp", "amqp://x", "--script", str(script))
    assert told.exit_code == 2
    assert "/0/say/0/message: referral.moved is said by routing, not by agencies" in told.output


def test_a_report_that_cannot_be_written_is_said_before_the_trial(tmp_path: Path) -> None:
    """Nobody is at that address: it is not even asked."""
    for option, file in (("--html", tmp_path / "none/r.html"), ("--junit", tmp_path)):
        words = ["conform", "--agency", "CN-A-B", "--role", "court", "--amqp", "amqp://a:b@127.0.0.1:9/", option, str(file)]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2
        assert f"{option} {file}: cannot be written" in done.stderr


def test_a_receipt_is_not_answered_by_the_kit_either() -> None:
    """It is named by its clause; else two who answer receipts would never end."""
    body = {
        "specversion": "1.0", "id": "r-1", "source": "/agencies/CN-TRIED", "type": "xianjie.receipt.given.v1", "subject": "c-1",
        "datacontenttype": "application/json", "timeprecision": "none", "data": {"to": "m-1", "status": 202},
    }  # fmt: skip
    findings = Findings()
    judge = Judge("CN-TRIED", findings, lambda: datetime.now(CHINA))
    said = judge.hear(Arrival(json.dumps(body).encode(), "CN-TRIED.receipt.given.v1", {"case": "c-1"}, CONTENT_TYPE))
    assert [*said] == []
    assert [each.clause for each in findings.faults] == ["receipt.unanswered"]
