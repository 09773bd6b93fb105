"""What all handlers of the VPS.org DNS API share: the store, the changes, and answering in JSON."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import orjson
from aiohttp import web

from nsd.api.auth import Principal
from nsd.change.changes import Changes
from nsd.change.effect import Actor
from nsd.errors import NotFound
from nsd.secondary.declaration import Declarations
from nsd.secondary.replication import Replication
from nsd.store import zones
from nsd.store.zones import ZoneRow

DOOR: Final = "vps"


def dumps(content: Any) -> bytes:
    """Write JSON; long lists are written where they are read, beside the event loop."""
    return orjson.dumps(content)


def json_response(body: bytes, status: int = 200) -> web.Response:
    """Answer with JSON that is already written."""
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8")


def actor(principal: Principal) -> Actor:
    """Name a principal for the journal."""
    return Actor(principal.user.name, DOOR)


def own_zone(connection: sqlite3.Connection, principal: Principal, uuid: str) -> ZoneRow:
    """Find a zone of the caller's account; raises NotFound for any other."""
    zone = zones.by_uuid(connection, uuid)
    if zone.user_id != principal.user.id:
        raise NotFound
    return zone


def zone_finder(principal: Principal, uuid: str) -> Callable[[sqlite3.Connection], ZoneRow]:
    """Give a function that finds a zone of the caller's account inside a transaction."""
    return lambda connection: own_zone(connection, principal, uuid)


class Door:
    """Handlers' access to what lies behind HTTP."""

    def __init__(
        self,
        changes: Changes,
        max_zone_file: int,
        replication: Replication,
        declarations: Declarations,
    ) -> None:
        self.replication = replication
        self.declarations = declarations
        self.changes = changes
        self.database = changes.database
        self.max_zone_file = max_zone_file
