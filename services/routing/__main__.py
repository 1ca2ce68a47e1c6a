"""`python -m services.routing`."""

from services.chassis.host import run  # first: it makes the process green
from services.routing.service import Routing

run(Routing)
