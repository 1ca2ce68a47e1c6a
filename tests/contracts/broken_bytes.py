"""Bytes that are no message whatever they mean: no JSON, not within the limits of the network, or JSON that readers read differently."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.contracts.places import Content, encoded, put
from xianjie.wire import DEEPEST, LARGEST, LONGEST

Bytes = tuple[str, str, bytes]
"""What is broken, the pointer, and the bytes."""
Way = Callable[[random.Random, Content], Bytes]
HERE = "HERE-it-stands"


def _with(content: Content, inside: str, name: str = "unheard") -> bytes:
    """With a member more whose value is written so."""
    return encoded({**content, name: HERE}).replace(f'"{HERE}"'.encode(), inside.encode("utf-8", "surrogatepass"))


def _texts(content: Content) -> list[tuple[str | int, ...]]:
    """Where texts stand in the envelope and in the data."""
    found: list[tuple[str | int, ...]] = [(name,) for name, each in content.items() if isinstance(each, str)]
    return found + [("data", name) for name, each in content["data"].items() if isinstance(each, str)]


def member_twice(dice: random.Random, content: Content) -> Bytes:
    """A member comes twice: at the beginning, in the data, escaped, behind blanks, with the same value, within what nobody knows."""
    whole, name = encoded(content)[1:], dice.choice(["id", "type", "source", "subject", "specversion", "data"])
    value, data = json.dumps(content[name], ensure_ascii=False), encoded(content["data"])[1:]
    first = next(iter(content["data"]), "leg")
    twice = [
        f'{{"{name}": {value}, '.encode() + whole,
        f'{{"{name}" : {value}, '.encode() + whole,
        f'{{"{name}"\n\t:{value}, '.encode() + whole,
        f'{{"\\u{ord(name[0]):04x}{name[1:]}": "x", '.encode() + whole,
        b'{"unheard": {"a": 1, "b": [{"c":1,"c" : 1}]}, ' + whole,
        b'{"unheard": {"": 1, "": ":"}, ' + whole,
        f'{{"unheard": "1\\":", "{name}" :null, '.encode() + whole,
        encoded({**content, "data": HERE}).replace(f'"{HERE}"'.encode(), f'{{"{first}":1, "{first}" :1,'.encode() + data)
        if content["data"] else b'{"data":{"a":1,"a":1}, ' + whole,
    ]  # fmt: skip
    return "member twice", "", dice.choice(twice)


def too_deep(dice: random.Random, content: Content) -> Bytes:
    """One level more than is taken; or very many."""
    levels = dice.choice([DEEPEST, DEEPEST, DEEPEST + 8, 5000])
    inside = dice.choice(["[" * levels + "]" * levels, '{"a":' * levels + "1" + "}" * levels, "[" * levels + "1" + "]" * levels])
    return "nested too deep", "", _with(content, inside)


def nul(dice: random.Random, content: Content) -> Bytes:
    """The character NUL in a text, behind an escape."""
    path = dice.choice(_texts(content))
    body = encoded(put(content, path, HERE)).replace(HERE.encode(), dice.choice([rb"\u0000", rb"a\u0000b", rb"\\\u0000"]))
    return "NUL in a text", "".join(f"/{each}" for each in path), body


def nul_in_a_name(dice: random.Random, content: Content) -> Bytes:
    """The same in the name of a member."""
    return "NUL in a name", "", _with(content, "1", "unheard-name").replace(b"unheard-name", rb"na\u0000me")


def half_a_surrogate(dice: random.Random, content: Content) -> Bytes:
    """Half of a pair, alone or in the wrong order."""
    path = dice.choice(_texts(content))
    half = dice.choice([rb"\ud800", rb"a\udc00", rb"\udc00\ud800", rb"\uD83Dx", rb"\ud800\ud800"])
    return (
        "half a surrogate",
        "".join(f"/{each}" for each in path),
        encoded(put(content, path, HERE)).replace(HERE.encode(), half),
    )


def number_beyond(dice: random.Random, content: Content) -> Bytes:
    """An integer that not every reader keeps, or a number that none does."""
    numbers = [
        str(LARGEST + 1),
        str(-LARGEST - 1),
        "18446744073709551616",
        "1" * 400,
        "[" + str(10**30) + "]",
        "1e400",
        "-1E+999",
    ]
    name = dice.choice(["unheard", "ttl"])
    return "number too large for readers", "", _with({**content, name: 1}, dice.choice(numbers), name)


def no_number(dice: random.Random, content: Content) -> Bytes:
    """What JSON does not know as a number or a word."""
    words = [
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "1e",
        "--1",
        "True",
        "None",
        "undefined",
        "1_000",
        "-",
    ]
    return "no JSON value", "", _with(content, dice.choice(words))


def too_long(dice: random.Random, content: Content) -> Bytes:
    """A byte more than is taken, of text or of blanks; or many."""
    body, more = encoded({**content, "unheard": ""}), dice.choice([1, 1, 70_000])
    missing = LONGEST + more - len(body)
    return (
        "too many bytes",
        "",
        dice.choice([body + b" " * missing, body.replace(b'"unheard": "', b'"unheard": "' + b"x" * missing)]),
    )


def no_utf8(dice: random.Random, content: Content) -> Bytes:
    """Bytes that are no UTF-8: stray ones, too long a form, half a surrogate, another encoding."""
    body = encoded({**content, "unheard": HERE})
    bad = dice.choice(
        [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe4\xb8", "衔接".encode("gb18030")]
    )
    text = body.decode()
    return "no UTF-8", "", dice.choice([body.replace(HERE.encode(), bad)] * 3 + [text.encode("utf-16"), text.encode("utf-32")])


def no_json(dice: random.Random, content: Content) -> Bytes:
    """Cut short, with something behind it, or in another grammar."""
    body = encoded(content)
    bad = [
        body[: dice.randrange(1, len(body) - 1)], body + body, body[:-1] + b",}", body + b"x", b"\xef\xbb\xbf" + body, b"", b"   ",
        body.replace(b'"', b"'"), b"/* */" + body, body + b"// end", body[:-1], body.replace(b": ", b" = ", 1), b"{" + body + b"}",
        body[:-1] + b', "unheard": "a\tb"}', body[:-1] + b', "unheard": "a\nb"}', body[:-1] + b', "unheard": "\x00"}', b"\x00" + body,
        body[:-1] + rb', "unheard": "\x41"}', body[:-1] + b", unheard: 1}", body[:-1] + rb', "unheard": "\u12"}', b"\xc2\xa0" + body,
    ]  # fmt: skip
    return "no JSON", "", dice.choice(bad)


def no_object(dice: random.Random, content: Content) -> Bytes:
    """JSON, but not an object."""
    other: list[Any] = [[content], content["id"], None, 1, [], True, [[content["id"]]]]
    return "no JSON object", "", json.dumps(dice.choice(other)).encode()


WAYS: list[Way] = [
    member_twice, too_deep, nul, nul_in_a_name, half_a_surrogate, number_beyond, no_number, too_long, no_utf8, no_json, no_object,
]  # fmt: skip
