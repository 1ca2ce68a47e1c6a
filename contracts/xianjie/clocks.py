"""Running time limits of one aggregate: started, paused, extended, met or breached. Pure; each event is said once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xianjie.law import calendar, deadlines
from xianjie.message import Message
from xianjie.messages.sla import (
    SlaBreached,
    SlaExtended,
    SlaMet,
    SlaNotJudged,
    SlaPaused,
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
    paused: datetime | None = None
    stopped: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def version(self) -> deadlines.Deadline:
        """The rule's version, as it was in force when the clock started."""
        return deadlines.rule(self.rule, calendar.day(self.start), self.region, self.level)


Clocks = Mapping[str, Clock]


def start(about: str, rule: str, now: datetime, *, region: str = "", level: str = "", judged: bool = True) -> list[Message]:
    """Start `rule` about `about`; nothing where no version of the rule is in force there and then."""
    today = calendar.day(now)
    if not deadlines.exists(rule, today, region, level):
        return []
    version = deadlines.rule(rule, today, region, level)
    due = deadlines.due(version, now)
    cited = f"{version.source} {version.article}".strip()
    return [
        SlaStarted(
            clock=f"{about}/{rule}", rule=rule, cited=cited, start=now, due=due, region=region or None, level=level or None,
            window=version.window, judged=judged, verified=version.verified, provisional=deadlines.provisional(due),
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
    """Pause those clocks about `prefix` whose rule stops for this ground."""
    found = [clocks[name] for name in sorted(clocks) if name.startswith(f"{prefix}/")]
    return [
        SlaPaused(clock=each.name, at=now, ground=ground)
        for each in found
        if ground.value in each.version.stops and not each.paused and not each.breached
    ]


def resume(clocks: Clocks, prefix: str, now: datetime) -> list[Message]:
    """Let the paused clocks about `prefix` run again, each with its new due moment."""
    said: list[Message] = []
    for name in sorted(clocks):
        clock = clocks[name]
        if name.startswith(f"{prefix}/") and clock.paused:
            stopped = (*clock.stopped, (clock.paused, now))
            due = deadlines.due(clock.version, clock.start, extended=clock.extended, stopped=stopped)
            said.append(SlaResumed(clock=name, at=now, due=due))
    return said


def extend(clocks: Clocks, name: str, text: str) -> list[Message]:
    """Lengthen a clock as its rule allows; nothing if it does not run, has passed, or may not be lengthened again."""
    clock = clocks.get(name)
    if clock is None or not extensible(clock):
        return []
    due = deadlines.due(clock.version, clock.start, extended=clock.extended + 1, stopped=clock.stopped)
    return [SlaExtended(clock=name, due=due, text=text)]


def extensible(clock: Clock) -> bool:
    """Whether the clock's rule lets it be lengthened, or lengthened again, before it has passed."""
    extend = clock.version.extend
    return extend is not None and clock.extended < extend.times and not clock.breached


def lapse(clocks: Clocks, now: datetime) -> list[Message]:
    """What follows from the time alone: warnings and breaches (or `not judged`) due by `now`, in order of their moments."""
    said: list[tuple[datetime, Message]] = []
    for clock in clocks.values():
        if _next(clock) is None:
            continue
        warn = deadlines.warning(clock.version, clock.due)
        if clock.due <= now:
            passed = SlaBreached(clock=clock.name, due=clock.due, window=clock.version.window)
            said.append((clock.due, passed if clock.judged else SlaNotJudged(clock=clock.name)))
        elif warn and warn <= now and not clock.warned and clock.judged:
            said.append((warn, SlaWarned(clock=clock.name, due=clock.due)))
    return [each for _, each in sorted(said, key=lambda pair: (pair[0], pair[1].clock))]  # type: ignore[attr-defined]


def nearest(clocks: Clocks) -> datetime | None:
    """The end of the limit that passes first, of those that run and can be judged; warnings come before it."""
    return min((each.due for each in clocks.values() if _runs(each) and each.judged), default=None)


def next_due(clocks: Clocks) -> datetime | None:
    """The next moment at which `lapse` has something to say."""
    return min((moment for each in clocks.values() if (moment := _next(each))), default=None)


def _runs(clock: Clock) -> bool:
    """Whether its end is still to come; a time that must at least lie between has none."""
    return not (clock.paused or clock.breached or clock.version.least)


def _next(clock: Clock) -> datetime | None:
    if not _runs(clock):
        return None
    warn = deadlines.warning(clock.version, clock.due)
    return warn if warn and not clock.warned and clock.judged else clock.due


def evolve(clocks: Clocks, said: Message) -> Clocks:
    """The clocks after one `sla.*` event; any other event leaves them as they are."""
    match said:
        case SlaStarted(clock=name):
            made = Clock(
                name=name, rule=said.rule, start=said.start, due=said.due,
                region=said.region or "", level=said.level or "", judged=said.judged,
            )  # fmt: skip
            return {**clocks, name: made}
        case SlaMet(clock=name) | SlaNotJudged(clock=name) | SlaStopped(clock=name):
            return {other: each for other, each in clocks.items() if other != name}
        case SlaPaused() | SlaResumed() | SlaExtended() | SlaWarned() | SlaBreached():
            return {**clocks, said.clock: _changed(clocks[said.clock], said)}
        case _:
            return clocks


def _changed(clock: Clock, said: Message) -> Clock:
    match said:
        case SlaPaused(at=at):
            return replace(clock, paused=at)
        case SlaResumed(at=at, due=due):
            assert clock.paused is not None
            return replace(clock, paused=None, due=due, stopped=(*clock.stopped, (clock.paused, at)), warned=False)
        case SlaExtended(due=due):
            return replace(clock, due=due, extended=clock.extended + 1, warned=False)
        case SlaWarned():
            return replace(clock, warned=True)
        case _:
            return replace(clock, breached=True)


def lapsed(events: Iterable[Message]) -> list[str]:
    """The names of the clocks that `events` say have passed, judged or not."""
    return [each.clock for each in events if isinstance(each, SlaBreached | SlaNotJudged)]
