"""The rules of enforcement liaison: proceedings before offices, courts, regulators, police, customs and the others, each by its table."""

from xianjie.proceeding import rules_for

rules = rules_for("enforcement_liaison")
