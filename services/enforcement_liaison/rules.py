"""The rules of enforcement liaison: proceedings before adjudication offices and courts, each by its table."""

from xianjie.proceeding import rules_for
from xianjie.vocabulary import Track

rules = rules_for("enforcement_liaison", {Track.ADJUDICATION, Track.CONFIRMATION, Track.COURT})
