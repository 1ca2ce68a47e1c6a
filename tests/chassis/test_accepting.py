"""A door stays open whatever becomes of a connection before it is taken."""

import errno
from collections.abc import Iterator

import pytest

from services.chassis.answering import _Listening


class Socket:
    """A listening socket on which things go wrong for a while."""

    def __init__(self, *faults: int, closed: bool = False) -> None:
        self._faults: Iterator[int] = iter(faults)
        self._closed = closed

    def accept(self) -> tuple[str, str]:
        for each in self._faults:
            raise OSError(each, "no")
        return "a connection", "its address"

    def fileno(self) -> int:
        return -1 if self._closed else 7


@pytest.mark.parametrize("fault", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ECONNRESET, errno.EPIPE])
def test_what_passes_is_waited_for(fault: int) -> None:
    assert _Listening(Socket(fault, fault)).accept() == ("a connection", "its address")


def test_a_closed_door_stays_closed() -> None:
    with pytest.raises(OSError, match="no"):
        _Listening(Socket(errno.EBADF, closed=True)).accept()
