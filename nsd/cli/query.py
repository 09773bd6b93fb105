"""`nsdctl query`: a question to this server, or to any, and the whole answer."""

import asyncio
import time
from typing import Annotated, Final

import typer

from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.client import question
from nsd.client.courier import Courier
from nsd.client.question import Message
from nsd.errors import NoAnswer
from nsd.secondary.declaration import read_address
from nsd.settings import Endpoint, Settings
from nsd.zone import name, rrtypes

SECONDS: Final = 3.0  # that a server may take
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- listened on, asked at


def query(
    qname: Annotated[str, typer.Argument(metavar="NAME", help="The name, absolute.")],
    rrtype: Annotated[str, typer.Argument(metavar="TYPE", help="The record type.")] = "A",
    *,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="ADDR[:PORT] of a server to ask; ours where there is none."),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Ask servers a question, and show their whole answers.

    The type is A where none is named, and the server ours where no address is.
    """
    servers = [read_address(one) for one in at or ()] or [_own(load_settings(data, config))]
    message = question.ask(name.from_text(qname), rrtypes.from_text(rrtype), with_edns=True)
    failures = [failure for server in servers if (failure := _show(server, message))]
    if failures:
        raise NoAnswer("; ".join(failures))


def _own(settings: Settings) -> Endpoint:
    listened = settings.dns.listen[0]
    return Endpoint(_ANYWHERE.get(listened.host, listened.host), listened.port)


def _show(server: Endpoint, message: bytes) -> str:
    """Print an answer; say why there is none."""
    try:
        answer = asyncio.run(_ask(server, message))
    except NoAnswer as error:
        return f"{server}: {error.detail}"
    typer.echo(f";; {server}\n{answer}\n")
    return ""


async def _ask(server: Endpoint, message: bytes) -> Message:
    courier = Courier((), wall=time.time)
    try:
        return await courier.ask(server.host, server.port, message, (), SECONDS)
    finally:
        courier.close()
