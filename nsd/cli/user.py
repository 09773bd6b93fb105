"""`nsdctl user …`: accounts."""

import re
from typing import Annotated

import typer

from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.errors import Invalid
from nsd.settings import Settings
from nsd.store import dozens_tokens, users
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
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}", name):
        raise Invalid(
            f"'{name}' is no name for an account: use up to 64 letters, digits and . _ @ + -"
        )
    chosen = _known_plan(settings, plan) or settings.default_plan
    user = store.write(
        settings,
        lambda connection: users.add(
            connection,
            name,
            email=email or f"{name}@localhost",
            plan=chosen,
            is_admin=admin,
            now=store.now(),
        ),
    )
    typer.echo(f"added {user.name} with the plan {user.plan}")


def _known_plan(settings: Settings, plan: str | None) -> str | None:
    if plan is not None and plan not in settings.plans:
        raise Invalid(f"there is no plan '{plan}': choose one of {', '.join(settings.plans)}")
    return plan


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
    chosen = _known_plan(settings, plan)
    user = store.write(
        settings,
        lambda connection: users.change(connection, name, email=email, plan=chosen, is_admin=admin),
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
    typer.echo(store.write(settings, lambda connection: dozens_tokens.new_key(connection, name)))


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the accounts."""
    rows = [_row(user) for user in store.read(load_settings(data, config), users.everyone)]
    show(rows, ("id", "name", "email", "plan", "admin"), as_json=json)


def _row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "plan": user.plan,
        "admin": user.is_admin,
    }
