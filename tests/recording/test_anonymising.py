"""An anonymised recording: nothing personal is left, everything else is as it was, and it is as valid as before."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.recording.command import run
from tests.recording.memory import SCENARIOS, TRAPS, recorded
from xianjie import envelope
from xianjie.codes import credit_code, identity_number
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.recording.anonymising import Mask
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader, Writer
from xianjie.vocabulary import RightType, right_number

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "contracts/samples").glob("*.json"))
MASK = Mask(b"a secret of sixteen bytes")
CANARY = "CANARY-张三丰"
PERSONAL = {
    "receiving_body": "CN-SH-IPC", "service": "dispute",
    "applicant": {
        "name": CANARY, "kind": "natural_person", "identity_number": "11010519491231002X", "phone": "+86 13912345678", "area": "310115",
    },
    "right": {"type": "design", "number": "ZL201830129995.0", "title": CANARY},
    "respondents": [{"name": f"{CANARY} too", "area": "310115"}],
    "summary": f"{CANARY} sells lamps",
    "papers": [{"id": f"{CANARY}.pdf", "kind": "identity", "title": CANARY, "media_type": "application/pdf", "size": 9, "sha256": "ab" * 32}],
}  # fmt: skip
LEAKS = ("CANARY", "张三丰", "11010519491231002X", "13912345678", "201830129995", "lamps")


def shape(value: Any) -> Any:
    """The names and kinds of values, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__


@pytest.mark.parametrize("file", SAMPLES, ids=lambda each: each.stem)
def test_a_message_of_every_type_stays_valid_and_of_the_same_shape(file: Path) -> None:
    body = file.read_bytes()
    masked = MASK.body(body)
    before, after = envelope.read(body), envelope.read(masked)
    assert (after.id, after.subject, type(after.message)) == (before.id, before.subject, type(before.message))
    assert after.source == MASK.speaker(before.source)
    assert shape(json.loads(masked)["data"]) == shape(json.loads(body)["data"])
    assert MASK.body(body) == masked


def application(**more: Any) -> bytes:
    content = {
        "specversion": "1.0", "id": "m-1", "source": "/agencies/CN-SH-IPC", "type": "xianjie.case.submitted.v1", "subject": "c-1",
        "datacontenttype": "application/json", "time": "2025-03-03T09:00:00+08:00", "actorid": CANARY, "senderref": f"{CANARY}/7",
        "data": PERSONAL, **more,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False).encode()


def test_nothing_personal_of_an_application_is_left() -> None:
    envelope.read(application())
    strange = application(
        extension=CANARY, data={**PERSONAL, "unknown": CANARY, "applicant": {**PERSONAL["applicant"], "nick": CANARY}}
    )
    for body in (application(), strange, strange[:-1], b"\xff" + CANARY.encode(), CANARY.encode()):
        masked = MASK.message(
            Recorded(0, "x", "k", None, body, {HEADER: "c-1", "who": CANARY}, {"reply_to": CANARY, "user_id": "CN-A"})
        )
        left = f"{masked.body.decode()} {masked.headers} {masked.properties}"
        assert not [each for each in LEAKS if each in left], left


def test_pseudonyms_are_the_same_for_the_same_value_and_key_and_numbers_keep_their_check_digits() -> None:
    found, other = (json.loads(mask.body(application()))["data"] for mask in (MASK, Mask(b"another secret, as long")))
    assert found["applicant"]["name"] != found["respondents"][0]["name"]
    assert found["applicant"]["name"] != other["applicant"]["name"]
    assert identity_number(found["applicant"]["identity_number"])
    assert right_number(RightType.DESIGN, found["right"]["number"])
    assert found["right"]["number"] != PERSONAL["right"]["number"]  # type: ignore[index]
    assert credit_code(MASK.credit("91440300708461136T"))
    assert MASK.credit("91440300708461136T") != "91440300708461136T"


