"""A restart of the system, which somebody has to do who can: what it had acknowledged stays away, what came meanwhile is taken."""

from collections.abc import Callable, Generator
from typing import Literal

from xianjie.conformance.course import offer
from xianjie.conformance.scripts import DECIDED, once
from xianjie.conformance.trial import Script, Trial, Wait
from xianjie.wording import counted

ACKNOWLEDGED, AFTER = "inbox.acknowledged", "inbox.after_restart"
AGAIN = ("contract.identity", "protocol.turn", "protocol.rule", "protocol.opened")
"""The clauses that are broken by who has forgotten what it did."""
Ask = Callable[[Literal["stop", "start", "stayed"]], None]


def restarted(ask: Ask, limit: float) -> Callable[[Trial], Script]:
    """The script. `ask`: tells whoever runs the system to stop it, then to start it, or that it was not stopped; `limit`: seconds that each
    may take."""
    return lambda trial: _restarted(trial, ask, limit)


def _restarted(trial: Trial, ask: Ask, limit: float) -> Script:
    trial.findings.owed |= {ACKNOWLEDGED, AFTER}
    trial.may_be_away = True
    before = trial.open("restart")
    body = trial.written(before, offer(before.course))
    trial.send(before, body, "referral.offered.v1")
    yield from trial.until(lambda: before.has(*DECIDED))
    yield from trial.silence()
    ask("stop")
    if not (yield from trial.until(lambda: trial.place.waiting()[1] == 0, limit)):
        ask("stayed")
        return
    yield from _nothing_comes_back(trial)
    trial.send(before, body, "referral.offered.v1")
    behind = trial.offer("restart")
    breaches = _again(trial)
    ask("start")
    within = limit + trial.patience
    if not (yield from trial.expect(AFTER, behind, "referral.acknowledged", "referral.declined", within=within)):
        return
    yield from trial.silence()
    once(trial, AFTER, before)
    if more := _again(trial) - breaches:
        says = f"{counted(more, 'more fault')} came after the restart, named by their clauses: it does again what it had done"
        trial.fault(AFTER, before, says, "nothing of what was before")


def _again(trial: Trial) -> int:
    """How often something was said that a case had behind it."""
    return sum(trial.findings.broken[each] for each in AGAIN)


def _nothing_comes_back(trial: Trial) -> Generator[Wait, bool, None]:
    """What a broker has given and was not told to forget is ready again as soon as the connection is gone, which may be a while after the
    consumer."""
    yield from trial.until(lambda: trial.place.waiting()[0] > 0)
    back = trial.place.waiting()[0]
    if back:
        says = f"{back} messages that it had been given are in the inbox again: it had not acknowledged them"
        trial.fault(ACKNOWLEDGED, trial.open("restart"), says, "none")
        trial.place.empty()
    else:
        trial.findings.meet(ACKNOWLEDGED)
