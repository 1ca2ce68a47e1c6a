"""The network in which bodies join and leave, and how its tests speak to it."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from typer.testing import CliRunner, Result

from deploy.local.network import Network
from xianjie.agency import Agency, Received
from xianjie.cli import app
from xianjie.cli.network import find
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.org import Body, Capability
from xianjie.vocabulary import AgencyKind, Level, Track

COUNT = itertools.count(1)


def _body(code: str, kind: AgencyKind, level: Level, area: str, parent: str | None = None) -> Body:
    able = (Capability(track=Track.MEDIATION, source="a test"),)
    return Body(code=code, name=code, kind=kind, level=level, area=area, parent=parent, capabilities=able)


OFFICE, CITY, DEAF = "CN-GD-IPO", "CN-GD-GZH-IPO", "CN-GD-DEAF"
HERE = (
    _body(OFFICE, AgencyKind.PROVINCIAL_IP_OFFICE, Level.PROVINCE, "440000"),
    _body(CITY, AgencyKind.MUNICIPAL_IP_OFFICE, Level.PREFECTURE, "440100", OFFICE),
)
"""The bodies that were there from the start."""


class Joined:
    """A network, its command line, and its bodies."""

    def __init__(self, network: Network) -> None:
        self.network, self.file = network, network.file

    def cli(self, *words: str | Path, given: str | None = None) -> Result:
        """One call of `xianjie` against this network; nothing may end in a traceback. `given`: what stands on its standard input."""
        return CliRunner().invoke(app, ["--network", str(self.file), *map(str, words)], input=given, catch_exceptions=False)

    def done(self, *words: str | Path) -> str:
        """What a call says that must succeed."""
        done = self.cli(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def refused(self, *words: str | Path, status: int = 1) -> str:
        """What a call says that must fail."""
        done = self.cli(*words)
        assert done.exit_code == status, done.output
        return done.stderr

    def shown(self, code: str) -> dict[str, Any]:
        """What `xianjie agency show` knows of a body."""
        found: dict[str, Any] = json.loads(self.done("agency", "show", code, "--json"))
        return found

    def uri(self, code: str, password: str | None = None) -> str:
        """How a body reaches the broker, as network.json has it, or with another password."""
        return self.network.machine.broker.uri(self.network.name, code, password) if password else find(self.file).uri(code)

    def entry(self, file: Path, parent: str = OFFICE, **more: Any) -> Path:
        """The YAML entry of a body that nobody knows yet; its code is the file's first."""
        code = f"CN-GD-NEW{next(COUNT)}"
        entry = {
            "code": code, "name": "新机构", "kind": "municipal_ip_office", "level": "prefecture", "parent": parent, "area": "440400",
            "capabilities": [{"track": "mediation", "source": "a test"}], **more,
        }  # fmt: skip
        file.write_text(json.dumps([entry], ensure_ascii=False))  # JSON is YAML
        return file

    def join(self, new: Path) -> tuple[str, str]:
        """Let the body of an entry join; its code and password."""
        code, out = code_in(new), new.with_suffix(".password")
        self.done("agency", "register", code, "--entry", new, "--out", out)
        return code, out.read_text().strip()

    @contextmanager
    def answering(self, code: str) -> Iterator[list[Received]]:
        """The system of a body, running in a thread of its own: what it heard. Its client answers tests of the way by itself."""
        heard: list[Received] = []
        office = Agency.connect(self.uri(code), code)
        office.close()  # a connection belongs to the thread that made it
        running = Thread(target=office.run, args=(heard.append,))
        running.start()
        try:
            yield heard
        finally:
            office.stop()
            running.join(30)
            office.close()


def code_in(entry: Path) -> str:
    """Whose entry it is."""
    return str(json.loads(entry.read_text())[0]["code"])


def receipt(office: Agency, to: str, seconds: float = 20.0) -> ReceiptGiven:
    """The receipt for a message; whatever else comes before it is done with."""
    while received := office.hear(seconds):
        office.done(received)
        if isinstance(received.message, ReceiptGiven) and received.message.to == to:
            return received.message
    raise AssertionError(f"no receipt for {to} within {seconds:g} s")
