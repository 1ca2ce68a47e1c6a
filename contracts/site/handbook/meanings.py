"""What fields mean, as the classes themselves say it: by the docstring beneath a field, else by the sentence of the class that names it."""

import ast
import dataclasses
import inspect
import re
import sys
from functools import cache

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\u4e00-\u9fff])|;\s+(?=`[a-z_0-9]+`:)")
_NAMED = re.compile(r"`([a-z_0-9]+)`")
_LABEL = re.compile(r"(?:`[a-z_0-9]+`(?:, | and )?)+:\s*")
UNITS = re.compile(r"\b(milliseconds|working days|calendar days|days|hours|seconds|bytes|fen)\b", re.IGNORECASE)


def meanings(cls: type) -> dict[str, str]:
    """By field, what it means; fields of which the class says nothing are left out."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if dataclasses.is_dataclass(base):
            found |= _named_in(base) | _beneath(base.__module__).get(base.__qualname__, {})
    names = {each.name for each in dataclasses.fields(cls)}
    return {name: text for name, text in found.items() if name in names}


def paragraphs(cls: type) -> list[str]:
    """The docstring of a class in paragraphs, each in one line. What is made from a shape has the shape's remarks behind its own first."""
    own = _paragraphs(cls)
    shape = next((each for each in cls.__mro__[1:] if dataclasses.is_dataclass(each)), None)
    return [*own, *(_paragraphs(shape)[1:] if shape else [])]


def unit(meaning: str) -> str:
    """The unit that a meaning names, if it names one."""
    found = UNITS.search(meaning)
    return found[1].lower() if found else ""


def _paragraphs(cls: type) -> list[str]:
    return [" ".join(each.split()) for each in inspect.cleandoc(cls.__doc__ or "").split("\n\n") if each.strip()]


def _named_in(cls: type) -> dict[str, str]:
    """By field, the sentence of the class's docstring that names it first."""
    names = {each.name for each in dataclasses.fields(cls)}
    found: dict[str, str] = {}
    for sentence in (each for paragraph in _paragraphs(cls) for each in _SENTENCE.split(paragraph)):
        said = _LABEL.sub("", sentence, count=1) if _LABEL.match(sentence) else sentence
        for name in _NAMED.findall(sentence):
            if name in names:
                found.setdefault(name, said[:1].upper() + said[1:])
    return found


@cache
def _beneath(module: str) -> dict[str, dict[str, str]]:
    """By class of a module, the docstrings beneath its fields."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    classes = (each for each in ast.walk(tree) if isinstance(each, ast.ClassDef))
    return {each.name: _docstrings(each) for each in classes}


def _docstrings(cls: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, said in zip(cls.body, cls.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match said:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = " ".join(text.split())
    return found
