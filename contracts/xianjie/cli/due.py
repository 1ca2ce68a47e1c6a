"""`xianjie due`: when one time limit ends, by its rule, and why."""

from datetime import date, datetime, time
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.law import calendar, counting, deadlines, explaining
from xianjie.law.rule import Deadline
from xianjie.vocabulary import CHINA, Level, division_code
from xianjie.wording import counted

Rule = Annotated[str, typer.Argument(metavar="RULE", help="Which limit, as in B4; all are listed by: xianjie rules")]
Region = Annotated[str | None, typer.Option("--region", metavar="CODE", help="The division code of the body, six digits.")]
OfLevel = Annotated[Level | None, typer.Option("--level", help="The level of the body.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The law in force on that day; else on the day it starts.")
]
Stopped = Annotated[
    list[str] | None,
    typer.Option(
        "--stop", metavar="A..B", help="It stood still from A up to and without B. Again for every pause; A..B:GROUND says why."
    ),
]


def due(
    rule: Rule,
    start: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The day on which it starts, or a moment: 2025-03-03T09:00.")
    ],
    region: Region = None,
    level: OfLevel = None,
    stop: Stopped = None,
    extend: Annotated[int, typer.Option("--extend", metavar="N", min=0, max=100, help="It was extended N times.")] = 0,
    met: Annotated[str | None, typer.Option("--met", metavar="DATE", help="When what must happen happened.")] = None,
    as_of: AsOf = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also which rule, how it counts, and every day that was skipped.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say when a time limit is due: by which version of its rule, with which days skipped. All moments are in Asia/Shanghai.

    Days, working days and months are due with the last second of their last day, hours to the second.

    Example: `xianjie due B4 --from 2021-11-05 --stop 2021-12-15..2022-05-16 --explain`
    """
    begun = _moment("--from", start)
    version = chosen(rule, _date("--as-of", as_of) if as_of else calendar.day(begun), region, level)
    extended, done = _extended(version, extend), _moment("--met", met) if met else None
    if done and done < begun:
        raise Fault(f"--met {met}: lies before the limit starts, on {calendar.day(begun)}", 2)
    pauses, warnings = _pauses(version, begun, extended, stop or [])
    found = explaining.account(version, begun, stopped=pauses, extended=extended, met=done)
    _announced(calendar.day(found.due))
    if version.unit == "h" and len(start) == len("2025-03-03"):
        warnings.append(
            f"{version.version} runs in hours: {start} was taken as its first second; name the moment, as in {start}T09:00"
        )
    warnings = [*_doubts(version), *warnings]
    if as_json:
        show_json(_plain(found, warnings))
        return
    _tell(found, warnings, explain)


def chosen(id: str, day: date, region: str | None, level: Level | None) -> Deadline:
    """The version in force there and then; a Fault that says what there is."""
    if region and not division_code(region):
        raise Fault(f"--region {region}: is no division code of GB/T 2260: six digits, as in 310000", 2)
    if not deadlines.versions(id):
        raise Fault(f"no limit has the id {id}: all are listed by: xianjie rules", 2)
    try:
        return deadlines.rule(id, day, region or "", level or "")
    except deadlines.NoSuchRule as missing:
        there = ", ".join(each.version for each in deadlines.versions(id))
        raise Fault(f"{missing}; there {'are' if ',' in there else 'is'} {there}: see xianjie rules show {id}", 2) from None


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(f"{option} {text}: is no day as in 2025-03-03", 2) from None


def _announced(day: date) -> date:
    try:
        return calendar.announced(day)
    except calendar.UnknownYear as unknown:
        raise Fault(str(unknown), 2) from None


def _moment(option: str, text: str) -> datetime:
    """A day, which is its first second, or a moment; one without an offset is in Asia/Shanghai."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(f"{option} {text}: is no day or moment as in 2025-03-03 or 2025-03-03T09:00", 2) from None
    _announced(found.date())  # before it is moved to our zone, which the first and last days of all have no room for
    moment = found.replace(tzinfo=CHINA) if found.tzinfo is None else found.astimezone(CHINA)
    _announced(moment.date())
    return moment


