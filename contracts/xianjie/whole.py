"""Files that are written whole or not at all, and by one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
"""For its owner alone."""


def write_whole(file: Path, text: str, mode: int = PRIVATE) -> None:
    """Put `text`, as UTF-8, where `file` is or shall be; `mode` holds from the first byte on. Raises OSError, and leaves the old file."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), mode)
            out.write(text)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While it lasts, whoever else would change a file of this folder in the same way waits: of two who read, change and write it at once, one
    would undo what the other did. Raises OSError where there is no such folder."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