def test_what_nobody_can_read_is_replaced_and_its_commit_still_names_it() -> None:
    digest = hashlib.sha256(b"no JSON").hexdigest()
    masked = MASK.body(b"no JSON")
    row = {
        "case": "kept-" + "a" * 40, "n": 1, "source": "/unread", "id": digest, "now": "2025-03-03T09:00:00+08:00", "versions": ["xianjie:0.1.0"],
        "hash": "0" * 64,
    }  # fmt: skip
    body = json.loads(
        application(type="xianjie.log.committed.v1", source="/services/routing", data={"service": "routing", "commits": [row]})
    )
    del body["actorid"], body["senderref"]
    (after,) = json.loads(MASK.body(json.dumps(body).encode()))["data"]["commits"]
    assert after["id"] == hashlib.sha256(masked).hexdigest()
    assert after["case"].startswith("kept-")
    assert after["case"] != row["case"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several scenarios played in memory, and an application full of canaries among them."""
    folder = tmp_path_factory.mktemp("anonymising")
    path = recorded(folder / "all.journal", SCENARIOS[0], next(each for each in TRAPS if each.stem == "trap-10-first"))
    with Writer.begin(folder / "canary.journal", Reader.about_of(path)) as writer:
        for each in Reader(path):
            writer.add(each)
        writer.add(Recorded(10**6, "xianjie.agencies.in", "CN-SH-IPC.case.submitted.v1", "m-1", application(), {HEADER: "c-1"}))
    return folder / "canary.journal"


def test_a_whole_recording_keeps_routes_links_and_shapes_and_leaks_nothing(whole: Path, tmp_path: Path) -> None:
    key, out = tmp_path / "key", tmp_path / "out.journal"
    key.write_bytes(b"a secret of sixteen bytes")
    result = run("anonymise", whole, "--out", out, "--key", key)
    assert result.exit_code == 0, result.output
    assert Reader.about_of(out)["anonymised"]
    text = gzip.decompress(out.read_bytes()).decode()
    assert not [each for each in LEAKS if each in text]
    names: dict[str, str] = {}
    for before, after in zip(Reader(whole), Reader(out), strict=True):
        assert (before.offset, before.exchange, before.key, before.id) == (after.offset, after.exchange, after.key, after.id)
        one, other = face(before), face(after)
        assert (one.id, one.type, one.time, one.causationid) == (other.id, other.type, other.time, other.causationid)
        assert one.source == other.source or one.source.startswith("/operators/")
        assert names.setdefault(one.subject, other.subject) == other.subject
        assert other.subject == one.subject or one.subject.startswith("dup-")
        envelope.read(after.body)
        assert shape(json.loads(before.body)["data"]) == shape(json.loads(after.body)["data"])


def test_a_key_that_is_too_short_is_refused_and_without_one_that_is_said(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    result = run("anonymise", whole, "--out", tmp_path / "o", "--key", tmp_path / "key")
    assert (result.exit_code, "at least 16" in result.output) == (2, True)
    result = run("anonymise", whole, "--out", tmp_path / "o")
    assert (result.exit_code, "kept nowhere" in result.output) == (0, True)


@pytest.mark.parametrize(
    "case", ["sd-caoxian-12-2025", "cnipa-boehringer-hec-2021", "bj-chugai-haihe-2021", "sh-markor-design-2020"]
)
def test_an_anonymised_recording_is_decided_as_the_one_it_was_made_of(case: str, tmp_path: Path) -> None:
    """But for words, hashes, and logs that are named after parties: which is said."""
    out = tmp_path / "out.journal"
    assert run("anonymise", ROOT / f"tests/journals/{case}.journal", "--out", out).exit_code == 0
    played = run("replay", out, "--in-process")
    assert (played.exit_code, ", 0 differences, " in played.output) == (0, True), played.output
    assert "the recording is anonymised: words and hashes were not compared" in played.output
    assert "left out" not in played.output
    checked = run("verify", "--journal", out)
    assert (checked.exit_code, "verify: 0 faults" in checked.output) == (0, True), checked.output


def test_words_that_somebody_chose_are_masked_wherever_they_are_repeated() -> None:
    fact = {"fact": "canary_zhangsan", "text": CANARY}
    body = application(type="xianjie.case.fact_reported.v1", data=fact)
    said = application(
        type="xianjie.log.noted.v1", source="/services/routing", data={"text": "canary_zhangsan opens and shuts no track"}
    )
    mask = Mask(b"a secret of sixteen bytes")
    text = mask.body(body).decode() + mask.body(said).decode()
    assert "zhangsan" not in text
    assert "opens and shuts no track" in text


def test_an_operator_has_a_pseudonym_and_a_key_that_a_sender_chose_is_gone() -> None:
    assert MASK.speaker("/operators/zhangsan").startswith("/operators/op_")
    masked = MASK.message(
        Recorded(0, "xianjie.agencies.in", "CN-A.zhangsan.here.v1", "zhangsan-1", b"no JSON", {}, {"type": "zhangsan"})
    )
    assert (masked.key, masked.id, masked.properties) == ("CN-A.unreadable", None, {})
