"""The description of the bridge in OpenAPI 3.1: what openapi.yaml says, and the reasons of refusal from their catalogue."""

from typing import Any

from xianjie.refusals import refusals
from xianjie.shipped import shipped


def document() -> dict[str, Any]:
    """The whole description, as JSON values."""
    made: dict[str, Any]
    (made,) = shipped("openapi.yaml", __package__)
    codes = [each for each in refusals().values() if "bridge" in each.at]
    code = made["components"]["schemas"]["Problem"]["properties"]["code"]
    code["enum"] = [each.code for each in codes]
    code["description"] = "\n".join(f"`{each.code}` ({each.http}): {each.says}. {each.remedy}." for each in codes)
    return made
