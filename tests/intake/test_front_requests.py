"""What applicants send to the front door, and what is said of it in its description."""

import io
import json
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.chassis.answering import LONGEST
from services.intake.front import codes, openapi
from services.intake.front.answers import Problem
from services.intake.front.codes import Codes
from services.intake.front.drafting import Draft, Drafting
from services.intake.front.serving import LATER, ROUTES
from xianjie import envelope
from xianjie.message import plain
from xianjie.vocabulary import CHINA

from .telling import DOOR, application

KEY = "5f1b6b7e-93c5-4b0e-8d53-0d7c7b1f7a10"
NOW = datetime(2025, 3, 3, 9, 0, tzinfo=CHINA)
BY_DOOR = Codes("a secret of the operator")


def request(content: Any = None, key: str | None = KEY, raw: bytes | None = None, kind: str = "application/json") -> Request:
    body = raw if raw is not None else b"" if content is None else json.dumps(content).encode()
    headers = {"Idempotency-Key": key} if key else {}
    made = EnvironBuilder("/", method="POST", headers=headers, input_stream=io.BytesIO(body), content_type=kind)
    return Request(made.get_environ())


def draft(asked: Request) -> Draft:
    return Drafting(BY_DOOR, None, lambda: NOW).application(asked)


def refusal(asked: Request) -> Problem:
    with pytest.raises(Problem) as refused:
        draft(asked)
    return refused.value


def form(**other: Any) -> dict[str, Any]:
    return {**plain(application()), **other}


def test_an_application_becomes_a_message_that_holds_its_contract() -> None:
    """The applicant's words, the door's name, the hash of the code; what is not the applicant's to say is left out."""
    made = draft(request(form(query_hash="0" * 64, forwarded_by="SZ-IPO", unknown=1)))
    heard = envelope.read(made.spoken.body)
    assert (heard.source, heard.subject, heard.attributes.time) == (DOOR, BY_DOOR.case(KEY), NOW)
    assert plain(heard.message) == form(query_hash=codes.hash_of(made.code))
    assert (made.spoken.exchange, made.spoken.key) == ("xianjie.agencies.in", "door.case.submitted.v1")


def test_every_fault_is_named_at_once_with_its_place() -> None:
    found = refusal(request({"receiving_body": "x", "applicant": {"kind": "robot", "credit_code": "1"}, "batch": "yes"}))
    assert found.status == 422
    assert sorted(each["pointer"] for each in found.errors) == [
        "/applicant/credit_code", "/applicant/kind", "/applicant/name", "/batch", "/receiving_body", "/right",
    ]  # fmt: skip
    assert all(each["detail"] for each in found.errors)


def test_a_charset_that_is_utf_8_is_no_reason_to_refuse() -> None:
    assert draft(request(form(), kind="application/json; charset=UTF-8"))


def test_a_missing_key_is_named_beside_the_faults_of_the_body() -> None:
    found = refusal(request({**form(), "receiving_body": "x"}, key=None))
    assert (found.status, [each.get("header") or each["pointer"] for each in found.errors]) == (
        400,
        ["Idempotency-Key", "/receiving_body"],
    )


@pytest.mark.parametrize(("raw", "kind", "status"), [
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b'{"a": NaN}', "application/json", 400),
    (b'{"summary": "\\u0000"}', "application/json", 400),
    (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400),
    (b"\xff", "application/json", 400),
    (b"{}", "text/plain", 415),
    (b"{}", "application/json; charset=gbk", 415),
    (b"{}", "application/x-www-form-urlencoded", 415),
    (b" " * (LONGEST + 1), "application/json", 413),
    (b'{"summary": "' + b"x" * (LONGEST - 20) + b'"}', "application/json", 413),
    (b"", "application/json", 422),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_for_what_it_is(raw: bytes, kind: str, status: int) -> None:
    assert refusal(request(raw=raw, kind=kind)).status == status


ANYTHING = st.recursive(
    st.none() | st.text() | st.integers() | st.floats(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)
)


@given(st.binary(max_size=60) | ANYTHING.map(lambda each: json.dumps({**form(), "applicant": each, "summary": each}).encode()))
def test_no_body_brings_the_door_down(raw: bytes) -> None:
    assert refusal(request(raw=raw)).status in (400, 422)


# --- the description


def test_the_description_is_valid_and_names_every_route() -> None:
    made = openapi.document()
    OpenAPIV31SpecValidator(made).validate()
    assert json.loads(json.dumps(made)) == made
    served = {
        (rule.rule.replace("<code>", "{code}"), method)
        for rule in ROUTES.iter_rules()
        for method in rule.methods or ()
        if method != "HEAD"
    }
    assert {(path, method.upper()) for path, each in made["paths"].items() for method in each} == served
    assert set(made["components"]["schemas"]["TakenLater"]["properties"]["taken"]["enum"]) == set(LATER)


def test_the_description_says_of_an_application_what_the_contract_checks() -> None:
    made = openapi.document()
    schema = {**made["components"]["schemas"]["Application"], "components": made["components"]}
    jsonschema.validate(form(), schema)
    wrong = {
        "receiving_body": "x",
        "applicant": {"kind": "robot"},
        "right": {"type": "Z"},
        "batch": "yes",
        "infringement_area": 7,
    }
    faults = jsonschema.Draft202012Validator(schema).iter_errors(wrong)
    assert sorted({"/".join(map(str, each.absolute_path)) for each in faults}) == [
        "applicant", "applicant/kind", "batch", "infringement_area", "receiving_body", "right/type",
    ]  # fmt: skip
