"""What may follow from each message: the rules are driven in every kind of state that is reached, and what they say is written down.

`python -m tests.contracts.following` adds what it finds to `contracts/xianjie/messages/follows.yaml`, in ten minutes. Not every state is
reached from play: what only other states lead to was entered by hand, and is taken out by hand when the rules say it no longer.
"""

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import yaml

from services.routing.directory import Directory
from tests.recording.memory import BODIES, ROOT, RULES, staged
from xianjie import envelope
from xianjie.deciding import Event, Given, Rules, Say
from xianjie.envelope import Heard
from xianjie.message import AGENCY, MESSAGES, SERVICES, Message, hints
from xianjie.messages import ops
from xianjie.messages.ops import ClockTicked
from xianjie.messages.referral import ReferralRequested
from xianjie.play.scenario import load
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Ground, LegKind, Track

DIRECTORY = Directory(bodies={each.code: each for each in BODIES})
FILE = ROOT / "contracts/xianjie/messages/follows.yaml"
SAMPLES = ROOT / "contracts/samples"
QUIET = ("log.", "sla.", "receipt.")
"""What the log itself and clocks say follows nearly everything, and tells nothing."""
PLAYED = [*sorted((ROOT / "tests/scenarios").glob("*.yaml")), *sorted((ROOT / "tests/traps").glob("*.yaml"))]
WORDS = {
    "proof": ("acceptance_notice",), "legal_basis": ("",), "by": ("all", "applicant"),
}  # fmt: skip
"""Fields whose words are data."""
GROUNDS = tuple(dict.fromkeys(Ground(ground) for track in Track for ground in track_rules(track).suspends))
"""Grounds for which some track is suspended."""
KNOWN = {each.name for each in MESSAGES.values()}
Follows = dict[str, dict[str, set[str]]]
"""By message and hearer: the names of what the hearer may say."""


CONTEST = ("outcome_contested", "contest_answered", "escalated", "ordered")
"""What is said where an outcome is contested."""
GENERATIONS = 5
"""First the states that are reached in play, then those that one to four messages lead to from there: from an offer to its acceptance."""
Reached = tuple[Any, Heard, Any]
"""A state, the message that was heard in it, and when."""


def watched(found: Follows, kinds: dict[tuple[str, str], Reached]) -> dict[str, Rules[Any]]:
    """The rules, of which every kind of state in which something was heard is kept, and what followed."""

    def watch(service: str) -> Rules[Any]:
        rules = RULES[service]

        def decide(state: Any, heard: Heard, given: Given) -> list[Event]:
            kinds.setdefault((service, kind(service, state)), (state, heard, given.now))
            events = rules.decide(state, heard, given)
            note(found, service, heard.message, events)
            return events

        return dataclasses.replace(rules, decide=decide)

    return {each: watch(each) for each in SERVICES}


def kind(service: str, state: Any) -> str:
    """What tells states apart for the rules: status, and the legs or proceedings with track, kind and state."""
    told = sorted(
        f"{each.track} {standing(each)} {getattr(each, 'sender', '') == each.receiver}" for each in legs_of(state).values()
    )
    rest = [
        bool(getattr(state, name, None))
        for name in ("owner", "homeless", "children", "parent", "settled", "cleared", "register", "superiors", "pulls", "costs")
    ]
    rest += [each.put for each in getattr(state, "pulls", {}).values()]
    return f"{service} {getattr(state, 'status', '')} {told} {rest} {state.case.startswith('dup-')}"


def standing(each: Any) -> str:
    """The state of a leg or proceeding; in a recall, which depends on where the leg stood, with that one; of a reported outcome, whether
    it was contested, and whether anybody is above."""
    state = str(getattr(each, "state", ""))
    if state in ("outcome_reported", "contested"):
        return f"{state} {each.contested is not None} {bool(each.superiors)}"
    return f"{state} {each.before}" if state == "recall_requested" else state


def note(found: Follows, service: str, heard: Message, events: list[Event]) -> None:
    said = {each.message.name for each in events if isinstance(each, Say) and not each.message.name.startswith(QUIET)}
    found.setdefault(heard.name, {}).setdefault(service, set()).update(said)


def of_the_directory(cls: type[Message]) -> bool:
    """Whether it is said of bodies and providers, and not of a case."""
    return (cls.name.startswith("org.") and AGENCY not in cls.said_by) or cls.name in ("provider.listed", "provider.unlisted")


def following() -> dict[str, list[str]]:
    """By message that a service's rules hear: everything that may follow, by name."""
    found: Follows = {}
    kinds: dict[tuple[str, str], Reached] = {}
    for file in PLAYED:
        staged([load(file)], watched(found, kinds))
    left = list(kinds.items())
    for _ in range(GENERATIONS):
        new = dict[tuple[str, str], Reached]()
        for (service, _), reached in left:
            for cls in MESSAGES.values():
                if (
                    service in cls.heard_by
                    and (cls.__module__ != ops.__name__ or cls is ClockTicked)
                    and not of_the_directory(cls)
                ):
                    for state in _driven(found, service, cls, *reached):
                        new.setdefault((service, kind(service, state)), (state, *reached[1:]))
        left = [(key, reached) for key, reached in new.items() if key not in kinds]
        kinds |= dict(left)
    return alike({name: sorted(set().union(*by.values())) for name, by in sorted(found.items())})


