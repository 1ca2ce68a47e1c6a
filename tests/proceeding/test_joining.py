"""Feature 19: files on one patent that one body hears together."""

from dataclasses import replace

from xianjie.deciding import Event, Say
from xianjie.messages.proceeding import ProceedingJoined
from xianjie.vocabulary import Ground, Track

from .telling import BODY, OWNER, Log, news, noted, opened, refusal

OTHER = "C2"


def joined() -> tuple[Log, list[Event]]:
    log = opened(Track.ADJUDICATION).steps("docketed")
    return log, log.step("joined", joins=OTHER)


def told(events: list[Event]) -> list[Say]:
    return [each for each in events if isinstance(each, Say) and isinstance(each.message, ProceedingJoined)]


def test_19_the_other_case_hears_that_it_is_heard_together_with_this_one() -> None:
    log, events = joined()
    (said,) = told(events)
    assert (said.to, said.subject, said.message) == (
        "enforcement_liaison", OTHER, ProceedingJoined(case="C1", track=Track.ADJUDICATION, body=BODY),
    )  # fmt: skip
    assert log.about().joined == (OTHER,)
    assert refusal(log.says(BODY, "progressed", step="joined", joins=OTHER)) == (403, Ground.DUPLICATE)


def test_19_what_the_same_body_has_of_the_other_case_is_joined_and_its_sender_told_once() -> None:
    log = opened(Track.ADJUDICATION).steps("docketed")
    said = ProceedingJoined(case="C0", track=Track.ADJUDICATION, body=BODY)
    heard = log.hear("/services/enforcement_liaison", said)
    assert "together with C0" in news(heard, OWNER).text
    assert log.about().joined == ("C0",)
    assert log.is_in("in_progress", "docketed"), "each goes its own way to its own outcome"
    assert noted(log.hear("/services/enforcement_liaison", said))
    assert noted(log.hear("/services/enforcement_liaison", replace(said, case="C9", body="BJ-IPO"))), "another body has it"


def test_19_only_the_step_that_joins_names_another_case_and_never_its_own() -> None:
    log, _ = joined()
    assert refusal(log.says(BODY, "progressed", step="interim_report", joins="C3")) == (422, Ground.OTHER)
    assert refusal(log.says(BODY, "progressed", step="joined", joins="C1")) == (403, Ground.OTHER)
    for thread in ("kb-1", "directory"):
        assert refusal(log.says(BODY, "progressed", step="joined", joins=thread)) == (422, Ground.OTHER)
    assert not told(log.step("joined")), "joined with what is not in the network"
