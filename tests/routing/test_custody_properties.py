"""Whatever is said, by whomever, in whatever order: what holds of custody and its legs at every moment."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.routing.custody import Custody
from services.routing.guards import HELPING, HOPS
from services.routing.leg import LEG
from services.routing.rules import rules
from xianjie.deciding import Event, Hold, Note, Refuse, Say
from xianjie.facts import BEARING
from xianjie.message import Message
from xianjie.messages import referral as said
from xianjie.messages.case import CaseAccepted, CaseConclusionAsked, CaseFactNoted, CaseReopened, Wish
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.routing import RoutingCustodyMoved, RoutingOfferUnroutable
from xianjie.vocabulary import Ground, LegKind, Precision, Track

from .telling import BODIES, CENTRE, CITY, COURT, MEDIATOR, PROVINCE, Log

CODES = [each.code for each in BODIES]
TRACKS = [Track.ADJUDICATION, Track.MEDIATION, Track.COURT, Track.CONFIRMATION, Track.PENALTY]
codes, legs, tracks, kinds = map(st.sampled_from, (CODES, [f"L{k}" for k in range(1, 7)], TRACKS, list(LegKind)))
grounds = st.sampled_from([Ground.CAPACITY, Ground.NOT_COMPETENT, Ground.PARTY_REFUSED, Ground.CONFLICT])
maybe = st.booleans()
FACTS = [*BEARING, "drug_approved"]
SIDES = ["agency", "party"]

spoken: st.SearchStrategy[Message] = st.one_of(
    st.builds(said.ReferralRequested, track=tracks, kind=kinds, body=st.none() | codes, needs_consent=maybe, pseudonymised=maybe,
              new_facts=st.sampled_from(["", "new"])),
    st.builds(said.ReferralDelivered, leg=legs),
    st.builds(said.ReferralAcknowledged, leg=legs),
    st.builds(said.ReferralInfoRequested, leg=legs, gaps=st.sampled_from([(), ("a seal",)])),
    st.builds(said.ReferralInfoSupplied, leg=legs),
    st.builds(said.ReferralAccepted, leg=legs, recusal_checked=maybe),
    st.builds(said.ReferralDeclined, leg=legs, ground=grounds, text=st.just("no"), refused_by=st.sampled_from(SIDES)),
    st.builds(said.ReferralRedirected, leg=legs, to=codes),
    st.builds(said.ReferralDisputed, leg=legs, text=st.just("no")),
    st.builds(said.ReferralDesignated, leg=legs, body=codes),
    st.builds(said.ReferralRecallAsked, leg=legs),
    st.builds(said.ReferralRecalled, leg=legs),
    st.builds(said.ReferralRecallRefused, leg=legs, recusal_checked=maybe),
    st.builds(said.ReferralConsented, leg=legs, agreed=maybe),
    st.builds(said.ReferralBodyChosen, track=tracks, body=codes),
    st.builds(said.ReferralPlanDropped, track=tracks, ground=st.just(Ground.WITHDRAWN)),
)  # fmt: skip
served: st.SearchStrategy[Message] = st.one_of(
    st.builds(ProceedingEnded, leg=legs, track=tracks, how=st.sampled_from(["closed", "returned", "cancelled"]), settles=maybe,
              ground=st.none() | grounds, next=st.none() | st.sampled_from(TRACKS[:4]), next_body=st.none() | codes),
    st.builds(RoutingOfferUnroutable, leg=legs),
    st.builds(CaseConclusionAsked, purpose=st.sampled_from(["conclude", "withdraw"]), outcome=st.just("settled")),
    st.builds(CaseReopened),
    st.just(CaseAccepted(owner=COURT, right="design")),
)  # fmt: skip


def likely(custody: Custody) -> list[tuple[str, Message]]:
    """What takes its open legs further, each said by who may say it, so that the walk does not stay near its beginning."""
    found: list[tuple[str, Message]] = []
    for leg in custody.open_legs:
        receiver: dict[str, list[Message]] = {
            "sent": [said.ReferralDelivered(leg=leg.id)],
            "delivered": [
                said.ReferralAcknowledged(leg=leg.id), said.ReferralDeclined(leg=leg.id, ground=Ground.CAPACITY, text="no"),
            ],
            "acknowledged": [
                said.ReferralAccepted(leg=leg.id, recusal_checked=True), said.ReferralDisputed(leg=leg.id, text="no"),
                said.ReferralInfoRequested(leg=leg.id, gaps=("a seal",)), said.ReferralRedirected(leg=leg.id, to=PROVINCE),
            ],
            "disputed": [said.ReferralAccepted(leg=leg.id, recusal_checked=True)],
            "recall_requested": [
                said.ReferralAccepted(leg=leg.id, recusal_checked=True), said.ReferralRecalled(leg=leg.id),
                said.ReferralAcknowledged(leg=leg.id), said.ReferralRecallRefused(leg=leg.id, recusal_checked=True),
            ],
        }  # fmt: skip
        found += [(leg.receiver, each) for each in receiver.get(leg.state, [])]
        if leg.state == "consent_pending":
            found.append((leg.sender, said.ReferralConsented(leg=leg.id, agreed=True)))
        if leg.state in ("sent", "delivered", "acknowledged", "info_requested"):
            found.append((leg.sender, said.ReferralRecallAsked(leg=leg.id)))
        if leg.state == "info_requested":
            found.append((leg.sender, said.ReferralInfoSupplied(leg=leg.id)))
        if leg.state in ("disputed", "designation_pending"):
            found += [(PROVINCE, said.ReferralDesignated(leg=leg.id, body=each)) for each in (leg.receiver, CITY)]
    owner = custody.owner or CENTRE
    found += [(owner, said.ReferralBodyChosen(track=Track(each), body=MEDIATOR)) for each in custody.homeless]
    found += [(owner, said.ReferralRequested(track=each, kind=LegKind.TRANSFER, body=CITY)) for each in TRACKS[:2]]
    return found


class AnyCustody(RuleBasedStateMachine):
    """One case, told anything."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()

    @initialize(wish=st.none() | st.builds(Wish, track=tracks, body=st.none() | codes), sued=maybe, agreed=maybe)
    def accept(self, wish: Wish | None, sued: bool, agreed: bool) -> None:
        told = CaseAccepted(
            owner=CENTRE, right="invention", respondent_areas=("440305",), wish=wish, sued=sued, arbitration_agreed=agreed
        )
        self.hear("/services/intake", told)

    def hear(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> None:
        before = self.log.state
        self.check(before, self.log.hear(source, message, precision))

    def check(self, before: Custody, events: list[Event]) -> None:
        after = self.log.state
        assert events, "every message is answered, if only by a note"
        moved = [each.message for each in events if isinstance(each, Say) and isinstance(each.message, RoutingCustodyMoved)]
        if not any(isinstance(each, Say) for each in events):
            assert after == before, "what is refused, noted or held changes nothing"
        if any(isinstance(each, Refuse | Hold | Note) for each in events):
            assert len(events) == 1, "a refusal stands alone"
        for each in moved:
            assert after.legs[each.leg].kind is LegKind.TRANSFER, "nothing else moves custody"
        assert len(moved) <= 1
        for leg in after.legs.values():
            if leg.track is Track.ADJUDICATION and leg.kind not in HELPING and leg.state == "taken":
                assert not before.sued or before.legs[leg.id].state == "taken", "nobody begins to decide what a suit bars"
        assert (before.owner == after.owner) or moved or before.owner is None

    @rule(who=codes, message=spoken, hours=st.integers(0, 60), precision=st.sampled_from([Precision.SECOND, Precision.MONTH]))
    def hear_anybody(self, who: str, message: Message, hours: int, precision: Precision) -> None:
        self.log.after(hours=hours)
        self.hear(f"/agencies/{who}", message, precision)

    @rule(message=served, hours=st.integers(0, 60))
    def hear_services(self, message: Message, hours: int) -> None:
        self.log.after(hours=hours)
        self.hear("/services/mediation", message)

    @rule(choices=st.lists(st.integers(0, 40), min_size=1, max_size=6), hours=st.integers(0, 20))
    def go_further(self, choices: list[int], hours: int) -> None:
        for choice in choices:
            ways = likely(self.log.state)
            who, message = ways[choice % len(ways)]
            self.log.after(hours=hours)
            self.hear(f"/agencies/{who}", message)

    @rule(fact=st.sampled_from(FACTS))
    def note_a_fact(self, fact: str) -> None:
        self.hear("/services/intake", CaseFactNoted(fact=fact, reported="5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11"))

    @precondition(lambda self: self.log.state.open_legs)
    @rule(choice=st.integers(0, 40), fact=st.sampled_from(FACTS), settle=maybe)
    def dispute(self, choice: int, fact: str, settle: bool) -> None:
        """A leg goes all the way to a dispute, if it can; something happens meanwhile; then the one above both may settle it."""
        legs = self.log.state.open_legs
        leg = legs[choice % len(legs)]
        for each in (
            said.ReferralDelivered(leg=leg.id),
            said.ReferralAcknowledged(leg=leg.id),
            said.ReferralDisputed(leg=leg.id, text="no"),
        ):
            self.hear(f"/agencies/{leg.receiver}", each)
        self.note_a_fact(fact)
        if settle:
            self.hear(f"/agencies/{PROVINCE}", said.ReferralDesignated(leg=leg.id, body=leg.receiver))

    @rule(choice=st.integers(0, 40))
    def say_twice(self, choice: int) -> None:
        """The same content again, later: it changes nothing more."""
        ways = likely(self.log.state)
        who, message = ways[choice % len(ways)]
        self.hear(f"/agencies/{who}", message)
        once = self.log.state
        self.hear(f"/agencies/{who}", message)
        assert self.log.state == once, f"{message} changed something the second time"

    @precondition(lambda self: any(each.state == "taken" for each in self.log.state.open_legs))
    @rule(how=st.sampled_from(["closed", "returned", "cancelled"]), goes_on=st.sampled_from([None, *TRACKS[:4]]), ground=grounds)
    def end(self, how: str, goes_on: Track | None, ground: Ground) -> None:
        leg = next(each for each in self.log.state.open_legs if each.state == "taken")
        ended = ProceedingEnded(leg=leg.id, track=leg.track, how=how, ground=ground, next=goes_on)  # type: ignore[arg-type]
        self.hear("/services/mediation", ended)

    @rule(times=st.integers(1, 12))
    def let_time_pass(self, times: int) -> None:
        for _ in range(times):
            before = self.log.state
            if rules.due(before):
                self.check(before, self.log.tick())

    @invariant()
    def one_body_owns_it(self) -> None:
        assert self.log.state.owner is None or self.log.state.owner in CODES

    @invariant()
    def whatever_waits_has_its_clock_and_what_has_ended_has_none(self) -> None:
        custody = self.log.state
        due: set[str] = {f"choice-{track}/N2.person" for track in custody.homeless}
        due |= {f"{leg.id}/{LEG.clocks[leg.state]}" for leg in custody.open_legs if LEG.clocks[leg.state]}
        assert set(custody.clocks) == due
        assert not any(each.breached for each in custody.clocks.values()), "a clock that has passed waits for nothing"

    @invariant()
    def its_legs_are_in_states_of_the_protocol(self) -> None:
        custody = self.log.state
        assert {each.state for each in custody.legs.values()} <= LEG.states - {"none", "draft"}
        assert all(each.state not in LEG.ends for each in custody.open_legs)

    @invariant()
    def one_leg_is_open_per_receiver_and_track(self) -> None:
        pairs = [(each.receiver, each.track) for each in self.log.state.open_legs]
        assert len(pairs) == len(set(pairs))

    @invariant()
    def a_notification_that_was_acknowledged_has_ended(self) -> None:
        assert not [each.id for each in self.log.state.open_legs if each.kind is LegKind.NOTIFY and each.state == "acknowledged"]

    @invariant()
    def what_routing_plans_keeps_the_limit_of_hops(self) -> None:
        assert all(each.hops <= HOPS for each in self.log.state.legs.values() if each.planned)

    @invariant()
    def the_case_is_transferred_to_one_body_at_a_time(self) -> None:
        assert len([each.id for each in self.log.state.open_legs if each.kind is LegKind.TRANSFER and each.state == "taken"]) <= 1

    @invariant()
    def a_cleared_case_has_no_open_leg_and_no_choice(self) -> None:
        if self.log.state.cleared:
            assert not self.log.state.open_legs
            assert not self.log.state.homeless

    @invariant()
    def custody_is_where_the_transfers_that_stand_took_it(self) -> None:
        custody = self.log.state
        if custody.transfers:
            assert custody.transfers[-1][1] == custody.owner
            assert len(custody.transfers) == 1, "a case that was transferred is not transferred again"
        else:
            assert custody.owner in (None, CENTRE)

    @invariant()
    def what_was_said_makes_the_state_and_it_is_stored_and_read_the_same(self) -> None:
        assert self.log.refolded == self.log.state
        assert msgspec.json.decode(msgspec.json.encode(self.log.state), type=Custody) == self.log.state


AnyCustody.TestCase.settings = settings(max_examples=70, stateful_step_count=30, deadline=None)
TestAnyCustody = AnyCustody.TestCase
