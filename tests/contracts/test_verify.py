"""`xianjie verify` on built logs and journals: each kind of loss is named, and what is only on its way is not called lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from xianjie import envelope, journal
from xianjie.cli import recorded, verify
from xianjie.cli.agreement import disagreements
from xianjie.cli.network import Network, NoAnswer
from xianjie.envelope import Attributes
from xianjie.journal import Recorded
from xianjie.messages.log import Committed, LogCommitted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ONLY_INTAKE = "c: L1 is open at intake, and routing has no such open leg"


def commit(n: int, hash: str = "aa", unsent: bool = False) -> dict[str, Any]:
    """One commit as a door shows it, which said one message."""
    cause = {"source": "/services/other", "id": f"heard-{n}"}
    return {"n": n, "now": NOW.isoformat(), "cause": cause, "hash": hash * 32, "unsent": unsent, "said": [{"id": f"m{n}"}]}


def told(*rows: tuple[str, int, str], service: str = "routing", offset: int = 0) -> Recorded:
    """A `log.committed` in the journal; rows are (case, n, hash)."""
    commits = tuple(
        Committed(case=case, n=n, source="/agencies/CN-A", id=f"c{n}", now=NOW, versions=(), hash=hash * 32)
        for case, n, hash in rows
    )
    attributes = Attributes(
        specversion="1.0", id="told", source=f"/services/{service}", type=LogCommitted.type, subject=rows[0][0],
        datacontenttype="application/json", time=NOW,
    )  # fmt: skip
    body = envelope.write(attributes, LogCommitted(service=service, commits=commits))
    return Recorded(offset, "xianjie.log", f"{service}.log.committed.v1", "told", body)


def lost(
    messages: list[Recorded], log: list[dict[str, Any]], now: list[dict[str, Any]] | None = None, case: str | None = None
) -> list[str]:
    """What is found lost of the case c at routing: `log` as it was read, `now` as it is when looked at again."""
    logs = recorded.Logs()
    logs.take("routing", "c", log)
    return list(recorded.lost(recorded.read(messages), logs, lambda *_: log if now is None else now, case))


# --- the journal knows commits that no log has


def test_a_log_that_has_every_commit_of_the_journal_has_lost_nothing() -> None:
    assert lost([told(("c", 1, "aa"), ("c", 2, "aa"))], [commit(1), commit(2), commit(3)]) == []


def test_a_tail_of_commits_that_a_restored_copy_does_not_have_is_named() -> None:
    (fault,) = lost([told(("c", 1, "aa"), ("c", 2, "bb")), told(("c", 3, "cc"))], [commit(1)])
    assert fault.startswith("c at routing: 2 commits, 2 to 3, are in the journal and not in the log")
    assert "restore a later one" in fault


def test_a_case_whose_whole_log_is_gone_is_named() -> None:
    (fault,) = lost([told(("c", 1, "aa"))], [])
    assert fault.startswith("c at routing: commit 1 is in the journal and not in the log")


def test_a_log_that_went_on_after_it_was_cut_is_named_by_its_other_hash() -> None:
    """An older copy was restored, and new commits took the numbers of those that it does not have."""
    journal = [told(("c", 1, "aa")), told(("c", 2, "bb")), told(("c", 2, "dd"))]
    (fault,) = lost(journal, [commit(1), commit(2, "dd")])
    assert fault == "c at routing: commit 2 is in the journal with another hash than in the log: the log was written anew"


def test_a_commit_that_was_made_while_the_logs_were_read_is_not_lost() -> None:
    assert lost([told(("c", 1, "aa"), ("c", 2, "aa"))], [commit(1)], now=[commit(1), commit(2)]) == []


def test_of_one_case_only_its_own_commits_are_looked_for() -> None:
    journal = [told(("c", 1, "aa")), told(("other", 1, "aa"))]
    assert lost(journal, [commit(1)], case="c") == []
    assert len(lost(journal, [commit(1)], now=[])) == 1


# --- services see a case differently


@pytest.mark.parametrize(
    ("intake", "routing", "says"),
    [
        (
            {"owner": "A", "status": "in_service", "open_legs": ["L1 court B"]},
            None,
            ["c: it is in_service at intake, and routing does not know it as accepted", ONLY_INTAKE],
        ),
        (
            {"owner": "A", "status": "in_service", "open_legs": ["L1 court B", "L2 court B"]},
            {"owner": "A", "open_legs": ["L2 court B sent"]},
            [ONLY_INTAKE],
        ),
        (
            {"owner": "A", "status": "in_service", "open_legs": []},
            {"owner": "A", "open_legs": ["L2 court B sent"]},
            ["c: L2 is open at routing, and intake has no such open leg"],
        ),
        ({"owner": "A", "status": "accepted", "open_legs": []}, {}, ["c: it is accepted at intake, and routing does not know it as accepted"]),
        ({"owner": "A", "status": "under_review", "open_legs": []}, None, []),
        ({"owner": "A", "status": "in_service", "open_legs": ["L1 court B"]}, {"owner": "A", "open_legs": ["L1 court B sent"]}, []),
    ],
)  # fmt: skip
def test_intake_and_routing_must_have_the_same_legs_open(
    intake: dict[str, Any], routing: dict[str, Any] | None, says: list[str]
) -> None:
    heads = {"intake": {"c": intake}, "routing": {"c": routing} if routing is not None else {}}
    assert list(disagreements(heads)) == says


# --- the whole command, on doors that are built


class Built(Network):
    """A network whose doors answer from a table."""

    __slots__ = ()
    answers: dict[str, Any] = {}  # noqa: RUF012

    def ask(self, service: str, path: str, seconds: float = 10.0) -> Any:
        return self.answers.get(f"{service}{path}")


def network(
    monkeypatch: pytest.MonkeyPatch, intake: dict[str, Any], unsaid: int = 0, journal_: tuple[Recorded, ...] = ()
) -> Built:
    """A network with one case c, that intake and routing know."""
    answers: dict[str, Any] = {}
    for service, glance in (("intake", intake), ("routing", {"owner": "A", "open_legs": []})):
        answers |= {
            f"{service}/cases": [{"case": "c", "n": 1, "glance": glance}], f"{service}/cases?after=c": [],
            f"{service}/cases/c?after=0": [{**commit(1), "said": []}], f"{service}/verify/c": {"faults": []},
            f"{service}/unsaid": {"count": unsaid, "oldest": datetime.now(UTC).isoformat() if unsaid else None},
            f"{service}/parked?after=": {"cases": []}, f"{service}/kept": {"count": 0, "undelivered": 0},
        }  # fmt: skip
    monkeypatch.setattr(Built, "answers", answers)
    monkeypatch.setattr(verify, "SETTLE", 0.0)

    def told_by(uri: str) -> Iterator[Recorded]:
        return iter(journal_)

    monkeypatch.setattr(journal, "read", told_by)
    return Built("t", False, {"intake": "", "routing": ""}, {"operator": "amqp://x"}, Path("network.json"))


OPEN = {"owner": "A", "status": "in_service", "open_legs": ["L1 court B"]}


def test_at_rest_a_leg_that_only_intake_knows_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verify.verified(network(monkeypatch, OPEN))
    assert found.faults == [ONLY_INTAKE]


def test_while_something_is_not_said_yet_it_may_be_in_flight_and_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verify.verified(network(monkeypatch, OPEN, unsaid=1))
    assert found.faults == []
    assert any("may be in flight; verify again at rest" in each for each in found.notes)
    assert any("L1 is open at intake" in each for each in found.notes)


def test_the_command_finds_a_commit_that_only_the_journal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    journal_ = (told(("c", 1, "aa"), ("c", 2, "aa"), service="intake"),)
    (fault,) = verify.verified(network(monkeypatch, {**OPEN, "open_legs": []}, journal_=journal_)).faults
    assert fault.startswith("c at intake: commit 2 is in the journal and not in the log")


def test_a_service_that_does_not_answer_is_a_fault_and_the_others_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the silent one could confirm is not called lost, nor in disagreement."""
    journal_ = (told(("c", 1, "aa"), ("c", 2, "aa"), service="intake"), told(("c", 1, "bb"), service="routing"))
    built = network(monkeypatch, OPEN, journal_=journal_)

    def ask(self: Network, service: str, path: str, seconds: float = 10.0) -> Any:
        if service == "routing":
            raise NoAnswer("the door of routing does not answer", ": start it")
        return built.answers.get(f"{service}{path}")

    monkeypatch.setattr(Built, "ask", ask)
    silent, cut = verify.verified(built).faults
    assert silent == "the door of routing does not answer: nothing of that service was checked"
    assert cut.startswith("c at intake: commit 2 is in the journal and not in the log")


def test_one_case_is_verified_though_a_service_does_not_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    built = network(monkeypatch, {"owner": "A", "status": "under_review"})
    for each in ("routing/cases/c?after=0", "routing/verify/c"):
        built.answers.pop(each)
    built.answers["routing/cases"] = []
    assert verify.verified(built, "c").faults == []
