"""The directory of real bodies in deploy/directory: well-formed, sourced, and one tree for each line of authority."""

import json
import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from stdnum import numdb

from xianjie.bodies import imports, read_bodies
from xianjie.message import plain

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "directory"

KEYS = {"code", "name", "english", "kind", "level", "parent", "area", "capabilities", "valid_from"}
LEVELS = ("nation", "province", "prefecture", "county", "town")
TRACKS = {
    *("mediation", "confirmation", "adjudication", "penalty", "court", "criminal"),
    *("arbitration", "platform", "fair", "customs", "opinion", "credit"),
}
RIGHTS = {
    *("invention", "utility_model", "design", "patent", "trademark", "geographical_indication"),
    *("ic_layout", "copyright", "trade_secret", "plant_variety", "other"),
}
LINES = {
    "offices": ["national_office", "provincial_ip_office", "municipal_ip_office", "county_ip_office"],
    "regulators": ["market_regulator"],
    "courts": ["basic_court", "intermediate_court", "ip_court", "internet_court", "high_court", "supreme_court"],
    "police": ["police"],
    "procuratorates": ["procuratorate"],
    "customs": ["customs"],
}
"""Kinds whose bodies stand under a superior of the same line, up to one top."""

LED = {
    *("protection_centre", "assistance_centre", "rapid_centre", "sub_centre"),
    *("station", "overseas_centre", "overseas_branch", "expert_panel"),
}
"""Kinds that belong to the line of the office or regulator that leads them."""

ALONE = {
    *("mediation_body", "arbitration_commission", "credit_registrar", "platform", "fair_organiser"),
    *("market_operator", "university", "association", "law_firm", "volunteer_team"),
}
"""Kinds that have no superior in the network."""

LINE_OF = {kind: line for line, kinds in LINES.items() for kind in kinds}
KINDS = {*LINE_OF, *LED, *ALONE}

NOT_A_DIVISION = {"000000": "the nation, which GB/T 2260 gives no code of its own"}

TAKES_NO_TRACK = {"station": "it passes reports on to the regulator", "overseas_branch": "it guides on disputes abroad"}
"""Kinds of body that take no leg of any track."""


SPEAKERS = {
    "sh-markor-design-2020": "CN-SH-IPO CN-SH-IPC",
    "wz-haoyun-guo-repeat-2017": "CN-ZJ-WNZ-IPO CN-ZJ-NGB-IC CN-SPC",
    "cnipa-boehringer-hec-2021": "CN-CNIPA",
    "bj-baili-apple-2014": "CN-BJ-IPO CN-BJ-IPC",
    "hz-ding-tmall-2019": "CN-TMALL CN-ZJ-IPRSC CN-JS-NAJ-IC",
    "spc-lianyue-bosheng-2020": "CN-TMALL CN-CNIPA CN-SPC",
    "gs-jinchang-liquor-2023": "CN-GS-JCQ-AMR CN-GS-YCX-BC",
    "ah-bozhou-gauze-door": "CN-AH-LIX-IPO CN-AH-BOZ-IPO CN-AH-BOZ-IC",
    "ah-huaibei-dongguan-2023": "CN-AH-HUB-IPO CN-AH-HUB-IC",
    "bj-cleaning-device-2021": "CN-BJ-IPO CN-BJ-IPC",
    "sd-caoxian-12-2025": "CN-SD-CAO-RIPC CN-SD-CAO-IPO",
    "gz-wz-exhibition-2023": "CN-GD-GZH-IPO CN-ZJ-WNZ-IPO CN-GD-CFTE",
    "ah-wuhu-9-wonton-2024": "CN-AH-WZQ-AMR",
    "gd-zhongshan-sanxiang-2024": "CN-GD-SXT-STN CN-GD-ZSH-AMR CN-GD-ZSH-PSB",
    "ah-yingjiang-shishi-2023": "CN-AH-HNX-PSB CN-AH-YJQ-PP CN-FJ-SHS-AMR",
    "sz-longgang-livestream-2021": "CN-GD-LGQ-AMR CN-GD-SZH-PSB",
    "customs-xiamen-2022": "CN-FJ-GAOQ-GC CN-FJ-XMN-GC CN-FJ-XMN-PSB",
    "spc-yingang-baodiao-2019": "CN-JS-SUZ-IC CN-SPC",
    "bj-chugai-haihe-2021": "CN-BJ-IPC CN-SPC",
    "js-wuxi-brass-line-2018": "CN-JS-WUX-AMR",
    "sh-wipo-award-2024": "CN-SH-WIPO",
    "zj-ningbo-bom-2022": "CN-ZJ-NGB-PSB",
    "jx-hu-cr24-2010": "CN-JX-IPO CN-JX-NCH-IC CN-JX-HC",
    "ah-huangshan-online-tm": "CN-AH-HSQ-PMC CN-AH-HSQ-BC",
    "sh-xuejing-2022": "CN-SH-YPQ-AMR",
}
"""The bodies that each published case needs, its unnamed police or court by the nearest one."""

