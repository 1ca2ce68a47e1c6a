"""Headers that anybody can write and pika would fall over, again for every reader: they are read all the same.

A moment beyond the year 9999, a number that is none, lists within lists: pika 1.4 raises what its connection does not live through.
"""

import struct
from typing import Any

from pika import data

_NUMBERS = {b"f": (">f", 4), b"d": (">d", 8), b"T": (">Q", 8)}
_value = data.decode_value


def _forgiving(encoded: bytes, offset: int) -> tuple[Any, int]:
    try:
        found, end = _value(encoded, offset)
    except (OverflowError, ValueError, OSError, RecursionError):
        kind, start = encoded[offset : offset + 1], offset + 1
        if kind in _NUMBERS:
            form, size = _NUMBERS[kind]
            return str(struct.unpack_from(form, encoded, start)[0]), start + size
        if kind in (b"A", b"F"):  # nested too deep
            return None, start + 4 + int(struct.unpack_from(">I", encoded, start)[0])
        raise
    return found, int(end)


data.decode_value = _forgiving
