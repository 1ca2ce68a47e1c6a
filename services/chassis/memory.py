"""The cases in memory: the last commit of each that is in use, bounded in number and in bytes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from services.chassis.commit import Head, Sheets
from services.chassis.store import Document, Store
from xianjie import __version__
from xianjie.deciding import Rules
from xianjie.law import calendar

MOST_BYTES = 32 * 1024 * 1024
"""Stored bytes of all states in memory; as objects they take several times that."""


class Memory:
    """What is known of cases without asking the database. A case that is in here has said all that it stored."""

    def __init__(self, rules: Rules[Any], store: Store, cases: int, resend: Callable[[list[Document]], None]) -> None:
        self.rules, self._store, self._most, self._resend = rules, store, cases, resend
        self._heads: OrderedDict[str, Head] = OrderedDict()
        self._bytes = 0
        self._sheets = Sheets(rules.state)
        self._reference = Sheets(rules.reference.state) if rules.reference else self._sheets

    def __len__(self) -> int:
        return len(self._heads)

    def get(self, case: str) -> Head | None:
        """The last commit of a case that was loaded; None if it has none yet."""
        return self._heads.get(case)

    def put(self, head: Head) -> None:
        """This is its last commit now."""
        self.drop(head.case)
        self._heads[head.case] = head
        self._bytes += head.size

    def drop(self, case: str) -> None:
        """Read it anew the next time."""
        found = self._heads.pop(case, None)
        self._bytes -= found.size if found else 0

    def forget(self) -> None:
        """Nothing in memory can be trusted any more."""
        self._heads.clear()
        self._bytes = 0

    def trim(self) -> None:
        """Let go of the cases that were not used for longest. Not within a round, which relies on what it loaded."""
        while self._heads and (len(self._heads) > self._most or self._bytes > MOST_BYTES):
            self.drop(next(iter(self._heads)))

    def load(self, cases: set[str]) -> tuple[dict[str, Exception], dict[str, int]]:
        """Read the last commits of cases not in memory; what they left unsaid is said first, in order.

        Returns the cases whose state cannot be read, and why: they wait for a release that can; and by parked case the place of its
        last row, read with each batch, so that it holds across restarts. The directory is read anew each time, since any partition may
        have changed it.
        """
        for case in cases & self._heads.keys():
            self._heads.move_to_end(case)
        cold = [case for case in cases if case not in self._heads and not case.startswith("kept-")]
        if self.rules.reference and self.rules.reference.subject not in cases:
            cold.append(self.rules.reference.subject)
        found, depths = self._store.look(list(cases), cold)
        self._say_what_is_left({case: each["n"] for case, each in found.items() if each.get("unsent")})
        broken: dict[str, Exception] = {}
        for case, document in found.items():
            known = self._heads.get(case)
            if known is None or known.n < document["n"]:
                try:
                    self.put((self._sheets if self.is_case(case) else self._reference).head(document))
                except Exception as fault:  # of another version, or damaged: only its own case must wait
                    broken[case] = fault
        return broken, depths

    def _say_what_is_left(self, last: dict[str, int]) -> None:
        while last:
            left = [each for each in self._store.unsent(list(last)) if each["n"] <= last[each["case"]]]
            if not left:
                return
            self._resend(left)

    def is_case(self, case: str) -> bool:
        """Whether this is a case, and not the log that decisions look into."""
        return self.rules.reference is None or case != self.rules.reference.subject

    def directory(self) -> Any:
        """What the log that decisions look into holds."""
        if self.rules.reference is None:
            return None
        head = self._heads.get(self.rules.reference.subject)
        return head.sheet.state if head else self.rules.reference.initial(self.rules.reference.subject)

    def versions(self) -> tuple[str, ...]:
        """What a decision is made with, as the commit names it."""
        base = (f"xianjie:{__version__}", f"calendar:{calendar.last().year}")
        if self.rules.reference is None:
            return base
        head = self._heads.get(self.rules.reference.subject)
        return (*base, f"{self.rules.reference.subject}:{head.n if head else 0}")
