"""The outside of routing on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.routing.rules import rules
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.case import CaseAccepted, CaseAppealOpened, CaseConclusionAsked, CaseFactNoted, CaseReopened
from xianjie.messages.org import OrgChanged, OrgDrained, OrgImported, OrgLeft, OrgLoadCounted, OrgResumed
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.pull import PullAnswered, PullAsked
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralBodyChosen,
    ReferralConsented,
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
        CapacityAsked,
        CaseAccepted,
        CaseAppealOpened,
        CaseConclusionAsked,
        CaseFactNoted,
        CaseReopened,
        OrgChanged,
        OrgDrained,
        OrgImported,
        OrgLeft,
        OrgLoadCounted,
        OrgResumed,
        ProceedingEnded,
        PullAnswered,
        PullAsked,
        ReferralAccepted,
        ReferralAcknowledged,
        ReferralBodyChosen,
        ReferralConsented,
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
