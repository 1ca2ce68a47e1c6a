"""What disturbs a reader: the unknown, the unreadable, the stale, the large, the many. One by one, each followed by an ordinary offer."""

import json
from collections.abc import Callable, Generator
from typing import Any

from xianjie.conformance.course import filed, offer
from xianjie.conformance.scripts import DECIDED, once
from xianjie.conformance.trial import Script, Trial, Wait, now
from xianjie.conformance.watched import Watched
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralMoved, ReferralRecallRequested, ReferralReminded
from xianjie.wording import counted

OFFERED = "referral.offered.v1"
UNREADABLE = (b"\x00\xff\xfe", b"", b"{", b"[]", b"{}", b'{"specversion": "1.0", "type": 7}', b"null", b'"' + b"x" * 1000 + b'"')
ODD = '汉字𠀀 العربية עברית Z͑ͫ̓ͪ̂ͫ̽ ﷽ 👩‍👩‍👧‍👦 \u202e right to left \u200b zero width \ufeff \U0010ffff \t \r\n "quoted" \\ <b>&amp; \' ; DROP TABLE'
MANY = 20
"""Offers at once. A second is allowed for each."""
BACK = 15.0
"""Seconds in which a system has its consumer again."""
LARGE = 200_000
"""Bytes, about, of a file whose texts are as long as they may be."""


def unknown_fields(trial: Trial) -> Script:
    """An offer of a later minor version: fields in the envelope and in the data that nobody has heard of."""
    leg = trial.open("unknown fields")
    found = json.loads(trial.written(leg, offer(leg.course)))
    found |= {"sequence": "7", "partitionkey": "p", "shade": {"of": ["a", 1, None, {"deep": True}]}}
    found["data"] |= {"urgency": "high", "boxes": [{"n": 1}], "leg2": "L2"}
    trial.send(leg, json.dumps(found, ensure_ascii=False).encode(), OFFERED)
    yield from trial.expect("reader.unknown_fields", leg, "referral.acknowledged", "referral.declined")


def unknown_terms(trial: Trial) -> Script:
    """A right that is in no list yet."""
    leg = trial.offer("unknown terms", right="hologram_of_2031")
    yield from trial.expect("reader.unknown_terms", leg, "referral.acknowledged", "referral.declined", "referral.info_requested")


def unknown_types(trial: Trial) -> Script:
    """A message, and a version of a message, that come into being later."""
    leg = trial.open("unknown types")
    known = json.loads(trial.written(leg, offer(leg.course)))
    for kind in ("referral.sparkled.v1", "referral.offered.v2", "weather.changed.v1"):
        trial.send(leg, json.dumps({**known, "id": trial.new_id(), "type": f"xianjie.{kind}"}).encode(), kind)
    yield from _still_works(trial, "reader.unknown_types", leg)


def unreadable(trial: Trial) -> Script:
    """Bytes that are no message; and an offer without its data. Nothing answers them."""
    leg = trial.open("unreadable")
    for body in UNREADABLE:
        trial.send(leg, body, OFFERED)
    without = json.loads(trial.written(leg, offer(leg.course)))
    del without["data"]
    for odd in (without, {**without, "data": None}, {**without, "data": []}):
        trial.send(leg, json.dumps(odd).encode(), OFFERED)
    trial.place.send(json.dumps({**without, "data": {}}).encode(), OFFERED, "another-case", "text/plain")
    yield from _still_works(trial, "reader.unreadable", leg, silent=True)


def stale(trial: Trial) -> Script:
    """News of what never was, or is over: it may be answered, for the network can say no, but it harms nothing."""
    leg = trial.open("stale")
    leg.lenient = True
    code = trial.place.code
    for message in (
        ReferralMoved(leg="L9", state="expired", body=code, wipe=True), ReferralRecallRequested(leg="L9"), ReferralReminded(leg="L9", due=now()),
        ReceiptGiven(to="nobody-said-this", status=410), ReceiptGiven(to="nor-this", status=422, faults=("/data is missing",)),
    ):  # fmt: skip
        trial.say(leg, message)
    yield from _still_works(trial, "reader.stale", leg)


def large(trial: Trial) -> Script:
    """Texts as long and as odd as they may be; a file of nearly 256 KiB."""
    leg = trial.offer("large", text=(ODD * 40)[:4000])
    if not (yield from trial.expect("reader.large", leg, "referral.acknowledged", "referral.declined")):
        return
    file: Any = json.loads(trial.written(leg, filed(leg.course)))
    file["data"]["respondents"] = [{"name": ODD[:60] + str(at)} for at in range(LARGE // 250)]
    file["data"]["summary"] = (ODD * 40)[:4000]
    trial.send(leg, json.dumps(file, ensure_ascii=False).encode(), "case.file_released.v1")
    yield from _still_works(trial, "reader.large", leg)


def moved(trial: Trial) -> Script:
    """The inbox goes away and comes back: consumers are cancelled, and consume again."""
    trial.may_be_away = True
    trial.place.move_inbox()
    leg = trial.offer("inbox moved")
    yield from trial.expect("inbox.comes_back", leg, "referral.delivered", within=max(trial.patience, BACK))


def many(trial: Trial) -> Script:
    """Many offers at once, each of a case of its own."""
    within = trial.patience + MANY
    legs = [trial.offer("many") for _ in range(MANY)]
    yield from trial.until(lambda: all(each.has("referral.acknowledged", *DECIDED) for each in legs), within)
    yield from trial.silence()
    for each in legs:
        if not each.has("referral.acknowledged", *DECIDED):
            trial.fault("offer.many", each, f"not answered; {each.course.where()}", f"an answer within {within:g} s")
        else:
            once(trial, "offer.many", each)


def emptied(trial: Trial) -> Script:
    """What was sent is taken, however slowly: what it says meanwhile is answered, and so there may come more than it has taken."""
    while left := trial.place.waiting()[0]:
        taken = trial.place.sent - left
        if not (yield from trial.until(lambda taken=taken: trial.place.sent - trial.place.waiting()[0] > taken)):  # type: ignore[misc]
            says = f"{counted(left, 'message')} in the inbox, and none was taken for {trial.patience:g} s"
            trial.fault("inbox.emptied", trial.open("at the end"), says, "an empty inbox")
            return
    trial.findings.meet("inbox.emptied")


def _still_works(trial: Trial, clause: str, after: Watched, *, silent: bool = False) -> Generator[Wait, bool, None]:
    """An ordinary offer is answered as before; `silent`: and nothing was said about what cannot be answered."""
    leg = trial.offer(after.script)
    answered = yield from trial.expect(clause, leg, "referral.acknowledged", "referral.declined")
    if answered and after.said and silent:
        trial.fault(clause, after, f"{after.said[0].message.name} about what is no message", "nothing")


ONE_BY_ONE: tuple[Callable[[Trial], Script], ...] = (
    unknown_fields, unknown_terms, unknown_types, unreadable, stale, large, many, emptied, moved,
)  # fmt: skip
