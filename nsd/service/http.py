"""The HTTP door: the APIs' application on a socket that is bound."""

from contextlib import AsyncExitStack
from typing import Final

from aiohttp import web

from nsd.api.app import House, make_app
from nsd.api.connection import HttpConnection
from nsd.server.acceptor import Acceptor, Limits, Speaking
from nsd.service.sockets import HttpSocket

GRACE_SECONDS: Final = 5.0  # for calls under way at the end


async def open_http(house: House, bound: HttpSocket, ending: AsyncExitStack) -> None:
    """Serve the APIs until the end."""
    http = house.settings.http
    runner = web.AppRunner(make_app(house), shutdown_timeout=GRACE_SECONDS)
    await runner.setup()
    ending.push_async_callback(runner.cleanup)
    server = runner.server
    assert server is not None
    limits = Limits(http.connections, http.connections_per_address, http.trusted_proxies)
    acceptor = Acceptor(Speaking(lambda place: HttpConnection(place, server)), limits)
    ending.callback(acceptor.close)
    acceptor.listen(bound.streams)
