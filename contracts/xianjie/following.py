"""What may follow from a message: what those services say that hear it, as their rules were seen to answer it."""

from functools import cache

from xianjie.message import Message
from xianjie.shipped import shipped


def may_follow(cls: type[Message]) -> tuple[str, ...]:
    """The names of the messages that its hearers may say because of it; none where only the journal or an agency hears it."""
    return _follows().get(cls.name, ())


@cache
def _follows() -> dict[str, tuple[str, ...]]:
    (found,) = shipped("messages/follows.yaml")
    return {name: tuple(names) for name, names in found.items()}
