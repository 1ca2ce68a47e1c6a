"""What an application for each service must hold: its papers and its details, as the catalogue of services says."""

from dataclasses import replace

from xianjie.law.catalogue import Offered, service
from xianjie.messages.case import CaseSubmitted, Details, Gap, Paper
from xianjie.vocabulary import RightType, ServiceKind, right_number

NAMES = {
    "identity": "proof of the applicant's identity 身份证明",
    "right_proof": "proof of the right 权利证明",
    "infringement_evidence": "evidence of the infringement 侵权证据",
    "request_letter": "letter of the body that asks for support 协助函",
    "topics": "what it is about 服务内容",
    "event": "the event: its name, place and days 活动名称、地点和日期",
    "countries": "the countries concerned 涉及国家",
    "attendees": "how many will come 参加人数",
}
"""Each kind of paper and each detail, for people."""


def kinds(application: CaseSubmitted, papers: tuple[Paper, ...]) -> set[str]:
    """What the file holds or proves. A code or number on the application proves identity."""
    there = {each.kind for each in papers}
    if application.applicant.credit_code or application.applicant.identity_number:
        there.add("identity")
    return there


def doubts(application: CaseSubmitted) -> tuple[str, ...]:
    """Places whose value has not the form that such values have, or is in none of the lists. A doubt refuses nothing: the body looks."""
    right = application.right
    wrong = {
        "/right/type": right.type not in set(RightType),
        "/right/number": right.number is not None and right_number(right.type, right.number) is False,
        "/service": application.service not in set(ServiceKind),
    }
    return tuple(place for place, doubtful in wrong.items() if doubtful)


def shown(papers: tuple[Paper, ...], *, named: bool) -> tuple[Paper, ...]:
    """The papers for a body; where it may not learn who applies, without those that say so, and without titles, which may."""
    if named:
        return papers
    return tuple(replace(each, id=f"paper-{at}", title=each.kind) for at, each in enumerate(papers, 1) if each.kind != "identity")


def missing(application: CaseSubmitted, papers: tuple[Paper, ...], details: Details) -> list[Gap]:
    """What the service asked for needs and the file does not hold: papers first, then details."""
    offered = service(application.service)
    there = kinds(application, papers)
    lacking = [each for each in offered.papers if each not in there]
    return [_gap(each) for each in lacking] + [_gap(each, offered) for each in offered.asks if not _given(each, details, offered)]


def _given(detail: str, details: Details, offered: Offered) -> bool:
    """Whether it is there, and of topics, whether one of them is the service's."""
    value = getattr(details, detail)
    return bool(set(value) & set(offered.topics)) if detail == "topics" and offered.topics else bool(value)


def _gap(field: str, offered: Offered | None = None) -> Gap:
    words = f": {', '.join(offered.topics)}" if offered and field == "topics" and offered.topics else ""
    return Gap(field=field, text=f"{NAMES.get(field, field)}{words}")
