"""`python -m services.mediation`."""

from services.chassis.host import run  # first: it makes the process green
from services.mediation.service import Mediation

run(Mediation)
