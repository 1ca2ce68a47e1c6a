"""Finding a case by its query code, or by its id, in intake's own log. Reads only."""

from typing import Any

from services.chassis.commit import Sheets
from services.chassis.store import Store
from services.intake.case import Case
from services.intake.front.status import NOTICES, Standing, notice_in
from services.intake.rules import rules
from xianjie import envelope
from xianjie.message import Message


class Lookup:
    """Reads the log that the desk writes; raises one of the store's outages when the database is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sheets = Sheets(rules.state)

    def by_code(self, query_hash: str) -> Standing | None:
        """The case whose query code has this hash, with all that its applicant may see; None if there is none on file."""
        found = self._store.log.find_one({"glance.query": query_hash, "head": True}, {"case": 1})
        return self._standing(found["case"]) if found else None

    def state(self, case: str) -> Case | None:
        """The state of a case; None if it is not on file."""
        head = self._store.look([case], [case])[0].get(case)
        return self._sheets.read(bytes(head["state"])).state if head else None

    def said(self, case: str, id: str) -> Message | None:
        """This message of the door, as intake has heard it; None if it has not, or if it was erased."""
        found = self._store.log.find_one({"case": case, "key": f"/services/door {id}"}, {"heard": 1})
        return envelope.read(bytes(found["heard"])).message if found and found["heard"] is not None else None

    def _standing(self, case: str) -> Standing | None:
        head = self._store.look([case], [case])[0].get(case)
        if head is None:
            return None
        state = self._sheets.read(bytes(head["state"])).state
        first = self._store.log.find_one({"case": case, "n": 1}, {"now": 1})
        return Standing(case, state, first["now"] if first else None, head["now"], self._notice(case, state))

    def _notice(self, case: str, state: Case) -> dict[str, Any]:
        """The last notice of what the applicant is asked for, in its status."""
        wanted = NOTICES.get(state.status)
        if wanted is None:
            return {}
        found = self._store.log.find_one({"case": case, "said.type": wanted.type}, {"said": 1}, sort=[("n", -1)])
        return notice_in(found["said"], wanted.type) if found else {}
