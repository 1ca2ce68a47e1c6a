"""A voice that may have a file: then what it says is kept there, and what it hears comes from there."""

import os
from collections.abc import Callable
from datetime import timedelta

from xianjie.envelope import Heard, Invalid
from xianjie.line import Line
from xianjie.messages.log import ReceiptGiven
from xianjie.office.desk import Desk
from xianjie.office.outbox import Unanswered
from xianjie.office.standing import Standing
from xianjie.office.work import Retries, Work
from xianjie.voice import Given, Utterance, Voice


class Keeper(Voice):
    """What an agency can say of its file, and ask of it. Each of these needs a store; ValueError where there is none."""

    _desk: Desk | None = None
    _work: Work | None = None
    _stopped = False

    def outbox(self) -> Standing:
        """How many messages wait to go out, since when, why nothing goes out at the moment; what was set aside."""
        return self._kept().standing()

    def answered(self, id: str) -> ReceiptGiven | None:
        """The receipt of what was said under this id, if it has come; KeyError if nothing was, or more than 30 days ago."""
        return self._kept().answered(id)

    def unanswered(self, longer_than: timedelta = timedelta()) -> list[Unanswered]:
        """What the broker has had for longer than that without a receipt for it, oldest first."""
        return self._kept().unanswered(longer_than)

    def receipt(self, id: str, timeout: float) -> ReceiptGiven | None:
        """The same as `answered`, once it comes; None after `timeout` seconds. Other messages stay for `hear` or `run`.

        Not for what a handler has just said: that goes out when the handler returns.
        """
        if self._work and self._work.turn:
            raise ValueError(
                "what a handler says goes out when it returns: ask for its receipt elsewhere, or name a handler with on_refusal"
            )
        return self._kept().receipt(id, timeout)

    # --- inside

    def _by_itself(self, heard: Heard) -> Utterance | None:
        """What is said by itself to what was heard."""
        return None

    def _furnish(self, store: str | os.PathLike[str], retries: Retries, unreadable: Callable[[bytes, Invalid], None]) -> None:
        def said(count: int) -> None:
            self.said += count

        self._desk = Desk(
            store, self.source, lambda: Line(self._uri, limit=self._limit), self._connect, said=said, reply=self._by_itself,
            unreadable=unreadable,
        )  # fmt: skip
        desk = self._desk
        self._work = Work(desk, self.source, retries, self._limit, lambda: self._stopped or desk.closed)

    def _kept(self) -> Desk:
        if self._desk is None:
            raise ValueError(f"{self.source} has no store: this needs one, as in Agency(uri, code, store='office.sqlite')")
        return self._desk

    def _given(self) -> Given:
        turn = self._work.turn if self._work else None
        return turn.given() if turn else super()._given()

    def _utter(self, utterance: Utterance) -> None:
        if self._work and self._work.turn:
            self._work.turn.said.append(utterance)
        elif self._desk:
            self._desk.say([utterance])
        else:
            super()._utter(utterance)
