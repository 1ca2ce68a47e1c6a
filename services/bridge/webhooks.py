"""The webhooks of all agencies: one green thread for each that has one, as the file of agencies says at this moment."""

from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet

from services.bridge.agencies import Agencies
from services.bridge.counting import Counted
from services.bridge.hearing import Inboxes
from services.bridge.inbox import Held
from services.bridge.reaching import Reach
from services.bridge.settings import BridgeSettings
from services.bridge.telling import Telling
from xianjie.bridge_keys import Webhook


class Webhooks:
    """Starts and ends the tellings."""

    def __init__(
        self,
        settings: BridgeSettings,
        agencies: Agencies,
        inboxes: Inboxes,
        counted: Counted,
        log: Any,
        spawn: Callable[..., Any],
    ) -> None:
        """`spawn`: starts a green thread, by function and `identifier`."""
        self._settings, self._agencies, self._inboxes, self._counted, self._log = settings, agencies, inboxes, counted, log
        self._reach = Reach(settings.bridge_private_webhooks == "yes", settings.bridge_webhook_seconds)
        self._spawn, self._stopping = spawn, False
        self._telling: dict[str, Telling] = {}

    def changed(self) -> None:
        """The file was read: who is new there is told from now on, and whose address was gone is tried again."""
        for each in self._telling.values():
            each.changed()
        for each in self._agencies:
            if each.webhook and each.code not in self._telling and not self._stopping:
                self._telling[each.code] = made = self._make(each.code)
                self._spawn(partial(self._run, each.code, made), identifier=f"tells {each.code}")

    def stop(self) -> None:
        """Make no further try; returns when those under way are over."""
        self._stopping = True
        for each in self._telling.values():
            each.stop()
        with eventlet.Timeout(self._settings.bridge_webhook_seconds + 1, False):
            while self._telling:
                eventlet.sleep(0.02)

    def _run(self, code: str, telling: Telling) -> None:
        try:
            telling.run()
        finally:
            del self._telling[code]

    def _make(self, code: str) -> Telling:
        return Telling(
            code, partial(self._hook, code), lambda: self._inboxes.boxes.get(code), partial(self._done, code), self._reach,
            self._settings.bridge_webhook_longest_seconds, self._counted, self._log,
        )  # fmt: skip

    def _hook(self, code: str) -> Webhook | None:
        found = self._agencies.get(code)
        return found.webhook if found else None

    def _done(self, code: str, held: Held) -> None:
        if code in self._inboxes.boxes and not self._inboxes.done(code, [held.handle]):
            self._counted.acknowledged.inc()
