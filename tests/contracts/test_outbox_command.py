"""`xianjie outbox`: what an agency's file holds, shown beside the running agency, and what a person does about it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xianjie import envelope
from xianjie.agency import Agency
from xianjie.cli import app
from xianjie.messages.case import CaseReviewed
from xianjie.messages.referral import ReferralMoved
from xianjie.office import inbox, outbox


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "office.sqlite"


@pytest.fixture
def office(file: Path) -> Iterator[Agency]:
    """A running agency that has said two things, of which one was refused; one message that it heard was set aside, one is behind it."""
    with Agency("amqp://a:b@127.0.0.1:9/x", "CN-SH-IPO", store=file, limit=0.1) as office:
        for thread in (office._kept().mouth, office._kept().ear):
            thread.start = lambda _=None: None  # type: ignore[method-assign]  # there is no broker to look for
        for id in ("m-1", "m-2"):
            office.say(CaseReviewed(verdict="accept"), "c-1", id=id)
        with office._kept().store.transaction() as db:
            outbox.set_aside(db, 1, "not_allowed", "CN-SH-IPO may not do this")
            for n, id in enumerate(("h-1", "h-2"), 1):
                message = ReferralMoved(leg="L1", state="declined", body="CN-A")
                attributes = envelope.attributes(
                    message, "c-2", "/services/routing", id, time=envelope.datetime.now().astimezone()
                )
                body = envelope.write(attributes, message)
                inbox.keep(db, envelope.read(body), body, 1.7e9 + n)
            inbox.set_aside(db, 1, "LookupError at court.py:41 in judge")
        yield office


def test_it_shows_what_waits_and_what_was_set_aside_while_the_agency_runs(file: Path, office: Agency) -> None:
    result = run("outbox", file)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("1 message to go out, the oldest since ")
    assert lines[1] == "0 messages without a receipt, 1 heard and not handled"
    assert [each.split()[0] for each in lines[3:5]] == ["said", "heard"]
    assert "LookupError at court.py:41 in judge" in lines[4]
    assert lines[-1].startswith(f"when the reason is mended: xianjie outbox retry {file} --all")
    assert run("outbox", "show", file).output == result.output


def test_as_json_it_is_for_programs(file: Path, office: Agency) -> None:
    found = json.loads(run("outbox", file, "--json").output)
    assert (found["waiting"], found["unanswered"], found["unhandled"]) == (1, 0, 1)
    assert [(each["way"], each["id"], each["code"], each["behind"]) for each in found["aside"]] == [
        ("said", "m-1", "not_allowed", 0), ("heard", "h-1", None, 1),
    ]  # fmt: skip


def test_what_was_set_aside_is_tried_again_one_or_all(file: Path, office: Agency) -> None:
    assert run("outbox", "retry", file, "h-1").output == "1 message will be tried again\n"
    assert run("outbox", "retry", file, "--all").output == "1 message will be tried again\n"
    assert run("outbox", "retry", file, "--all").output == "nothing was set aside\n"
    found = office.outbox()
    assert (found.waiting, found.unhandled, found.aside) == (2, 2, ())
    received = office.hear(0)
    assert received
    assert received.heard.id == "h-1", "before the one that waited behind it"


def test_what_is_dropped_is_never_said_and_its_case_goes_on(file: Path, office: Agency) -> None:
    assert [run("outbox", "drop", file, id).output for id in ("m-1", "h-1")] == ["dropped\n"] * 2
    assert office.outbox().aside == ()
    received = office.hear(0)
    assert received
    assert received.heard.id == "h-2"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("retry", "FILE"), 2, "name one message by its id, or --all"),
        (("retry", "FILE", "x", "--all"), 2, "name one message by its id, or --all"),
        (("drop", "FILE", "x"), 1, "nothing was set aside under the id x: xianjie outbox"),
        (("nowhere.sqlite",), 1, "nowhere.sqlite: there is no such file; an agency makes it"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(
    file: Path, office: Agency, words: tuple[str, ...], status: int, says: str
) -> None:
    result = run("outbox", *[str(file) if each == "FILE" else each for each in words])
    assert (result.exit_code, says in result.stderr, result.stderr.count("xianjie: ")) == (status, True, 1), result.output


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text(
        "to the court, in plain words, and long enough to be read as a header of some hundred bytes" * 3
    )
    assert "letter.txt: it is no database: name another file" in run("outbox", tmp_path / "letter.txt").stderr
