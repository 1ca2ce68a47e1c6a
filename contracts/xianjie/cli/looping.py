"""`xianjie agency test`: a message through the whole chain to a named peer and back, and how long each part of the way took."""

import time
import uuid
from typing import Annotated, Any

import typer

from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.say import LONGEST_WAIT, PAUSE, Mouth, await_answer
from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.cli.words import Code, code_of
from xianjie.messages.loop import LoopAsked, LoopTold
from xianjie.topology import LOOP
from xianjie.vocabulary import Mode

PARTS = (
    ("to_routing_ms", "{asker} → routing"),
    ("to_peer_ms", "routing → {peer}"),
    ("from_peer_ms", "{peer} → routing"),
    ("whole_ms", "routing → {peer} → routing"),
)


def way_to(
    code: Code,
    peer: Annotated[
        str, typer.Option("--peer", metavar="CODE", help="Whose system is to answer; your own, for the way to yourself.")
    ],
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long to wait for the end of the test.")
    ] = 30.0,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Test the way from a body through routing to another's system and back. The body's own inbox is left alone; nothing is counted.

    Example: `xianjie agency test CN-SH-IPO --peer CN-SH-IPC --timeout 20`
    """
    if not 0 < timeout <= LONGEST_WAIT:  # nan fails it too
        raise Fault(f"--timeout {timeout:g}: give seconds, above 0 and up to {LONGEST_WAIT:g}", 2)
    found, thread, nonce = find(network), f"{LOOP}{uuid.uuid4().hex[:16]}", uuid.uuid4().hex[:12]
    code_of(peer)
    end = time.monotonic() + timeout
    with Mouth(found.uri(code_of(code)), code, exercise=found.exercise, patience=5.0) as voice:
        id = voice.say(LoopAsked(peer=peer, nonce=nonce), thread, time=found.now(), mode=Mode.TEST)
    answer = await_answer(found, thread, id, timeout)
    if answer is None or answer["status"] != 202:
        what = (
            f"{answer['status']}: {answer['text']}"
            if answer
            else f"routing did not hear it within {timeout:g} s: see xianjie doctor"
        )
        raise Fault(f"the test of the way to {peer} did not begin; {what}")
    told = _told(found, thread, end)
    if told is None:
        raise Fault(
            f"{peer} has not answered within {timeout:g} s. Is its system connected? See xianjie agency show {peer}. Whether it does later, "
            f"or is silent, stands in: xianjie timeline {thread}"
        )
    _show(code, told, as_json)


def _told(network: Network, thread: str, end: float) -> dict[str, Any] | None:
    """How the test ended, as routing's log of the thread has it; None if it has not by `end`."""
    seen = 0
    while True:
        for commit in network.log("routing", thread, seen):
            seen = commit["n"]
            for each in commit["said"]:
                if each["type"] == LoopTold.type:
                    return dict(each["data"])
        if time.monotonic() >= end:
            return None
        time.sleep(PAUSE)


def _show(asker: str, told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json({"asker": asker, **told})
    else:
        parts = [(text.format(asker=asker, peer=told["peer"]), told[name]) for name, text in PARTS if told.get(name) is not None]
        show(table(("part of the way", "milliseconds"), parts))
        ends = {
            "answered": "has answered; the parts are between two clocks, whose difference is in them, the whole is by one",
            "silent": "was silent until its time was over: its system is not connected, or does not answer loop.sounded",
            "no_inbox": "has no inbox on the broker: let it join with xianjie agency register",
        }
        typer.echo(f"{told['peer']} {ends[told['outcome']]}")
    if told["outcome"] != "answered":
        raise typer.Exit(1)
