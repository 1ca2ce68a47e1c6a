"""What the benchmark compares with does check messages: by the same fields and limits, each in its own way."""

import json

import pytest

from tests.bench import validating
from tests.bench.contestants import CONTESTANTS, ours
from tests.contracts.places import SAMPLES
from xianjie.messages.case import CaseSubmitted
from xianjie.messages.referral import ReferralOffered

WAYS = {"ours": ours, **CONTESTANTS}


@pytest.mark.parametrize("name", WAYS)
def test_each_takes_a_golden_sample_and_refuses_what_breaks_a_limit(name: str) -> None:
    for cls in (ReferralOffered, CaseSubmitted):
        read, good = WAYS[name](cls), json.loads((SAMPLES / f"{cls.name}.v{cls.version}.json").read_bytes())
        read(json.dumps(good).encode())
        for changed in ({"source": "/players/nobody"}, {"specversion": "2.0"}, {"mode": "live"}, {"time": None}, {"data": {}}):
            with pytest.raises(Exception, match=r".*"):
                read(json.dumps({**good, **changed}).encode())


def test_ours_and_marshmallow_agree_on_every_mutant_and_no_other_way_finds_more() -> None:
    found = validating.verdicts()
    assert (found["validate_differs"], found["validate_missed"]) == (0, 0)
    assert set(found) == {"validate_differs", "validate_missed", *(f"validate_{name}_missed" for name in CONTESTANTS)}
