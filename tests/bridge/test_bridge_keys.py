"""The file of agencies, the command that writes it, and the settings that name it: every fault with its place, nothing secret shown."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from services.bridge import agencies, keys, settings
from services.chassis.settings import BadSettings
from xianjie.bridge_keys import (
    Served,
    holder,
    new_key,
    new_secret,
    read_served,
    sha256,
    with_key,
    without_older_keys,
    write_served,
)
from xianjie.written import BadFile

GOOD = {"XIANJIE_AMQP_URI": "amqp://bridge:geheim@127.0.0.1/x", "XIANJIE_BRIDGE_PORT": "8001"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agencies.yaml"


def test_a_key_is_found_by_its_hash_and_stands_nowhere(file: Path) -> None:
    key, digest = new_key()
    assert (sha256(key), key.startswith("xj_"), len(key)) == (digest, True, 46)
    write_served(file, with_key((), "CN-SH-IPO", digest))
    assert key not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert holder(read_served(file), key) == ("CN-SH-IPO", True)
    assert holder(read_served(file), new_key()[0]) is None
    assert holder(read_served(file), "\udcff") is None


def test_keys_overlap_until_the_older_one_is_revoked(file: Path) -> None:
    """As an agency changes them without being without one."""
    (old, first), (new, second) = new_key(), new_key()
    both = with_key(with_key((), "CN-SH-IPO", first), "CN-SH-IPO", second)
    assert [holder(both, each) for each in (old, new)] == [("CN-SH-IPO", True)] * 2
    one = without_older_keys(both, "CN-SH-IPO")
    assert [holder(one, each) for each in (old, new)] == [("CN-SH-IPO", False), ("CN-SH-IPO", True)]
    with pytest.raises(KeyError):
        without_older_keys(one, "CN-SH-PD-COURT")


def test_the_file_may_be_json_and_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "agencies.json"
    served = (Served(code="CN-SH-IPO", key_sha256=("a" * 64,)),)
    write_served(file, served)
    assert json.loads(file.read_text()) == [{"code": "CN-SH-IPO", "key_sha256": ["a" * 64]}]
    assert read_served(file) == served
    file.write_text("")
    assert read_served(file) == ()


def faults(file: Path, text: str, mode: int = 0o600) -> list[str]:
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(BadFile) as refused:
        read_served(file)
    assert "geheim" not in str(refused.value)
    return [line.strip().removeprefix(f"{file}: ") for line in str(refused.value).splitlines()]


def test_every_fault_of_the_file_is_named_with_its_place_and_nothing_secret(file: Path) -> None:
    found = faults(file, f"""
