"""Running time limits of one aggregate: started, paused, extended, met or breached. Pure; each event is said once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xianjie.law import calendar, counting, deadlines
from xianjie.law.rule import Deadline
from xianjie.message import Message
from xianjie.messages.sla import (
    SlaBreached,
    SlaExtended,
    SlaMet,
    SlaNotJudged,
    SlaPaused,
    SlaRecounted,
    SlaResumed,
    SlaStarted,
    SlaStopped,
    SlaWarned,
)
from xianjie.vocabulary import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One running limit. `name` is `<what it is about>/<rule>`, for example `L1/B4`."""

    name: str
    rule: str
    start: datetime
    due: datetime
    region: str = ""
    level: str = ""
    judged: bool = True
    warned: bool = False
    breached: bool = False
    extended: int = 0
    provisional: bool = False
    paused: datetime | None = None
    until: datetime | None = None
    """When a pause that the law caps is over by itself."""
    stopped: counting.Stops = ()

    @property
    def version(self) -> Deadline:
        """The rule's version, as it was in force when the clock started."""
        return deadlines.rule(self.rule, calendar.day(self.start), self.region, self.level)


Clocks = Mapping[str, Clock]
PROVISIONAL = "provisional"
"""In a glance: the first due day that was counted by weekends alone."""


def start(about: str, rule: str, now: datetime, *, region: str = "", level: str = "", judged: bool = True) -> list[Message]:
    """Start `rule` about `about`; nothing where no version of the rule is in force there and then."""
    today = calendar.day(now)
    if not deadlines.exists(rule, today, region, level):
        return []
    version = deadlines.rule(rule, today, region, level)
    due = counting.due(version, now)
    return [
        SlaStarted(
            clock=f"{about}/{rule}", rule=rule, cited=version.cited, start=now, due=due, region=region or None, level=level or None,
            window=version.window, judged=judged, verified=version.verified, provisional=counting.provisional(due),
        )
    ]  # fmt: skip


def meet(clocks: Clocks, name: str, now: datetime, *, judged: bool = True) -> list[Message]:
    """What had to happen happened: met, late, or not judged; with its days but for the last. Nothing if the clock does not run."""
    clock = clocks.get(name)
    if clock is None:
        return []
    if not (clock.judged and judged):
        return [SlaNotJudged(clock=name)]
    gross = (calendar.day(now) - calendar.day(clock.start)).days
    net = gross - paused_days(clock, now)
    late = SlaStopped(clock=name, gross_days=gross, net_days=net)
    if clock.breached:
        return [late]
    if _missed(clock, now):
        return [SlaBreached(clock=name, due=clock.due, window=clock.version.window), late]
    return [SlaMet(clock=name, gross_days=gross, net_days=net)]


def _missed(clock: Clock, now: datetime) -> bool:
    """Whether `now` is past the limit; for a time that must at least lie between, whether it is before its last day."""
    if clock.version.least:
        return calendar.day(now) < calendar.day(clock.due)
    return now > clock.due and clock.paused is None


def paused_days(clock: Clock, now: datetime) -> int:
    """Calendar days for which the clock stood still."""
    pauses = [*clock.stopped, *([(clock.paused, now)] if clock.paused else [])]
    return sum((calendar.day(end) - calendar.day(begin)).days for begin, end in pauses)


def stop(clocks: Clocks, prefix: str) -> list[Message]:
    """End every clock about `prefix`, neither met nor breached."""
    return [SlaStopped(clock=name) for name in sorted(clocks) if name.startswith(f"{prefix}/")]


def stop_one(clocks: Clocks, name: str) -> list[Message]:
    """End one clock, if it runs."""
    return [SlaStopped(clock=name)] if name in clocks else []


def stop_except(clocks: Clocks, prefix: str, *rules: str) -> list[Message]:
    """End every clock about `prefix` but those of `rules`."""
    return [each for each in stop(clocks, prefix) if each.clock.split("/")[1] not in rules]  # type: ignore[attr-defined]


def pause(clocks: Clocks, prefix: str, now: datetime, ground: Ground) -> list[Message]:
    """Pause those clocks about `prefix` whose rule stops for this ground, each for as long as its rule lets it stand still at most."""
    said: list[Message] = []
    for name in sorted(clocks):
        clock = clocks[name]
        stop = clock.version.stop(ground.value) if name.startswith(f"{prefix}/") else None
        if stop and not clock.paused and not clock.breached:
            until = counting.runs_out(stop.at_most, now, clock.stopped) if stop.at_most else None
            if until is None or until > now:
                said.append(SlaPaused(clock=name, at=now, ground=ground, until=until))
    return said


def resume(clocks: Clocks, prefix: str, now: datetime) -> list[Message]:
    """Let the paused clocks about `prefix` run again, each with its new due moment."""
    found = [clocks[name] for name in sorted(clocks) if name.startswith(f"{prefix}/")]
    return [_resumed(each, now) for each in found if each.paused]


def _resumed(clock: Clock, at: datetime) -> SlaResumed:
    assert clock.paused is not None
    due = _due(replace(clock, stopped=(*clock.stopped, (clock.paused, at))))
    return SlaResumed(clock=clock.name, at=at, due=due, provisional=counting.provisional(due))


def _due(clock: Clock) -> datetime:
    """When it is due as the calendar is known now."""
    return counting.due(clock.version, clock.start, extended=clock.extended, stopped=clock.stopped)


