"""`python -m services.bridge`."""

from services.chassis.host import run  # isort: skip  (first: it makes the process green)
from services.bridge.service import Bridge
from services.bridge.settings import read

run(Bridge, read)
