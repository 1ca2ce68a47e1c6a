"""Diagrams as SVG, drawn when the site is built: Node.js says where boxes and arrows lie, the colours are those of the page."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
LINE, CHARACTER = 17, 7.4
"""Of text in a diagram, in pixels: the height of a line, and the width of a letter; a Chinese character takes two."""
SECONDS = 240


class CannotDraw(RuntimeError):
    """The diagrams cannot be laid out here; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state or a stage. `lines`: what stands small beneath its name."""

    id: str
    name: str
    lines: tuple[str, ...]
    ends: bool
    first: bool

    @property
    def width(self) -> float:
        return max(_width(each) for each in (self.name, *self.lines)) + 26

    @property
    def height(self) -> float:
        return 34 + LINE * len(self.lines)


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, with what leads there."""

    start: str
    to: str
    label: str

    @property
    def lines(self) -> list[str]:
        """The label in lines of some twenty letters."""
        found = [""]
        for word in self.label.replace("，", "， ").split(" "):
            fits = _width(found[-1] + word) < 150
            found = [*found[:-1], f"{found[-1]} {word}".strip()] if fits else [*found, word]
        return [each for each in found if each]


@dataclass(frozen=True, slots=True)
class Graph:
    """What one diagram shows."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def _width(text: str) -> float:
    return sum(CHARACTER if ord(each) < 0x2E80 else 2 * CHARACTER for each in text)


def drawn(graphs: Sequence[Graph], titles: Sequence[str]) -> list[str]:
    """Each graph as SVG, under its title; raises CannotDraw where Node.js or its package cannot be had."""
    _install()
    asked = [
        {
            "boxes": [{"id": each.id, "width": each.width, "height": each.height} for each in graph.boxes],
            "arrows": [
                {"start": each.start, "to": each.to, "width": max(map(_width, each.lines), default=0) + 8, "height": LINE * len(each.lines)}
                for each in graph.arrows
            ],
        }
        for graph in graphs
    ]  # fmt: skip
    words = ["node", str(HERE / "layout.mjs")]
    done = subprocess.run(words, input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode:
        raise CannotDraw(f"node could not lay out the diagrams: {done.stderr.strip()[-400:]}")
    return [_svg(*each) for each in zip(graphs, json.loads(done.stdout), titles, strict=True)]


def _install() -> None:
    """Have npm put the package of the lock file in place, once; another build at the same time waits."""
    _needed("node")
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (HERE / "node_modules/@dagrejs/dagre").exists():
            return
        _needed("npm")
        words = ["npm", "ci", "--silent", "--no-fund", "--no-audit"]
        done = subprocess.run(words, cwd=HERE, capture_output=True, text=True, check=False, timeout=SECONDS)
        if done.returncode:
            raise CannotDraw(f"npm ci in contracts/site did not succeed: {done.stderr.strip()[-400:] or 'it said nothing'}")


def _needed(program: str) -> None:
    if not shutil.which(program):
        raise CannotDraw(f"{program} is missing, and the diagrams need it. Install it: sudo apt-get install nodejs npm")


def _svg(graph: Graph, laid: dict[str, Any], title: str) -> str:
    width, height = round(laid["width"]), round(laid["height"])
    arrows = "".join(_arrow(arrow, at) for arrow, at in zip(graph.arrows, laid["arrows"], strict=True))
    boxes = "".join(_box(box, at) for box, at in zip(graph.boxes, laid["boxes"], strict=True))
    return (
        f'<svg class="diagram" role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="--wide: {width}px">'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        f'<path d="M0 0 8 4 0 8z"/></marker></defs>{arrows}{boxes}</svg>'
    )


def _arrow(arrow: Arrow, laid: dict[str, Any]) -> str:
    points = [(round(each["x"], 1), round(each["y"], 1)) for each in laid["points"]]
    path = f'<path class="arrow" d="{_curve(points)}" marker-end="url(#head)"/>'
    return path + _text(arrow.lines, laid["x"], laid["y"] - LINE * (len(arrow.lines) - 1) / 2, "label")


def _curve(points: list[tuple[float, float]]) -> str:
    """A line through the first and the last point that bends at the others."""
    (x, y), *rest = points
    parts = [f"M{x} {y}"]
    for (bend_x, bend_y), (next_x, next_y) in pairwise(rest):
        last = (next_x, next_y) == rest[-1]
        end = (next_x, next_y) if last else (round((bend_x + next_x) / 2, 1), round((bend_y + next_y) / 2, 1))
        parts.append(f"Q{bend_x} {bend_y} {end[0]} {end[1]}")
    return " ".join(parts) if len(rest) > 1 else f"M{x} {y} L{rest[0][0]} {rest[0][1]}"


def _box(box: Box, at: dict[str, float]) -> str:
    left, top = round(at["x"] - box.width / 2, 1), round(at["y"] - box.height / 2, 1)
    kind = "box first" if box.first else "box end" if box.ends else "box"
    frame = f'<rect class="{kind}" x="{left}" y="{top}" width="{round(box.width, 1)}" height="{box.height}" rx="7"/>'
    return frame + _text([box.name], at["x"], top + 17, "name") + _text(box.lines, at["x"], top + 17 + LINE, "stays")


def _text(lines: Sequence[str], x: float, y: float, kind: str) -> str:
    return "".join(
        f'<text class="{kind}" x="{round(x, 1)}" y="{round(y + LINE * at, 1)}">{escape(line)}</text>'
        for at, line in enumerate(lines)
    )
