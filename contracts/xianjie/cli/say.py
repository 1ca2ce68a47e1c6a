"""`xianjie say`: a person speaks for a body, an applicant or the operators, and sees what is answered."""

import json
import time as clock
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer
from marshmallow import RAISE, ValidationError, fields

from xianjie import written
from xianjie.arrival import AHEAD
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, coloured, console, show, show_json, table
from xianjie.envelope import Actor, Beside
from xianjie.fields import CaseId, field_for
from xianjie.law import calendar
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, SERVICES, Message, named
from xianjie.play.dating import claim
from xianjie.vocabulary import CHINA, Precision
from xianjie.voice import Door, Operator, Voice
from xianjie.wording import counted

OUTSIDE = (AGENCY, DOOR, OPERATOR)
COARSER = {Precision.MONTH: (Precision.MONTH, Precision.YEAR), Precision.YEAR: (Precision.YEAR,)}
"""Of a month or a year that is all that is written: how exactly that can be known."""
LONGEST_WAIT = 3600.0
PAUSE = 0.1
"""Seconds between two looks into the case for the answer."""


class Mouth(Voice):
    """Somebody who speaks for an agency without touching its inbox."""

    root = "/agencies"


def say(
    type: Annotated[str | None, typer.Argument(metavar="TYPE", help="What is said, as in referral.declined.")] = None,
    who: Annotated[
        str | None, typer.Option("--as", metavar="CODE", help="Who says it: an agency's code, door or operator.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="About which case.")] = None,
    leg: Annotated[str | None, typer.Option("--leg", metavar="L1", help="About which leg.")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field; the value is read as YAML.")
    ] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="JSON", help="All fields as JSON; --set goes on top.")] = None,
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="ISO",
            help="When it happened, if not now; 'none' if not known; 2024-05 or 2024 where no more is known (see --precision).",
        ),
    ] = None,
    precision: Annotated[Precision, typer.Option("--precision", help="How exactly that is known.")] = Precision.SECOND,
    to: Annotated[str | None, typer.Option("--to", metavar="SERVICE", help="For operators: which service, or all.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="ID", help="Who acts: a person's id in their own body.")] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="In which role they act, as in clerk.")] = None,
    behalf: Annotated[str | None, typer.Option("--on-behalf-of", metavar="WHOM", help="For whom they act.")] = None,
    wait: Annotated[float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for the answer.")] = 5.0,
    listing: Annotated[bool, typer.Option("--list", help="List what can be said, and by whom.")] = False,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Say something for a body, and print the receipt. The body's inbox is left alone.

    Example: `xianjie say referral.declined --as CN-BJ-IPC --case c-17 --leg L1 --set ground=not_competent --set text="not ours"`
    """
    if listing:
        show(table(("type", "said by", "heard by", "fields"), _listed()))
        return
    cls = _class(type)
    message = made(cls, data, sets or [], leg)
    if not who or not case:
        raise Fault("say who speaks and about which case: --as CODE --case ID", 2)
    if to and who != OPERATOR:
        raise Fault(f"--to is for operators: who hears {cls.name} follows from what it is, {', '.join(cls.heard_by)}", 2)
    if not 0 <= wait <= LONGEST_WAIT:  # nan fails it too
        raise Fault(f"--wait {wait:g}: give seconds, 0 to {LONGEST_WAIT:g}", 2)
    beside = _beside(actor, role, behalf)
    _named(case)
    found = find(network)
    at, precision = _moment(found, time, precision)
    with _voice(found, who, cls) as voice:
        id = voice.say(message, case, to=to or _only_hearer(cls, who), time=at, precision=precision, beside=beside)
    if not as_json:
        console().print(f"said, and kept by the broker: {id}")
    answer = await_answer(found, case, id, wait)
    if as_json:
        show_json({"id": id, **(answer or {"status": None})})
    else:
        _tell(answer, wait, case)
    if answer["status"] not in (202, 409) if answer else wait:
        raise typer.Exit(1)


def _named(case: str) -> None:
    try:
        field_for(CaseId).deserialize(case)
    except ValidationError as fault:
        raise Fault(f"--case {case[:80]}: {fault.messages[0]}", 2) from None


def _beside(actor: str | None, role: str | None, behalf: str | None) -> Beside | None:
    if actor is None and (role or behalf):
        raise Fault("--role and --on-behalf-of tell more of who acts: say who with --actor ID", 2)
    return Beside(actor=Actor(id=actor, role=role, on_behalf_of=behalf)) if actor else None


def _listed() -> list[tuple[str, str, str, str]]:
    said = [each for each in MESSAGES.values() if {*OUTSIDE} & {*each.said_by}]
    return [
        (each.name, ", ".join(who for who in each.said_by if who in OUTSIDE), ", ".join(each.heard_by), _fields(each))
        for each in sorted(said, key=lambda each: each.name)
    ]


def _fields(cls: type[Message]) -> str:
    """Its fields, required ones first and plain, the others in brackets."""
    known = cls.schema.fields.items()
    return " ".join([name for name, each in known if each.required] + [f"[{name}]" for name, each in known if not each.required])


def _class(type: str | None) -> type[Message]:
    if type is None:
        raise Fault("say what: xianjie say TYPE …; the types are listed by: xianjie say --list", 2)
    try:
        cls = named(type)
    except KeyError as unknown:
        raise Fault(f"{unknown.args[0]}. All are listed by: xianjie say --list", 2) from None
    if not {*OUTSIDE} & {*cls.said_by}:
        raise Fault(f"{type} is said by {', '.join(cls.said_by)} alone; what people can say is listed by: xianjie say --list", 2)
    return cls


def made(cls: type[Message], data: str | None, sets: list[str], leg: str | None) -> Message:
    """The message of these fields; a Fault listing everything that is wrong with them."""
    found = _object(data)
    if leg:
        found["leg"] = leg
    for each in sets:
        name, equals, value = each.partition("=")
        if not equals:
            raise Fault(f"--set {each}: write FIELD=VALUE", 2)
        _put(found, name.split("."), _value(cls, name, value))
    try:
        return cls.schema.load(found, unknown=RAISE)  # type: ignore[no-any-return]
    except ValidationError as refused:
        faults = list(written.flat(refused.messages))
        lines = "\n".join(f"  {each}" for each in faults)
        raise Fault(f"{cls.name}: {counted(len(faults), 'fault')}\n{lines}\n  its fields: {_fields(cls)}", 2) from None


def _object(data: str | None) -> dict[str, Any]:
    try:
        found = json.loads(data) if data else {}
    except (ValueError, RecursionError) as fault:
        raise Fault(f"--data is not JSON: {fault}", 2) from None
    if not isinstance(found, dict):
        raise Fault("--data must be a JSON object", 2)
    return found


def _value(cls: type[Message], name: str, text: str) -> Any:
    """Text for fields of text, so that codes keep their zeros; YAML for all others."""
    if isinstance(cls.schema.fields.get(name), fields.String):
        return text
    return written.value(text)  # the schema says what is wrong with it


def _put(found: dict[str, Any], names: list[str], value: Any) -> None:
    """`right.type=design` reaches into an object."""
    for name in names[:-1]:
        inner = found.setdefault(name, {})
        if not isinstance(inner, dict):
            raise Fault(f"--set {'.'.join(names)}: {name} is no object", 2)
        found = inner
    found[names[-1]] = value


def _moment(network: Network, text: str | None, precision: Precision) -> tuple[datetime | None, Precision]:
    """When it is said to have happened; in an exercise, where nothing else is said, at the exercise's own moment."""
    if text == "none" or precision is Precision.NONE:
        return None, Precision.NONE
    if text is None:
        return network.now(), precision
    at = _written(text, precision)
    if not network.exercise and at > datetime.now(CHINA) + AHEAD:
        raise Fault(f"--time {text}: is ahead; nothing that has not happened yet can be said", 2)
    try:
        calendar.announced(calendar.day(at))
    except (calendar.UnknownYear, OverflowError) as fault:
        raise Fault(f"--time {text}: {fault}", 2) from None
    return at, precision


def _written(text: str, precision: Precision) -> datetime:
    """A moment as it was written; of a month or a year that are all that is known, the earliest, as in scenarios."""
    at, known = claim(text)
    if at and known in COARSER:
        if precision not in COARSER[known]:
            raise Fault(f"--time {text} is known to the {known} only: add --precision {known}, or write it more exactly", 2)
        return at
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(
            f"--time {text} is no moment: write 2024-03-01 or 2024-03-01T09:30, "
            f"2024-03 with --precision month, 2024 with --precision year, or none",
            2,
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _voice(network: Network, who: str, cls: type[Message]) -> Voice:
    if who in SERVICES:
        raise Fault(f"{who} speaks for itself: --as takes an agency's code, {DOOR} or {OPERATOR}", 2)
    role = who if who in (DOOR, OPERATOR) else AGENCY
    if role not in cls.said_by:
        raise Fault(f"{cls.name} is said by {', '.join(cls.said_by)}, not by {'an agency' if role == AGENCY else who}", 2)
    uri, exercise = network.uri(who), network.exercise
    if who == DOOR:
        return Door(uri, exercise=exercise)
    return Operator(uri, "cli", exercise=exercise) if who == OPERATOR else Mouth(uri, who, exercise=exercise, patience=5.0)


def _only_hearer(cls: type[Message], who: str) -> str | None:
    """For an operator: the service that hears it, where there is but one."""
    if who != OPERATOR:
        return None
    hearers = [each for each in cls.heard_by if each in SERVICES]
    if len(hearers) != 1:
        raise Fault(f"{cls.name} is heard by {', '.join(hearers)}: say which one with --to SERVICE, or --to all", 2)
    return hearers[0]


def await_answer(network: Network, case: str, id: str, seconds: float) -> dict[str, Any] | None:
    """What became of the message `id`, as the case's logs show it: status, ground, text, by whom; None if nothing did in time.

    A service whose door does not answer may come back: what was said waits for it.
    """
    end, looked = clock.monotonic() + seconds, dict.fromkeys(network.doors, 0)
    while True:
        for service in network.doors:
            with suppress(Fault):
                for commit in network.log(service, case, looked[service]):
                    if commit["cause"]["id"] == id:
                        return _receipt(service, commit, id)
                    looked[service] = commit["n"]
        if clock.monotonic() >= end:
            return None
        clock.sleep(PAUSE)


def _receipt(service: str, commit: dict[str, Any], id: str) -> dict[str, Any]:
    given: dict[str, Any] = next(
        (each["data"] for each in commit["said"] if each["data"].get("to") == id and "receipt" in each["type"]), {}
    )
    noted: dict[str, Any] = next((each["data"] for each in commit["said"] if "log.noted" in each["type"]), {})
    told = {**noted, **{name: value for name, value in given.items() if value}}  # who gets no receipt is told by the case's log
    said = [each["type"].removeprefix("xianjie.").rpartition(".v")[0] for each in commit["said"]]
    said = [each for each in said if not each.startswith(("log.", "receipt.", "sla."))]
    return {
        "by": service, "status": commit["status"], "outcome": commit["outcome"], "ground": told.get("ground"),
        "text": told.get("text", ""), "said": said,
    }  # fmt: skip


def _tell(answer: dict[str, Any] | None, wait: float, case: str) -> None:
    out = console()
    if answer is None:
        out.print(
            f"no answer within {wait:g} s, and it may still take effect: do not say it again before you have looked with: "
            f"xianjie timeline {case}. The case may be parked (xianjie cases --parked), a service be down (xianjie doctor), or the "
            f"message not be valid there (its body hears 422)"
        )
        return
    out.print(
        coloured(answer["status"]), f"{answer['outcome']} by {answer['by']}", answer["ground"] or "", answer["text"], markup=False
    )
    if answer["said"]:
        out.print(f"it said: {', '.join(answer['said'])}")
