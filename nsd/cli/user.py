"""`nsdctl user …`: accounts."""

from typing import Annotated

import typer

from nsd.account import user as accounts
from nsd.account.session import new_dozens_key
from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.errors import Invalid
from nsd.store import users
from nsd.store.users import User

app = typer.Typer(help="Accounts.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    email: Annotated[str | None, typer.Option("--email", help="The mail address.")] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="The plan.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,  # noqa: FBT002
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add an account."""
    settings = load_settings(data, config)
    user = store.act(
        settings,
        "user add",
        lambda act: accounts.add(
            act,
            settings.plans,
            name,
            email=email,
            plan=plan or settings.default_plan,
            is_admin=admin,
        ),
    )
    typer.echo(f"added {user.name} with the plan {user.plan}")


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    email: Annotated[str | None, typer.Option("--email", help="The mail address.")] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="The plan.")] = None,
    admin: Annotated[
        bool | None, typer.Option("--admin/--no-admin", help="Administrator or not.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Change an account; a running server knows it within a second."""
    settings = load_settings(data, config)
    if email is None and plan is None and admin is None:
        raise Invalid("say what to change: --email, --plan, --admin or --no-admin")
    user = store.act(
        settings,
        "user set",
        lambda act: accounts.change(
            act, settings.plans, name, email=email, plan=plan, is_admin=admin
        ),
    )
    typer.echo(
        f"{user.name} has the plan {user.plan} and the address {user.email}"
        f"{' and is an administrator' if user.is_admin else ''}"
    )


@app.command("key")
def key(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a new API key for the Dozens API; it is printed once, alone on standard output.

    The former key ends, and so do the tokens that were made with it.
    """
    settings = load_settings(data, config)
    typer.echo(store.act(settings, "user key", lambda act: new_dozens_key(act, name)))


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the accounts."""
    rows = [_row(user) for user in store.read(load_settings(data, config), users.everyone)]
    show(rows, ("id", "name", "email", "plan", "admin", "suspended"), as_json=json)


def _row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "plan": user.plan,
        "admin": user.is_admin,
        "suspended": user.is_suspended,
    }
