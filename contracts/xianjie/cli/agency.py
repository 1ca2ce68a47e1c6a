"""`xianjie agency`: one body joins, is looked at, gets another key, is tested, leaves."""

import typer

from xianjie.cli import body, departing, looping, registering, rekeying

app = typer.Typer(
    no_args_is_help=True,
    help="One body and its place in the network: let it join, look at it, change its key, test the way to it, let it go.",
)
app.command("register")(registering.register)
app.command("show")(body.show_agency)
app.command("rotate-key")(rekeying.rotate_key)
app.command("drain")(departing.drain)
app.command("leave")(departing.leave)
app.command("test")(looping.way_to)
