"""Which message it is, and no more of it: a journal has a million, and of most nothing else is needed."""

import msgspec


class Face(msgspec.Struct, frozen=True):
    """Case, source, id, and what it follows; empty where nobody can read them."""

    subject: str = ""
    source: str = ""
    id: str = ""
    follows: str | None = None


_faces = msgspec.json.Decoder(Face)
_UNREADABLE = Face()


def face(body: bytes) -> Face:
    """As it says itself: nothing is checked against a contract."""
    try:
        return _faces.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _UNREADABLE
