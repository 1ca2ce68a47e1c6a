"""How a message comes: its content type in every way of writing it that means the same, and in none that does not."""

import pytest

from xianjie.arrival import structured


@pytest.mark.parametrize(
    "given",
    [
        "application/cloudevents+json", "Application/CloudEvents+JSON", "application/cloudevents+json; charset=utf-8",
        'application/cloudevents+json;charset="UTF-8"', "application/cloudevents+json;",
    ],
)  # fmt: skip
def test_case_of_letters_and_the_one_charset_of_json_make_no_difference(given: str) -> None:
    assert structured(given)


@pytest.mark.parametrize(
    "given",
    [
        "", "application/json", "application/cloudevents", "application/cloudevents-batch+json", "application/cloudevents+json; charset=gbk",
        "application/cloudevents+json; version=2", "text/plain; application/cloudevents+json", ";charset=utf-8",
    ],
)  # fmt: skip
def test_anything_else_is_another_type(given: str) -> None:
    assert not structured(given)
