"""The data files that come with a package: the protocol, the tracks, the time limits."""

from importlib.resources import files
from typing import Any

import yaml

from xianjie.written import as_written

_LOADER = as_written(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""libyaml where it is there: ten times as fast, and every process reads these files. Only for files of our own: it recurses in C."""


def shipped(path: str, package: str = "xianjie") -> list[Any]:
    """The documents of a YAML file of a package, for example `law/deadlines.yaml`; raises FileNotFoundError."""
    return list(yaml.load_all(files(package).joinpath(path).read_text("utf-8"), _LOADER))
