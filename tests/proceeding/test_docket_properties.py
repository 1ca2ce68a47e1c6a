"""Whatever is said, by whomever, in whatever order: what holds of every proceeding at every moment."""

from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from xianjie.deciding import Event, Hold, Note, Refuse, Say
from xianjie.message import Message, named
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.routing import RoutingLegTaken
from xianjie.proceeding import Docket, Proceeding
from xianjie.proceeding.docket import PROCEEDING
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Ground, LegKind, Level, Precision, Track

from .telling import BODY, COURT, OWNER, STRANGER, Log, paper

CODES = [OWNER, BODY, COURT, STRANGER]
LEGS = ["L1", "L2", "L3"]
BASES = [None, "before_filing", "after_filing", "after_filing_summary", "administrative", "admin", "appeal"]
AREAS = ["000000", "310000", "330100", "440300", "500000"]
RUNNING = ("accepted", "in_progress", "suspended", "cancel_requested", "outcome_reported", "contested", "escalated")
GROUNDS = st.sampled_from(list(Ground))
PARTIES = st.sampled_from([None, "all", "claimant", "respondent"])


def spoken(track: Track) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Anything that a body or a sender says in a proceeding of this track: the verb and its data."""
    rules, legs = track_rules(track), st.sampled_from(LEGS)
    steps, outcomes = st.sampled_from([*rules.steps, "dancing"]), st.sampled_from([*rules.outcomes, "a_draw"])
    words: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "progressed": {
            "step": steps,
            "by": PARTIES,
            "ground": st.none() | GROUNDS,
            "to": st.none() | st.sampled_from(CODES),
            "inventory": st.sampled_from([(), ("none",)]),
            "recusal_checked": st.booleans(),
        },
        "suspended": {"ground": GROUNDS, "proof": st.sampled_from([None, "acceptance_notice", "filing_receipt"])},
        "resumed": {},
        "returned": {"ground": GROUNDS, "inventory": st.sampled_from([(), ("request",)])},
        "outcome_reported": {"outcome": outcomes, "ground": st.none() | GROUNDS, "to": st.none() | st.sampled_from(CODES)},
        "cancel_asked": {},
        "cancel_answered": {"agreed": st.booleans()},
        "outcome_acknowledged": {},
        "outcome_contested": {"ground": GROUNDS, "text": st.just("no")},
        "contest_answered": {"again": st.booleans(), "text": st.just("so")},
        "escalated": {"text": st.just("up")},
        "ordered": {"again": st.booleans(), "text": st.just("so")},
    }
    return st.one_of([st.tuples(st.just(verb), st.fixed_dictionaries({"leg": legs, **data})) for verb, data in words.items()])


def likely(about: Proceeding) -> list[tuple[str, str, dict[str, Any]]]:
    """What takes a proceeding further, each said by who may say it."""
    rules, body, sender = about.rules, about.receiver, about.sender
    steps = [name for name, each in rules.steps.items() if not each.start or about.stage in each.start]
    outcomes = [each for each in rules.outcomes.values() if not each.start or about.stage in each.start]
    halts = [
        (body, "suspended", {"ground": Ground(each), "proof": proofs[0] if proofs else None})
        for each, proofs in rules.suspends.items()
    ]
    walk: list[tuple[str, str, dict[str, Any]]] = [
        (body, "progressed", {"step": each, "by": "all", "inventory": ("request",), "recusal_checked": True}) for each in steps
    ]
    ends: list[tuple[str, str, dict[str, Any]]] = [
        (
            body,
            "outcome_reported",
            {
                "outcome": each.name,
                "to": COURT,
                "ground": Ground(each.grounds[0]) if each.grounds else None,
                "papers": tuple(map(paper, each.papers)),
            },
        )
        for each in outcomes
    ]
    return {
        "accepted": walk,
        "in_progress": [*walk, *walk, *ends, *halts, (sender, "cancel_asked", {})],
        "suspended": [(body, "resumed", {}), (body, "progressed", {"step": "interim_report"}), (sender, "cancel_asked", {})],
        "cancel_requested": [
            *ends,
            (body, "cancel_answered", {"agreed": False}),
            (body, "progressed", {"step": "interim_report"}),
        ],
        "outcome_reported": [
            (sender, "outcome_acknowledged", {}),
            (sender, "outcome_contested", {"ground": Ground.NO_FACTS, "text": "no"}),
            (sender, "escalated", {"text": "up"}),
        ],
        "contested": [
            (body, "contest_answered", {"again": True, "text": "so"}),
            (body, "contest_answered", {"again": False, "text": "so"}),
        ],
        "escalated": [(COURT, "ordered", {"again": True, "text": "so"}), (COURT, "ordered", {"again": False, "text": "so"})],
    }.get(about.state, [])


class AnyDocket(RuleBasedStateMachine):
    """The docket of one case, told anything."""

    track = Track.MEDIATION

    def __init__(self) -> None:
        super().__init__()
        self.log = Log(self.track)

    @initialize(basis=st.sampled_from(BASES), own=st.booleans(), area=st.sampled_from(AREAS))
    def open_one(self, basis: str | None, own: bool, area: str) -> None:
        self.open_("L1", LegKind.FILE, BODY if own else OWNER, BODY, basis, area)

    def open_(self, leg: str, kind: LegKind, sender: str, receiver: str, basis: str | None, area: str) -> None:
        level = Level.NATION if area == "000000" else Level.PREFECTURE
        taken = RoutingLegTaken(
            leg=leg,
            track=self.track,
            kind=kind,
            sender=sender,
            receiver=receiver,
            area=area,
            level=level,
            right="design",
            basis=basis,
            superiors=() if basis == "admin" else (COURT,),
        )
        self.hear("/services/routing", taken)

    def hear(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> None:
        before = self.log.state
        self.check(before, self.log.hear(source, message, precision))

    def check(self, before: Docket, events: list[Event]) -> None:
        after = self.log.state
        assert events, "every message is answered, if only by a note"
        if not any(isinstance(each, Say) for each in events):
            assert after == before, "what is refused, noted or held changes nothing"
        if any(isinstance(each, Refuse | Hold | Note) for each in events):
            assert len(events) == 1, "a refusal stands alone"
        for each in (each.message for each in events if isinstance(each, Say)):
            if isinstance(each, ProceedingEnded):
                assert before.proceedings[each.leg].open, "a proceeding ends once"
                assert not after.proceedings[each.leg].open
                assert 0 <= each.net_days <= each.gross_days
        for leg, about in before.proceedings.items():
            if not about.open:
                assert after.proceedings[leg] == about, "what has ended stays as it was"

    @rule(
        leg=st.sampled_from(LEGS),
        kind=st.sampled_from(list(LegKind)[:3]),
        basis=st.sampled_from(BASES),
        sender=st.sampled_from(CODES),
    )
    def open_another(self, leg: str, kind: LegKind, basis: str | None, sender: str) -> None:
        self.open_(leg, kind, sender, COURT, basis, "440300")

    @rule(who=st.sampled_from(CODES), said=st.data(), hours=st.integers(0, 300), precision=st.sampled_from(Precision))
    def hear_anybody(self, who: str, said: st.DataObject, hours: int, precision: Precision) -> None:
        verb, data = said.draw(spoken(self.track))
        self.log.after(hours=hours)
        cls: Any = named(f"{self.track}.{verb}")
        self.hear(f"/agencies/{who}", cls(**data), precision)

    @rule(choices=st.lists(st.integers(0, 60), min_size=1, max_size=8), hours=st.integers(0, 60))
    def go_further(self, choices: list[int], hours: int) -> None:
        for choice in choices:
            ways = [(leg, *way) for leg, about in self.log.state.proceedings.items() for way in likely(about)]
            if ways:
                leg, who, verb, data = ways[choice % len(ways)]
                cls: Any = named(f"{self.track}.{verb}")
                self.log.after(hours=hours)
                self.hear(f"/agencies/{who}", cls(leg=leg, **data))

    @rule(choice=st.integers(0, 60))
    def say_twice(self, choice: int) -> None:
        """The same content again: state, stage and what routing knows do not change a second time."""
        ways = [(leg, *way) for leg, about in self.log.state.proceedings.items() for way in likely(about)]
        if ways:
            leg, who, verb, data = ways[choice % len(ways)]
            cls: Any = named(f"{self.track}.{verb}")
            self.hear(f"/agencies/{who}", cls(leg=leg, **data))
            once = self.log.about(leg)
            said = len([each for each in self.log.said if isinstance(each, ProceedingEnded)])
            self.hear(f"/agencies/{who}", cls(leg=leg, **data))
            again = self.log.about(leg)
            assert (again.state, again.stage, again.outcome) == (once.state, once.stage, once.outcome)
            assert len([each for each in self.log.said if isinstance(each, ProceedingEnded)]) == said

    @rule(times=st.integers(1, 8))
    def let_time_pass(self, times: int) -> None:
        for _ in range(times):
            before = self.log.state
            if self.log.rules.due(before):
                self.check(before, self.log.tick())

    @invariant()
    def every_open_proceeding_has_the_running_clock_of_its_state_and_a_closed_one_none(self) -> None:
        docket = self.log.state
        for leg, about in docket.proceedings.items():
            mine = {name.split("/")[1]: each for name, each in docket.clocks.items() if name.startswith(f"{leg}/")}
            if about.open:
                own = mine[PROCEEDING.clocks[about.state] or ""]
                assert not own.breached
                assert not own.paused
                assert mine.keys() & {*filter(None, PROCEEDING.clocks.values())} == {own.rule}
            else:
                assert not mine, "a closed leg is never overdue"

    @invariant()
    def clocks_stand_still_only_while_it_is_halted(self) -> None:
        for name, clock in self.log.state.clocks.items():
            about = self.log.about(name.split("/")[0])
            if clock.paused:
                assert about.suspended, "paused, though nothing halts it"

    @invariant()
    def states_and_stages_are_those_of_the_tables(self) -> None:
        for about in self.log.state.proceedings.values():
            assert about.state in {*RUNNING, *PROCEEDING.ends}
            assert about.stage in about.rules.stages

    @invariant()
    def what_was_said_makes_the_state_and_it_is_stored_and_read_the_same(self) -> None:
        assert self.log.refolded == self.log.state
        assert msgspec.json.decode(msgspec.json.encode(self.log.state), type=Docket) == self.log.state


@pytest.mark.parametrize("track", [Track.MEDIATION, Track.CONFIRMATION, Track.ADJUDICATION, Track.COURT])
def test_a_docket_told_anything_keeps_its_promises(track: Track) -> None:
    machine = type(f"Any{track}", (AnyDocket,), {"track": track})
    run_state_machine_as_test(machine, settings=settings(max_examples=35, stateful_step_count=25, deadline=None))
