"""The outside of intake on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.intake.front.serving import Front
from services.intake.rules import rules
from xianjie.messages.case import (
    CaseAppealDecided,
    CaseAppealed,
    CaseChildConcluded,
    CaseChildOpened,
    CaseConclusionProposed,
    CaseDuplicateFound,
    CaseFactReported,
    CaseFileAsked,
    CaseLapseFound,
    CasePartyRegistered,
    CaseReopeningAsked,
    CaseResumptionAsked,
    CaseReviewed,
    CaseSubmitted,
    CaseSupplemented,
    CaseSuspensionAsked,
    CaseWithdrawalAsked,
)
from xianjie.messages.knowledge import (
    KnowledgeAnswered,
    KnowledgeAsked,
    KnowledgeListed,
    KnowledgeSearched,
    KnowledgeTeachingOffered,
    KnowledgeVoted,
)
from xianjie.messages.routing import (
    RoutingBodyUnreachable,
    RoutingCleared,
    RoutingConsentGone,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegClosed,
    RoutingLegOpened,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.messages.visit import VisitAnswered, VisitMissed


class Intake:
    """Takes applications in, and keeps the case from submission to return visit. case.py says what follows."""

    name = "intake"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()
    front = Front()

    hears = listen(
        CaseAppealDecided,
        CaseAppealed,
        CaseChildConcluded,
        CaseChildOpened,
        CaseConclusionProposed,
        CaseDuplicateFound,
        CaseFactReported,
        CaseFileAsked,
        CaseLapseFound,
        CasePartyRegistered,
        CaseReopeningAsked,
        CaseResumptionAsked,
        CaseReviewed,
        CaseSubmitted,
        CaseSupplemented,
        CaseSuspensionAsked,
        CaseWithdrawalAsked,
        KnowledgeAnswered,
        KnowledgeAsked,
        KnowledgeListed,
        KnowledgeSearched,
        KnowledgeTeachingOffered,
        KnowledgeVoted,
        RoutingBodyUnreachable,
        RoutingCleared,
        RoutingConsentGone,
        RoutingCustodyMoved,
        RoutingFileDue,
        RoutingLegClosed,
        RoutingLegOpened,
        RoutingLegsOpen,
        RoutingSuperiorsNamed,
        VisitAnswered,
        VisitMissed,
    )
