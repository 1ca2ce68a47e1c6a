"""The report of a trial on a terminal: every clause, then each fault with the message and what was expected."""

import json
from typing import Any

from rich.text import Text

from xianjie.cli.showing import coloured, show, table
from xianjie.conformance import report
from xianjie.conformance.clauses import UNSEEN, Clause, clauses
from xianjie.conformance.findings import Findings
from xianjie.wording import printable

FIRST = ("contract.valid", "contract.order", "contract.lasting")
"""Clauses whose breach undoes a message."""
TOLD = 3
"""Faults of one clause that a terminal shows."""
LONGEST = 600
"""Characters of a message that a terminal shows."""
COLOURS = {"passed": "green", "failed": "bold red", "not shown": "bold red", "not called for": "dim"}


def tell(findings: Findings, about: dict[str, Any]) -> None:
    """Print it. `about`: agency and role, as `report.as_json` takes it."""
    rows = []
    for each in clauses().values():
        verdict = findings.verdict(each)
        rows.append((each.id, Text(verdict, style=COLOURS[verdict]), each.says + ("" if each.must else " (recommended)")))
    show(table(("clause", "verdict", "what it asks"), rows))
    first = [each for each in FIRST if findings.broken[each]]
    if first:
        _line(f"mend {' and '.join(first)} first: what breaks it did not count, and other clauses may have failed from it alone")
    for each in clauses().values():
        _faults(findings, each)
    if findings.silent:
        _line(
            "nothing of it has reached xianjie.agencies.in: look at exchange, routing key, user-id, and the confirms of what it publishes"
        )
    missing = [each.id for each in clauses().values() if each.must and findings.verdict(each) == "not shown"]
    if missing:
        _line(
            f"not shown: {', '.join(missing)}: the system did nothing that shows it; it should take the legs that it is offered"
        )
    _line(f"not seen by a trial: {'; '.join(UNSEEN)}", style="dim")
    word, ends = coloured("ok" if findings.conforms else "no"), "conforms" if findings.conforms else "does not conform"
    show(Text.assemble("\n", word, f": {about['agency']} as {about['role']} {ends}"))


def _faults(findings: Findings, clause: Clause) -> None:
    told = report.of(findings, clause)[:TOLD]
    for fault in told:
        _line(f"{clause.id}: {fault.says}", style="bold")
        show(Text(f"  expected: {fault.expected} ({clause.where})\n  script: {fault.script}, case {printable(fault.case)}"))
        if fault.message is not None:
            show(Text(f"  message: {_short(fault.message)}"))
    if (more := findings.broken[clause.id] - len(told)) > 0:
        _line(f"{clause.id}: and {more} more; all are in the report (--html, --out)")


def _line(text: str, style: str = "") -> None:
    show(Text(f"\n{printable(text)}", style=style))


def _short(message: Any) -> str:
    """A message in one line."""
    text = printable(message if isinstance(message, str) else json.dumps(message, ensure_ascii=False))
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"