Body = dict[str, Any]


@cache
def rows() -> tuple[Body, ...]:
    """Every body of every file, in the order of the files."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(body for file in files for body in yaml.safe_load(file.read_text(encoding="utf-8")))


@cache
def known() -> dict[str, Body]:
    """The bodies by code."""
    return {body["code"]: body for body in rows()}


def upwards(code: str) -> list[str]:
    """The body itself and its superiors, nearest first. Raises ValueError on a circle."""
    path = [code]
    while (superior := known()[path[-1]]["parent"]) is not None:
        if superior in path:
            raise ValueError(f"{code} is its own superior by {path}")
        path.append(superior)
    return path


def common_superior(one: str, other: str) -> str | None:
    """The nearest body above both (or one of them), None across lines of authority."""
    above = upwards(other)
    return next((code for code in upwards(one) if code in above), None)


def territory(area: str) -> str:
    """The digits of a division code that its parts share."""
    return re.sub(r"(00){1,3}$", "", area)


def every(wrong: dict[str, Any]) -> None:
    """No entry may be wrong; all wrong ones are named at once."""
    assert not wrong, f"{len(wrong)} wrong: {wrong}"


def test_the_folder_holds_at_least_200_bodies_with_exactly_the_known_keys() -> None:
    """A misspelt key would be lost in silence."""
    assert len(rows()) >= 200
    every({str(body.get("code")): set(body) ^ KEYS for body in rows() if set(body) != KEYS})


def test_codes_are_unique_and_fit_for_a_routing_key() -> None:
    """A code is a user's name at the broker and one word of a routing key."""
    counts = Counter(body["code"] for body in rows())
    every({code: "twice" for code, times in counts.items() if times > 1})
    every({code: "pattern" for code in counts if not re.fullmatch(r"CN-[A-Z0-9-]{1,29}", code)})


def test_names_are_unique_and_given_in_both_languages() -> None:
    """Two bodies of one name would be one body."""
    counts = Counter(body["name"] for body in rows())
    every({name: "twice" for name, times in counts.items() if times > 1})
    every({body["code"]: body["name"] for body in rows() if body["name"].isascii() or not body["english"].isascii()})


def test_kinds_levels_tracks_and_rights_come_from_the_lists() -> None:
    """No word outside the vocabulary."""
    every({body["code"]: body["kind"] for body in rows() if body["kind"] not in KINDS})
    every({body["code"]: body["level"] for body in rows() if body["level"] not in LEVELS})
    said = [(body["code"], capability) for body in rows() for capability in body["capabilities"]]
    every({code: capability["track"] for code, capability in said if capability["track"] not in TRACKS})
    every({code: capability["rights"] for code, capability in said if not set(capability["rights"]) <= RIGHTS})


