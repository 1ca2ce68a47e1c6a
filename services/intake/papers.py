"""The papers that an application for each service must hold."""

from xianjie.messages.case import CaseSubmitted, Gap, Paper

IDENTITY = Gap(field="identity", text="proof of the applicant's identity 身份证明")
RIGHT = Gap(field="right_proof", text="proof of the right 权利证明")
INFRINGEMENT = Gap(field="infringement_evidence", text="evidence of the infringement 侵权证据")
REQUEST = Gap(field="request_letter", text="letter of the body that asks for support 协助函")

REQUIRED: dict[str, tuple[Gap, ...]] = {
    "dispute": (IDENTITY, RIGHT, INFRINGEMENT),
    "infringement_opinion": (IDENTITY, RIGHT, INFRINGEMENT),
    "rapid_protection": (IDENTITY, RIGHT, INFRINGEMENT),
    "major_dispute_plan": (IDENTITY, RIGHT),
    "early_warning": (IDENTITY,),
    "technical_support": (REQUEST,),
}
"""By service: the kind of each paper (`field`), and its name for people. Services that are not here need none."""


def kinds(application: CaseSubmitted, papers: tuple[Paper, ...]) -> set[str]:
    """What the file holds or proves. A code or number on the application proves identity."""
    there = {each.kind for each in papers}
    if application.applicant.credit_code or application.applicant.identity_number:
        there.add(IDENTITY.field)
    return there


def missing(application: CaseSubmitted, papers: tuple[Paper, ...]) -> list[Gap]:
    """What the service asked for needs and the file does not hold."""
    there = kinds(application, papers)
    return [each for each in REQUIRED.get(application.service, ()) if each.field not in there]
