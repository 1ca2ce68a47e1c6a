"""Whole cases through all four services, whoever says what and whenever: what holds of each at every moment, and that it can be played again."""

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.rehearsing import Rehearsal
from tests.recording.memory import BODIES, EXERCISE, RULES
from tests.recording.test_replaying import replayed
from xianjie.journal import Recorded
from xianjie.message import Message, named
from xianjie.messages.case import (
    Applicant,
    CaseConclusionProposed,
    CaseReopeningAsked,
    CaseReviewed,
    CaseSubmitted,
    CaseSupplemented,
    CaseWithdrawalAsked,
    DisputedRight,
    Respondent,
)
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralConsented,
    ReferralDeclined,
    ReferralRecallAsked,
    ReferralRedirected,
    ReferralRequested,
)
from xianjie.play.memory import Disorder, MemoryStage
from xianjie.play.scenario import Line
from xianjie.timeline import broken
from xianjie.vocabulary import CHINA, ApplicantKind, Ground, LegKind, Precision, Track

START = datetime(2025, 3, 3, 9, tzinfo=CHINA)
CENTRE, OFFICE, CITY, COURT, MEDIATOR = "CN-GD-IPPC", "CN-GD-IPO", "CN-GD-GZH-IPO", "CN-GD-IPC", "CN-GD-GZH-IPO"
SPEAKERS = sorted({CENTRE, OFFICE, CITY, COURT})
CASES = ("one", "other")
LEGS = [f"L{k}" for k in range(1, 4)]
TRACKS = [Track.MEDIATION, Track.ADJUDICATION, Track.COURT]
STEPS = ["docketed", "consent_given", "mediator_accepted", "hearing"]
OUTCOMES = ["agreement", "failed", "withdrawn", "decided"]

legs, tracks, speakers, cases = st.sampled_from(LEGS), st.sampled_from(TRACKS), st.sampled_from(SPEAKERS), st.sampled_from(CASES)
spoken: st.SearchStrategy[Message] = st.one_of(
    st.builds(CaseReviewed, verdict=st.just("accept")),
    st.builds(CaseReviewed, verdict=st.just("refuse"), ground=st.just(Ground.OUT_OF_SCOPE)),
    st.builds(CaseSupplemented, text=st.just("one more")),
    st.builds(CaseConclusionProposed, outcome=st.just("settled")),
    st.builds(CaseWithdrawalAsked, text=st.just("rather not")),
    st.builds(CaseReopeningAsked, text=st.just("again")),
    st.builds(
        ReferralRequested,
        track=tracks,
        kind=st.sampled_from(list(LegKind)),
        body=st.none() | speakers,
        legal_basis=st.just("a law"),
    ),
    st.builds(ReferralAcknowledged, leg=legs),
    st.builds(ReferralAccepted, leg=legs, recusal_checked=st.just(True)),
    st.builds(ReferralDeclined, leg=legs, ground=st.just(Ground.CAPACITY), text=st.just("no room")),
    st.builds(ReferralRedirected, leg=legs, to=speakers),
    st.builds(ReferralRecallAsked, leg=legs, text=st.just("a mistake")),
    st.builds(ReferralConsented, leg=legs, agreed=st.booleans()),
    st.builds(lambda track, leg, step: named(f"{track}.progressed")(leg=leg, step=step), tracks, legs, st.sampled_from(STEPS)),  # type: ignore[call-arg]
    st.builds(
        lambda track, leg, how: named(f"{track}.outcome_reported")(leg=leg, outcome=how), tracks, legs, st.sampled_from(OUTCOMES)
    ),  # type: ignore[call-arg]
)


class WholeCases(RuleBasedStateMachine):
    """Two cases on one network in memory; bodies reply by their manners, and say what comes into their heads."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: list[Recorded] = []
        self.stage: MemoryStage
        self.now = START

    @initialize(
        seed=st.integers(0, 2**16),
        manners=st.sampled_from([(), ("acknowledge",), ("acknowledge", "accept", "take_note", "recall")]),
    )
    def begin(self, seed: int, manners: tuple[str, ...]) -> None:
        disorder = Disorder(Random(seed), dies=0.02, twice=0.05)
        self.stage = MemoryStage(
            lambda **given: Rehearsal(RULES, **given), EXERCISE, START, record=self.recorded.append, disorder=disorder
        )
        self.stage.know(BODIES)
        for case in CASES:
            for each in SPEAKERS:
                self.stage.manners[case, each] = manners
            self._say(CENTRE, _application(case), case)
            self._say(CENTRE, CaseReviewed(verdict="accept"), case)

    def _say(self, speaker: str, message: Message, case: str) -> None:
        self.stage.say(Line(0, speaker, message, self.now, self.now, Precision.SECOND, case, None, None))
        self.stage.rest()

    @rule(speaker=speakers, message=spoken, case=cases)
    def speak(self, speaker: str, message: Message, case: str) -> None:
        self._say(speaker, message, case)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.stage.go_to(self.now)

    @invariant()
    def nothing_is_parked(self) -> None:
        assert self.stage.engine.parked() == []

    @invariant()
    def what_must_hold_of_a_case_holds(self) -> None:
        for case in CASES:
            assert list(broken(self.stage.timeline(case))) == []

    @invariant()
    def the_services_agree_on_whose_case_it_is(self) -> None:
        for case in CASES:
            assert len({_owner(self.stage, each, case) for each in ("intake", "routing")}) == 1

    def teardown(self) -> None:
        compared, differences, _ = replayed(self.recorded)
        assert differences == []
        assert dict(compared.left) == {}
        assert compared.hashed


def _application(case: str) -> CaseSubmitted:
    return CaseSubmitted(
        receiving_body=CENTRE, applicant=Applicant(name=f"applicant of {case}", kind=ApplicantKind.LEGAL_PERSON),
        right=DisputedRight(type="design"), respondents=(Respondent(name=f"respondent of {case}", area="440100"),), infringement_area="440100",
    )  # fmt: skip


def _owner(stage: MemoryStage, service: str, case: str) -> Any:
    """Whose case it is, as the last commit of its log stores it."""
    engine: Any = stage.engine
    return json.loads(engine.commits(service, case)[-1]["state"])["state"]["owner"]


TestWholeCases = WholeCases.TestCase
TestWholeCases.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
