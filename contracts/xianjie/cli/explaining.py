"""`xianjie state` and `xianjie why`: what was known of a case at a moment, and how one decision came about; from a recording or the journal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
import yaml
from rich.text import Text

from xianjie import journal
from xianjie.cli.again import SALT, engine
from xianjie.cli.hears import PROTOCOLS
from xianjie.cli.network import NetworkFile, find
from xianjie.cli.recording import moment
from xianjie.cli.showing import AsJson, Fault, console, show, show_json, table
from xianjie.journal import Recorded
from xianjie.protocol.table import table as protocol
from xianjie.recording.choosing import Choice, Chosen, Face
from xianjie.recording.comparing import Left, Made, fields, told
from xianjie.recording.file import Reader
from xianjie.topology import hearer

Case = Annotated[str, typer.Argument(metavar="CASE", help="The id of a case.")]
JournalFile = Annotated[
    Path | None,
    typer.Option("--journal", metavar="FILE", help="A recording; else the journal of the network.", exists=True, dir_okay=False),
]


@dataclass(frozen=True, slots=True)
class Decision:
    """One commit of the case, and its state before and after it."""

    made: Made
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def state(
    case: Case,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="As it was then; without it, as it is at the end.")
    ] = None,
    recording: JournalFile = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Show what every service knew of a case at a moment: decided again from the journal, and held against the hash of every commit where the
    operator's salt is in `XIANJIE_SALT`. It holds what parties wrote: for those who may read the journal.

    Example: `xianjie state c-17 --at 2025-03-04T12:00 --journal monday.journal`
    """
    until = moment("--at", at)
    found: dict[str, Decision] = {}
    missing: list[Left] = []
    for one in decisions(case, recording, network):
        if isinstance(one, Left):
            missing += [one] if until is None or one.now is None or one.now <= until else []
        elif until is None or one.made.now <= until:
            _sound(one.made)
            found[one.made.service] = one
    if not found:
        why = f": {missing[0].why}" if missing else ""
        raise Fault(f"no service had heard of {case}{f' by {at}' if at else ''}, as far as it can be decided again{why}")
    if as_json:
        show_json({name: _content(each) for name, each in sorted(found.items())})
    else:
        _show_states(found)
    for left in missing:
        console(err=True).print(f"note: commit {left.n} at {left.service} cannot be decided again: {left.why}", markup=False)
    if missing:
        raise typer.Exit(1)


def _show_states(found: dict[str, Decision]) -> None:
    for name, each in sorted(found.items()):
        verified = {True: "its hash is the recorded one", None: f"hashes were not compared: {SALT} is not set"}[each.made.same]
        show(
            Text(
                f"{name}: commit {each.made.n} of {each.made.now:%Y-%m-%d %H:%M:%S}, on {each.made.heard}; {verified}",
                style="bold",
            )
        )
        _tree(each.after)


