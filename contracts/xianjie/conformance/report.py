"""The report of a trial: for programs as JSON, for build servers as JUnit XML; what people read is in page.py and on the command line."""

from typing import Any
from xml.etree import ElementTree

from xianjie import __version__
from xianjie.conformance.clauses import UNSEEN, Clause, clauses
from xianjie.conformance.findings import Fault, Findings


def as_json(findings: Findings, about: dict[str, Any]) -> dict[str, Any]:
    """The whole report. `about`: agency, role, seconds, when, and why it was broken off, if it was."""
    return {
        **about, "contracts": __version__, "conforms": findings.conforms, "unseen": list(UNSEEN),
        "clauses": [
            {
                "clause": each.id, "must": each.must, "verdict": findings.verdict(each), "met": findings.met[each.id],
                "broken": findings.broken[each.id], "says": each.says, "where": each.where,
                "faults": [_fault(fault) for fault in of(findings, each)],
            }
            for each in clauses().values()
        ],
    }  # fmt: skip


def of(findings: Findings, clause: Clause) -> list[Fault]:
    """The faults of one clause."""
    return [each for each in findings.faults if each.clause == clause.id]


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "script": fault.script, "case": fault.case, "says": fault.says, "expected": fault.expected, "message": fault.message,
    }  # fmt: skip


def as_junit(findings: Findings, about: dict[str, Any]) -> bytes:
    """One test case for each clause. A recommended clause that failed is skipped with its words, so that it fails no build."""
    all_clauses = list(clauses().values())
    verdicts = {each.id: findings.verdict(each) for each in all_clauses}
    failed = sum(each.must and verdicts[each.id] in ("failed", "not shown") for each in all_clauses)
    suite = ElementTree.Element(
        "testsuite", name=f"xianjie conformance {about['agency']} as {about['role']}", tests=str(len(all_clauses)),
        failures=str(failed), time=str(about["seconds"]), timestamp=about["at"],
    )  # fmt: skip
    for each in all_clauses:
        case = ElementTree.SubElement(suite, "testcase", classname=f"xianjie.{each.id.split('.')[0]}", name=each.id)
        words = "\n".join(
            f"{fault.script} {fault.case}: {fault.says}; expected: {fault.expected}" for fault in of(findings, each)
        )
        if verdicts[each.id] in ("failed", "not shown"):
            tag = "failure" if each.must else "skipped"
            ElementTree.SubElement(case, tag, message=f"{verdicts[each.id]}: {each.says}").text = _xml(words)
        elif verdicts[each.id] == "not called for":
            ElementTree.SubElement(case, "skipped", message="the occasion did not arise")
    if about.get("broken_off"):
        ElementTree.SubElement(suite, "system-err").text = _xml(f"the trial was broken off: {about['broken_off']}")
    written: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return written


def _xml(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(
        each
        for each in text
        if each in "\t\n" or (each >= " " and not "\ud800" <= each <= "\udfff" and each not in "\ufffe\uffff")
    )
