"""What one keyword of the reader asks, held against all that the speaker may say there."""

from collections.abc import Callable, Iterable
from typing import Any

from xianjie.compatibility.domain import Domain
from xianjie.compatibility.language import Unknown, Words, outside
from xianjie.compatibility.schema import Schema, same
from xianjie.compatibility.specimens import specimens

Found = list[Any] | None
"""Values that the speaker may say and the reader may refuse (perhaps none that is known); None where there can be none."""

TOGETHER = {"contains": ("contains", "minContains", "maxContains")}
"""Keywords that say something only together."""


def lacking(keyword: str, part: Schema, said: Domain, read: Domain) -> Found:
    """What of `said` this keyword of the reader's `part` may refuse."""
    kinds, rule = RULES.get(keyword, (None, None))
    if kinds and not kinds & said.kinds():
        return None
    if rule:
        return rule(part, said)
    return None if stands_there_too(keyword, part, said, read) else specimens(said)


def stands_there_too(keyword: str, part: Schema, said: Domain, read: Domain) -> bool:
    """Whether the speaker is bound by the very same."""
    names = TOGETHER.get(keyword, (keyword,))
    wanted = read.schemas.canonical({name: part[name] for name in names if name in part})
    return any(same(wanted, said.schemas.canonical({name: each[name] for name in names if name in each})) for each in said.parts)


def _type(part: Schema, said: Domain) -> Found:
    taken = Domain(said.schemas, ({"type": part["type"]},))
    others = said.kinds() - taken.kinds()
    return [each for each in _of(said, others) if not taken.accepts(each)] if others else None


def _of(said: Domain, kinds: Iterable[str]) -> list[Any]:
    """Specimens of each of these types."""
    return [each for kind in sorted(kinds) for each in specimens(said.also({"type": kind}))]


def _listed(part: Schema, said: Domain) -> Found:
    return [each for each in specimens(said) if not said.schemas.accepts((_only(part, "enum", "const"),), each)]


def _only(part: Schema, *names: str) -> Schema:
    return {name: each for name, each in part.items() if name in names}


def _words(keyword: str, heard_as: Callable[[Any], Words]) -> Callable[[Schema, Domain], Found]:
    """The rule for texts; `heard_as`: what the keyword alone takes."""

    def rule(part: Schema, said: Domain) -> Found:
        ours, heard = said.words(), heard_as(part[keyword])
        if (
            ours.low >= heard.low
            and (heard.high is None or (ours.high or LONG) <= heard.high)
            and {*heard.patterns} <= {*ours.patterns}
        ):
            return None
        try:
            word = outside(ours, heard)
        except Unknown:
            return _of(said, ["string"])
        return None if word is None else [*_of(said, ["string"]), word]

    return rule


def _format(part: Schema, said: Domain) -> Found:
    there = any(each.get("format") == part["format"] for each in said.parts)
    return None if there else _of(said, ["string"])


def _check(part: Schema, said: Domain) -> Found:
    """A check that is told in words alone."""
    says = part["description"]
    return None if not says.startswith("must be ") or says in said.checks() else _of(said, ["string"])


def _numbers(keyword: str) -> Callable[[Schema, Domain], Found]:
    upper, open_ = keyword.endswith("aximum"), keyword.startswith("exclusive")

    def rule(part: Schema, said: Domain) -> Found:
        bound, limit = said.bound(), part[keyword]
        ours = bound.high if upper else bound.low
        ours_open = bound.high_open if upper else bound.low_open
        if ours is not None and (ours < limit if upper else ours > limit):
            return None
        if ours == limit and (ours_open or not open_):
            return None
        beyond = [limit, limit + 1, limit + 0.5] if upper else [limit, limit - 1, limit - 0.5]
        edge = [] if ours is None else [ours]
        tries = [*beyond, *edge, *_of(said, ["integer", "number"])]
        return [each for each in _whole(tries) if said.accepts(each)]

    return rule


def _whole(numbers: Iterable[float]) -> list[float]:
    return [int(each) if float(each).is_integer() else each for each in numbers]


def _multiple(part: Schema, said: Domain) -> Found:
    step = part["multipleOf"]
    bound_by = [each["multipleOf"] for each in said.parts if "multipleOf" in each]
    return None if any((each / step).is_integer() for each in bound_by) else _of(said, ["integer", "number"])


def _items(keyword: str) -> Callable[[Schema, Domain], Found]:
    def rule(part: Schema, said: Domain) -> Found:
        low, high = said.span("Items")
        limit = part[keyword]
        if low >= limit if keyword == "minItems" else high is not None and high <= limit:
            return None
        wanted = {"maxItems": limit - 1} if keyword == "minItems" else {"minItems": limit + 1}
        return specimens(said.also({"type": "array", **wanted}))

    return rule


def _unique(part: Schema, said: Domain) -> Found:
    if not part["uniqueItems"] or any(each.get("uniqueItems") for each in said.parts) or (said.span("Items")[1] or 2) < 2:
        return None
    return specimens(said.also({"type": "array", "minItems": 2}))


LONG = float("inf")
NUMBERS, TEXT, LIST = {"integer", "number"}, {"string"}, {"array"}
RULES: dict[str, tuple[set[str] | None, Callable[[Schema, Domain], Found]]] = {
    "type": (None, _type), "enum": (None, _listed), "const": (None, _listed), "description": (TEXT, _check), "format": (TEXT, _format),
    "pattern": (TEXT, _words("pattern", lambda asked: Words((asked,)))),
    "minLength": (TEXT, _words("minLength", lambda asked: Words((), asked))),
    "maxLength": (TEXT, _words("maxLength", lambda asked: Words((), 0, asked))),
    **{each: (NUMBERS, _numbers(each)) for each in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")},
    "multipleOf": (NUMBERS, _multiple), "minItems": (LIST, _items("minItems")), "maxItems": (LIST, _items("maxItems")),
    "uniqueItems": (LIST, _unique),
}  # fmt: skip
"""By keyword: the types it speaks of (all, if None), and its rule."""
