"""Signals that end a run: the first time after the message at hand, the second time as they always did."""

import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopping(stop: Callable[[], None], signals: Collection[int]) -> Iterator[None]:
    """While within, each of these signals calls `stop`. Only the main thread may; ValueError elsewhere."""
    before = {each: signal.getsignal(each) for each in signals}

    def asked(number: int, _: FrameType | None) -> None:
        signal.signal(number, before[number] or signal.SIG_DFL)
        stop()

    try:
        for each in signals:
            signal.signal(each, asked)
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler or signal.SIG_DFL)
