"""What is played towards a system: ordinary legs, crossings, silence, refusals. Each script has cases of its own, and all go on at once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from xianjie.conformance.course import SENDER, cancel, contested, offer
from xianjie.conformance.trial import Script, Trial, now
from xianjie.conformance.watched import Watched
from xianjie.message import Message
from xianjie.messages.loop import LoopSounded
from xianjie.messages.referral import ReferralReminded
from xianjie.vocabulary import Ground

DECIDED = ("referral.accepted", "referral.declined", "referral.redirected", "referral.disputed")
ONCE = ("referral.delivered", "referral.acknowledged", *DECIDED)
ANSWERS = ("referral.recalled", "referral.recall_refused", "referral.accepted", "referral.declined")
"""To a recall; an acceptance crosses it."""
WORKED = (".progressed", ".suspended", ".outcome_reported", ".returned")


def ordinary(trial: Trial) -> Script:
    """A leg from offer to outcome: receipts, decision, work; then the sender contests the outcome."""
    leg = trial.offer("ordinary")
    if not (yield from trial.expect("offer.delivered", leg, "referral.delivered")):
        return
    yield from trial.expect("offer.acknowledged", leg, "referral.acknowledged", "referral.declined")
    if not (yield from trial.expect("offer.decided", leg, *DECIDED)) or leg.course.proceeding is None:
        return
    if not (yield from trial.expect("proceeding.begun", leg, *WORKED)):
        return
    ended = yield from trial.until(lambda: leg.course.proceeding.outcome is not None or not leg.course.open, 3 * trial.patience)
    if not ended:
        expected = f"{trial.role.track}.outcome_reported within {3 * trial.patience:g} s"
        trial.fault("proceeding.outcome", leg, f"no outcome: {leg.course.where()}", expected)
    elif leg.course.proceeding.outcome:
        trial.findings.meet("proceeding.outcome")
        yield from _contest(trial, leg)


def _contest(trial: Trial, leg: Watched) -> Script:
    if _asked(trial, leg, contested(leg.course)):
        yield from trial.expect("contest.answered", leg, ".contest_answered")


def _asked(trial: Trial, leg: Watched, message: Message) -> bool:
    """Whether the system hears anything of what the sender says in the proceeding; it is told."""
    told = leg.course.as_sender(message, now())
    for each in told:
        trial.say(leg, each)
    return bool(told)


def duplicate(trial: Trial) -> Script:
    """The broker brings an offer twice, as after a lost connection; and once more when it is decided."""
    leg = trial.open("duplicate")
    body = trial.written(leg, offer(leg.course))
    for _ in range(2):
        trial.send(leg, body, "referral.offered.v1")
    if not (yield from trial.until(lambda: leg.has(*ONCE[1:]))):
        return
    yield from trial.until(lambda: leg.has(*DECIDED))
    trial.send(leg, body, "referral.offered.v1")
    yield from trial.silence()
    once(trial, "duplicate.once", leg)


def repeated(trial: Trial) -> Script:
    """The same of everything that is said of a leg, up to the contest of its outcome."""
    leg = trial.open("repeated")
    leg.twice = True
    trial.say(leg, offer(leg.course))
    yield from trial.until(lambda: leg.did(".outcome_reported", ".returned", "referral.declined"), 3 * trial.patience)
    if leg.course.proceeding and leg.course.proceeding.outcome and _asked(trial, leg, contested(leg.course)):
        yield from trial.until(lambda: leg.has(".contest_answered"))
    yield from trial.silence()
    once(trial, "duplicate.once", leg)


def repeated_request(trial: Trial) -> Script:
    """The request to stop comes twice."""
    leg = trial.offer("request repeated")
    leg.twice = True
    if not (yield from trial.until(lambda: leg.course.proceeding is not None)) or not leg.course.open:
        return
    trial.news(leg, lambda: _asked(trial, leg, cancel(leg.course)), ".cancel_answered")
    yield from trial.until(lambda: leg.has(".cancel_answered", ".outcome_reported"))
    yield from trial.silence()
    once(trial, "duplicate.once", leg)


def reminded(trial: Trial) -> Script:
    """A reminder comes while the leg is on the desk: it is no second offer."""
    leg = trial.offer("reminded")
    yield from trial.until(lambda: leg.has("referral.delivered"))
    trial.say(leg, ReferralReminded(leg=leg.course.leg, due=now()))
    yield from trial.until(lambda: leg.has(*DECIDED))
    yield from trial.silence()
    once(trial, "reader.stale", leg)


def recalled_early(trial: Trial) -> Script:
    """The sender wants the offer back at once: the request is behind the offer in the inbox."""
    yield from _recall(trial, trial.offer("recalled early"))


def recalled_crossing(trial: Trial) -> Script:
    """The recall is on its way when the acceptance is said: both must end equal."""
    leg = trial.offer("recall crosses acceptance")
    if (yield from trial.until(lambda: leg.has("referral.acknowledged", *DECIDED))) and leg.course.state == "acknowledged":
        yield from _recall(trial, leg)


def _recall(trial: Trial, leg: Watched, *answers: str) -> Script:
    trial.news(leg, lambda: trial.say(leg, leg.course.recall()), *ANSWERS[:2])
    yield from trial.expect("recall.answered", leg, *(answers or ANSWERS))
    yield from trial.silence()
    if leg.course.proceeding is not None:
        let_go = leg.has("referral.recalled")
        if let_go:
            trial.fault(
                "recall.kept", leg, "it said recalled of a leg that it had accepted", "referral.recall_refused, or nothing"
            )
        else:
            trial.findings.meet("recall.kept")
    elif leg.course.state == "recalled":
        yield from _nothing_more(trial, "recall.let_go", leg, "it let the leg go")


def expired(trial: Trial) -> Script:
    """The offer has expired before the system has seen it: the news is behind it in the inbox."""
    leg = trial.offer("expired")
    behind = trial.news(leg, lambda: trial.say(leg, leg.course.expire()))
    yield from trial.until(lambda: behind.has("referral.delivered"), 3 * trial.patience)
    yield from trial.silence()
    yield from _nothing_more(trial, "late.stops", leg, "the offer had expired")


def refused(trial: Trial) -> Script:
    """The acceptance is answered 403, for a party has sued: there is no leg to work on."""
    leg = trial.open("acceptance refused")
    leg.course.bars = (Ground.SUED, "a party has sued: no leg may be taken in this matter")
    trial.say(leg, offer(leg.course))
    if not (yield from trial.until(lambda: any(each.status == 403 for each in leg.refused))):
        return
    yield from trial.silence()
    if (again := sum(each.message.name == "referral.accepted" for each in leg.said) - 1) > 0:
        trial.fault("refused.stops", leg, f"said the refused acceptance {again} times again", "another decision, or a person's")
        return
    if spoken := leg.spoke_in_track():
        says = f"{spoken[0].message.name} of a leg whose acceptance was refused"
        trial.fault("refused.stops", leg, says, "nothing in the proceeding, which was not opened")
        return
    trial.findings.meet("refused.stops")
    if leg.course.open:  # it lies on the desk as before, however quick the system is; now the sender wants it back
        yield from _recall(trial, leg, *ANSWERS[:2], *ANSWERS[3:])


def cancelled(trial: Trial) -> Script:
    """The sender asks to stop in the moment in which the proceeding opens."""
    leg = trial.offer("cancel asked")
    if not (yield from trial.until(lambda: leg.course.proceeding is not None)) or not leg.course.open:
        return
    asked = list[bool]()
    trial.news(leg, lambda: asked.append(_asked(trial, leg, cancel(leg.course))), ".cancel_answered")
    if asked[0]:
        yield from trial.expect("cancel.answered", leg, ".cancel_answered", ".outcome_reported", taken=True)


def sounded(trial: Trial) -> Script:
    """Somebody tests the way to the system and back."""
    leg, nonce = trial.open("way tested", "loop"), f"word-{trial.dice.getrandbits(32):08x}"
    leg.twice, leg.course.nonce = True, nonce  # twice asked, once answered
    trial.say(leg, LoopSounded(asker=SENDER, peer=trial.place.code, nonce=nonce, at=now(), due=now() + timedelta(minutes=5)))
    yield from trial.expect("loop.answered", leg, "loop.answered", taken=True)


def _nothing_more(trial: Trial, clause: str, leg: Watched, why: str) -> Script:
    before = len(leg.said)
    yield from trial.silence()
    if len(leg.said) > before:
        trial.fault(clause, leg, f"{leg.said[-1].message.name}, though {why}", "nothing more of this leg")
    else:
        trial.findings.meet(clause)


def once(trial: Trial, clause: str, leg: Watched) -> None:
    """Receipts and decision under one identity each; and nothing else in the same words under two."""
    counted = Counter(each.message.name if each.message.name in ONCE else repr(each.message) for each in leg.said)
    twice = sorted({each.message.name for each in leg.said if counted[each.message.name] > 1 or counted[repr(each.message)] > 1})
    if twice:
        trial.fault(clause, leg, f"{', '.join(twice)} was said more than once, under different ids", "each once")
    else:
        trial.findings.meet(clause)


TOGETHER: tuple[Callable[[Trial], Script], ...] = (
    ordinary, duplicate, repeated, repeated_request, reminded, recalled_early, recalled_crossing, expired, refused, cancelled, sounded,
)  # fmt: skip
