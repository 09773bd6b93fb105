"""What a handler answers, before it becomes an HTTP response."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from nsd.api.slices import Slices, dumps
from nsd.change.effect import Effect

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """A body that is already written, in slices, and what the call has changed.

    Whoever wants to know when others serve the change finds its effects here.
    """

    body: Sequence[bytes] = ()
    status: int = 200
    content_type: str = JSON
    effects: Sequence[Effect] = ()

    def response(self) -> web.Response:
        """Make the HTTP response; one without a body has no type."""
        if not self.body:
            return web.Response(status=self.status)
        body = self.body[0] if len(self.body) == 1 else Slices(self.body)
        return web.Response(
            body=body, status=self.status, content_type=self.content_type, charset="utf-8"
        )


def json_reply(content: Any, status: int = 200, effects: Sequence[Effect] = ()) -> Reply:
    """Answer with JSON that is short."""
    return Reply([dumps(content)], status, effects=effects)


def done(effects: Sequence[Effect] = ()) -> Reply:
    """Answer that it is done, and nothing more."""
    return Reply(status=204, effects=effects)
