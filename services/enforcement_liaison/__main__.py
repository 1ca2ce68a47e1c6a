"""`python -m services.enforcement_liaison`."""

from services.chassis.host import run  # first: it makes the process green
from services.enforcement_liaison.service import EnforcementLiaison

run(EnforcementLiaison)
