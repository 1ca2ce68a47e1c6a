"""A recording on disk. The format, version 1:

A file is a row of gzip members (RFC 1952), so that `zcat FILE` shows it as lines of JSON. Each member is a block that is checked by itself:

    {"xianjie journal": 1, "block": 2, "before": "…"}     its head; that of block 1, which has no messages, also has "about": who recorded
                                                          what, and how it was chosen
    {"o": 7, "x": "xianjie.events", "k": "…", "b": "…"}   a message: offset, exchange, routing key, and the body as text, or as "b64" if it
                                                          is no UTF-8; "h": headers and "p": other properties, if there are any
    {"digest": "…"}                                       its foot: SHA-256, in hex, over all bytes of the block above it

`before` is the digest of the block before, so the last digest vouches for the whole file. A block that holds {"end": N} in place of messages, N
being how many there are, is the last; a file without it was not finished, and can be gone on with. Values that JSON has not are written as
{"$bytes": base64}, {"$time": ISO 8601}, {"$decimal": text}; a name that begins with $ gets one more.
"""

import base64
import hashlib
import mmap
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from xianjie.journal import Recorded
from xianjie.wording import counted
from xianjie.written import BadFile

FORMAT = 1
MOST_MESSAGES, MOST_BYTES = 1000, 1 << 20
"""A block is written when it has so many messages, or so many bytes of them."""
LARGEST = 64 << 20
"""Bytes that one block may unpack to."""
MAGIC = b"\x1f\x8b\x08"
"""How a gzip member begins."""
CHUNK = 1 << 16
ZERO = "0" * 64
"""What stands for the digest before the first block."""

_encoder = msgspec.json.Encoder(order="deterministic")


class _Line(msgspec.Struct):
    o: int = 0
    x: str = ""
    k: str = ""
    b: str | None = None
    b64: str | None = None
    h: dict[str, Any] = {}
    p: dict[str, Any] = {}
    end: int | None = None


