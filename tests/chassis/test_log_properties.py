"""The log as a machine: whatever order messages come in, how often, and whenever the process is killed, one case's log stays one truth."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.chassis.ground import BODY, Ground, Probe, encode, progressed, taken, until
from xianjie.messages.ops import ParkedRetryAsked
from xianjie.topology import address

pytestmark = pytest.mark.broker
Sent = tuple[str, str, str, bytes]
"""Exchange, routing key, case, body."""


class LogMachine(RuleBasedStateMachine):
    """One case after another on a real broker and database; routing speaks in a chain, an agency speaks when it likes."""

    ground: Ground
    probe: Probe
    cases = 0

    @initialize()
    def begin(self) -> None:
        type(self).cases += 1
        self.case, self.last = f"case-{self.cases}", ""
        self.chain: list[str] = []
        self.words: list[str] = []
        self.sent: list[Sent] = []
        self.kept_back: list[Sent] = []
        self.says = 0
        self.ground.broken.unlink(missing_ok=True)

    def _of_routing(self, order: str) -> Sent:
        """The next message of routing's chain."""
        id = f"{self.case}-m-{len(self.chain)}"
        body = encode(taken(order), self.case, "/services/routing", id, self.last or None)
        self.chain.append(id)
        self.last = id
        return (*address("routing", "routing.leg_taken", 1, "mediation"), self.case, body)

    def _send(self, *messages: Sent) -> None:
        self.ground.publish(messages)
        self.sent += messages

    @rule(order=st.sampled_from(["", "say 1", "say 3", "break"]))
    def routing_says(self, order: str) -> None:
        self.says += int(order.removeprefix("say ")) if order.startswith("say") else 0
        self._send(self._of_routing(order))

    @rule(count=st.integers(2, 5))
    def routing_says_in_another_order(self, count: int) -> None:
        self.says += count
        self._send(*reversed([self._of_routing("say 1") for _ in range(count)]))

    @rule()
    def one_is_late(self) -> None:
        self.kept_back.append(self._of_routing(""))

    @precondition(lambda self: self.kept_back)
    @rule()
    def the_late_one_comes(self) -> None:
        self._send(self.kept_back.pop(0))

    @rule(order=st.sampled_from(["", "tell", "refuse 403", "refuse 410"]))
    def an_agency_says(self, order: str) -> None:
        id = f"{self.case}-w-{len(self.words)}"
        self.words.append(id)
        body = encode(progressed(order), self.case, f"/agencies/{BODY}", id)
        self._send((*address(BODY, "mediation.progressed", 1, None), self.case, body))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def one_comes_again(self, data: st.DataObject) -> None:
        self.ground.publish([self.sent[data.draw(st.integers(0, len(self.sent) - 1))]])

    @rule()
    def rules_break(self) -> None:
        self.ground.broken.touch()

    @rule()
    def rules_are_mended(self) -> None:
        self.ground.broken.unlink(missing_ok=True)

    @rule()
    def the_process_is_killed(self) -> None:
        self.probe.kill()
        self.probe.again()

    @invariant()
    def the_log_is_one_chain_of_each_message_once(self) -> None:
        if hasattr(self, "case"):
            self._sound(self.ground.commits(self.case))

    def _sound(self, commits: list[dict[str, Any]]) -> None:
        assert [each["n"] for each in commits] == list(range(1, len(commits) + 1))
        causes = Counter(each["key"] for each in commits)
        assert set(causes.values()) <= {1}, "no message is decided twice"
        said = Counter(each["id"] for commit in commits for each in commit["said"])
        assert set(said.values()) <= {1}, "nothing is said under one identity twice"
        decided = [id for id in self.ground.tale(self.case) if "-m-" in id]
        assert decided == self.chain[: len(decided)], "what follows is decided after what it follows"

    def teardown(self) -> None:
        if not hasattr(self, "case"):
            return
        self.ground.broken.unlink(missing_ok=True)
        self._send(*self.kept_back)
        until(self._at_rest, f"{self.case} is at rest", 40)
        commits = self.ground.commits(self.case)
        self._sound(commits)
        assert [id for id in self.ground.tale(self.case) if "-m-" in id] == self.chain
        answered = [self._answer(commits, id) for id in self.words]
        assert all(answered), "every word of the agency has its one receipt in the log"
        assert (
            sum(each["type"].startswith("xianjie.proceeding.ended") for commit in commits for each in commit["said"]) == self.says
        )
        self.probe.sound(*([self.case] if commits else []))

    def _answer(self, commits: list[dict[str, Any]], id: str) -> bool:
        (commit,) = [each for each in commits if each["cause"]["id"] == id]
        return sum(each["type"].startswith("xianjie.receipt.") for each in commit["said"]) == 1

    def _at_rest(self) -> bool:
        """Everything is decided and said; a parked case is asked to go on."""
        if self.ground.parked(self.case):
            self.ground.order(self.case, ParkedRetryAsked(who="Ann", why="mended"))
            return False
        commits = self.ground.commits(self.case)
        causes = {each["cause"]["id"] for each in commits}
        unsaid = any(each.get("unsent") for each in commits)
        return causes >= {*self.chain, *self.words} and not unsaid and not (commits and commits[-1].get("waiting"))


def test_whatever_comes_in_whatever_order_and_whenever_it_is_killed_the_log_stays_one_truth(ground: Ground) -> None:
    LogMachine.ground, LogMachine.probe = ground, ground.probe()
    run_state_machine_as_test(
        LogMachine,
        settings=settings(
            max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
        ),
    )  # fmt: skip