def recount(clocks: Clocks) -> list[Message]:
    """The calendar knows more years: the clocks that were counted by weekends alone, each with its due moment counted anew."""
    said: list[Message] = []
    for name in sorted(clocks):
        clock = clocks[name]
        due = _due(clock)
        if clock.provisional and not clock.breached and (due != clock.due or not counting.provisional(due)):
            said.append(SlaRecounted(clock=name, due=due, provisional=counting.provisional(due)))
    return said


def extend(clocks: Clocks, name: str, text: str) -> list[Message]:
    """Lengthen a clock as its rule allows; nothing if it does not run, has passed, or may not be lengthened again."""
    clock = clocks.get(name)
    if clock is None or not extensible(clock):
        return []
    due = _due(replace(clock, extended=clock.extended + 1))
    return [SlaExtended(clock=name, due=due, text=text, provisional=counting.provisional(due))]


def extensible(clock: Clock) -> bool:
    """Whether the clock's rule lets it be lengthened, or lengthened again, before it has passed."""
    extend = clock.version.extend
    return extend is not None and clock.extended < extend.times and not clock.breached


def lapse(clocks: Clocks, now: datetime) -> list[Message]:
    """What follows from the time alone: pauses that are over, warnings, breaches (or `not judged`) due by `now`, in order."""
    said: list[tuple[datetime, Message]] = []
    for clock in clocks.values():
        if clock.paused and clock.until and clock.until <= now:
            resumed = _resumed(clock, clock.until)
            said.append((clock.until, resumed))
            clock = _changed(clock, resumed)
        if _next(clock) is None:
            continue
        warn = counting.warning(clock.version, clock.due)
        if clock.due <= now:
            passed = SlaBreached(clock=clock.name, due=clock.due, window=clock.version.window)
            said.append((clock.due, passed if clock.judged else SlaNotJudged(clock=clock.name)))
        elif warn and warn <= now and not clock.warned and clock.judged:
            said.append((warn, SlaWarned(clock=clock.name, due=clock.due)))
    return [each for _, each in sorted(said, key=lambda pair: (pair[0], pair[1].clock))]  # type: ignore[attr-defined]


def nearest(clocks: Clocks) -> datetime | None:
    """The end of the limit that passes first, of those that run and can be judged; warnings come before it."""
    return min((each.due for each in clocks.values() if _runs(each) and each.judged), default=None)


def glance(clocks: Clocks) -> dict[str, object]:
    """What lists show of them: what is late, what passes first; and the first day that was counted by weekends alone, to be found by."""
    days = [calendar.day(each.due) for each in clocks.values() if each.provisional and not each.breached]
    return {
        "late": sorted(name for name, each in clocks.items() if each.breached),
        "due": nearest(clocks),
        **({PROVISIONAL: min(days).isoformat()} if days else {}),
    }


def next_due(clocks: Clocks) -> datetime | None:
    """The next moment at which `lapse` has something to say."""
    return min((moment for each in clocks.values() if (moment := _next(each))), default=None)


def _runs(clock: Clock) -> bool:
    """Whether its end is still to come; a time that must at least lie between has none."""
    return not (clock.paused or clock.breached or clock.version.least)


def _next(clock: Clock) -> datetime | None:
    if clock.paused and clock.until and not clock.breached:
        return clock.until
    if not _runs(clock):
        return None
    warn = counting.warning(clock.version, clock.due)
    return warn if warn and not clock.warned and clock.judged else clock.due


def evolve(clocks: Clocks, said: Message) -> Clocks:
    """The clocks after one `sla.*` event; any other event leaves them as they are."""
    match said:
        case SlaStarted(clock=name):
            made = Clock(
                name=name, rule=said.rule, start=said.start, due=said.due,
                region=said.region or "", level=said.level or "", judged=said.judged, provisional=said.provisional,
            )  # fmt: skip
            return {**clocks, name: made}
        case SlaMet(clock=name) | SlaNotJudged(clock=name) | SlaStopped(clock=name):
            return {other: each for other, each in clocks.items() if other != name}
        case SlaPaused() | SlaResumed() | SlaExtended() | SlaRecounted() | SlaWarned() | SlaBreached():
            return {**clocks, said.clock: _changed(clocks[said.clock], said)}
        case _:
            return clocks


def _changed(clock: Clock, said: Message) -> Clock:
    match said:
        case SlaPaused(at=at, until=until):
            return replace(clock, paused=at, until=until)
        case SlaResumed(at=at, due=due, provisional=provisional):
            assert clock.paused is not None
            stopped = (*clock.stopped, (clock.paused, at))
            return replace(clock, paused=None, until=None, due=due, stopped=stopped, warned=False, provisional=provisional)
        case SlaExtended(due=due, provisional=provisional):
            return replace(clock, due=due, extended=clock.extended + 1, warned=False, provisional=provisional)
        case SlaRecounted(due=due, provisional=provisional):
            return replace(clock, due=due, warned=clock.warned and due <= clock.due, provisional=provisional)
        case SlaWarned():
            return replace(clock, warned=True)
        case _:
            return replace(clock, breached=True)


def lapsed(events: Iterable[Message]) -> list[str]:
    """The names of the clocks that `events` say have passed, judged or not."""
    return [each.clock for each in events if isinstance(each, SlaBreached | SlaNotJudged)]
