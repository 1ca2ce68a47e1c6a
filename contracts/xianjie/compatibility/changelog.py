"""What changed between two contracts, for people: a section of a changelog, the same bytes for the same contracts."""

from xianjie.compatibility.bodies import deprecated, differences, pointer
from xianjie.compatibility.contract import Contract
from xianjie.compatibility.facts import Change, shown

HEADINGS = ("Added", "Changed", "Deprecated", "Removed")
Lines = dict[str, dict[str, list[str]]]
"""By heading and words, the messages of which they hold."""
FEW = 3


def changelog(old: Contract, new: Contract) -> str:
    """The section in Markdown, by the headings of Keep a Changelog; empty where nothing changed."""
    found: Lines = {each: {} for each in HEADINGS}
    for key in sorted({*old.messages, *new.messages}):
        before, after = old.messages.get(key), new.messages.get(key)
        if before and after:
            _both(old, new, key, found)
        elif after:
            by, to = ", ".join(new.speakers(key)), ", ".join(new.hearers(key))
            _note(found, "Added", f"the message, said by {by}, heard by {to}: {after.summary}", key)
        else:
            _note(found, "Removed", "the message", key)
    sections = [f"### {heading}\n\n" + "\n".join(_lines(found[heading])) + "\n" for heading in HEADINGS if found[heading]]
    return "\n".join(sections)


def _both(old: Contract, new: Contract, key: str, found: Lines) -> None:
    before, after = old.messages[key], new.messages[key]
    for part, by_place in differences(old, new, key).items():
        for place, changed in by_place.items():
            for each in changed:
                _note(found, _heading(each), f"`{pointer(place, part)}`: {each.words()}", key)
    if before.content_type != after.content_type:
        _note(found, "Changed", f"content type {before.content_type} → {after.content_type}", key)
    _roles(old, new, key, found)
    _ways(old, new, key, found)
    for gone, instead in deprecated(old, new, key).items():
        _note(found, "Deprecated", f"{f'`{gone}`' if gone else 'the message'}: {instead}", key)


def _roles(old: Contract, new: Contract, key: str, found: Lines) -> None:
    for does, one, other in (("said", old.speakers(key), new.speakers(key)), ("heard", old.hearers(key), new.hearers(key))):
        for role in sorted({*other} - {*one}):
            _note(found, "Added", f"{does} by {role}", key)
        for role in sorted({*one} - {*other}):
            _note(found, "Removed", f"{does} by {role}", key)


def _ways(old: Contract, new: Contract, key: str, found: Lines) -> None:
    """Where a message is said, of speakers and hearers that both have."""
    for speaker in old.speakers(key):
        for hearer in old.hearers(key):
            one, other = old.spoken(key, speaker, hearer), new.spoken(key, speaker, hearer)
            if one and other:
                for name in ("address", "exchange", "queue", "declared"):
                    before, after = getattr(one.channel, name), getattr(other.channel, name)
                    if before != after:
                        _note(found, "Changed", f"{name} {shown(before)} → {shown(after)}", key)
            if one and other and one.permissions != other.permissions:
                _note(found, "Changed", f"permissions of {speaker}", key)


def _heading(change: Change) -> str:
    if change.keyword == "field":
        return "Added" if change.old is None else "Removed"
    return "Changed"


def _note(found: Lines, heading: str, words: str, key: str) -> None:
    messages = found[heading].setdefault(words, [])
    if key not in messages:
        messages.append(key)


def _lines(found: dict[str, list[str]]) -> list[str]:
    """A line for the same words of several messages; of many, the first and how many more."""
    lines = []
    for words, keys in found.items():
        named = ", ".join(f"`{each}`" for each in keys[:FEW])
        more = f" and {len(keys) - FEW} more" if len(keys) > FEW else ""
        lines.append(f"- {named}{more}: {words}")
    return sorted(lines)
