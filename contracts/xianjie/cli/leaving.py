"""How a body is let go: no new legs first, then out of the directory; and what it still has to do, counted from the services' doors."""

from datetime import datetime
from typing import Annotated

import typer

from xianjie.cli.network import Network
from xianjie.cli.say import await_answer
from xianjie.cli.showing import Fault
from xianjie.cli.words import seconds
from xianjie.message import Message
from xianjie.messages.org import OrgDrained, OrgLeft, OrgLoadCounted
from xianjie.protocol.table import table as protocol
from xianjie.topology import DIRECTORY
from xianjie.vocabulary import CHINA
from xianjie.voice import Operator
from xianjie.wording import counted

EARLY = datetime(2000, 1, 1, tzinfo=CHINA)
"""When an exercise begins, so that its bodies are known from the start."""
OVER = protocol("case").ends | {"visit_due", "closed"}
"""Statuses in which a case asks nothing more of the body that answers for it."""
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="For the log of the directory.")]
Wait = Annotated[float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for routing.", callback=seconds)]


def drained(network: Network, code: str, why: str, wait: float) -> str:
    """Tell routing that a body gets no new legs; returns what is to be said of it."""
    tell(network, OrgDrained(code=code, text=why), wait)
    return f"{code} gets no new legs; it has {pending(*work(network, code))}"


def left(network: Network, code: str, why: str, wait: float) -> None:
    """Count what a body has to do, and take it out of the directory; a Fault that lists what is in the way."""
    legs, cases = work(network, code)
    tell(network, OrgLoadCounted(code=code, open_legs=len(legs), cases=len(cases)), wait)
    try:
        tell(network, OrgLeft(code=code, text=why), wait)
    except Fault as refused:
        raise Fault("\n".join([str(refused), *(f"  {each}" for each in (*legs, *cases))])) from None


def work(network: Network, code: str) -> tuple[list[str], list[str]]:
    """The legs that a body has open, and the cases that it answers for."""
    legs = [
        f"{head['case']} {leg}"
        for head in network.heads("routing")
        for leg in head["glance"].get("open_legs", ())
        if leg.split(" ")[2] == code
    ]
    cases = [
        f"{head['case']} {head['glance']['status']}"
        for head in network.heads("intake")
        if head["glance"].get("owner") == code and head["glance"].get("status") not in OVER
    ]
    return legs, cases


def pending(legs: list[str], cases: list[str]) -> str:
    """In words."""
    return f"{counted(len(legs), 'open leg')}, and answers for {counted(len(cases), 'open case')}"


def tell(network: Network, said: Message, wait: float) -> None:
    """Say it to routing as an operator; a Fault if it is not done, with the reason."""
    with Operator(network.operator, "cli", exercise=network.exercise) as operator:
        at = (network.now() or EARLY) if network.exercise else None
        id = operator.say(said, DIRECTORY, to="routing", time=at)
    answer = await_answer(network, DIRECTORY, id, wait)
    if answer is None:
        raise Fault(
            f"routing did not take {said.name} within {wait:g} s (message {id}). It may still take effect: "
            f"do not repeat it before looking, with xianjie doctor and xianjie timeline {DIRECTORY}"
        )
    if answer["outcome"] != "decided":
        raise Fault(f"nothing is changed: {answer['text']}")
