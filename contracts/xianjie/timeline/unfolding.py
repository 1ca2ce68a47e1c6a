"""How a timeline grows: what each message of a service means for the case, its legs and its clocks."""

from datetime import datetime
from typing import Any

from xianjie.protocol.table import UNDOING
from xianjie.timeline.shape import Clock, Leg, Step, Timeline, moment

Data = dict[str, Any]


def unfold(timeline: Timeline, name: str, data: Data, now: datetime) -> None:
    """Take one message that a service said about this case into the timeline; most change nothing here."""
    noun = name.split(".")[0]
    if noun in ("visit", "cost", "quality"):
        _beside(timeline, name, data)
    elif noun == "case" or name in ("routing.case_known", "routing.custody_moved"):
        _case(timeline, name, data, now)
    elif noun == "sla":
        _clock(timeline, name.split(".")[1], data, now)
    elif noun in ("routing", "proceeding"):
        _leg(timeline, name, data, now)


def _case(timeline: Timeline, name: str, data: Data, now: datetime) -> None:
    match name:
        case "case.moved":
            _status(timeline, data["status"], now)
        case "case.concluded":
            timeline.outcome = data["outcome"]
        case "case.reopened":
            timeline.outcome = None
        case "case.batch_opened":
            timeline.children = list(data["children"])
        case "case.filed":
            timeline.parent = data.get("parent")
        case "case.registered":
            _owner(timeline, data["receiving_body"], now)
            timeline.service, timeline.channel = data.get("service"), data.get("channel")
            timeline.groups = [*data.get("groups", ()), *data.get("bases", ())]
        case "case.accepted" | "case.owner_changed" | "routing.case_known" | "routing.custody_moved":
            _owner(timeline, data["owner"], now)


def _beside(timeline: Timeline, name: str, data: Data) -> None:
    """The return visit, the ledger, and what bodies above have found."""
    if name == "visit.recorded":
        timeline.satisfaction = data.get("satisfaction") or timeline.satisfaction
    elif name == "cost.booked":
        timeline.spent_fen = data["booked"]
    elif name == "quality.noted":
        timeline.checks[data["by"]] = data["passed"]


def _status(timeline: Timeline, status: str, now: datetime) -> None:
    """A halted case that is to be withdrawn stands still until it is; if it cannot be, it has been halted all the time."""
    halted = bool(timeline.suspended) and timeline.suspended[-1][1] is None
    if status == "suspended" and not halted:
        timeline.suspended.append((now, None))
    elif halted and status not in ("suspended", "withdrawing"):
        timeline.suspended[-1] = (timeline.suspended[-1][0], now)
    timeline.status = status


def _owner(timeline: Timeline, owner: str, now: datetime) -> None:
    if timeline.owner != owner:
        timeline.owner = owner
        timeline.owners.append((now, owner))


def _leg(timeline: Timeline, name: str, data: Data, now: datetime) -> None:
    if name == "routing.leg_drafted":
        made = Leg(data["leg"], data["track"], data["kind"], data["sender"], data["receiver"], after=data.get("after"))
        timeline.legs.append(made)
        return
    leg = timeline.leg(data.get("leg"))
    if leg is None:
        return
    match name:
        case "routing.leg_moved" | "proceeding.moved" | "proceeding.opened":
            _move(leg, {"state": "accepted", "row": "T8", **data}, now)
        case "proceeding.ended":
            leg.gross_days, leg.net_days = data["gross_days"], data["net_days"]
        case "routing.leg_closed":
            leg.state, leg.outcome, leg.ground = data["how"], data.get("outcome") or leg.outcome, data.get("ground") or leg.ground


def _move(leg: Leg, data: Data, now: datetime) -> None:
    at = moment(data["at"]) if data.get("at") else now
    if data["state"] == "suspended" and leg.state != "suspended":
        leg.suspended.append((at, None))
    elif leg.suspended and leg.suspended[-1][1] is None and data["state"] not in ("suspended", "cancel_requested"):
        leg.suspended[-1] = (leg.suspended[-1][0], at)
    undone = leg.state in UNDOING and data["state"] == "in_progress"
    leg.state, leg.outcome = data["state"], None if undone else data.get("outcome") or leg.outcome
    told = {name: data.get(name) for name in ("stage", "step", "outcome", "ground", "by")}
    leg.steps.append(Step(at, data["row"], data["state"], **told, text=data.get("text", "")))


def _clock(timeline: Timeline, verb: str, data: Data, now: datetime) -> None:
    about = timeline.leg(data["clock"].split("/")[0])
    known = about.clocks if about else timeline.clocks
    same = [each for each in known if each.name.split("#")[0] == data["clock"]]
    if verb == "started":
        name = data["clock"] + (f"#{len(same) + 1}" if same else "")
        made = Clock(name, data["rule"], moment(data["start"]), moment(data["due"]), cited=data["cited"])
        made.window = data.get("window", False)
        made.verified, made.provisional = data.get("verified", True), data.get("provisional", False)
        known.append(made)
    elif same:
        _change(same[-1], verb, data, now)


def _change(clock: Clock, verb: str, data: Data, now: datetime) -> None:
    if verb in ("resumed", "extended", "recounted"):
        clock.due, clock.provisional = moment(data["due"]), data.get("provisional", False)
    match verb:
        case "paused":
            clock.state = "paused"
            clock.pauses.append((moment(data["at"]), None))
        case "resumed":
            clock.state = "running"
            clock.pauses[-1] = (clock.pauses[-1][0], moment(data["at"]))
        case "breached":
            clock.state = "breached"
        case "met":
            clock.gross_days, clock.net_days = data["gross_days"], data["net_days"]
            clock.state, clock.ended = "met", now
        case "not_judged":
            clock.state, clock.ended = "not judged", now
        case "stopped":
            clock.gross_days, clock.net_days, clock.ended = data.get("gross_days"), data.get("net_days"), now
            clock.state = "breached" if clock.state == "breached" else "stopped"