def _pauses(version: Deadline, start: datetime, extended: int, told: list[str]) -> tuple[counting.Stops, list[str]]:
    """The pauses in order, each cut where the law caps it; and what is odd about them."""
    pauses: list[tuple[datetime, datetime]] = []
    warnings: list[str] = []
    for each, text in sorted((_span(text), text) for text in told):
        begin, end, ground = each
        if begin < calendar.day(start):
            raise Fault(f"--stop {text}: begins before the limit starts, on {calendar.day(start)}", 2)
        if pauses and _midnight(begin) < pauses[-1][1]:
            raise Fault(f"--stop {text}: overlaps the pause before it; name every day once", 2)
        ends = calendar.day(counting.due(version, start, extended=extended, stopped=tuple(pauses)))
        if begin > ends:
            warnings.append(f"{text} begins after the limit had run out on {ends}: it changes nothing")
            continue
        stop = version.stop(ground) or (version.stops[0] if not ground and len(version.stops) == 1 else None)
        if not version.stops or (ground and not stop):
            warnings.append(f"{version.version} does not stand still for {ground or 'anything'}: {text} was counted as you said")
        until = _midnight(end)
        if stop and stop.at_most and (cap := counting.runs_out(stop.at_most, _midnight(begin), tuple(pauses))) < until:
            warnings.append(f"{text}: it stands still for {stop.at_most.length} {stop.at_most.unit} at most, up to {cap.date()}")
            until = cap
        if not (version.unit == "h" and until == _midnight(begin)):
            pauses.append((_midnight(begin), until))
    return tuple(pauses), warnings


def _span(text: str) -> tuple[date, date, str]:
    days, _, ground = text.partition(":")
    begin, dots, end = days.partition("..")
    if not dots:
        raise Fault(f"--stop {text}: must be A..B, as in 2021-12-15..2022-05-16", 2)
    found = _announced(_date("--stop", begin)), _announced(_date("--stop", end)), ground
    if found[1] < found[0]:
        raise Fault(f"--stop {text}: ends before it begins", 2)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _extended(version: Deadline, times: int) -> int:
    most = version.extend.times if version.extend else 0
    if times > most:
        raise Fault(
            f"--extend {times}: {version.version} may be extended {counted(most, 'time') + ' at most' if most else 'never'}", 2
        )
    return times


def _doubts(version: Deadline) -> list[str]:
    """Why one should not rely on the version without looking further."""
    if version.verified:
        return []
    return [f"{version.version} was not verified: the text of {version.source} was not read (confidence {version.confidence})"]


def _plain(found: explaining.Account, warnings: list[str]) -> dict[str, Any]:
    return {
        "rule": found.rule.id, "version": found.rule.version, "title": found.rule.title, "starts": found.start.isoformat(),
        "due": found.due.isoformat(), "standing": found.standing, "warn": found.warn.isoformat() if found.warn else None,
        "lapse": found.rule.lapse, "gross_days": found.gross_days, "net_days": found.net_days, "counted": found.counted,
        "unit": found.rule.unit, "counting": found.rule.counting, "cited": found.rule.cited, "verified": found.rule.verified,
        "skipped": [
            {"from": each.first.isoformat(), "to": each.last.isoformat(), "days": each.days, "why": each.why}
            for each in found.skipped
        ],
        "explanation": explaining.story(found), "warnings": warnings,
    }  # fmt: skip


def _tell(found: explaining.Account, warnings: list[str], explain: bool) -> None:
    rule = found.rule
    when = f"at the earliest on {calendar.day(found.due)}" if rule.least else f"is due {found.due.isoformat()}"
    show(Text(f"{rule.id} {when}", style="bold"))
    show(Text(f"{rule.title}: {rule.span} by {rule.version}; {found.gross_days} days gross, {found.net_days} net"))
    if found.standing in ("met", "met late", "breached"):
        show(Text(f"{found.standing}"))
    show(Text(f"{'sooner' if rule.least else 'when it passes'}: {rule.lapse}"))
    if explain:
        for line in explaining.story(found):
            show(Text(line))
        if found.skipped:
            show(table(("from", "to", "days", "skipped because"), ((e.first, e.last, e.days, e.why) for e in found.skipped)))
    for each in warnings:
        typer.echo(f"xianjie: {each}", err=True)
