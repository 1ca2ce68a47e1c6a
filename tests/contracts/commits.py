"""Commits as the doors show them, made by hand: enough of a case to be told."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from xianjie.vocabulary import CHINA

Commit = dict[str, Any]
NOON = datetime(2024, 3, 1, 12, tzinfo=CHINA)


def day(number: int) -> datetime:
    """Noon of the day `number` days after 1 March 2024."""
    return NOON + timedelta(days=number)


class Log:
    """The log of one service about the case c-1."""

    def __init__(self, service: str, case: str = "c-1") -> None:
        self.service, self.case = service, case
        self.commits: list[Commit] = []
        self._said = count(1)

    def hear(
        self, now: datetime, source: str, type: str, data: dict[str, Any] | None = None, *said: tuple[str, str, dict[str, Any]],
        id: str | None = None, status: int = 202, time: datetime | None = None, precision: str = "day",
    ) -> list[str]:  # fmt: skip
        """One commit; `said` are (key, name, data). Returns the ids of what was said."""
        id = id or f"{self.service}-heard-{len(self.commits) + 1}"
        messages = [self._message(key, name, content) for key, name, content in said]
        heard = {"type": f"xianjie.{type}.v1", "source": source, "timeprecision": precision, "data": data or {}}
        if precision != "none":
            heard["time"] = (time or now).isoformat()
        commit = {
            "n": len(self.commits) + 1, "now": now.isoformat(), "cause": {"source": source, "id": id}, "type": type,
            "outcome": "decided", "status": status, "hash": "0" * 64, "unsent": False, "heard": heard, "said": messages,
        }  # fmt: skip
        self.commits.append(commit)
        return [each["id"] for each in messages]

    def _message(self, key: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
        id = f"{self.service}-said-{next(self._said)}"
        return {"id": id, "type": f"xianjie.{name}.v1", "key": f"{key}.{name}.v1", "case": self.case, "data": data}


def quiet(service: str, name: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """What a service says to nobody but the journal."""
    return service, name, data


def to_agency(code: str, name: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """What a service says to an agency."""
    return code, name, data


def started(service: str, clock: str, start: int, due: int) -> tuple[str, str, dict[str, Any]]:
    """A clock that runs from one day to another."""
    rule = clock.split("/")[1]
    return quiet(
        service, "sla.started", clock=clock, rule=rule, cited="专利法 65", start=day(start).isoformat(), due=day(due).isoformat()
    )


def adjudication() -> dict[str, list[Commit]]:
    """A case that one office declines, another takes, suspends for 10 days and decides on day 40."""
    intake, routing, liaison = Log("intake"), Log("routing"), Log("enforcement_liaison")
    office, other = "CN-SH-IPO", "CN-BJ-IPO"
    intake.hear(
        day(0), f"/agencies/{office}", "case.submitted", {"receiving_body": office},
        quiet("intake", "case.registered", receiving_body=office), quiet("intake", "case.moved", status="under_review", row="C2"),
        to_agency(office, "receipt.given", to="m-1", status=202), id="m-1",
    )  # fmt: skip
    (accepted, _) = intake.hear(
        day(1), f"/agencies/{office}", "case.reviewed", {"verdict": "accept"},
        quiet("intake", "case.accepted", owner=office), quiet("intake", "case.moved", status="in_service", row="C6"), id="m-2",
    )  # fmt: skip
    for leg, receiver, moves in (("L1", other, ("sent", "declined")), ("L2", office, ("sent", "taken"))):
        routing.hear(
            day(1), "/services/intake", "case.accepted", {},
            quiet("routing", "routing.leg_drafted", leg=leg, track="adjudication", kind="file", sender=office, receiver=receiver),
            to_agency(receiver, "referral.offered", leg=leg, track="adjudication", due=day(2).isoformat()),
            *(quiet("routing", "routing.leg_moved", leg=leg, state=state, row="T3") for state in moves),
            *(quiet("routing", "routing.leg_closed", leg=leg, how=how, ground="conflict") for how in moves if how == "declined"),
            id=accepted if leg == "L1" else None,
        )  # fmt: skip
    _proceeding(liaison, office)
    intake.hear(
        day(41), "/services/routing", "routing.leg_closed", {"leg": "L2"},
        quiet("intake", "case.moved", status="concluded", row="C17"), quiet("intake", "case.concluded", outcome="infringed"),
    )  # fmt: skip
    return {each.service: each.commits for each in (routing, liaison, intake)}


def _proceeding(log: Log, office: str) -> None:
    me, agency = "enforcement_liaison", f"/agencies/{office}"
    opened = {"leg": "L2", "track": "adjudication", "at": day(1).isoformat(), "stage": "filed"}
    log.hear(
        day(1), "/services/routing", "routing.leg_taken", {"leg": "L2"}, quiet(me, "proceeding.opened", **opened),
        started(me, "L2/B1", 1, 8), started(me, "L2/B4", 1, 30),
    )  # fmt: skip
    for at, name, data, said in (
        (5, "progressed", {"step": "docketed"}, [quiet(me, "sla.met", clock="L2/B1", gross_days=4, net_days=4)]),
        (
            10,
            "suspended",
            {"ground": "appraisal"},
            [quiet(me, "sla.paused", clock="L2/B4", at=day(10).isoformat(), ground="appraisal")],
        ),
        (20, "resumed", {}, [quiet(me, "sla.resumed", clock="L2/B4", at=day(20).isoformat(), due=day(39).isoformat())]),
        (
            40,
            "outcome_reported",
            {"outcome": "infringed"},
            [
                quiet(me, "sla.breached", clock="L2/B4", due=day(39).isoformat()),
                quiet(me, "sla.stopped", clock="L2/B4", gross_days=39, net_days=29),
                started(me, "L2/B6", 40, 55),
                quiet(me, "sla.not_judged", clock="L2/B6"),
                started(me, "L2/B6", 41, 56),
            ],
        ),
    ):
        state = {"progressed": "in_progress", "resumed": "in_progress"}.get(name, name)
        moved = {"leg": "L2", "state": state, "stage": "docketed", "row": "T16", "at": day(at).isoformat(), **data}
        log.hear(day(at), agency, f"adjudication.{name}", {"leg": "L2", **data}, quiet(me, "proceeding.moved", **moved), *said)
    log.hear(
        day(41), agency, "adjudication.progressed", {"leg": "L2", "step": "docketed"}, quiet(me, "log.noted", text="too late"),
        to_agency(office, "receipt.given", to="late", status=410, ground="too_late", text="L2 is outcome_reported"),
        id="late", status=410, precision="none",
    )  # fmt: skip
    closed = {"leg": "L2", "state": "closed", "stage": "docketed", "row": "T22", "at": day(41).isoformat()}
    log.hear(day(41), agency, "adjudication.outcome_acknowledged", {"leg": "L2"}, quiet(me, "proceeding.moved", **closed))
