"""The report of a trial as one HTML page that needs nothing else: verdict, clauses, and each fault with its message."""

import html
import json
from typing import Any

from xianjie.conformance.clauses import UNSEEN, Clause, clauses
from xianjie.conformance.findings import Fault, Findings
from xianjie.conformance.report import of

STYLE = """
:root { color-scheme: light dark; font: 16px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } 
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
.passed { color: #14783c; } .failed, .not-shown { color: #b3261e; font-weight: 600; } .not-called-for { color: #777; }
@media (prefers-color-scheme: dark) { .passed { color: #6fd08c; } .failed, .not-shown { color: #ff8a80; } }
pre { overflow-x: auto; background: #8881; padding: .8rem; border-radius: .4rem; } .big { font-size: 1.3rem; }
section { margin: 2rem 0; } code { white-space: nowrap; } td:first-child { white-space: nowrap; }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
"""


def page(findings: Findings, about: dict[str, Any]) -> str:
    """The page."""
    verdict = "conforms" if findings.conforms else "does not conform"
    kind = "passed" if findings.conforms else "failed"
    rows = "\n".join(_row(findings, each) for each in clauses().values())
    faults = "\n".join(_faults(findings, each) for each in clauses().values() if of(findings, each))
    title = f"{_(about['agency'])} as {_(about['role'])}"
    broken = about.get("broken_off")
    ended = f'<p class="failed">The trial was broken off: {_(broken)}. What was not reached is not shown.</p>' if broken else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Conformance of {title}</title><style>{STYLE}</style></head>
<body><main><h1>Conformance of {title}</h1>
<p class="big {kind}">{verdict}</p>{ended}
<p>Tried {_(about["at"])}, {about["seconds"]} s, patience {about["patience"]} s.</p>
<table><thead><tr><th>Clause</th><th>Verdict</th><th>What it asks</th></tr></thead><tbody>
{rows}
</tbody></table>
{faults}
<p>Not seen by a trial: {_("; ".join(UNSEEN))}.</p>
</main></body></html>
"""


def _row(findings: Findings, clause: Clause) -> str:
    verdict = findings.verdict(clause)
    kind = verdict.replace(" ", "-")
    name = f'<a href="#{clause.id}">{clause.id}</a>' if of(findings, clause) else clause.id
    asked = _(clause.says) + ("" if clause.must else " <em>Recommended.</em>")
    return f'<tr><td>{name}</td><td class="{kind}">{verdict}</td><td>{asked}</td></tr>'


def _faults(findings: Findings, clause: Clause) -> str:
    found = of(findings, clause)
    more = findings.broken[clause.id] - len(found)
    rest = f"<p>And {more} more.</p>" if more else ""
    head = f"<h2>{clause.id}</h2><p>{_(clause.says)} <em>({_(clause.where)})</em></p>"
    return f'<section id="{clause.id}">{head}{"".join(map(_fault, found))}{rest}</section>'


def _fault(fault: Fault) -> str:
    said = "" if fault.message is None else f"<pre>{_(_text(fault.message))}</pre>"
    return f"<h3>{_(fault.script)}, case <code>{_(fault.case)}</code></h3><p>{_(fault.says)}</p><p>Expected: {_(fault.expected)}</p>{said}"


def _text(message: Any) -> str:
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False, indent=1)


def _(text: Any) -> str:
    return html.escape(str(text))
