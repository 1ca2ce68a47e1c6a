"""`xianjie agency show`: what a body is, where it stands, what waits for it, and whether the broker has it as the contracts say."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from rich.text import Text

from xianjie.cli import leaving
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.cli.standing import Standing, standings
from xianjie.cli.words import Code, code_of
from xianjie.joining.place import Place, look, nothing
from xianjie.line import Away, Refused
from xianjie.message import AGENCY, MESSAGES
from xianjie.topology import inbox

T = TypeVar("T")
NOBODY = "not in the directory"
"""The state of a code that no entry has."""


@dataclass(slots=True)
class Shown:
    """All that could be found out about one body; None is what is not known, and `unknown` says why."""

    code: str
    state: str | None = None
    entry: dict[str, Any] | None = None
    supports: dict[str, Any] | None = None
    unread: list[str] | None = None
    """Types that the network says to bodies, and that its system has not declared."""
    open_legs: list[str] | None = None
    open_cases: list[str] | None = None
    inbox: dict[str, Any] | None = None
    connections: list[str] | None = None
    differences: list[str] | None = None
    unknown: list[str] = field(default_factory=list)

    def learn(self, what: str, find_out: Callable[[], T]) -> T | None:
        """What can be found out, or None and the reason."""
        try:
            return find_out()
        except (Fault, Away, Refused) as why:
            self.unknown.append(f"{what}: {why}")
            return None


def show_agency(code: Code, as_json: AsJson = False, network: NetworkFile = None) -> None:
    """Show one body: its entry, what it may take, where it stands, its inbox and connections, and every difference from the contracts.

    Example: `xianjie agency show CN-SH-IPO`
    """
    found = find(network)
    shown = gather(found, code_of(code))
    if shown.state == NOBODY and shown.inbox is None and (shown.differences is None or nothing(shown.differences)):
        raise Fault(f"no body has the code {code} in {found.name}: all of the files are listed by xianjie directory show")
    if as_json:
        show_json(asdict(shown))
    else:
        _tell(shown)


def gather(network: Network, code: str) -> Shown:
    """Everything that doors, broker and management API can say of it."""
    shown = Shown(code)
    known = shown.learn("directory", lambda: standings(network))
    if known is not None:
        _stand(shown, known.get(code))
    if work := shown.learn("open legs and cases", lambda: leaving.work(network, code)):
        shown.open_legs, shown.open_cases = work
    depth = shown.learn("inbox", lambda: look(network.operator, inbox(code)))
    api = network.api()
    if depth:
        shown.inbox = {"ready": depth.ready, "readers": depth.readers, "in_hand": None, "oldest": None}
    if api is None:
        shown.unknown.append("permissions and connections: the broker's management API is not known (broker_api of network.json)")
        return shown
    place = Place(api, network.vhost, code)
    shown.connections = shown.learn("connections", lambda: api.connections(place.vhost, code))
    shown.differences = shown.learn("permissions", place.differences)
    if shown.inbox is not None:
        with suppress(Away, Refused):
            queue = api.queue(place.vhost, inbox(code)) or {}
            shown.inbox |= {"in_hand": queue.get("messages_unacknowledged"), "oldest": queue.get("head_message_timestamp")}
    return shown


def _stand(shown: Shown, body: Standing | None) -> None:
    shown.state = body.state if body else NOBODY
    if body:
        shown.entry, shown.supports = dict(body.entry), dict(body.supports)
    if body and body.supports:
        said = {f"{each.name}.v{each.version}" for each in MESSAGES.values() if AGENCY in each.heard_by}
        shown.unread = sorted(said - {*body.supports["types"]})


def _tell(shown: Shown) -> None:
    entry = shown.entry or {}
    where = " · ".join(str(entry[each]) for each in ("kind", "level", "area") if each in entry)
    show(Text.assemble((shown.code, "bold"), f"  {shown.state or 'not known'}", f"  {where}" if where else ""))
    rows = [(each["track"], ", ".join(each.get("rights", ())) or "all rights") for each in entry.get("capabilities", ())]
    if rows:
        show(table(("takes", "rights"), rows))
    show(table(("what", "found"), _rows(shown)))
    for each in shown.unknown:
        show(Text(f"not known: {each}"))


def _rows(shown: Shown) -> list[tuple[str, str]]:
    box, supports = shown.inbox, shown.supports
    rows = [("superior", str((shown.entry or {}).get("parent") or "none"))] if shown.entry else []
    if supports is not None:
        tracks = ", ".join(supports.get("tracks", ())) or "all of its entry"
        declared = f"{len(supports['types'])} types of message; tracks: {tracks}" if supports else "nothing; taken to support all"
        rows.append(("its system declared", declared))
        rows += [("does not read", ", ".join(shown.unread))] if shown.unread else []
    for name, each in (("open legs", shown.open_legs), ("answers for", shown.open_cases), ("connections", shown.connections)):
        rows += [(name, "; ".join(each) or "none")] if each is not None else []
    if box:
        hand = "not known" if box["in_hand"] is None else box["in_hand"]
        oldest = "not known" if box["oldest"] is None else box["oldest"]
        rows.append(("inbox", f"{box['ready']} waiting, {hand} in hand, {box['readers']} reading; oldest: {oldest}"))
    elif not any(each.startswith("inbox") for each in shown.unknown):
        rows.append(("inbox", "is not there"))
    if shown.differences is not None:
        absent = nothing(shown.differences)
        rows.append(
            (
                "broker",
                "has nothing of it" if absent else "differs from the contracts" if shown.differences else "as the contracts say",
            )
        )
        rows += [("  differs", each) for each in shown.differences if not absent]
    return rows
