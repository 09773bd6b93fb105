"""The whole service in the process of the test, and a caller of its API."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from nsd.service.service import Service
from nsd.settings import Dns, Endpoint, Http, Settings
from nsd.store import tokens, users

ANYWHERE = Endpoint("127.0.0.1", 0)


class House:
    """A running service, called with the token of an administrator `me`."""

    def __init__(self, service: Service, session: aiohttp.ClientSession) -> None:
        self.service = service
        self._session = session

    async def call(self, method: str, path: str, content: object = None) -> tuple[int, Any]:
        """Give the status and the JSON; a text is sent as a zone file."""
        body: dict[str, Any] = {"json": content}
        if isinstance(content, str):
            body = {"data": content, "headers": {"Content-Type": "text/dns"}}
        async with self._session.request(method, f"/api/v1{path}", **body) as response:
            octets = await response.read()
            return response.status, await response.json() if octets else None


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[House]:
    """Start a service in a folder; end it."""
    settings = Settings(data=folder, dns=Dns(listen=(ANYWHERE,)), http=Http(listen=ANYWHERE))
    service = Service(settings)
    await service.start()
    try:
        token = await service.database.write(_token)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(f"http://{service.http}", headers=headers) as session:
            yield House(service, session)
    finally:
        await service.close()


def _token(connection: sqlite3.Connection) -> str:
    user = users.add(connection, "me", email="", plan="unlimited", is_admin=True, now=1)
    return tokens.create(connection, user.id, name="", permissions=("dns:*",), now=1)[0]
