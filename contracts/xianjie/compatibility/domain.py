"""Which values a side means: kinds, limits, members and elements of schemas that hold together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from xianjie.compatibility.language import Words
from xianjie.compatibility.schema import TYPES, Parts, Schema, Schemas, checked_words, first

MOST_WAYS = 64
"""Alternatives that are followed one by one."""


class TooMany(Exception):
    """More alternatives than are followed."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Where numbers end, as a schema has it; None: nowhere."""

    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, eq=False)
class Domain:
    """The values for which every part holds."""

    schemas: Schemas
    parts: Parts

    @classmethod
    def of(cls, schemas: Schemas, *found: Any) -> "Domain":
        """Of schemas as they stand in the document."""
        return cls(schemas, tuple(part for each in found for part in schemas.spread(each)))

    def accepts(self, value: Any) -> bool:
        return self.schemas.accepts(self.parts, value)

    def also(self, *parts: Schema) -> "Domain":
        return replace(self, parts=(*self.parts, *parts))

    def ways(self) -> list["Domain"]:
        """The same values as alternatives without alternatives; raises `TooMany`. Of `oneOf` more values than it takes."""
        found, open_ = [], [self]
        while open_:
            domain = open_.pop(0)
            at = next((n for n, each in enumerate(domain.parts) if "anyOf" in each or "oneOf" in each), None)
            if at is None:
                found.append(domain)
            else:
                open_ = [*domain._split(at), *open_]
            if len(found) + len(open_) > MOST_WAYS:
                raise TooMany
        return found

    def likely(self) -> list["Domain"]:
        """The alternatives, or where they are too many the values as they stand."""
        try:
            return self.ways()
        except TooMany:
            return [self]

    def _split(self, at: int) -> Iterator["Domain"]:
        part = self.parts[at]
        keyword = "anyOf" if "anyOf" in part else "oneOf"
        rest = {name: each for name, each in part.items() if name != keyword}
        for branch in part[keyword]:
            yield Domain(self.schemas, (*self.parts[:at], rest, *self.schemas.spread(branch), *self.parts[at + 1 :]))

    def cases(self) -> list["Domain"]:
        """The same values by what the first condition (`if`) of its own makes of them."""
        at = next((n for n, each in enumerate(self.parts) if "if" in each), None)
        if at is None:
            return [self]
        part = self.parts[at]
        rest = {name: each for name, each in part.items() if name not in ("if", "then", "else")}
        found = []
        for name, holds in (("then", part["if"]), ("else", {"not": part["if"]})):
            more = (*self.schemas.spread(holds), *self.schemas.spread(part.get(name, True)))
            found.append(Domain(self.schemas, (*self.parts[:at], rest, *more, *self.parts[at + 1 :])))
        return [case for each in found for case in each.cases()]

    def kinds(self) -> set[str]:
        """The types that are possible; `number` stands for numbers with a fraction."""
        found = {*TYPES}
        for part in self.parts:
            if "type" in part:
                named = part["type"] if isinstance(part["type"], list) else [part["type"]]
                found &= {*named, *(["integer"] if "number" in named else [])}
        return found

    def values(self) -> list[Any] | None:
        """All of them where a list, a constant or a type names them; else None."""
        for part in self.parts:
            if "const" in part or "enum" in part:
                named = [part["const"]] if "const" in part else part["enum"]
                return [each for each in named if self.accepts(each)]
        kinds = self.kinds()
        if kinds <= {"boolean", "null"}:
            return [each for each in (True, False, None) if self.accepts(each)]
        return None

    def bound(self) -> Bound:
        """The narrowest limits of numbers."""
        lows = [(each["minimum"], False) for each in self.parts if "minimum" in each]
        lows += [(each["exclusiveMinimum"], True) for each in self.parts if "exclusiveMinimum" in each]
        highs = [(each["maximum"], False) for each in self.parts if "maximum" in each]
        highs += [(each["exclusiveMaximum"], True) for each in self.parts if "exclusiveMaximum" in each]
        low, low_open = max(lows) if lows else (None, False)
        high, high_open = min(highs, key=lambda each: (each[0], not each[1])) if highs else (None, False)
        return Bound(low, high, low_open, high_open)

    def words(self) -> Words:
        """The texts, as far as patterns and lengths say."""
        patterns = dict.fromkeys(each["pattern"] for each in self.parts if "pattern" in each)
        return Words(tuple(patterns), *self.span("Length"))

    def span(self, kind: str) -> tuple[int, int | None]:
        """The narrowest `min` and `max` of `Length`, `Items` or `Properties`."""
        least = max((each[f"min{kind}"] for each in self.parts if f"min{kind}" in each), default=0)
        most = min((each[f"max{kind}"] for each in self.parts if f"max{kind}" in each), default=None)
        return int(least), None if most is None else int(most)

    def checks(self) -> set[str]:
        """What is asked in words."""
        return {says for each in self.parts if (says := checked_words(each))}

    # --- members and elements

    def known(self) -> list[str]:
        """The members that are named."""
        return list(dict.fromkeys(name for each in self.parts for name in each.get("properties", {})))

    def required(self, name: str) -> bool:
        return any(name in each.get("required", ()) for each in self.parts)

    def knows(self, name: str) -> bool:
        return any(name in each.get("properties", {}) for each in self.parts)

    def is_open(self) -> bool:
        """Whether it says that members may come which it does not name. Where it says nothing, a speaker says none."""
        said = [each["additionalProperties"] for each in self.parts if "additionalProperties" in each]
        return bool(said) and all(each is not False for each in said)

    def member(self, name: str) -> "Domain":
        """What may stand there, whether it is named or not."""
        found: list[Any] = []
        for each in self.parts:
            if name in each.get("properties", {}):
                found.append(each["properties"][name])
            elif "additionalProperties" in each:
                found.append(each["additionalProperties"])
        return Domain.of(self.schemas, *found)

    def default(self, name: str) -> Any:
        """What its absence means; None where the document does not say."""
        return first(self.member(name).parts, "default")

    def element(self) -> "Domain":
        return Domain.of(self.schemas, *(each["items"] for each in self.parts if "items" in each))
