"""What all handlers of the VPS.org DNS API share: the store, the changes, and answering in JSON."""

from typing import Any, Final

import orjson
from aiohttp import web

from nsd.change.changes import Changes
from nsd.secondary.declaration import Declarations
from nsd.secondary.replication import Replication

DOOR: Final = "vps"


def dumps(content: Any) -> bytes:
    """Write JSON; long lists are written where they are read, beside the event loop."""
    return orjson.dumps(content)


def json_response(body: bytes, status: int = 200) -> web.Response:
    """Answer with JSON that is already written."""
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8")


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
