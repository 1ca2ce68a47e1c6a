"""Which trials are for every run, and which for the long one alone."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def some(names: Iterable[str], few: Collection[str]) -> list[Any]:
    """Parameters of a test: those that are not among the few are marked `long`."""
    return [each if each in few else pytest.param(each, marks=pytest.mark.long) for each in names]


def chosen(request: pytest.FixtureRequest, name: str) -> list[str]:
    """Which values of a parameter the tests of this module have, of those that run."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    return list(dict.fromkeys(item.callspec.params[name] for item in here if name in item.callspec.params))
