"""`xianjie outbox`: what an agency's client keeps in its file, and a person's word on what was set aside."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.office import standing
from xianjie.office.file import Store
from xianjie.office.standing import Aside, Standing
from xianjie.vocabulary import CHINA
from xianjie.wording import counted

File = Annotated[Path, typer.Argument(metavar="FILE", help="The agency's file, as in Agency(…, store=FILE).")]


class Shown(TyperGroup):
    """Where no command is named, but a file, it is shown."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Shown, no_args_is_help=True,
    help="What an agency's client has said and not sent, heard and not handled: `xianjie outbox FILE` shows it, also while the agency runs.",
)  # fmt: skip


@app.command("show")
def show_(file: File, as_json: AsJson = False) -> None:
    """Show how much waits to go out and since when, what is unanswered, and what was set aside.

    Example: `xianjie outbox office.sqlite` is short for `xianjie outbox show office.sqlite`
    """
    store = Store.beside(file)
    try:
        with store.look() as db:
            found = standing.standing(db)
    finally:
        store.close()
    if as_json:
        show_json(_plain(found))
        return
    _tell(found, file)


def _tell(found: Standing, file: Path) -> None:
    since = f", the oldest since {found.oldest:%Y-%m-%d %H:%M:%S} ({_age(found)} ago)" if found.oldest else ""
    typer.echo(f"{counted(found.waiting, 'message')} to go out{since}")
    typer.echo(f"{counted(found.unanswered, 'message')} without a receipt, {found.unhandled} heard and not handled")
    if found.aside:
        rows = (
            (each.way, each.case, each.type, f"{each.at:%Y-%m-%d %H:%M}", each.behind or "", each.id, each.why)
            for each in found.aside
        )
        show(table(("set aside", "case", "type", "at", "behind it", "id", "why"), rows))
        typer.echo(
            f"when the reason is mended: xianjie outbox retry {file} --all, or with an id; to give one up: xianjie outbox drop"
        )


def _age(found: Standing) -> str:
    seconds = int(found.age(datetime.now(CHINA)).total_seconds())
    return (
        f"{seconds // 3600} h {seconds // 60 % 60} min"
        if seconds >= 3600
        else f"{seconds // 60} min"
        if seconds >= 60
        else f"{seconds} s"
    )


def _plain(found: Standing) -> dict[str, Any]:
    return {
        "waiting": found.waiting, "oldest": found.oldest.isoformat() if found.oldest else None, "unanswered": found.unanswered,
        "unhandled": found.unhandled, "aside": [_row(each) for each in found.aside],
    }  # fmt: skip


def _row(each: Aside) -> dict[str, Any]:
    return {
        "way": each.way, "id": each.id, "case": each.case, "type": each.type, "at": each.at.isoformat(), "code": each.code,
        "why": each.why, "behind": each.behind,
    }  # fmt: skip


@app.command()
def retry(
    file: File,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="The message's id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was set aside instead.")] = False,
) -> None:
    """Say again, or handle again, what was set aside: when the reason is mended. A running agency takes it up within seconds.

    Example: `xianjie outbox retry office.sqlite --all`
    """
    if (id is not None) == everything:
        raise Fault(f"name one message by its id, or --all: xianjie outbox {file} shows them", 2)
    count = _done(file, id, lambda db: standing.retry(db, id))
    typer.echo(f"{counted(count, 'message')} will be tried again" if count else "nothing was set aside")


@app.command()
def drop(file: File, id: Annotated[str, typer.Argument(metavar="ID", help="The message's id.")]) -> None:
    """Give up what was set aside: it is never said, or never handled, and what waits behind it in its case goes on.

    Example: `xianjie outbox drop office.sqlite 5f0c…`
    """
    _done(file, id, lambda db: standing.drop(db, id))
    typer.echo("dropped")


def _done(file: Path, id: str | None, act: Any) -> int:
    store = Store.beside(file, write=True)
    try:
        with store.transaction() as db:
            count = int(act(db))
    finally:
        store.close()
    if id and not count:
        raise Fault(f"nothing was set aside under the id {id}: xianjie outbox {file} shows what was")
    return count
