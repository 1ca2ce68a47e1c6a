"""Where commands of these tests run: in an empty folder, and, if need be, with doors of services that know one case."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.commits import adjudication, day


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, where no network is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XIANJIE_NETWORK", raising=False)


class Doors(BaseHTTPRequestHandler):
    """Doors of services that know the cases they are given."""

    answers: dict[str, Any]

    def do_GET(self) -> None:
        found = self.answers.get(self.path)
        self.send_response(200 if found is not None else 404)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Path]:
    """A network.json that names doors with one case; there is no broker behind it."""
    logs, answers = adjudication(), dict[str, Any]()
    for service in ("intake", "routing", "mediation", "enforcement_liaison"):
        commits = logs.get(service, [])
        for n in range(0, len(commits) + 2, 2):  # pages of two
            answers[f"/{service}/cases/c-1?after={n}"] = commits[n : n + 2] if commits else None
        answers[f"/{service}/cases/c-1?after={len(commits)}"] = [] if commits else None
        answers[f"/{service}/cases"] = (
            [{"case": "c-1", "n": 1, "now": day(41).isoformat(), "glance": {}}] if service in logs else []
        )
        answers[f"/{service}/cases?after=c-1"] = []
        answers[f"/{service}/cases?after=c-2"] = []
        answers[f"/{service}/parked?after="] = answers[f"/{service}/parked?limit=51&after="] = {"cases": [], "groups": []}
    answers["/intake/cases"][0]["glance"] = {"owner": "CN-SH-IPO", "status": "in_service", "late": ["case/A1"]}
    warned, due = day(56).isoformat(), day(60).isoformat()
    answers["/enforcement_liaison/cases"][0] |= {"due": warned, "glance": {"due": due}}
    answers["/routing/cases"].append({"case": "c-2", "n": 1, "now": day(2).isoformat(), "glance": {}, "held": 2})
    answers["/routing/cases"][0]["glance"] = {"owner": "CN-SH-IPO", "open_legs": ["L2 adjudication CN-SH-IPO taken"]}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("These", (Doors,), {"answers": answers}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = tmp_path / "network.json"
    base = f"http://127.0.0.1:{server.server_port}"
    doors = {service: f"{base}/{service}" for service in ("intake", "routing", "mediation", "enforcement_liaison")}
    file.write_text(json.dumps({"name": "t", "exercise": None, "doors": doors, "amqp": {"CN-SH-IPO": "amqp://x"}}))
    yield file
    server.shutdown()
    server.server_close()
