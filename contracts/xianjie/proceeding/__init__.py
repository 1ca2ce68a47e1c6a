"""The proceeding (T15–T22): its states live here once; each track service keeps the proceedings of its own tracks."""

from xianjie.proceeding.docket import Docket, Proceeding
from xianjie.proceeding.rules import rules_for

__all__ = ["Docket", "Proceeding", "rules_for"]
