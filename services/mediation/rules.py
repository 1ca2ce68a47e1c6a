"""The rules of mediation: proceedings before mediators and arbitrators, each by its table."""

from xianjie.proceeding import rules_for

rules = rules_for("mediation")
