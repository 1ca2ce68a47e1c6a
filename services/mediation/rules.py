"""The rules of mediation: proceedings of the track mediation, by its table."""

from xianjie.proceeding import rules_for
from xianjie.vocabulary import Track

rules = rules_for("mediation", {Track.MEDIATION})
