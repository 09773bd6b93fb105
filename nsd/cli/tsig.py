"""`nsdctl tsig …`: the keys that sign transfers."""

import sqlite3
from typing import Annotated

import typer

from nsd.account import tsig_key
from nsd.account.tsig_key import read_name
from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.cli.token import time_text
from nsd.settings import Settings
from nsd.store.secret import SecretBox
from nsd.store.tsig_keys import TsigKey, TsigKeys
from nsd.zone.name import to_text

app = typer.Typer(help="Keys that sign transfers (TSIG).", no_args_is_help=True)

KeyArgument = Annotated[str, typer.Argument(metavar="NAME", help="The key's name.")]


def keys(settings: Settings) -> TsigKeys:
    """Give the table of keys, with the means to decrypt it."""
    return TsigKeys(SecretBox(settings.data))


@app.command("add")
def add(
    key: KeyArgument,
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="hmac-sha256, hmac-sha384 or hmac-sha512")
    ] = "hmac-sha256",
    secret: Annotated[
        str | None, typer.Option("--secret", help="A secret in base64; without it one is made.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a key; its secret is printed once, alone on standard output."""
    settings = load_settings(data, config)
    chosen = None if secret is None else tsig_key.read_secret(secret)
    made = store.act(
        settings,
        "tsig add",
        lambda act: tsig_key.add(act, keys(settings), read_name(key), algorithm, chosen),
    )
    typer.echo(tsig_key.show_secret(made))


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the keys, without their secrets."""
    settings = load_settings(data, config)

    def work(connection: sqlite3.Connection) -> list[dict[str, object]]:
        return [_row(key) for key in keys(settings).everything(connection)]

    columns = ("name", "algorithm", "created", "former_secret_until")
    show(store.read(settings, work), columns, as_json=json)


def _row(key: TsigKey) -> dict[str, object]:
    is_rotating = len(key.secrets_at(store.now())) > 1
    return {
        "name": to_text(key.name),
        "algorithm": key.algorithm,
        "created": time_text(key.created_at),
        "former_secret_until": time_text(key.former_until) if is_rotating else None,
    }


@app.command("rotate")
def rotate(
    key: KeyArgument,
    keep_hours: Annotated[
        int, typer.Option("--keep-hours", min=0, max=8760, help="How long the old secret holds.")
    ] = 24,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a key a new secret, printed once; the old one holds for a while."""
    settings = load_settings(data, config)

    changed = store.act(
        settings,
        "tsig rotate",
        lambda act: tsig_key.rotate(
            act, keys(settings), read_name(key), keep_seconds=3600 * keep_hours
        ),
    )
    typer.echo(tsig_key.show_secret(changed))


@app.command("remove")
def remove(key: KeyArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Remove a key; it is refused within a second."""
    settings = load_settings(data, config)
    name = read_name(key)
    store.act(settings, "tsig remove", lambda act: tsig_key.remove(act, keys(settings), name))
    typer.echo(f"removed {to_text(name)}")
