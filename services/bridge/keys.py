"""Keys for agencies that come by HTTP: `python -m services.bridge.keys`. A key is shown once; the file holds its SHA-256 alone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from xianjie.bridge_keys import Served, Webhook, new_key, new_secret, read_served, with_key, without_older_keys, write_served
from xianjie.fields import schema_for
from xianjie.message import plain
from xianjie.whole import alone
from xianjie.written import BadFile, bad, flat

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Give agencies that come by HTTP their keys. The bridge sees a change of the file within two seconds; no restart is needed. "
    "Example: new CN-SH-IPO --agencies agencies.yaml; when the agency uses the new key: retire CN-SH-IPO --agencies agencies.yaml",
)
Code = Annotated[str, typer.Argument(help="The agency, as the directory calls it: CN-SH-IPO.")]
File = Annotated[Path, typer.Option("--agencies", envvar="XIANJIE_BRIDGE_AGENCIES", help="The file that the bridge reads.")]


@app.command()
def new(
    code: Code,
    agencies: File,
    webhook: Annotated[str | None, typer.Option(help="Tell the agency at this address, https://…, with a new secret.")] = None,
) -> None:
    """Write one more key of an agency into the file, which is made if it is not there, and show it, this once.

    Keys that it had stay in force until: retire. An agency that is new also needs its inbox: bring the broker up to date.
    """
    key, digest = new_key()
    hook = Webhook(url=webhook, secret=new_secret()) if webhook else None
    with _changing(agencies):
        served = with_key(read_served(agencies) if agencies.exists() else (), code, digest, webhook=hook)
        _checked(agencies, [each for each in served if each.code == code])
        write_served(agencies, served)
    typer.echo(f"the key of {code}, which is shown only now: {key}")
    if hook:
        typer.echo(f"the secret of its webhook, with which it checks signatures: {hook.secret}")


@app.command()
def retire(code: Code, agencies: File) -> None:
    """Leave the newest key of an agency alone in force. Who uses an older one hears that it was revoked."""
    with _changing(agencies):
        served = read_served(agencies)
        if not any(each.code == code for each in served):
            raise BadFile(f"{agencies}: no agency {code} is in it; there are {', '.join(each.code for each in served) or 'none'}")
        write_served(agencies, without_older_keys(served, code))
    typer.echo(f"of {code} only the newest key is in force")


@contextmanager
def _changing(file: Path) -> Iterator[None]:
    """Alone, and what the disk says against it in words."""
    with ExitStack() as held:
        try:
            held.enter_context(alone(file))
        except OSError as fault:
            raise BadFile(f"{file}: the folder cannot be used: {fault.strerror}") from None
        try:
            yield
        except OSError as fault:
            raise BadFile(f"{file}: cannot be written: {fault.strerror}") from None


def _checked(file: Path, rows: list[Served]) -> None:
    """Refuse what could not be read again: a code that is none, an address that is no https."""
    for row in rows:
        if faults := list(flat(schema_for(Served).validate(plain(row)))):
            raise bad(f"not written to {file}", faults)


def main() -> None:
    """Run the command line; what a person can mend is said in one message, without a traceback."""
    try:
        app(prog_name="python -m services.bridge.keys")
    except BadFile as fault:
        typer.echo(f"bridge: {fault}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
