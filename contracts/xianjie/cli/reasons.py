"""`xianjie refusals`: why a system is not let in or not read, and what to do about it."""

import difflib
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.refusals import refusals


def show_refusals(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="Which reason; all, if none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the reasons for which a system is not let in or not read: where each shows, and its remedy.

    Example: `xianjie refusals wrong_credentials`
    """
    known = refusals()
    if code and code not in known:
        near = ", ".join(difflib.get_close_matches(code, known, n=3)) or ", ".join(known)
        raise Fault(f"no reason has the code {code}; there are: {near}", 2)
    chosen = [known[code]] if code else list(known.values())
    if as_json:
        show_json([asdict(each) for each in chosen])
    elif code:
        each = chosen[0]
        show(
            Text.assemble((each.code, "bold"), f"  {each.chinese}\n{each.says}\nshows at: {', '.join(each.at)}; HTTP {each.http}")
        )
        show(Text(f"remedy: {each.remedy}"))
    else:
        show(
            table(
                ("code", "shows at", "http", "what is wrong", "remedy"),
                ((each.code, ", ".join(each.at), each.http, each.says, each.remedy) for each in chosen),
            )
        )
