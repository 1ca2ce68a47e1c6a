"""`xianjie timeline`: one case across all services as a tree."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from xianjie import timeline as told
from xianjie.cli.network import NetworkFile, UnknownCase, find
from xianjie.cli.showing import COLOURS, AsJson, Fault, coloured, incomplete, show, show_json
from xianjie.message import DOOR, SERVICES
from xianjie.timeline import Clock, Entry, Leg, Timeline
from xianjie.vocabulary import LegKind, Precision, Track

FORMS = {Precision.SECOND: "%Y-%m-%d %H:%M", Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}
DEFAULTS = "N2."
"""How the names of the network's own time limits begin; the others are the law's."""


def show_timeline(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what the services tell one another and the journal.")] = False,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Print one case across all services: who said what to whom and when, each receipt, legs as branches, clocks.

    Example: `xianjie timeline sh-markor-design-2020`
    """
    there, silent = find(network).answering()
    try:
        found = there.timeline(case)
    except UnknownCase as unknown:
        raise Fault("; ".join([str(unknown), *silent])) from None
    if as_json:
        show_json(told.as_json(found))
    else:
        show(tree(found, everything, partly=bool(silent)))
    incomplete(silent)


def tree(timeline: Timeline, everything: bool = False, partly: bool = False) -> Tree:
    """The case as a tree: its own messages and each leg as a branch, in order; clocks at the end of what they are about.

    `partly`: not every service could tell, so what is not there is not known.
    """
    root = Tree(_case(timeline, partly), guide_style="dim")
    branches: dict[str, Tree] = {}
    for entry in timeline.entries:
        leg = timeline.leg(entry.leg)
        if leg and leg.leg not in branches:
            branches[leg.leg] = root.add(_leg(leg))
        if everything or _crosses(entry):
            (branches[leg.leg] if leg else root).add(_entry(entry))
    for leg in timeline.legs:
        _clocks(branches.get(leg.leg, root), leg.clocks)
    _clocks(root, timeline.clocks)
    for child in timeline.children:
        root.add(Text(f"its case {child}: xianjie timeline {child}", style="cyan"))
    return root


def _crosses(entry: Entry) -> bool:
    """Whether an agency, an applicant or an operator said or heard it."""
    return entry.speaker not in SERVICES or (entry.to is not None and entry.to not in SERVICES)


def _case(timeline: Timeline, partly: bool) -> Text:
    unknown = ("status not known", "not known") if partly else ("not submitted", "nobody")
    text = Text.assemble((timeline.case, "bold"), "  ", coloured(timeline.status or unknown[0]))
    if timeline.outcome:
        text.append(f" · {timeline.outcome}")
    chain = " → ".join(f"{owner} ({since:%Y-%m-%d})" for since, owner in timeline.owners)
    text.append(f"   owner {chain or unknown[1]}")
    for detail in _beside(timeline):
        text.append(f"   {detail}", "cyan")
    if timeline.parent:
        text.append(f"   part of the batch {timeline.parent}", "cyan")
    return text


def _beside(timeline: Timeline) -> Iterator[str]:
    """What became of it beside its legs: the return visit, what the help cost, what bodies above found."""
    if timeline.satisfaction:
        yield f"satisfied {timeline.satisfaction} of 5"
    if timeline.spent_fen:
        yield f"cost {timeline.spent_fen / 100:.2f} yuan"
    for by, passed in sorted(timeline.checks.items()):
        yield f"checked by {by}: {'passed' if passed else 'not passed'}"


def _leg(leg: Leg) -> Text:
    text = Text.assemble((f"{leg.leg} {leg.track} {Track(leg.track).chinese}", "bold"))
    text.append(f" · {LegKind(leg.kind).value} · {leg.sender} → {leg.receiver} · ")
    text.append(coloured(leg.state))
    for detail in (leg.outcome, leg.ground, f"after {leg.after}" if leg.after else None):
        if detail:
            text.append(f" · {detail}")
    return text


def _entry(entry: Entry) -> Text:
    way = f"{entry.speaker} → {entry.to}" if entry.to else entry.speaker
    text = Text.assemble((f"{_when(entry):<20}", "dim"), f"{way:<32} ", overflow="ellipsis", no_wrap=True)
    text.append(f"{entry.type:<30} ", "bold" if _said(entry) else "")
    if entry.status:
        text.append(f"{entry.status} ", COLOURS.get(str(entry.status), ""))
        text.append(f"{entry.answer} " if entry.answer else "", "red" if entry.status != 202 else "dim")
    text.append(entry.text, "" if _said(entry) else "dim")
    return text


def _said(entry: Entry) -> bool:
    return entry.speaker not in SERVICES or entry.speaker == DOOR


def _when(entry: Entry) -> str:
    """When, as exactly as it is known; what is not dated shows when it was decided."""
    if entry.at is None or entry.precision not in FORMS:
        return f"undated ~{entry.now:%Y-%m-%d}"
    return f"{entry.at:{FORMS[Precision(entry.precision)]}}"


def _clocks(branch: Tree, clocks: list[Clock]) -> None:
    """The law's clocks, and those that went wrong or still run, each in a line; the network's own that ended well in one."""
    quiet = [each for each in clocks if each.rule.startswith(DEFAULTS) and each.state in ("met", "stopped")]
    for each in (each for each in clocks if each not in quiet):
        branch.add(_clock(each))
    if quiet:
        names = ", ".join(f"{each.name.rsplit('/', 1)[-1].removeprefix(DEFAULTS)} {each.state}" for each in quiet)
        branch.add(Text(f"⏱ the network's own limits: {names}", style="dim"))


def _clock(clock: Clock) -> Text:
    text = Text.assemble(
        "⏱ ", (clock.name, "bold"), f"  {clock.started:%Y-%m-%d} → due {clock.due:%Y-%m-%d}  ", coloured(clock.state)
    )
    if clock.gross_days is not None:
        text.append(f" after {clock.gross_days} d" + (f", {clock.net_days} d net" if clock.net_days != clock.gross_days else ""))
    for begin, end in clock.pauses:
        text.append(f"  paused {begin:%Y-%m-%d}" + (f" to {end:%Y-%m-%d}" if end else ""), "yellow")
    if clock.provisional and clock.state in ("running", "paused"):
        text.append("  provisional: holidays of that year not known", "yellow")
    text.append(f"  ({clock.cited}{'' if clock.verified else ', not verified'})", "dim")
    return text
