"""Whatever is said, by whomever, in whatever order: what holds of every case at every moment."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.intake.case import CASE, Case
from services.intake.rules import rules
from xianjie.deciding import Event, Hold, Note, Refuse, Say
from xianjie.message import Message
from xianjie.messages.case import (
    CaseAppealDecided,
    CaseAppealed,
    CaseChildConcluded,
    CaseConclusionProposed,
    CaseDuplicateFound,
    CaseFactReported,
    CaseReopeningAsked,
    CaseResumptionAsked,
    CaseReviewed,
    CaseSupplemented,
    CaseSuspensionAsked,
    CaseWithdrawalAsked,
    Gap,
    Respondent,
)
from xianjie.messages.routing import (
    RoutingCleared,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegClosed,
    RoutingLegOpened,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.messages.visit import VisitAnswered, VisitMissed
from xianjie.vocabulary import Ground, LegKind, Precision, Track

from .telling import CENTRE, COURT, DOOR, INTAKE, OFFICE, ROUTING, STRANGER, Log, application, body, paper

BODIES = [CENTRE, OFFICE, COURT, STRANGER]
LEGS = [f"L{k}" for k in range(1, 5)]
HOW = ["closed", "returned", "declined"]
TRACKS = [Track.ADJUDICATION, Track.COURT, Track.CRIMINAL]
bodies, legs, tracks = st.sampled_from(BODIES), st.sampled_from(LEGS), st.sampled_from(TRACKS)
precisions = st.sampled_from([Precision.SECOND, Precision.DAY, Precision.MONTH, Precision.NONE])
LAPSED = {"deemed_withdrawn": "case/A2", "refused_final": "case/A3"}
"""What lapses into these statuses."""
grounds = st.sampled_from([Ground.NEED_OTHER_CASE, Ground.FORCE_MAJEURE, Ground.OTHER])

spoken: st.SearchStrategy[Message] = st.one_of(
    st.builds(CaseReviewed, verdict=st.just("accept")),
    st.builds(CaseReviewed, verdict=st.sampled_from(["gaps", "refuse"]), ground=st.none() | grounds,
              gaps=st.sampled_from([(), (Gap(field="seal", text="a seal"),)])),
    st.builds(CaseSupplemented, papers=st.sampled_from([(), (paper("seal"),)])),
    st.builds(CaseAppealed),
    st.builds(CaseAppealDecided, result=st.sampled_from(["overturn", "uphold"])),
    st.builds(CaseSuspensionAsked, ground=grounds),
    st.builds(CaseResumptionAsked),
    st.builds(CaseConclusionProposed, outcome=st.just("settled")),
    st.builds(CaseWithdrawalAsked),
    st.builds(CaseReopeningAsked, text=st.just("again")),
    st.builds(CaseFactReported, fact=st.just("sued"), text=st.just("")),
    st.builds(VisitAnswered, satisfaction=st.integers(1, 5)),
    st.builds(VisitMissed),
    st.just(application()),
)  # fmt: skip
routed: st.SearchStrategy[Message] = st.one_of(
    st.builds(RoutingLegOpened, leg=legs, track=tracks, kind=st.sampled_from(list(LegKind)), sender=bodies, receiver=bodies),
    st.builds(RoutingLegClosed, leg=legs, how=st.sampled_from(HOW), track=tracks, settles=st.booleans()),
    st.builds(RoutingFileDue, leg=legs, receiver=bodies),
    st.builds(RoutingCustodyMoved, leg=legs, owner=bodies),
    st.builds(RoutingCleared),
    st.builds(RoutingLegsOpen, legs=st.lists(legs, min_size=1, unique=True).map(tuple)),
    st.builds(RoutingSuperiorsNamed, of=bodies, bodies=st.lists(bodies, max_size=2, unique=True).map(tuple)),
)
GAPS = CaseReviewed(verdict="gaps", gaps=(Gap(field="seal", text="a seal"),))
REFUSE = CaseReviewed(verdict="refuse", ground=Ground.OUT_OF_SCOPE)
WITHDRAW = CaseWithdrawalAsked()
FILED = RoutingLegOpened(leg="L1", track=Track.COURT, kind=LegKind.FILE, sender=CENTRE, receiver=COURT)


def likely(case: Case) -> list[tuple[str, Message]]:
    """What takes a case further, so that the walk does not stay near its beginning."""
    owner, centre = body(case.owner or CENTRE), body(CENTRE)
    halt, propose = (owner, CaseSuspensionAsked(ground=Ground.OTHER)), (owner, CaseConclusionProposed(outcome="settled"))
    close = [(ROUTING, RoutingLegClosed(leg=leg, how="closed", track=Track.COURT, settles=True)) for leg in case.legs]
    answers = [(ROUTING, RoutingLegsOpen(legs=tuple(case.legs))) if case.legs else (ROUTING, RoutingCleared())]
    found: dict[str, list[tuple[str, Message]]] = {
        "under_review": [(centre, CaseReviewed(verdict="accept")), (centre, GAPS), (centre, REFUSE), halt],
        "supplement_required": [(DOOR, CaseSupplemented()), (centre, CaseSupplemented())],
        "refused": [(DOOR, CaseAppealed())],
        "appealed": [(ROUTING, RoutingSuperiorsNamed(of=CENTRE, bodies=(STRANGER,)))]
        if not case.superiors
        else [(body(STRANGER), CaseAppealDecided(result=result)) for result in ("overturn", "uphold")],
        "accepted": [(ROUTING, FILED), halt, propose, (DOOR, WITHDRAW)],
        "in_service": [*close, propose, halt, (owner, WITHDRAW)],
        "suspended": [(owner, CaseResumptionAsked()), (DOOR, WITHDRAW), (ROUTING, FILED)],
        "concluding": [*answers, *close, (DOOR, WITHDRAW)],
        "withdrawing": [*answers, *close],
        "visit_due": [(DOOR, VisitAnswered(satisfaction=3)), (owner, VisitMissed())],
        "closed": [(owner, CaseReopeningAsked(text="again"))],
    }
    return found.get(case.status, [])


class AnyCase(RuleBasedStateMachine):
    """One case, told anything."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()
        self.refolded: Case = rules.initial("C1")

    def tell(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> None:
        before = self.log.state
        self.check(before, source, self.log.hear(source, message, precision))

    def check(self, before: Case, source: str, events: list[Event]) -> None:
        after = self.log.state
        assert events, "every message is answered, if only by a note"
        own: list[Message] = [each.message for each in events if isinstance(each, Say) and each.subject is None]
        if not own:
            assert after == before, "what is refused, noted or held changes nothing"
        if source.startswith("/services/") and source != DOOR:
            assert not any(isinstance(each, Refuse | Hold) for each in events), "a service is never refused"
        if any(isinstance(each, Refuse | Note | Hold) for each in events):
            assert len(events) == 1, "a refusal stands alone"
        if any(each.name in ("case.concluded", "case.withdrawn") for each in own):
            assert not after.legs, "no case ends with an open leg"
            assert not after.open_children, "no batch ends before its cases"
        if source == INTAKE and after.status in LAPSED and after.status != before.status:
            assert before.clocks[LAPSED[after.status]].judged, "what nobody can judge ends nothing"
        for each in own:
            self.refolded = rules.evolve(self.refolded, each)

    @initialize(batch=st.booleans(), complete=st.booleans(), precision=precisions)
    def submit(self, batch: bool, complete: bool, precision: Precision) -> None:
        respondents = (Respondent(name="one", area="440305"), Respondent(name="two"))
        papers: dict[str, Any] = {} if complete else {"papers": ()}
        self.tell(DOOR, application(batch=batch, respondents=respondents, **papers), precision)

    @rule(who=st.sampled_from([DOOR, *map(body, BODIES)]), message=spoken, hours=st.integers(0, 200), precision=precisions)
    def hear_anybody(self, who: str, message: Message, hours: int, precision: Precision) -> None:
        self.log.after(hours=hours)
        self.tell(who, message, precision)

    @rule(message=routed, hours=st.integers(0, 200))
    def hear_routing(self, message: Message, hours: int) -> None:
        self.log.after(hours=hours)
        self.tell(ROUTING, message)

    @rule(choice=st.integers(0, 11), hours=st.integers(0, 100), precision=precisions)
    def go_further(self, choice: int, hours: int, precision: Precision) -> None:
        if ways := likely(self.log.state):
            self.log.after(hours=hours)
            self.tell(*ways[choice % len(ways)], precision)

    @rule(choices=st.lists(st.integers(0, 11), max_size=8), precision=precisions)
    def go_much_further(self, choices: list[int], precision: Precision) -> None:
        for choice in choices:
            self.go_further(choice, 1, precision)

    @rule(settles=st.booleans())
    def close_a_leg(self, settles: bool) -> None:
        for leg, about in list(self.log.state.legs.items())[:1]:
            self.tell(ROUTING, RoutingLegClosed(leg=leg, how="closed", track=about.track, settles=settles))

    @rule(place=st.integers(0, 1), outcome=st.sampled_from(["settled", "withdrawn"]))
    def end_a_child(self, place: int, outcome: str) -> None:
        for child in list(self.log.state.children)[place:][:1]:
            self.tell(INTAKE, CaseChildConcluded(child=child, outcome=outcome))

    @rule(other=st.sampled_from(["C2", "C3"]))
    def find_a_duplicate(self, other: str) -> None:
        self.tell(INTAKE, CaseDuplicateFound(other=other))

    @rule(times=st.integers(1, 6))
    def let_time_pass(self, times: int) -> None:
        for _ in range(times):
            before = self.log.state
            if rules.due(before):
                self.check(before, INTAKE, self.log.tick())

    @invariant()
    def one_body_owns_it(self) -> None:
        if self.log.state.status != "none":
            assert self.log.state.owner in BODIES

    @invariant()
    def its_status_is_one_of_the_protocol_and_none_that_is_only_passed(self) -> None:
        assert self.log.state.status in CASE.states - {"submitted", "concluded"}

    @invariant()
    def whatever_waits_has_a_living_clock_and_what_has_ended_has_none(self) -> None:
        case = self.log.state
        awaited = {rule for rule in (CASE.clocks.get(case.status), CASE.reminders.get(case.status)) if rule}
        found = [case.clocks[f"case/{rule}"] for rule in awaited if f"case/{rule}" in case.clocks]
        if awaited:
            assert [each for each in found if not each.breached and not each.paused], "its clock will be heard of again"
            assert rules.due(case) is not None
        if case.status in CASE.ends:
            assert not case.clocks

    @invariant()
    def while_it_stands_still_so_do_the_networks_limits(self) -> None:
        case = self.log.state
        if case.status == "suspended":
            assert all(
                each.paused for each in case.clocks.values() if each.rule.startswith("N2.") and each.rule != "N2.suspended"
            )

    @invariant()
    def what_was_said_makes_the_state(self) -> None:
        assert self.refolded == self.log.state

    @invariant()
    def a_stored_state_comes_back_the_same(self) -> None:
        assert msgspec.json.decode(msgspec.json.encode(self.log.state), type=Case) == self.log.state

    @invariant()
    def lists_show_nothing_personal(self) -> None:
        shown = str(rules.glance(self.log.state))
        assert "某某" not in shown
        assert "13800138000" not in shown


AnyCase.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyCase = AnyCase.TestCase
