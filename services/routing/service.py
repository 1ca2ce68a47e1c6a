"""The outside of routing on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.routing.rules import rules
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.case import CaseAccepted, CaseAppealOpened, CaseConclusionAsked, CaseFactNoted, CaseRegistered, CaseReopened
from xianjie.messages.cost import CostDecided, CostReported
from xianjie.messages.loop import LoopAnswered, LoopAsked, LoopReturned
from xianjie.messages.org import (
    OrgChanged,
    OrgDrained,
    OrgImported,
    OrgLeft,
    OrgLoadCounted,
    OrgResumed,
    OrgSupportsDeclared,
    OrgSupportsNoted,
)
from xianjie.messages.overseas import AlertRaised, ExportAsked, ExportDecided
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.provider import ProviderAsked, ProviderListed, ProviderUnlisted
from xianjie.messages.pull import PullAnswered, PullAsked
from xianjie.messages.quality import QualityChecked
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralBodyChosen,
    ReferralConsented,
    ReferralConsentWithdrawn,
    ReferralDeclined,
    ReferralDelivered,
    ReferralDesignated,
    ReferralDisputed,
    ReferralInfoRequested,
    ReferralInfoSupplied,
    ReferralPlanDropped,
    ReferralRecallAsked,
    ReferralRecalled,
    ReferralRecallRefused,
    ReferralRedirected,
    ReferralRequested,
)
from xianjie.messages.routing import RoutingOfferUnroutable


class Routing:
    """Finds every case a home, and always knows whose it is. custody.py says what follows."""

    name = "routing"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()

    hears = listen(
        AlertRaised,
        CapacityAsked,
        CaseAccepted,
        CaseAppealOpened,
        CaseConclusionAsked,
        CaseFactNoted,
        CaseRegistered,
        CaseReopened,
        CostDecided,
        CostReported,
        ExportAsked,
        ExportDecided,
        LoopAnswered,
        LoopAsked,
        LoopReturned,
        OrgChanged,
        OrgDrained,
        OrgImported,
        OrgLeft,
        OrgLoadCounted,
        OrgResumed,
        OrgSupportsDeclared,
        OrgSupportsNoted,
        ProceedingEnded,
        ProviderAsked,
        ProviderListed,
        ProviderUnlisted,
        PullAnswered,
        PullAsked,
        QualityChecked,
        ReferralAccepted,
        ReferralAcknowledged,
        ReferralBodyChosen,
        ReferralConsented,
        ReferralConsentWithdrawn,
        ReferralDeclined,
        ReferralDelivered,
        ReferralDesignated,
        ReferralDisputed,
        ReferralInfoRequested,
        ReferralInfoSupplied,
        ReferralPlanDropped,
        ReferralRecallAsked,
        ReferralRecallRefused,
        ReferralRecalled,
        ReferralRedirected,
        ReferralRequested,
        RoutingOfferUnroutable,
    )
