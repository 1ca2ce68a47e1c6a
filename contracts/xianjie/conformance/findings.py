"""What a trial has found: which clauses were met, which were broken by which message, and what would have been right."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from xianjie.conformance.clauses import Clause, clauses

Verdict = Literal["passed", "failed", "not shown", "not called for"]
MOST = 20
"""Faults of one clause that are kept; more are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach: in which script and case, what happened, what was expected, and the message, if there was one."""

    clause: str
    script: str
    case: str
    says: str
    expected: str
    message: Any = None


@dataclass(slots=True)
class Findings:
    """All that was found so far."""

    faults: list[Fault] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    owed: set[str] = field(default_factory=set)
    """Clauses whose occasion was asked for: that it did not arise is no excuse."""

    def meet(self, clause: str) -> None:
        """The clause was called for and kept."""
        self.met[clause] += 1

    def fault(self, fault: Fault) -> None:
        """The clause was broken."""
        self.broken[fault.clause] += 1
        if self.broken[fault.clause] <= MOST:
            self.faults.append(fault)

    def verdict(self, clause: Clause) -> Verdict:
        """What became of a clause."""
        if self.broken[clause.id]:
            return "failed"
        if self.met[clause.id]:
            return "passed"
        return "not called for" if clause.conditional and clause.id not in self.owed else "not shown"

    @property
    def silent(self) -> bool:
        """Whether nothing of the system has arrived at all."""
        return not (self.met["contract.valid"] or self.broken["contract.valid"])

    @property
    def conforms(self) -> bool:
        """Whether every clause that must be met was met."""
        return all(self.verdict(each) in ("passed", "not called for") for each in clauses().values() if each.must)
