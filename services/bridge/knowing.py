"""Who asks: the agency whose key comes with the request. Who tries keys is slowed down."""

from werkzeug.wrappers import Request

from services.bridge.agencies import Agencies
from services.bridge.answers import slow_down, unauthorized
from services.chassis.limits import WrongTries


class Knowing:
    """Tells agencies by their keys."""

    def __init__(self, agencies: Agencies) -> None:
        self._agencies, self._wrong = agencies, WrongTries()

    def who(self, request: Request) -> str:
        """The code of the agency; raises `Problem`: not known, not in force any more, or too many wrong keys from this address.

        After those, a right key waits as well: else the answer would tell it from wrong ones.
        """
        address = request.remote_addr or ""
        if wait := self._wrong.wait(address):
            raise slow_down(wait)
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise unauthorized("wrong_credentials", "The header `Authorization: Bearer <key>` is missing.")
        found = self._agencies.holder(key.strip())
        if found is None:
            self._wrong.count(address)
            raise unauthorized("wrong_credentials", "This key is not known.")
        code, in_force = found
        if not in_force:
            raise unauthorized("revoked_key", f"This key of {code} is not in force any more.")
        return code
