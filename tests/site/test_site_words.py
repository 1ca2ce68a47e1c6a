"""What the site reads out of the classes: meanings by docstring or sentence, units, and what is to be given up."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BY_HAND = """
import sys
sys.path[:0] = ["contracts/site", "contracts"]
"""


def said(script: str) -> str:
    """What a script prints that may import the parts of the site."""
    words = [sys.executable, "-c", BY_HAND + script]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


MEANS = {
    "referral.requested.new_facts": "What is new since this body last declined, returned or let lapse the same track.",
    "court.progressed.to": "The body that a step names.",
    "court.progressed.joins": "Another case on the same right, which the body hears together with this one from now on.",
    "cost.told.booked": "Fen of the case so far.",
    "referral.offered.kind": "How a leg hands over: only TRANSFER moves custody.",
    "referral.offered.track": "What a leg asks for.",
}
"""By message and field."""
UNITS = {
    "Within 15 working days.": "working days",
    "`size` in bytes.": "bytes",
    "Fen of the case so far.": "fen",
    "Everyone offends.": "",
}


def test_a_meaning_is_taken_from_beneath_the_field_else_from_the_sentence_that_names_it() -> None:
    """Of a track's messages from the shape that they share; of a code, from its list."""
    script = f"""
import json
import xianjie.messages
from handbook.shapes import shape
from xianjie.message import named
found = [each.rsplit(".", 1) for each in {list(MEANS)}]
means = {{f"{{name}}.{{field}}": row.meaning for name, field in found for row in shape(named(name)).rows if row.name == field}}
print(json.dumps(means))
"""
    assert json.loads(said(script)) == MEANS


def test_a_unit_is_named_where_the_meaning_names_it() -> None:
    """As a whole word, the longer one first."""
    script = f"import json; from handbook.meanings import unit; print(json.dumps([unit(each) for each in {list(UNITS)}]))"
    assert json.loads(said(script)) == list(UNITS.values())


def test_what_is_to_be_given_up_is_marked_on_its_page_and_in_every_list() -> None:
    """A message whose schema says `deprecated`, and a field that does; nothing else."""
    script = """
import xianjie.messages
from xianjie.publishing import schemas
made = schemas.documents()
made["messages/case.planned.v1.json"]["deprecated"] = True
made["messages/case.moved.v1.json"]["$defs"]["CaseMoved"]["properties"]["status"]["deprecated"] = True
schemas.documents = lambda: made
from handbook.site import Site
site = Site()
pages = {path: text for path, text in site._messages()}
marked = [path for path, text in pages.items() if 'class="badge warn"' in text]
row = pages["messages/case.moved.v1.html"].split('id="CaseMoved-status"')[1].split("</tr>")[0]
print(*marked, 'class="badge warn"' in row)
"""
    assert said(script).split() == ["messages/index.html", "messages/case.moved.v1.html", "messages/case.planned.v1.html", "True"]
