"""`xianjie cases`: every case, whose it is, what is open, what is due, what is late."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.text import Text

from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, coloured, incomplete, show, show_json, table
from xianjie.message import plain
from xianjie.protocol.table import table as protocol
from xianjie.timeline import moment
from xianjie.wording import counted


@dataclass(slots=True)
class Row:
    """One case as the services see it together. `due`: when the next time limit of any service passes."""

    case: str
    owner: str | None = None
    status: str | None = None
    right: str | None = None
    open_legs: list[str] = field(default_factory=list)
    due: datetime | None = None
    wakes: datetime | None = None
    """When a service looks at it again by itself, to warn or to act; None: never."""
    late: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)
    unreachable: str | None = None
    """The body that answers for it, if it has no inbox or is not in the network."""
    facts: int = 0
    """Facts from outside the tracks that are on record."""
    parked: list[str] = field(default_factory=list)
    """The services at which it is parked."""
    held: list[str] = field(default_factory=list)
    """The services at which messages wait in it for another that has not come."""

    @property
    def known(self) -> bool:
        """Whether any service knows more of it than messages that wait for its beginning: else somebody may have mistyped."""
        return bool(self.owner or self.status or self.open_legs or self.parked)

    @property
    def ended(self) -> bool:
        return self.status in protocol("case").ends

    @property
    def stuck(self) -> str | None:
        """Why only a person can get it going: parked, no body left to ask, or nothing that would ring."""
        if self.parked:
            return f"parked at {', '.join(self.parked)}"
        if self.unreachable:
            return f"{self.unreachable} is not in the network, or has no inbox: a person must see to it"
        if self.homeless:
            return f"no body for {', '.join(self.homeless)}: its owner must choose"
        if self.held and not self.known:
            return f"messages wait at {', '.join(self.held)}, and the case has not begun: mistyped?"
        return "no clock runs" if self.wakes is None and not self.ended and self.status else None


def show_cases(
    owner: Annotated[str | None, typer.Option("--owner", metavar="CODE", help="Only those of this body.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only those with a time limit that has passed.")] = False,
    stuck: Annotated[bool, typer.Option("--stuck", help="Only those that only a person can get going.")] = False,
    parked: Annotated[bool, typer.Option("--parked", help="Only those with a parked message.")] = False,
    held: Annotated[
        bool, typer.Option("--held", help="Only those with a message that waits for another, also where the case has not begun.")
    ] = False,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """List the cases: whose they are, their status, open legs, what is due next, what is late.

    Example: `xianjie cases --owner CN-SH-IPO --late`
    """
    there, silent = find(network).answering()
    found = [
        each
        for each in gather(there, begun=not held)
        if (not owner or each.owner == owner)
        and (not late or each.late)
        and (not stuck or each.stuck)
        and (not parked or each.parked)
        and (not held or each.held)
    ]
    if as_json:
        show_json([_as_json(each) for each in found])
    else:
        show(table(("case", "owner", "status", "open legs", "next due", "late", "stuck"), (_cells(each) for each in found)))
        typer.echo(counted(len(found), "case"))
        if owner and not found:
            show(Text(f"{owner} answers for none of them; codes are listed by: xianjie directory show", style="dim"))
    incomplete(silent)


def gather(network: Network, *, begun: bool = True) -> list[Row]:
    """Every case, merged from the doors of all services, by id; `begun` leaves out those of which only messages are there that wait."""
    rows: dict[str, Row] = {}
    for service in network.doors:
        for head in network.heads(service):
            row = rows.setdefault(head["case"], Row(head["case"]))
            _merge(row, head)
            row.held += [service] if head.get("held") else []
        for case in parked_at(network, service):
            rows.setdefault(case, Row(case)).parked.append(service)
    return [rows[case] for case in sorted(rows) if rows[case].known or not begun]


def parked_at(network: Network, service: str) -> list[str]:
    """The cases that are parked at a service."""
    return sorted({each["case"] for each in pages(network, service)})


def pages(network: Network, service: str, *, after: str = "", **only: str | int) -> Iterator[dict[str, Any]]:
    """The first parked message of every parked case of a service, longest waiting first; `only`: of one fingerprint, or one case."""
    while page := network.ask(service, f"/parked?{urlencode({'after': after, **only})}")["cases"]:
        yield from page
        after = place(page[-1])


def place(row: dict[str, Any]) -> str:
    """Where the page after this parked message begins."""
    return f"{row['at']},{row['case']}/{row['k']}"


def _merge(row: Row, head: dict[str, Any]) -> None:
    seen = head.get("glance", {})
    row.owner = seen.get("owner") or row.owner
    row.status = seen.get("status") or row.status
    row.unreachable = seen.get("unreachable") or row.unreachable
    row.right = seen.get("right") or row.right
    row.facts += seen.get("facts", 0)
    row.late += seen.get("late", [])
    row.homeless += seen.get("homeless", [])
    known = {each.split(" ", 1)[0] for each in seen.get("open_legs", []) + seen.get("proceedings", [])}
    row.open_legs = [each for each in row.open_legs if each.split(" ", 1)[0] not in known]
    row.open_legs += seen.get("proceedings") or seen.get("open_legs", [])
    row.due = _earlier(row.due, seen.get("due"))
    row.wakes = _earlier(row.wakes, head.get("due"))


def _earlier(known: datetime | None, text: str | None) -> datetime | None:
    return min(filter(None, (known, moment(text) if text else None)), default=None)


def _cells(row: Row) -> tuple[Any, ...]:
    due = f"{row.due:%Y-%m-%d %H:%M}" if row.due else ""
    late, stuck = Text(", ".join(row.late), style="red"), Text(row.stuck or "", style="red")
    return row.case, row.owner or "–", coloured(row.status or "–"), "\n".join(row.open_legs), due, late, stuck


def _as_json(row: Row) -> dict[str, Any]:
    return {**{name: plain(getattr(row, name)) for name in Row.__dataclass_fields__}, "stuck": row.stuck}