def test_every_area_is_a_division_in_force() -> None:
    """Six digits, in GB/T 2260, and not abolished."""
    wrong = {}
    for body in rows():
        area = body["area"]
        if not (isinstance(area, str) and re.fullmatch(r"[0-9]{6}", area)):
            wrong[body["code"]] = f"{area!r}: not six digits in quotes"
        elif area not in NOT_A_DIVISION:
            names = [found["county"] for _, found in numdb.get("cn/loc").info(area) if "county" in found]
            if not any(re.match(r"(\[[0-9]{0,4}-\])?[^\[]", name) for name in ",".join(names).split(",") if name):
                wrong[body["code"]] = f"{area}: {names or 'unknown'}"
    every(wrong)


def test_area_and_level_agree() -> None:
    """The nation's code goes with the nation's level, a province's with four zeros, a prefecture's with two."""
    zeros = {"nation": "000000", "province": "0000", "prefecture": "00", "county": "", "town": ""}
    placed = [(body["code"], body["level"], body["area"]) for body in rows()]
    every({code: area for code, level, area in placed if not area.endswith(zeros[level])})
    every({code: level for code, level, area in placed if area == "000000" and level != "nation"})


def test_every_superior_is_in_the_directory_and_nobody_is_its_own() -> None:
    """Parents exist and there are no circles."""
    every({body["code"]: body["parent"] for body in rows() if body["parent"] not in {None, *known()}})
    for code in known():
        upwards(code)


def test_each_line_of_authority_is_one_tree() -> None:
    """A body of a line has one superior of its line; each line has one top, of the nation's level."""
    ranked = [(body, LINE_OF[body["kind"]]) for body in rows() if body["kind"] in LINE_OF]
    above = [(body["code"], line, known()[body["parent"]]["kind"]) for body, line in ranked if body["parent"]]
    every({code: kind for code, line, kind in above if LINE_OF.get(kind) != line})
    tops = sorted((line, body["code"]) for body, line in ranked if body["parent"] is None)
    assert [line for line, _ in tops] == sorted(LINES)
    assert {code for _, code in tops} == {"CN-CNIPA", "CN-SAMR", "CN-SPC", "CN-MPS", "CN-SPP", "CN-GACC"}


def test_centres_stand_under_their_office_and_the_others_under_nobody() -> None:
    """A centre, a station or a panel is led by an office, a regulator or a centre; mediators and markets by none."""
    leaders = {*LINES["offices"], *LINES["regulators"], *LED}
    led = {body["code"]: body["parent"] for body in rows() if body["kind"] in LED}
    every({code: parent for code, parent in led.items() if parent is None or known()[parent]["kind"] not in leaders})
    every({body["code"]: body["parent"] for body in rows() if body["kind"] in ALONE and body["parent"] is not None})


def test_a_superior_is_of_higher_level_and_its_territory_holds_the_body() -> None:
    """Only a body that an office leads may be of that office's own level."""
    wrong = {}
    for body in rows():
        superior = known().get(body["parent"])
        if superior is None:
            continue
        steps = LEVELS.index(body["level"]) - LEVELS.index(superior["level"])
        if steps < (0 if body["kind"] in LED else 1) or not body["area"].startswith(territory(superior["area"])):
            wrong[body["code"]] = superior["code"]
    every(wrong)


@pytest.mark.parametrize(
    ("one", "other", "superior"),
    [
        ("CN-AH-BOZ-IPO", "CN-AH-HUB-IPO", "CN-AH-IPO"),
        ("CN-AH-LIX-IPO", "CN-AH-BOZ-IPO", "CN-AH-BOZ-IPO"),
        ("CN-GD-GZH-IPO", "CN-ZJ-WNZ-IPO", "CN-CNIPA"),
        ("CN-SD-CAO-RIPC", "CN-SH-IPAC", "CN-CNIPA"),
        ("CN-GS-JCQ-AMR", "CN-FJ-SHS-AMR", "CN-SAMR"),
        ("CN-JS-NAJ-IC", "CN-JS-SUZ-IC", "CN-JS-HC"),
        ("CN-AH-HNX-PSB", "CN-GD-ZSH-PSB", "CN-MPS"),
        ("CN-AH-LIX-IPO", "CN-AH-WZQ-AMR", None),
    ],
)
def test_the_common_superior_is_found_within_a_line_and_never_across(one: str, other: str, superior: str | None) -> None:
    """Who designates when two bodies dispute jurisdiction; across lines a person decides."""
    assert common_superior(one, other) == superior


