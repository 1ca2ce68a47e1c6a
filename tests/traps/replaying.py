"""A service's log decided again: each message in the order in which it was committed, at its own moment, by the same rules."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

from pymongo import MongoClient

from services.chassis.delivery import Delivery, Reading
from services.chassis.drafting import Drafter
from services.chassis.memory import Memory
from services.chassis.settings import read_settings
from services.chassis.store import Document, Store
from xianjie import envelope
from xianjie.vocabulary import CHINA


def replayed(service: str, environment: Mapping[str, str]) -> Iterator[tuple[Document, Document]]:
    """Each commit of a service's log, and what is made of the same message again. Its database is read, never written.

    `environment`: the service's own settings. What nobody could read was not decided, and is left out.
    """
    settings, rules = read_settings(service, environment), import_module(f"services.{service}.rules").rules
    memory = Memory(rules, cast(Store, None), settings.cached_cases, lambda _: None)
    drafter = Drafter(rules, memory, settings)
    with MongoClient[dict[str, Any]](settings.mongodb_uri, tz_aware=True) as client:
        for stored in client[settings.database]["log"].find({"outcome": {"$ne": "kept"}}).sort("$natural", 1):
            body = bytes(stored["heard"])
            heard = envelope.read(body)
            delivery = Delivery(body, exchange=stored["exchange"], key=f"{heard.speaker}.{heard.message.name}")
            yield stored, drafter.decide(Reading(delivery, stored["case"], heard), stored["now"].astimezone(CHINA)).document
