"""The HTTP door: the APIs' application on a socket that is bound."""

from contextlib import AsyncExitStack
from typing import Final

from aiohttp import web

from nsd.api.app import House, make_app
from nsd.service.sockets import HttpSocket

GRACE_SECONDS: Final = 5.0  # for calls under way at the end
BACKLOG: Final = 1024


async def open_http(house: House, bound: HttpSocket, ending: AsyncExitStack) -> None:
    """Serve the APIs until the end."""
    runner = web.AppRunner(make_app(house), access_log=None, shutdown_timeout=GRACE_SECONDS)
    await runner.setup()
    ending.push_async_callback(runner.cleanup)
    await web.SockSite(runner, bound.streams, backlog=BACKLOG).start()
