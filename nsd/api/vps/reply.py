"""What a handler answers, before it becomes an HTTP response."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import web

from nsd.change.effect import Effect

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """A body that is already written, and what the call has changed.

    Whoever wants to know when others serve the change finds its effects here.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    effects: Sequence[Effect] = ()

    def response(self) -> web.Response:
        """Make the HTTP response; one without a body has no type."""
        if not self.body:
            return web.Response(status=self.status)
        return web.Response(
            body=self.body, status=self.status, content_type=self.content_type, charset="utf-8"
        )


def done(effects: Sequence[Effect] = ()) -> Reply:
    """Answer that it is done, and nothing more."""
    return Reply(status=204, effects=effects)


def dumps(content: Any) -> bytes:
    """Write JSON; long lists are written where they are read, beside the event loop."""
    return orjson.dumps(content)
