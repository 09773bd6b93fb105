"""The tree of commands."""

import typer

from nsd.cli import (
    audit,
    bind,
    query,
    removal,
    secondary,
    serve,
    suspension,
    token,
    tsig,
    user,
    zone,
    zone_transfer,
)
from nsd.cli.options import COMMON, ConfigOption, DataOption

app = typer.Typer(
    name="nsdctl",
    help="An authoritative nameserver that people provision by API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serve.serve)
user.app.command("suspend")(suspension.suspend_user)
user.app.command("resume")(suspension.resume_user)
user.app.command("remove")(removal.remove_user)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
zone.app.command("transfer")(zone_transfer.transfer)
zone.app.command("suspend")(suspension.suspend_zone)
zone.app.command("resume")(suspension.resume_zone)
zone.app.command("move")(removal.move_zone)
zone.app.command("delete")(removal.delete_zone)
app.add_typer(zone.app, name="zone")
app.add_typer(bind.app, name="bind")
app.add_typer(secondary.app, name="secondary")
app.add_typer(tsig.app, name="tsig")
app.command("query")(query.query)
app.command("audit")(audit.audit)


@app.callback()
def common(data: DataOption = None, config: ConfigOption = None) -> None:
    """Take the options that every command has, where they stand before the command's words."""
    COMMON.data = data
    COMMON.config = config
