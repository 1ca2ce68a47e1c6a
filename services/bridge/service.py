"""The outside of the bridge on one screen: the door for agencies, and the one for operators."""

from services.bridge.health import Health
from services.bridge.serving import Serving


class Bridge:
    """Lets agencies without AMQP speak and hear over HTTP. serving.py has what they may ask."""

    name = "bridge"
    front = Serving()
    door = Health()
