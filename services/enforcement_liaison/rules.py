"""The rules of enforcement liaison: proceedings before offices, courts, regulators, police, customs and the others, each by its table."""

from xianjie.proceeding import rules_for
from xianjie.tracks.track import service_of
from xianjie.vocabulary import Track

SERVICE = "enforcement_liaison"
rules = rules_for(SERVICE, {track for track in Track if service_of(track) == SERVICE})