def test_every_body_takes_a_track_or_is_a_superior() -> None:
    """No body without a use, but those listed with their reason."""
    superiors = {body["parent"] for body in rows()}
    idle = {body["code"]: body["kind"] for body in rows() if not body["capabilities"] and body["code"] not in superiors}
    every({code: kind for code, kind in idle.items() if kind not in TAKES_NO_TRACK})


def test_every_capability_names_its_rights_and_its_source_and_says_whether_it_was_verified() -> None:
    """Exactly four keys, a source in words, a plain true or false."""
    said = [(body["code"], row) for body in rows() for row in body["capabilities"]]
    every({code: row for code, row in said if set(row) != {"track", "rights", "source", "verified"}})
    every({code: row for code, row in said if len(row["source"]) < 8 or not row["rights"]})
    every({code: row for code, row in said if not isinstance(row["verified"], bool)})


def test_no_right_stands_twice_under_one_track_of_a_body() -> None:
    """Two rows for one right would leave open which source counts."""
    pairs = Counter(
        (body["code"], row["track"], right) for body in rows() for row in body["capabilities"] for right in row["rights"]
    )
    every({str(pair): times for pair, times in pairs.items() if times > 1})


def test_a_beginning_is_a_date_or_unknown() -> None:
    """An unknown beginning stays null; a known one is a day in quotes, not in the future."""
    known_days = {body["code"]: body["valid_from"] for body in rows() if body["valid_from"] is not None}
    every({code: day for code, day in known_days.items() if not isinstance(day, str)})
    every({code: day for code, day in known_days.items() if date.fromisoformat(day) > date.today()})


def test_every_published_case_finds_its_bodies() -> None:
    """Each body that acts in a case is in the directory."""
    every({case: codes for case, codes in SPEAKERS.items() if not set(codes.split()) <= set(known())})


def test_every_case_named_as_a_source_is_a_published_one() -> None:
    """A misspelt case would source nothing."""
    sources = " ".join(row["source"] for body in rows() for row in body["capabilities"])
    lists = re.findall(r"\bcases? ([a-z0-9-]+(?:, [a-z0-9-]+)*)", sources)
    assert {case for found in lists for case in found.split(", ")} == set(SPEAKERS)


PROVINCES = [
    f"{area}0000" for area in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
]
"""The 31 provinces, regions and cities under the State Council whose bodies the network has."""


@pytest.mark.parametrize("kind", ["provincial_ip_office", "market_regulator", "high_court"])
def test_11_every_province_has_its_office_its_regulator_and_its_high_court(kind: str) -> None:
    there = [body["area"] for body in rows() if body["kind"] == kind and body["level"] == "province"]
    assert sorted(there) == PROVINCES


def test_11_the_courts_and_centres_of_the_network_are_in_the_directory() -> None:
    counts = Counter(body["kind"] for body in rows())
    assert counts["ip_court"] == 4
    tribunals = [body["code"] for body in rows() if body["kind"] == "intermediate_court"]
    assert len(tribunals) >= 27
    assert min(counts["protection_centre"], counts["assistance_centre"], counts["rapid_centre"]) >= 20
    assert (counts["overseas_centre"], counts["overseas_branch"] >= 10) == (1, True)


def test_a_directory_of_any_size_is_made_known_superiors_first_in_messages_that_the_broker_takes() -> None:
    bodies = read_bodies(FOLDER)
    said = imports(bodies[::-1], "all")
    told = [each.code for message in said for each in message.bodies]
    assert sorted(told) == sorted(each.code for each in bodies)
    assert len(said) == 3
    seen: set[str] = set()
    for message in said:
        seen |= {each.code for each in message.bodies}
        assert {each.parent for each in message.bodies if each.parent} <= seen
        assert len(json.dumps(plain(message), ensure_ascii=False).encode()) < 256 * 1024
