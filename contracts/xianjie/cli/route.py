"""`xianjie route`: who may take a matter that a file describes, best first, and who may not, each with its reason."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.bodies import read_bodies
from xianjie.cli.directory import FOLDER
from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.competence import Competent, Excluded, Matter, barred, judged
from xianjie.fields import Area, Code, Right
from xianjie.law import competence
from xianjie.messages.org import Body
from xianjie.vocabulary import CHINA, LegKind, RightType, Track
from xianjie.written import BadFile, bad, document, loaded

File = Annotated[Path, typer.Argument(metavar="FILE", help="The matter, as YAML; its keys are in contracts/README.md.")]
HELPING = (LegKind.ASSIST, LegKind.NOTIFY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A matter as a person writes it down: what is asked for, over which right, where the parties are, and what stands in the way."""

    track: Track
    right: Right
    respondents: tuple[Area, ...] = ()
    """Division codes of the respondents' seats."""
    infringement: tuple[Area, ...] = ()
    """Division codes of the places where it happens."""
    kind: LegKind = LegKind.FILE
    day: date | None = None
    """The day whose law and directory hold; today, if none is named."""
    wish: Code | None = None
    """The body that a party names."""
    sued: bool = False
    arbitration_agreed: bool = False
    taken_by: Code | None = None
    """A body that has taken the same dispute already."""
    passed_over: tuple[Code, ...] = ()
    """Bodies that have declined, returned it or could not be reached."""


KEYS = tuple(each.name for each in fields(Described))


def route(
    file: File,
    explain: Annotated[bool, typer.Option("--explain", help="Also who is excluded, and why.")] = False,
    folder: Annotated[Path, typer.Option("--folder", help="The folder of YAML files with the bodies.")] = FOLDER,
    as_json: AsJson = False,
) -> None:
    """Say who may take a matter: by right, place and track, the nearest first, each with its rule; with --explain also who may not, and why.

    It ends with status 1 if nobody may: then the network asks the owner of the case, and the body above it, to choose.

    Example: `xianjie route matter.yaml --explain`
    """
    said = described(file)
    bodies = read_bodies(folder)
    known = {each.code for each in bodies}
    if strange := sorted({each for each in (said.wish, said.taken_by, *said.passed_over) if each} - known):
        raise Fault(f"{file}: {folder} has no body {', '.join(strange)}: see xianjie directory show", 2)
    refused = None
    if said.kind not in HELPING:
        elsewhere = f"{said.taken_by} has taken the same dispute" if said.taken_by else ""
        refused = barred(said.track, sued=said.sued, agreed=said.arbitration_agreed, elsewhere=elsewhere)
    able, others = judged(bodies, _matter(said), load={})
    if refused:
        others = [Excluded(body=each, why=refused[1]) for each in sorted((*(c.body for c in able),), key=_code)] + others
        able = []
    if as_json:
        show_json({
            "candidates": [_candidate(each) for each in able], "excluded": [_excluded(each) for each in others],
            "warnings": _warnings(said, able),
        })  # fmt: skip
    else:
        _tell(able, others, refused[1] if refused else "", explain)
        for each in _warnings(said, able):
            show(Text(f"note: {each}", style="yellow"))
    if not able:
        raise typer.Exit(1)


def described(file: Path) -> Described:
    """The matter of a file; raises `BadFile` with everything that is wrong."""
    row = document(file)
    if not isinstance(row, dict):
        raise BadFile(f"{file}: must map keys to values; it may have {', '.join(KEYS)}")
    faults: list[str] = []
    found = [each for _, each in loaded(Described, [("", row)], faults)]
    if faults:
        raise bad(file, faults)
    return found[0]


def _matter(said: Described) -> Matter:
    return Matter(
        track=said.track, right=said.right, areas=(*said.respondents, *said.infringement),
        today=said.day or datetime.now(CHINA).date(), wished=said.wish,
        barred=dict.fromkeys(said.passed_over, "has declined, returned it or could not be reached"),
    )  # fmt: skip


def _warnings(said: Described, able: list[Competent]) -> list[str]:
    """What a reader must know of these rules: that they were not read, or that nobody knows since when they hold."""
    strange = said.right not in {*RightType}
    warnings = [f"{said.right} is no right that the network knows; there are {', '.join(RightType)}"] if strange else []
    day = said.day or datetime.now(CHINA).date()
    if not any(each.holds(said.track, said.right, day) for each in competence.rules()):
        warnings.append(f"no rule is known for {said.track} over {said.right} on {day}: somebody may be competent all the same")
    rules = {each.rule.id: each.rule for each in able if each.rule}
    warnings += [f"{each.cited}: the text was not read" for each in rules.values() if not each.verified]
    if said.day and (open_ := [each.cited for each in rules.values() if each.valid_from is None]):
        warnings.append(f"since when they hold is not known, and so whether on {said.day}: {'; '.join(open_)}")
    return warnings


def _code(body: Body) -> str:
    return body.code


def _candidate(each: Competent) -> dict[str, Any]:
    return {
        "agency": each.body.code, "name": each.body.name, "rule": each.rule.id if each.rule else "capability", "why": each.cited,
        "level": str(each.body.level), "distance": each.distance, "load": each.load, "refused": each.refused, "place": each.place,
        "capability": each.capability.source, "verified": each.capability.verified and (each.rule is None or each.rule.verified),
        "wished": each.wished,
    }  # fmt: skip


def _excluded(each: Excluded) -> dict[str, Any]:
    return {"agency": each.body.code, "name": each.body.name, "why": each.why}


def _tell(able: list[Competent], others: list[Excluded], refused: str, explain: bool) -> None:
    if able:
        rows = ((each.body.code, each.body.name, str(each.body.level), each.distance, each.cited) for each in able)
        show(table(("agency", "name", "level", "distance", "why"), rows))
        show(Text("the nearest goes first; distance: 0 county or town, 1 prefecture, 2 province, 3 nation", style="dim"))
    else:
        show(Text(f"nobody may take it: {refused or 'no competent body is left by rule'}"))
        chosen = "the owner of the case, and after five working days the body above it, is asked to choose: referral.body_chosen"
        show(Text("in the network such a request is refused (403)" if refused else chosen))
    if explain and others:
        show(Text("\nexcluded:", style="bold"))
        show(table(("agency", "name", "why"), ((each.body.code, each.body.name, each.why) for each in others)))