_lines = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that cannot be read: at which byte of the file, and what is wrong there."""

    byte: int
    says: str


@dataclass(slots=True)
class Reader:
    """A recording, block by block, in flat memory. While it is iterated, it learns what is in it, and what is wrong with it."""

    path: Path
    about: dict[str, Any] = field(default_factory=dict)
    """Who recorded what, as the first block says; known once that was read."""
    messages: int = 0
    block: int = 0
    """The number of the last good block."""
    last: int | None = None
    """The offset of the last message."""
    digest: str = ZERO
    """Of the last good block."""
    good: int = 0
    """The byte at which the last good block ends."""
    ended: bool = False
    damages: list[Damage] = field(default_factory=list)
    torn: bool = False
    """Whether good blocks stand behind a damage."""

    def __iter__(self) -> Iterator[Recorded]:
        """Every message of every good block, in order. Raises `BadFile` for what is no recording, or one of a later format."""
        if self.path.stat().st_size == 0:
            raise BadFile(f"{self.path}: is empty; a recording has at least one block")
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            at = 0
            while 0 <= at < len(whole):
                try:
                    block = self._block(*_unpacked(whole, at))
                except _Bad as bad:
                    if at == self.good:  # what follows until the next good block is the same damage
                        self.damages.append(Damage(at, bad.says))
                    at = whole.find(MAGIC, at + 1)
                    continue
                self._follows(at, block)
                yield from self._messages(at, block)
                at = self.good
                if self.ended and at < len(whole):
                    self.damages.append(Damage(at, "it goes on behind its end; what stands there was not read"))
                    break
        if not self.block:
            raise BadFile(f"{self.path}: is no recording: {self.damages[0].says if self.damages else 'it has no blocks'}")
        if not self.ended and not self.damages:
            self.damages.append(Damage(self.good, "it was not finished: the last block is missing"))

    @classmethod
    def about_of(cls, path: Path) -> dict[str, Any]:
        """What the first block of a recording says of it; raises `BadFile` as reading does."""
        reader = cls(path)
        next(iter(reader), None)
        return reader.about

    def faults(self) -> list[str]:
        """What is wrong with what was read so far, with the place of each."""
        return [f"{self.path}: byte {each.byte}: {each.says}" for each in self.damages]

    def _block(self, text: bytes, end: int) -> "_Block":
        """A block that is what was written; raises `_Bad`."""
        body, _, foot = text.rstrip(b"\n").rpartition(b"\n")
        line, *lines = body.split(b"\n")
        try:
            head, digest = msgspec.json.decode(line, type=_Head), msgspec.json.decode(foot, type=_Foot).digest
        except msgspec.DecodeError:
            raise _Bad("is no block of a recording") from None
        if head.format != FORMAT:
            says = f"of format {head.format}; this release reads format {FORMAT}: update it"
            if self.block:  # what was written before is still good
                raise _Bad(f"a block is {says}")
            raise BadFile(f"{self.path}: is {says}")
        if hashlib.sha256(body + b"\n").hexdigest() != digest:
            raise _Bad(f"block {head.block} is not what was written")
        return _Block(head, lines, digest, end)

    def _follows(self, at: int, block: "_Block") -> None:
        """Take note of what is missing before a good block."""
        missing = block.head.block - self.block - 1
        if self.damages and at != self.good:
            there = self.damages.pop()
            self.damages.append(Damage(there.byte, f"{there.says}; it goes on at byte {at} with block {block.head.block}"))
        elif missing > 0:
            self.damages.append(Damage(at, f"{counted(missing, 'block')} missing before block {block.head.block}"))
        elif block.head.before != self.digest:
            self.damages.append(Damage(at, f"block {block.head.block} does not follow the one before it"))
        self.torn |= bool(self.damages)

    def _messages(self, at: int, block: "_Block") -> Iterator[Recorded]:
        self.block, self.digest, self.good = block.head.block, block.digest, block.end
        self.about = block.head.about or self.about
        for number, line in enumerate(block.lines, 1):
            try:
                found = _lines.decode(line)
                message = _message(found)
            except (msgspec.MsgspecError, ValueError, ArithmeticError) as fault:
                self.damages.append(Damage(at, f"line {number} of block {self.block} is no message: {fault}"))
                continue
            if found.end is None:
                self.messages, self.last = self.messages + 1, found.o
                yield message
                continue
            self.ended = True
            if found.end != self.messages and not self.damages:
                self.damages.append(Damage(at, f"it should hold {counted(found.end, 'message')} and holds {self.messages}"))


class _Head(msgspec.Struct):
    format: int = msgspec.field(name="xianjie journal")
    block: int
    before: str
    about: dict[str, Any] = {}


class _Foot(msgspec.Struct):
    digest: str


@dataclass(frozen=True, slots=True)
class _Block:
    head: _Head
    lines: list[bytes]
    digest: str
    end: int


class _Bad(Exception):
    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


def _unpacked(whole: mmap.mmap, at: int) -> tuple[bytes, int]:
    """What the gzip member at `at` holds, and where it ends; raises `_Bad`."""
    unpacking, pieces, size, place = zlib.decompressobj(31), [], 0, at
    while not unpacking.eof:
        chunk = whole[place : place + CHUNK]
        if not chunk:
            raise _Bad("it is cut in the middle of a block")
        try:
            pieces.append(unpacking.decompress(chunk, LARGEST))
        except zlib.error:
            raise _Bad("a block is damaged") from None
        size += len(pieces[-1])
        if size >= LARGEST or unpacking.unconsumed_tail:
            raise _Bad(f"a block of more than {LARGEST >> 20} MB is no block of a recording")
        place += len(chunk)
    return b"".join(pieces), place - len(unpacking.unused_data)


class Writer:
    """Writes a recording, block by block. Left by an exception, what it has is written and the file can be gone on with."""

    def __init__(self, file: BinaryIO, about: Mapping[str, Any], after: Reader | None = None) -> None:
        self._file, self._about = file, about
        self._lines: list[bytes] = []
        self._size = 0
        self.block = after.block if after else 0
        self.digest = after.digest if after else ZERO
        self.messages = after.messages if after else 0
        self.last = after.last if after else None
        """The offset of the last message."""

    @classmethod
    def begin(cls, path: Path, about: Mapping[str, Any]) -> Self:
        """A new recording, whose first block says what it is; raises FileExistsError where there is a file already."""
        made = cls(path.open("xb"), about)
        made._write([])
        return made

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Go on with a recording behind its last good block; what is behind that is cut off.

        Raises `BadFile` if it is finished, is none, or is damaged further ahead."""
        there = Reader(path)
        for _ in there:
            pass
        if there.ended and not there.damages:
            raise BadFile(f"{path}: is finished; record into another file, and merge the two")
        if there.torn:
            raise BadFile(
                "\n".join([*there.faults(), "damaged as it is, it cannot be gone on with: filter the good part into another"])
            )
        file = path.open("r+b")
        file.truncate(there.good)
        file.seek(there.good)
        return cls(file, there.about, there)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        with self._file:
            self.flush()
            if kind is None:
                self._write([_encoder.encode({"end": self.messages})])

    def add(self, message: Recorded) -> None:
        """The next message."""
        text = line(message)
        self._lines.append(text)
        self._size += len(text)
        self.messages, self.last = self.messages + 1, message.offset
        if len(self._lines) >= MOST_MESSAGES or self._size >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was added; it is on disk when this returns."""
        if self._lines:
            self._write(self._lines)
            self._lines, self._size = [], 0

    def _write(self, lines: list[bytes]) -> None:
        self.block += 1
        head: dict[str, Any] = {"xianjie journal": FORMAT, "block": self.block, "before": self.digest}
        if self.block == 1:
            head["about"] = dict(self._about)
        body = b"\n".join((_encoder.encode(head), *lines, b""))
        self.digest = hashlib.sha256(body).hexdigest()
        packing = zlib.compressobj(6, zlib.DEFLATED, 31)  # without name and time: the same messages make the same file
        text = body + _encoder.encode({"digest": self.digest}) + b"\n"
        self._file.write(packing.compress(text) + packing.flush())
        self._file.flush()
        os.fsync(self._file.fileno())


def line(message: Recorded) -> bytes:
    """A message as its line in a recording."""
    return _encoder.encode(_plain(message))


def _plain(message: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = {"o": message.offset, "x": message.exchange, "k": message.key}
    if message.headers:
        found["h"] = _tagged(message.headers)
    if message.properties:
        found["p"] = _tagged(message.properties)
    try:
        found["b"] = message.body.decode()
    except UnicodeDecodeError:
        found["b64"] = base64.b64encode(message.body).decode()
    return found


def _message(line: _Line) -> Recorded:
    body = base64.b64decode(line.b64, validate=True) if line.b64 is not None else (line.b or "").encode()
    properties = _untagged(line.p)
    return Recorded(line.o, line.x, line.k, properties.get("message_id"), body, _untagged(line.h), properties)


def _tagged(value: Any) -> Any:
    """As JSON can hold it."""
    match value:
        case dict():
            return {f"${name}" if str(name).startswith("$") else str(name): _tagged(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_tagged(each) for each in value]
        case bytes() | bytearray():
            return {"$bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"$time": value.isoformat()}
        case Decimal():
            return {"$decimal": str(value)}
        case str():
            return value.encode("utf-8", "replace").decode()
    return value


def _untagged(value: Any) -> Any:
    match value:
        case {"$bytes": str(text), **rest} if not rest:
            return base64.b64decode(text, validate=True)
        case {"$time": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"$decimal": str(text), **rest} if not rest:
            return Decimal(text)
        case dict():
            return {name.removeprefix("$"): _untagged(inner) for name, inner in value.items()}
        case list():
            return [_untagged(each) for each in value]
    return value
