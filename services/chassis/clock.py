"""What time it is: the wall's in operation, the exercise's own in an exercise, where it survives a restart."""

from datetime import UTC, datetime

from services.chassis.store import Store
from xianjie.vocabulary import CHINA


def _to_milliseconds(moment: datetime) -> datetime:
    """MongoDB keeps milliseconds; what is hashed must be what is stored."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Clock:
    """The service's clock."""

    def __init__(self, store: Store, exercise: str | None) -> None:
        self._store, self.exercise = store, exercise
        self._stands: datetime | None = None

    def now(self) -> datetime:
        """The moment that decisions are stamped with, in Asia/Shanghai, to the millisecond."""
        if self.exercise is None:
            return _to_milliseconds(datetime.now(UTC)).astimezone(CHINA)
        if self._stands is None:
            found = self._store.clock.find_one({"_id": self.exercise})
            self._stands = found["now"].astimezone(CHINA) if found else datetime(2000, 1, 1, tzinfo=CHINA)
        return self._stands

    def advance(self, to: datetime) -> None:
        """In an exercise it is now `to`; clocks do not go back."""
        to = _to_milliseconds(to).astimezone(CHINA)
        if to > self.now():
            self._store.clock.update_one({"_id": self.exercise}, {"$set": {"now": to}}, upsert=True)
            self._stands = to
