"""The log of one service as its database has it, read while the service itself need not run: of a copy that was restored, before it is used."""

from collections.abc import Iterator

from pymongo.errors import ConfigurationError, PyMongoError
from pymongo.uri_parser import parse_uri

from services.chassis.store import Document, Store
from services.chassis.verifying import Check
from xianjie.deciding import Rules


class Stored:
    """Reads a log, and changes nothing. Raises LookupError for what is no database of a service, or is away."""

    def __init__(self, uri: str) -> None:
        """`uri`: `mongodb://host/database`."""
        try:
            database = parse_uri(uri)["database"]
            if not database:
                raise LookupError("it names no database: write it as in mongodb://localhost/xianjie_intake")
            self._store = Store(uri, database)
        except ConfigurationError as fault:
            raise LookupError(f"it is no address of a database: {fault}") from None
        self.service = self._holder(database)

    def _holder(self, database: str) -> str:
        try:
            lease = self._store.leases.find_one({"_id": "service"})
        except PyMongoError as fault:
            self.close()
            raise LookupError(f"the database does not answer ({fault.__class__.__name__})") from None
        if lease is None:
            self.close()
            raise LookupError(f"{database} holds no log of a service")
        return str(lease["holder"])

    def cases(self) -> Iterator[str]:
        """Every subject that has a log, by name."""
        last: list[Document] = [{"$sort": {"case": 1, "n": -1}}, {"$group": {"_id": "$case"}}, {"$sort": {"_id": 1}}]
        return (str(each["_id"]) for each in self._store.log.aggregate(last))

    def checked(self, rules: Rules, case: str) -> tuple[list[Document], list[str]]:  # type: ignore[type-arg]
        """The commits of a case, of each number, hash, what it said and whether that is out; and everything wrong with them."""
        check, found = Check(rules), []
        for each in self._store.commits(case, states=True):
            check.take(each)
            said = [{"id": one["id"]} for one in each["said"]]
            found.append({"n": each["n"], "hash": each["hash"], "said": said, "unsent": "unsent" in each})
        return found, check.faults()

    def close(self) -> None:
        """Hang up."""
        self._store.client.close()
