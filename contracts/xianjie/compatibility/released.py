"""The contracts that were released, by version, and the one that this installation would publish."""

import re
from pathlib import Path

import xianjie
from xianjie.compatibility.contract import Contract
from xianjie.compatibility.loading import FILE, contract, loaded
from xianjie.publishing import asyncapi
from xianjie.written import BadFile

CONTRACTS = Path(xianjie.__file__).parents[1]
RELEASED, SAMPLES = CONTRACTS / "released", CONTRACTS / "samples"
VERSION = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")
PRESENT = "this installation"


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, which compare as versions do; raises ValueError for what is none."""
    found = VERSION.fullmatch(version)
    if not found:
        raise ValueError(f"{version} is no version: three numbers, as in 0.1.0")
    return tuple(int(each) for each in found.groups())


def versions(folder: Path = RELEASED) -> list[str]:
    """Every released version, the first first."""
    there = [each.name for each in folder.iterdir() if VERSION.fullmatch(each.name)] if folder.is_dir() else []
    return sorted(there, key=numbers)


def last(folder: Path = RELEASED) -> Contract:
    """The contract released last. Raises `BadFile` where none is here, as where only the distribution is installed."""
    found = versions(folder)
    if not found:
        raise BadFile(f"{folder}: no contract was released here; name a file or a folder that holds {FILE}")
    return loaded(folder / found[-1])


def present() -> Contract:
    """What this installation would publish; its golden samples where they are at hand."""
    return contract(asyncapi.document(SAMPLES), PRESENT)


def named(name: str, folder: Path = RELEASED) -> Contract:
    """By file, by folder or by the version of a release. Raises `BadFile`."""
    return loaded(folder / name if VERSION.fullmatch(name) and not Path(name).exists() else Path(name))
