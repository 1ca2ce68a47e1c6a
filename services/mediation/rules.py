"""The rules of mediation: proceedings before mediators and arbitrators, each by its table."""

from xianjie.proceeding import rules_for
from xianjie.vocabulary import Track

rules = rules_for("mediation", {Track.MEDIATION, Track.ARBITRATION})