- {{code: cn, key_sha256: [geheim], webhook: {{url: "http://geheim.example/", secret: geheim}}}}
- {{code: CN-SH-IPO, key_sha256: ["{"a" * 64}"], revoked_sha256: ["{"a" * 64}"], keys: geheim}}
- {{code: CN-SH-IPO, key_sha256: ["{"a" * 64}"]}}
- {{key_sha256: []}}
""", 0o644)  # fmt: skip
    places = [
        "/0/code",
        "/0/key_sha256/0",
        "/0/webhook/url",
        "/0/webhook/secret",
        "/1/keys",
        "/1/revoked_sha256/0",
        "/2/code",
        "/2/key_sha256/0",
        "/3/code",
    ]
    assert {each.split(": ")[0] for each in found[1:]} == {"its mode is 644, so that others may read or change it", *places}


@pytest.mark.parametrize("text", ["{", "a: 1", "- [", "- code: geheim\n  code: geheim\n\tgeheim: [", "--- []\n--- []"])
def test_what_is_no_list_of_agencies_is_refused_without_quoting_it(file: Path, text: str) -> None:
    assert faults(file, text)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666, 0o660])
def test_a_file_that_others_may_read_or_write_is_refused(file: Path, mode: int) -> None:
    assert f"its mode is {mode:o}" in faults(file, "[]", mode)[-1]


NOT_SAFE = ("http://agency.example/", "https://", "ftp://agency.example/", "https://u:p@agency.example/", "https://a.example/#x")


@pytest.mark.parametrize("url", [*NOT_SAFE, "https://a.example:0/", "https://a.example:x/", "https://a.example/\n"])
def test_a_webhook_is_https_or_on_loopback(file: Path, url: str) -> None:
    row = [{"code": "CN-SH-IPO", "key_sha256": [], "webhook": {"url": url, "secret": new_secret()}}]
    assert "/0/webhook/url" in faults(file, json.dumps(row))[1]


def test_the_command_gives_a_key_once_and_retires_the_older_one(file: Path) -> None:
    run = CliRunner()
    made = [run.invoke(keys.app, ["new", "CN-SH-IPO", "--agencies", str(file)]) for _ in range(2)]
    given = [each.output.split()[-1] for each in made]
    assert [each.exit_code for each in made] == [0, 0]
    assert [holder(read_served(file), each) for each in given] == [("CN-SH-IPO", True)] * 2
    assert run.invoke(keys.app, ["retire", "CN-SH-IPO", "--agencies", str(file)]).exit_code == 0
    assert [holder(read_served(file), each) for each in given] == [("CN-SH-IPO", False), ("CN-SH-IPO", True)]
    told = run.invoke(keys.app, ["new", "CN-SH-IPO", "--agencies", str(file), "--webhook", "https://agency.example/told"])
    (known,) = read_served(file)
    assert known.webhook is not None
    assert known.webhook.secret in told.output


@pytest.mark.parametrize(
    "words", [["new", "cn"], ["new", "CN-SH-IPO", "--webhook", "http://agency.example/"], ["retire", "CN-SH-IPO"]]
)
def test_the_command_writes_nothing_that_could_not_be_read(file: Path, words: list[str]) -> None:
    write_served(file, ())
    failed = CliRunner().invoke(keys.app, [*words, "--agencies", str(file)])
    assert isinstance(failed.exception, BadFile)
    assert read_served(file) == ()


def test_the_command_ends_with_one_message_for_what_a_person_can_mend(file: Path) -> None:
    """Status 1, no traceback."""
    command = [sys.executable, "-m", "services.bridge.keys", "retire", "CN-SH-IPO", "--agencies", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bridge: ")
    assert "Traceback" not in done.stderr


def test_a_bridge_that_is_set_wrongly_ends_with_status_2_and_says_all_of_it(file: Path) -> None:
    file.write_text("- {code: x, key_sha256: [geheim]}")
    environment = {**GOOD, "XIANJIE_BRIDGE_AGENCIES": str(file), "XIANJIE_BRIDGE_PREFETCH": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "services.bridge"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    for named in ("/0/code", "XIANJIE_BRIDGE_PREFETCH", "chmod 600"):
        assert named in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_and_file_are_refused_with_every_fault_at_once(file: Path) -> None:
    """And nothing that is secret."""
    file.write_text("- {code: x, key_sha256: [geheim]}")
    file.chmod(0o600)
    with pytest.raises(BadSettings) as refused:
        settings.read(
            {**GOOD, "XIANJIE_BRIDGE_PORT": "70000", "XIANJIE_BRIDGE_AGENCIES": str(file), "XIANJIE_BRIDGE_PREFETSH": "1"}
        )
    text = str(refused.value)
    for named in ("XIANJIE_BRIDGE_PORT", "/0/code", "/0/key_sha256/0", "the nearest is XIANJIE_BRIDGE_PREFETCH"):
        assert named in text
    assert "geheim" not in text
    with pytest.raises(BadSettings, match="XIANJIE_BRIDGE_AGENCIES"):
        settings.read({})


def test_the_settings_of_services_are_let_alone_and_passwords_not_printed(file: Path) -> None:
    write_served(file, ())
    read = settings.read({**GOOD, "XIANJIE_BRIDGE_AGENCIES": str(file), "XIANJIE_SALT": "x", "XIANJIE_FRONT_PORT": "1"})
    assert "geheim" not in str(read.redacted())
    assert read.doors() == {"DOOR": ("127.0.0.1", 0), "BRIDGE": ("127.0.0.1", 8001)}


def test_where_the_file_cannot_be_is_said_in_one_message(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "services.bridge.keys", "new", "CN-SH-IPO", "--agencies", str(tmp_path / "none" / "a.yaml")]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (tried.returncode, "Traceback" in tried.stderr) == (1, False)
    assert "the folder cannot be used: No such file or directory" in tried.stderr


def test_of_keys_that_are_made_at_once_none_is_lost(file: Path) -> None:
    codes = [f"CN-SH-IPO{at}" for at in range(6)]
    made = [
        subprocess.Popen(
            [sys.executable, "-m", "services.bridge.keys", "new", code, "--agencies", str(file)], stdout=subprocess.DEVNULL
        )
        for code in codes
    ]
    assert [each.wait(60) for each in made] == [0] * len(codes)
    assert sorted(each.code for each in read_served(file)) == codes


def test_a_file_that_cannot_be_read_is_tried_until_it_can_and_said_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its old words hold meanwhile; whatever keeps it from being read, a key that was taken away does not stay in force for good."""
    (old, first), (_, second) = new_key(), new_key()
    write_served(file, with_key((), "CN-SH-IPO", first))
    with structlog.testing.capture_logs() as told:
        served = agencies.Agencies(file, structlog.get_logger())
        write_served(file, without_older_keys(with_key(read_served(file), "CN-SH-IPO", second), "CN-SH-IPO"))
        with monkeypatch.context() as broken:
            broken.setattr(agencies, "read_served", lambda _: 1 / 0)
            served.look()
            served.look()
        assert served.holder(old) == ("CN-SH-IPO", True)
        served.look()
        served.look()
    assert served.holder(old) == ("CN-SH-IPO", False)
    assert [each["event"] for each in told] == ["agencies not read", "agencies read"]