def why(
    case: Case,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="The id of what was heard, or of what was said.")],
    recording: JournalFile = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Show how a decision came about: the message, the state before it, the row of the protocol or the ground that decided, what was said, and
    what it changed.

    Example: `xianjie why c-17 3f0c9a52-7e1d-5b0e-9f55-1d2f8c3a7e10 --journal monday.journal`
    """
    found: list[Decision] = []
    for each in decisions(case, recording, network):
        if isinstance(each, Left):
            if each.id == message:
                raise Fault(f"commit {each.n} of {case} at {each.service} cannot be decided again: {each.why}")
        elif message == each.made.id or message in {said.id for said in each.made.said}:
            found.append(each)
    if not found:
        raise Fault(
            f"nothing was decided in {case} on {message}, and no decision said it: list what there is with xianjie journal show"
        )
    if as_json:
        show_json([_explained(each) for each in found])
        return
    for one in found:
        _explain(one)


def decisions(case: str, file: Path | None, network: Path | None) -> Iterator[Decision | Left]:
    """Every commit of a case made again, in order, and each that could not be."""
    about = Reader.about_of(file) if file else {"exercise": find(network).exercise}
    playing = engine(about, frozenset({case}))
    choice = Choice(Chosen(cases=(case,)))
    before: dict[str, dict[str, Any] | None] = {}
    for message in _messages(file, network):
        if not choice.takes(message):
            continue
        for each in playing.take(message):
            if each.case != case:
                continue
            if isinstance(each, Left):
                yield each
                continue
            after = _decoded(playing.last(each.service, case))
            yield Decision(each, before.get(each.service), after)
            before[each.service] = after
    yield from (each for each in playing.end() if each.case == case)


def _messages(file: Path | None, network: Path | None) -> Iterator[Recorded]:
    if file is None:
        yield from journal.read(find(network).operator)
        return
    reader = Reader(file)
    yield from reader
    for each in reader.faults():
        console(err=True).print(f"note: {each}; the rest was read", markup=False)


def _decoded(stored: bytes | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = msgspec.json.decode(stored) if stored else None
    return found


def _sound(made: Made) -> None:
    if made.failed:
        raise Fault(f"commit {made.n} of {made.case} at {made.service} cannot be decided again: the rules fail: {made.failed}")
    if made.same is False:
        raise Fault(f"commit {made.n} of {made.case} at {made.service} is not what was recorded: see xianjie replay")


def _content(decision: Decision) -> dict[str, Any]:
    made = decision.made
    return {
        "n": made.n, "now": made.now.isoformat(), "heard": made.heard, "message": made.id, "hash_compared": made.same is not None,
        "state": decision.after,
    }  # fmt: skip


def _explained(decision: Decision) -> dict[str, Any]:
    made = decision.made
    return {
        "case": made.case, "service": made.service, "n": made.n, "now": made.now.isoformat(), "heard": msgspec.json.decode(made.message),
        "before": decision.before, "rules": list(_rules(made)), "said": [msgspec.json.decode(each.body) for each in made.said],
        "changed": [{"path": path, "was": was, "now": now} for path, was, now in _changed(decision)],
    }  # fmt: skip


def _explain(decision: Decision) -> None:
    made = decision.made
    parts = msgspec.json.decode(made.message)
    show(Text(f"{made.case}: commit {made.n} at {made.service}, {made.now:%Y-%m-%d %H:%M:%S}", style="bold"))
    show(Text(f"heard: {told(parts)}, said by {parts.get('source', 'nobody who can be read')}, id {made.id}"))
    show(Text("state before:" if decision.before else "state before: nothing was known of it"))
    _tree(decision.before)
    for each in _rules(made):
        show(Text(f"decided by: {each}", style="green"))
    if made.failed:
        show(Text(f"the rules fail: {made.failed}", style="red"))
    for said in made.said:
        show(Text(f"said: {told(msgspec.json.decode(said.body))}, to {hearer(said.exchange, said.key) or 'the journal'}"))
    show(table(("changed", "was", "now"), _changed(decision)))


def _rules(made: Made) -> Iterator[str]:
    """The rows of the protocol that moved something, and the grounds that were given."""
    for said in made.said:
        parts = msgspec.json.decode(said.body)
        data, name = parts.get("data", {}), Face(type=parts.get("type", "")).name
        if row := data.get("row"):
            yield f"row {row} of the protocol{_row(row)}"
        for field in ("rule", "ground", "text"):
            if name in ("log.noted", "receipt.given", "routing.homeless", "routing.leg_drafted") and data.get(field):
                yield f"{field} of {name}: {data[field]}"


def _row(name: str) -> str:
    for each in PROTOCOLS:
        for row in protocol(each).rows:
            if row.name == name:
                start, by = ", ".join(sorted(row.start)), ", ".join(sorted(row.by))
                return f" of the {each}: from {start or 'the beginning'} to {row.to}, said by {by}"
    return ""


def _changed(decision: Decision) -> list[tuple[str, str, str]]:
    return list(fields("", decision.before, decision.after))


def _tree(state: dict[str, Any] | None) -> None:
    if state is not None:
        for line in yaml.safe_dump(state, allow_unicode=True, sort_keys=False).splitlines():
            show(Text(f"  {line}"))
