"""What was confirmed just before a connection was lost is said once more: a broker that shuts down confirms what its streams do not keep."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

from services.chassis.commit import Spoken
from services.chassis.sending import DOUBTFUL, Sender
from tests.chassis.ground import Ground
from xianjie.topology import EVENTS

pytestmark = pytest.mark.broker


@pytest.fixture
def sender(ground: Ground) -> Iterator[Sender]:
    made = Sender(ground.uri("mediation"), "mediation", 5)
    yield made
    made.close()


def spoken(id: str) -> Spoken:
    """A message of the probe's service; the journal keeps it, and other tests read it there."""
    body = json.dumps({"id": id, "subject": "doubtful", "type": "xianjie.proceeding.ended.v1", "data": {}}).encode()
    return Spoken(id, "xianjie.proceeding.ended.v1", EVENTS, "mediation.proceeding.ended.v1.routing", "doubtful", body)


def lost(sender: Sender) -> None:
    """The connection breaks, and the sender finds out by its next message."""
    assert sender._connection is not None
    sender._connection.transport.sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Exception, match=r".*"):
        sender.send([spoken("lost")])


def heard(ground: Ground) -> list[str]:
    """The ids in routing's queue, in order."""
    with ground.channel() as channel:
        found = []
        for method, _, body in channel.consume("routing.1", inactivity_timeout=0.5):
            if method is None:
                return found
            found.append(json.loads(body)["id"])
            channel.basic_ack(method.delivery_tag)
    return found


def test_what_was_confirmed_just_before_the_loss_is_said_again_first_and_in_order(ground: Ground, sender: Sender) -> None:
    sender.send([spoken("1"), spoken("2")])
    sender.send([spoken("3")])
    lost(sender)
    sender.send([spoken("4")])
    assert heard(ground) == ["1", "2", "3", "1", "2", "3", "4"]
    lost(sender)
    sender.open()
    assert heard(ground) == ["1", "2", "3", "4"], "once more for this loss, not once for each"


def test_what_was_confirmed_long_before_the_loss_is_not_said_again(ground: Ground, sender: Sender) -> None:
    sender.send([spoken("1")])
    end = time.monotonic() + DOUBTFUL + 1.5
    while time.monotonic() < end:
        sender.beat()
        time.sleep(0.05)
    lost(sender)
    sender.send([spoken("2")])
    assert heard(ground) == ["1", "2"]
