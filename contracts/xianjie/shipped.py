"""The data files that come with the package: the protocol, the tracks, the time limits."""

from importlib.resources import files
from typing import Any

import yaml

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there: ten times as fast, and every process reads these files. Only for files of our own: it recurses in C."""


def shipped(path: str) -> list[Any]:
    """The documents of a file of the package, for example `law/deadlines.yaml`; raises FileNotFoundError."""
    return list(yaml.load_all(files("xianjie").joinpath(path).read_text("utf-8"), _LOADER))
