"""The read-only door: nobody's words come out of it, and a long case is read page by page."""

import json
import time
import urllib.request
from dataclasses import replace

import pytest

from tests.chassis.ground import SALT, Ground, Probe, encode, progressed, taken, until
from xianjie.messages.ops import ParkedSkipAsked
from xianjie.topology import address

pytestmark = pytest.mark.broker
CANARY = "王某某:40,000;13800138000"
SINGS = "王某某"
LONG = 5000


def pages(probe: Probe, *cases: str) -> dict[str, str]:
    """Everything the door has, as text."""
    paths = ["/live", "/ready", "/metrics", "/cases", "/clocks", "/parked", "/kept", "/unsaid"]
    paths += [f"/{kind}/{case}" for case in cases for kind in ("cases", "verify")]
    return {path: json.dumps(probe.get(path), ensure_ascii=False) for path in paths}


def test_no_word_of_anybody_comes_out_of_the_door_or_the_log(ground: Ground) -> None:
    """Words in a message, in the reason of an operator, in what cannot be read, in a routing key, and in a case that is parked."""
    probe = ground.probe()
    ground.report("c-1", "m-1", replace(progressed(CANARY), by=CANARY))
    ground.tell(("c-2", "m-2", taken("raise")))
    until(lambda: ground.parked("c-2"), "it is parked")
    ground.order("c-2", ParkedSkipAsked(who=CANARY, why=CANARY, k=1))
    until(lambda: not ground.parked("c-2"), "it is skipped, for a reason in words")
    ground.tell(("c-3", "m-3", taken("raise")))
    exchange, key = address("CN-PROBE", "mediation.progressed", 1, None)
    nul = json.loads(encode(progressed(), "c-4", "/agencies/CN-PROBE")) | {CANARY: "\0"}
    ground.publish([(exchange, key, "c-4", json.dumps(nul).encode()), (exchange, f"{key}.{CANARY}", "c-5", CANARY.encode())])
    until(lambda: ground.tale("c-1") and ground.kept() and ground.parked("c-3"), "one is decided, one kept, one parked")
    kept = [each["case"] for each in ground.kept()]
    found = pages(probe, "c-1", "c-2", *kept)
    assert CANARY.encode() in bytes(ground.commits("c-1")[0]["heard"]), "it is in the log"
    assert {path: text for path, text in found.items() if SINGS in text or "13800138000" in text} == {}
    assert "by an operator" in found["/cases/c-2"]
    assert SINGS not in probe.output.read_text()
    assert '"m-1"' in found["/cases/c-1"]


def lengthen(ground: Ground, case: str, more: int) -> int:
    """Make a case long at once: commits as the service itself would write them, all alike and chained. Returns how many there are."""
    from services.chassis.commit import digest, hash_of, salt_of

    last = ground.commits(case)[-1]
    made = []
    for n in range(last["n"] + 1, last["n"] + more + 1):
        each = {**last, "_id": f"{case}/{n}", "n": n, "prev": last["hash"], "said": [], "salt": salt_of(SALT.encode(), case, n)}
        digests = {name: digest(each["salt"], bytes(last[name])) for name in ("heard", "state")}
        each |= {"digests": {**digests, "said": []}}
        each |= {"key": f"/services/routing x-{n}", "cause": {**last["cause"], "id": f"x-{n}"}}
        each.pop("unsent", None), each.pop("head", None)
        each["hash"] = hash_of(each)
        made.append(each)
        last = each
    made[-1]["head"] = True
    ground.store.log.update_many({"case": case}, {"$unset": {"head": 1}})
    ground.store.log.insert_many(made)
    return int(last["n"])


def test_a_long_case_is_read_in_pages_checked_to_its_end_and_goes_on(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("say 1")))
    until(lambda: ground.tale("c-1") == ["m-1"], "it is decided")
    probe.drain()
    last = lengthen(ground, "c-1", LONG)
    probe.again()
    assert [each["n"] for each in probe.get("/cases/c-1?after=0")[1]] == list(range(1, 201))
    assert [each["n"] for each in probe.get("/cases/c-1?after=4990&limit=3")[1]] == [4991, 4992, 4993]
    assert probe.get(f"/cases/c-1?after={last}") == (200, []), "the end of a case that is known"
    assert probe.get("/cases/nobody?after=0")[0] == 404
    assert probe.get("/cases/c-1?after=-1")[0] == 400
    assert [each["n"] for each in probe.get("/cases/c-1")[1]] == list(range(1, last + 1)), "without a page, all, as a stream"
    began = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{probe.port}/verify/c-1", timeout=60) as answer:
        assert answer.read(1) == b" ", "who asks hears at once that it is at work"
        assert json.loads(answer.read()) == {"case": "c-1", "faults": []}
    assert time.monotonic() - began < 60
    ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "its next message is decided like any other")
    probe.sound("c-1")
    ground.store.log.update_one({"_id": "c-1/4000"}, {"$set": {"cause.id": "another"}})
    assert probe.get("/verify/c-1")[1]["faults"] == ["commit 4000 was altered"]
