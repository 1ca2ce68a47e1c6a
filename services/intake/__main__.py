"""`python -m services.intake`."""

from services.chassis.host import run  # first: it makes the process green
from services.intake.service import Intake

run(Intake)
