"""A message as an agency gets it out of its inbox, and which of its handlers it is for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, cast, overload

from xianjie.envelope import Attributes, Heard
from xianjie.line import Delivery, Line
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.office.inbox import Kept

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # the checker has it; for `Received` alone, which is Received[Message]

    Said = TypeVar("Said", bound=Message, default=Message, covariant=True)
else:
    from typing import TypeVar

    Said = TypeVar("Said", bound=Message, covariant=True)

Shape = TypeVar("Shape", bound=Message)


@dataclass(frozen=True, slots=True)
class Received(Generic[Said]):
    """One message out of the inbox, typed and checked. It stays in the inbox until it is done."""

    heard: Heard
    redelivered: bool
    """Whether it was handed out before, as far as broker or file can tell."""
    origin: tuple[Delivery, Line] | Kept
    """How it came: over a line, or out of the file."""

    @property
    def message(self) -> Said:
        return cast(Said, self.heard.message)

    @property
    def case(self) -> str:
        return self.heard.subject

    @property
    def attributes(self) -> Attributes:
        return self.heard.attributes


Handler: TypeAlias = Callable[[Received[Shape]], object]


class Handlers:
    """Which handler gets which message: the one for its class, else for the shape that it has; refusals before all; else `otherwise`."""

    def __init__(self) -> None:
        self._by_class: dict[type, Handler[Any]] = {}
        self._refusal: Handler[ReceiptGiven] | None = None
        self._otherwise: Handler[Message] | None = None

    @overload
    def on(self, message: type[Shape]) -> Callable[[Handler[Shape]], Handler[Shape]]: ...
    @overload
    def on(self, message: type[Shape], handler: Handler[Shape]) -> Handler[Shape]: ...
    def on(self, message: type[Shape], handler: Handler[Shape] | None = None) -> Any:
        """Give messages of this class, or of this shape, to a handler: `office.on(ReferralOffered, accept)`, or as a decorator.

        ValueError where there is one already.
        """
        if handler is None:
            return lambda given: self.on(message, given)
        if message in self._by_class:
            raise ValueError(f"{message.__name__} has a handler already: {self._by_class[message]!r}")
        self._by_class[message] = handler
        return handler

    def on_refusal(self, handler: Handler[ReceiptGiven]) -> Handler[ReceiptGiven]:
        """Give it the receipts that refuse what was said: 403, 410, 422, and 409 where the first answer was one of those."""
        self._refusal = handler
        return handler

    def otherwise(self, handler: Handler[Message]) -> Handler[Message]:
        """Give it all that no other handler is for; without it, that is let go."""
        self._otherwise = handler
        return handler

    def dispatch(self, received: Received[Any]) -> None:
        """Hand it over."""
        if handler := self._for(received.heard.message):
            handler(received)

    def _for(self, message: Message) -> Handler[Any] | None:
        if self._refusal and isinstance(message, ReceiptGiven) and refuses(message):
            return self._refusal
        return next((self._by_class[each] for each in type(message).__mro__ if each in self._by_class), self._otherwise)


def refuses(receipt: ReceiptGiven) -> bool:
    """Whether what was said was not taken."""
    return (receipt.first or receipt.status) in (403, 410, 422)
