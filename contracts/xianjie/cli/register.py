"""`xianjie register`: organisations, experts and volunteers as a file, checked, made known, taken out."""

from pathlib import Path
from typing import Annotated

import typer

from xianjie.cli.leaving import Wait, tell
from xianjie.cli.network import NetworkFile, find
from xianjie.cli.showing import AsJson, show, show_json, table
from xianjie.law.reading import listed
from xianjie.message import plain
from xianjie.messages.provider import Provider, ProviderListed, ProviderUnlisted
from xianjie.wording import counted
from xianjie.written import documents

AT_ONCE = 150
"""Entries in one message, which may be 256 KiB long."""

app = typer.Typer(
    no_args_is_help=True,
    help="Organisations, experts and volunteers: check a file of them, make it known, take one out.",
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file: a list of entries.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="For the log of the directory.")]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Check a file of entries as a whole, and show them; every fault is listed with its place.

    Example: `xianjie register check experts.yaml`
    """
    found = _read(file)
    if as_json:
        show_json([plain(each) for each in found])
        return
    rows = (
        (each.code, each.kind, each.body, ", ".join(each.skills), ", ".join(each.rights) or "all", each.area) for each in found
    )
    show(table(("code", "kind", "asked through", "skills", "rights", "area"), rows))
    typer.echo(f"{file}: {counted(len(found), 'provider')}, no faults")


@app.command("import")
def import_(file: File, why: Why, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Make the entries of a file known. Known codes are described anew, others added, none removed.

    Example: `xianjie register import experts.yaml --why "appointed for 2026 to 2028"`
    """
    found, there = _read(file), find(network)
    for at in range(0, len(found), AT_ONCE):
        tell(there, ProviderListed(providers=tuple(found[at : at + AT_ONCE]), text=why), wait)
    typer.echo(f"{counted(len(found), 'provider')} made known to {there.name}")


@app.command()
def remove(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Which one.")],
    why: Why,
    wait: Wait = 10.0,
    network: NetworkFile = None,
) -> None:
    """Take one out of the registers.

    Example: `xianjie register remove EXP-GD-0017 --why "resigned"`
    """
    there = find(network)
    tell(there, ProviderUnlisted(code=code, text=why), wait)
    typer.echo(f"{code} is in no register of {there.name} any more")


def _read(file: Path) -> tuple[Provider, ...]:
    return listed(Provider, documents(file), str(file), lambda _: (), "code")
