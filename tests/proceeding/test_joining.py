"""Feature 19: files on one patent that one body hears together."""

from dataclasses import replace

from xianjie.deciding import Event, Say
from xianjie.messages.proceeding import ProceedingJoined, ProceedingJoinUnmet
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


def test_19_a_case_of_which_the_body_has_nothing_open_says_so_to_the_one_that_was_to_be_joined_with_it() -> None:
    said = ProceedingJoined(case="C9", track=Track.ADJUDICATION, body=BODY)
    unmet = ProceedingJoinUnmet(case="C1", track=Track.ADJUDICATION, body="BJ-IPO")
    for log, what in (
        (Log(Track.ADJUDICATION), said),
        (opened(Track.ADJUDICATION).steps("docketed"), replace(said, body="BJ-IPO")),
    ):
        (event,) = log.hear("/services/enforcement_liaison", what)
        assert isinstance(event, Say)
        assert (event.to, event.subject, event.message) == ("enforcement_liaison", "C9", replace(unmet, body=what.body))


def test_19_the_body_hears_that_there_is_nothing_to_join_with_and_may_name_the_right_case() -> None:
    log, _ = joined()
    unmet = ProceedingJoinUnmet(case=OTHER, track=Track.ADJUDICATION, body=BODY)
    heard = log.hear("/services/enforcement_liaison", unmet)
    assert f"nothing open of {OTHER}" in news(heard, BODY).text
    assert log.about().joined == ()
    assert noted(log.hear("/services/enforcement_liaison", unmet)), "once"
    assert told(log.step("joined", joins="C3"))


def test_19_only_the_step_that_joins_names_another_case_and_never_its_own() -> None:
    log, _ = joined()
    assert refusal(log.says(BODY, "progressed", step="interim_report", joins="C3")) == (422, Ground.OTHER)
    assert refusal(log.says(BODY, "progressed", step="joined", joins="C1")) == (403, Ground.OTHER)
    for thread in ("kb-1", "directory"):
        assert refusal(log.says(BODY, "progressed", step="joined", joins=thread)) == (422, Ground.OTHER)
    assert not told(log.step("joined")), "joined with what is not in the network"
