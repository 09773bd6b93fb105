"""`nsdctl token …`: bearer tokens."""

import sqlite3
from datetime import UTC, datetime
from typing import Annotated

import typer

from nsd.account import token as credential
from nsd.account.permission import EVERYTHING
from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.store import tokens, users

app = typer.Typer(help="Bearer tokens of the API.", no_args_is_help=True)


@app.command("create")
def create(
    user: Annotated[str, typer.Option("--user", help="The account that it speaks for.")],
    name: Annotated[str, typer.Option("--name", help="A name to know it by.")] = "",
    permission: Annotated[
        list[str] | None,
        typer.Option("--permission", help="dns:list, dns:create, dns:update, dns:delete, dns:*"),
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="From where it may be used.")
    ] = None,
    expires_in_days: Annotated[
        int | None, typer.Option("--expires-in-days", min=1, max=36500)
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Create a token; it is printed once, alone on standard output."""
    settings = load_settings(data, config)
    expires_at = None if expires_in_days is None else store.now() + expires_in_days * 86400
    secret = store.act(
        settings,
        "token create",
        lambda act: credential.create(
            act,
            user,
            name=name,
            permissions=permission or [EVERYTHING],
            networks=network or [],
            expires_at=expires_at,
        ),
    )
    typer.echo(secret)


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the tokens, without their secrets."""

    def work(connection: sqlite3.Connection) -> list[dict[str, object]]:
        names = {user.id: user.name for user in users.everyone(connection)}
        return [_row(token, names[token.user_id]) for token in tokens.everything(connection)]

    columns = ("id", "user", "name", "permissions", "networks", "created", "expires", "last_used")
    show(store.read(load_settings(data, config), work), columns, as_json=json)


def _row(token: tokens.Token, user: str) -> dict[str, object]:
    return {
        "id": token.id,
        "user": user,
        "name": token.name,
        "permissions": " ".join(token.permissions),
        "networks": " ".join(token.networks) or None,
        "created": time_text(token.created_at),
        "expires": time_text(token.expires_at),
        "last_used": time_text(token.last_used_at),
    }


def time_text(seconds: int | None) -> str | None:
    """Show a time, as `2024-01-15T10:30:00Z`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@app.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="The token's id, as listed.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Revoke a token; it is refused within a second."""
    settings = load_settings(data, config)
    store.act(settings, "token revoke", lambda act: credential.revoke(act, token_id))
    typer.echo(f"revoked token {token_id}")
