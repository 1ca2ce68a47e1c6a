"""Files that are written whole or not at all."""

import os
from contextlib import suppress
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