def alike(follows: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is contested is the same in every track, and far from where play begins: what follows in one of them follows in all."""
    by_verb = {verb: sorted({each for track in Track for each in follows[f"{track}.{verb}"]}) for verb in CONTEST}
    return {
        name: by_verb.get(name.split(".")[1], names) if name.split(".")[0] in {*Track} else names
        for name, names in follows.items()
    }


def _driven(found: Follows, service: str, cls: type[Message], state: Any, before: Heard, now: Any) -> Iterator[Any]:
    """One message in one state, as each body that has to do with the case, in each of its variants; the simple states that it leads to."""
    noun = cls.name.split(".")[0]
    if noun in {*Track} and all(each.track != noun for each in legs_of(state).values()):
        return  # said of a proceeding of another track, which is refused
    rules = RULES[service]
    moment = max(now, rules.due(state) or now) + timedelta(seconds=1) if cls is ClockTicked else now
    for source in sources(service, cls, state):
        attributes = dataclasses.replace(before.attributes, id="driven", source=source, type=cls.type, time=now)
        for message in variants(cls, state):
            events = rules.decide(state, Heard(attributes, message), Given(moment, DIRECTORY, ("directory:1",)))
            note(found, service, message, events)
            after = state
            for each in events:
                if isinstance(each, Say) and each.subject is None:
                    after = rules.evolve(after, each.message)
            if after is not state and len(legs_of(after)) <= 1:
                yield after


def legs_of(state: Any) -> dict[str, Any]:
    """The legs or proceedings of a case, by id."""
    return dict(getattr(state, "legs", None) or getattr(state, "proceedings", None) or {})


def sources(service: str, cls: type[Message], state: Any) -> Iterator[str]:
    """Who may say it here: services by their names, agencies by what they are to the case."""
    yield from (f"/services/{each}" for each in cls.said_by if each in (*SERVICES, "door"))
    if AGENCY in cls.said_by:
        legs = legs_of(state).values()
        bodies = {getattr(state, "owner", None), *getattr(state, "superiors", ()), *getattr(state, "bodies", ())}
        bodies |= {code for leg in legs for code in (getattr(leg, "sender", None), leg.receiver)}
        above = {code for each in bodies if each for code in DIRECTORY.superiors(each)[:2]}
        yield from (f"/agencies/{each}" for each in sorted(filter(None, bodies | above)) or ["CN-SH-IPO"])


def variants(cls: type[Message], state: Any) -> Iterator[Message]:
    """The golden sample about each leg of the case, and with each value of each field that decisions turn on, one at a time."""
    golden: Any = envelope.read((SAMPLES / f"{cls.name}.v{cls.version}.json").read_bytes()).message
    if cls is ReferralRequested:
        golden = dataclasses.replace(golden, basis=None)  # the sample's is for a court to say
    if "asker" in golden.__dataclass_fields__:
        golden = dataclasses.replace(golden, asker=next(iter(getattr(state, "pulls", ())), golden.asker))
    if "item" in golden.__dataclass_fields__:
        body, _, item = next(iter(getattr(state, "costs", ())), "-").rpartition("-")
        golden = dataclasses.replace(
            golden, **({"item": item, "body": body} if item and "body" in golden.__dataclass_fields__ else {})
        )
    for leg in (list(legs_of(state)) or ["L1"]) if "leg" in golden.__dataclass_fields__ else [None]:
        base = dataclasses.replace(golden, leg=leg) if leg else golden
        yield base
        for name, hint in hints(cls).items():
            for value in steps(cls, name) or values(name, hint):
                yield dataclasses.replace(base, **{name: value})
        if cls is ReferralRequested:
            plain = dataclasses.replace(base, body=None, basis=None, kind=LegKind.FILE, pseudonymised=False, legal_basis="")
            yield from (dataclasses.replace(plain, track=track, needs_consent=asks) for track in Track for asks in (True, False))
        if {"outcome", "next"} <= set(golden.__dataclass_fields__):
            yield from (dataclasses.replace(base, how="closed", next=None, settles=settles) for settles in (True, False))


def steps(cls: type[Message], name: str) -> tuple[str, ...]:
    """The words of a step or an outcome of the message's track; where it has none, an outcome that decides and one that does not."""
    noun = cls.name.split(".")[0]
    if noun not in {*Track}:
        return ("infringement_found", "withdrawn") if name == "outcome" else ()
    kinds = {"step": lambda rules: rules.steps, "outcome": lambda rules: rules.outcomes}
    return tuple(kinds[name](track_rules(Track(noun)))) if name in kinds else ()


def values(name: str, hint: Any) -> tuple[Any, ...]:
    """What a field may hold, where it is one of few."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if name in WORDS:
        return WORDS[name]
    if name == "ground":
        return (Ground.NOT_COMPETENT, Ground.OTHER, *GROUNDS)
    if origin is typing.Annotated:
        return tuple(inside[1]) if isinstance(inside[1], type) and issubclass(inside[1], Enum) else ()
    if origin in (types.UnionType, typing.Union):
        return (None, *values(name, next(each for each in inside if each is not type(None))))
    if origin is Literal:
        return inside
    if hint is bool:
        return (True, False)
    return tuple(hint) if isinstance(hint, type) and issubclass(hint, Enum) else ()


def text() -> str:
    """The file as it should be."""
    head = "# What may follow from each message that a service hears: what its hearers say. Written by python -m tests.contracts.following\n"
    kept = {name: names for name, names in yaml.safe_load(FILE.read_text("utf-8")).items() if name in KNOWN}
    found = {name: sorted({*kept.get(name, ()), *names}) for name, names in following().items()}
    return head + yaml.safe_dump({**kept, **found}, sort_keys=True, width=130, default_flow_style=None)


if __name__ == "__main__":
    Path(FILE).write_text(text(), "utf-8")
