"""`nsdctl serve`: the one process."""

import asyncio
import signal
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nsd import log
from nsd.account import token, user
from nsd.account.act import Act, perform
from nsd.account.permission import EVERYTHING
from nsd.account.plan import Plans
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.cli.welcome import welcome
from nsd.log.repetition import Repetition
from nsd.store import users

if TYPE_CHECKING:
    from nsd.service.service import Service

TELL_SECONDS: Final = 1.0


def serve(
    dns: Annotated[
        list[str] | None, typer.Option("--dns", help="ADDR:PORT for DNS; may be repeated.")
    ] = None,
    http: Annotated[str | None, typer.Option("--http", help="ADDR:PORT for the API.")] = None,
    data: DataOption = None,
    show_token: Annotated[  # noqa: FBT002
        bool, typer.Option("--show-token", help="Print the first token, terminal or not.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Answer DNS on UDP and TCP, and serve the HTTP API."""
    from nsd.service.service import Service  # noqa: PLC0415 -- the other commands start without HTTP

    settings = load_settings(data, config, dns=dns or (), http=http)
    repetition = Repetition(time.monotonic)
    log.set_up(settings.log, repetition)
    asyncio.run(_serve(Service(settings), repetition, show_token=show_token))


async def _serve(service: "Service", repetition: Repetition, *, show_token: bool) -> None:
    async def tell() -> None:
        repetition.tell()

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await service.start()
    service.background.every("telling what the log left out", TELL_SECONDS, tell)
    try:
        plans = service.settings.plans
        secret = await perform(
            service.database, operator("serve"), store.now(), partial(_first_token, plans)
        )
        _say(f"nsdctl: DNS on {', '.join(map(str, service.dns))}, API on http://{service.http}")
        if secret is not None:
            assert service.http is not None
            folder = service.settings.data
            welcome(secret, service.dns[0], service.http, folder, show=show_token)
        await stop.wait()
    finally:
        await service.close()
        repetition.tell()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def _first_token(plans: Plans, act: Act) -> str | None:
    """Create the user `admin` where there is no user at all; give its token."""
    if users.everyone(act.connection):
        return None
    user.add(act, plans, "admin", email=None, plan="unlimited", is_admin=True)
    return token.create(
        act, "admin", name="first", permissions=[EVERYTHING], networks=[], expires_at=None
    )
