"""What an applicant may see of a case: one of a few words, dates, and what is asked of the applicant. Nothing of the inside."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.intake.case import CASE, Case
from services.intake.moving import ABOUT
from services.intake.rules import decide
from xianjie import envelope
from xianjie.deciding import Given, Say
from xianjie.envelope import Heard
from xianjie.message import plain
from xianjie.messages.case import CaseRefused, CaseSupplementAsked
from xianjie.vocabulary import CHINA, Term


class Public(Term):
    """Where an application stands, as its applicant sees it."""

    RECEIVED = "received", "received", "已提交"
    UNDER_REVIEW = "under_review", "under review", "受理审查中"
    SUPPLEMENT_REQUIRED = "supplement_required", "something is missing", "待补正"
    DEEMED_WITHDRAWN = "deemed_withdrawn", "deemed withdrawn", "视为撤回"
    REFUSED = "refused", "refused, open to appeal", "不予受理"
    APPEALED = "appealed", "the appeal is being decided", "复核中"
    REFUSED_FINALLY = "refused_finally", "refused finally", "维持不予受理"
    ACCEPTED = "accepted", "accepted", "已受理"
    IN_PROGRESS = "in_progress", "in progress", "办理中"
    SUSPENDED = "suspended", "suspended", "中止"
    WITHDRAWAL_ASKED = "withdrawal_asked", "the withdrawal is being carried out", "撤回处理中"
    WITHDRAWN = "withdrawn", "withdrawn", "已撤回"
    CONCLUDED = "concluded", "concluded", "已办结"
    CLOSED = "closed", "closed", "已归档"


SHOWN = {
    "none": Public.RECEIVED, "submitted": Public.RECEIVED, "under_review": Public.UNDER_REVIEW,
    "supplement_required": Public.SUPPLEMENT_REQUIRED, "deemed_withdrawn": Public.DEEMED_WITHDRAWN, "refused": Public.REFUSED,
    "appealed": Public.APPEALED, "refused_final": Public.REFUSED_FINALLY, "accepted": Public.ACCEPTED,
    "in_service": Public.IN_PROGRESS, "concluding": Public.IN_PROGRESS, "suspended": Public.SUSPENDED,
    "withdrawing": Public.WITHDRAWAL_ASKED, "withdrawn": Public.WITHDRAWN, "concluded": Public.CONCLUDED,
    "visit_due": Public.CONCLUDED, "closed": Public.CLOSED, "archived": Public.CLOSED,
}  # fmt: skip
"""The public word for every status of the protocol."""

NOTICES: dict[str, type[CaseSupplementAsked] | type[CaseRefused]] = {
    "supplement_required": CaseSupplementAsked, "refused": CaseRefused,
}  # fmt: skip
"""In these statuses the applicant is asked for something, or may do something: the message that says what."""


UNREACHED_ADVICE = {
    "en": "Nobody at the body that you named has received the application. Withdraw it, and submit it to another body.",
    "zh": "您填写的受理机构未能收到本申请。请撤回本申请，并向其他机构重新提交。",
}
"""What to do where nobody has heard of the application."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as the door finds it: `received` and `changed` are when it came in and when anything last happened."""

    case: str
    state: Case
    received: datetime | None = None
    changed: datetime | None = None
    notice: dict[str, Any] = field(default_factory=dict)
    """The data of the notice in `NOTICES`."""


def shown(standing: Standing, code: str) -> dict[str, Any]:
    """What the applicant sees. `asked`: what is missing and until when; `refusal`: why, what else helps, until when to appeal.

    `unreached`: the body that was named, where nobody there has heard of the application; `advice`: what to do then.
    """
    state = standing.state
    wished = state.withdrawal is not None and not state.police
    unreached = state.unreachable if state.status == "under_review" else None
    word = Public.WITHDRAWAL_ASKED if wished else Public.RECEIVED if unreached else SHOWN[state.status]
    answer: dict[str, Any] = {"code": code, "status": word.value, "label": {"en": word.english, "zh": word.chinese}}
    dates = {"received": standing.received, "updated": standing.changed}
    answer |= {name: moment.astimezone(CHINA).isoformat(timespec="seconds") for name, moment in dates.items() if moment}
    if unreached:
        answer |= {"unreached": unreached, "advice": UNREACHED_ADVICE}
    due = {"due": moment.isoformat(timespec="seconds")} if (moment := until(state)) else {}
    if state.status == "supplement_required":
        answer["asked"] = {"gaps": standing.notice.get("gaps", []), **due}
    elif state.status == "refused":
        answer["refusal"] = {name: standing.notice.get(name) or "" for name in ("ground", "text", "remedy")} | due
    return answer


def until(state: Case) -> datetime | None:
    """Until when the applicant may do what the status asks for; None where nobody can tell."""
    clock = state.clocks.get(f"{ABOUT}/{CASE.clocks.get(state.status)}")
    return clock.due if clock and clock.judged and not clock.paused else None


def possible(state: Case, heard: Heard, now: datetime) -> str | None:
    """Why what the applicant says would be refused as the case stands; None if it would not."""
    if any(isinstance(each, Say) for each in decide(state, heard, Given(now))):
        return None
    withdraws = heard.message.name == "case.withdrawal_asked"
    if withdraws and state.police:
        return "Police have taken the case; it can no longer be withdrawn."
    if withdraws and state.open_children:
        return "The application was split into several cases, and some of them are open; it ends with them."
    return f"This is not possible now: the application is {SHOWN[state.status].english}."


def notice_in(said: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The data of the last message of that type among those that a commit says, as plain values."""
    found = [envelope.read(bytes(each["body"])).message for each in said if each["type"] == wanted]
    data: dict[str, Any] = plain(found[-1]) if found else {}
    return data
