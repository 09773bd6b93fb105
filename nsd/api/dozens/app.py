"""Paths, authentication, and the shape of errors."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from nsd.account.session import SessionAuthenticator
from nsd.api.client import client_address
from nsd.api.dozens import records, zones
from nsd.api.dozens.asked import Asked, asked_of, matches
from nsd.api.dozens.auth import key_of, session_of
from nsd.api.dozens.body import read_members
from nsd.api.dozens.call import DOOR, Call
from nsd.api.dozens.form import Form
from nsd.api.dozens.refusal import refusal
from nsd.api.limits import LIMITS
from nsd.api.slices import Slices
from nsd.change.changes import Changes
from nsd.errors import NotFound
from nsd.settings import Dozens

PREFIX: Final = "/api"
Handler = Callable[[Call], Awaitable[Sequence[bytes]]]

# The first path that fits decides, so no zone called `create` can be listed.
ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("GET", "zone", zones.list_zones),
    ("POST", "zone/create", zones.create_zone),
    ("POST", "zone/update/{}", zones.update_zone),
    ("DELETE", "zone/delete/{}", zones.delete_zone),
    ("POST", "record/create", records.create_record),
    ("POST", "record/update/{}", records.update_record),
    ("DELETE", "record/delete/{}", records.delete_record),
    ("GET", "record/{}", records.list_records),
)
AUTHORIZE: Final = ("authorize",)


def dozens_app(
    changes: Changes, sessions: SessionAuthenticator, settings: Dozens
) -> web.Application:
    """Make the application that is mounted at `/api`, below more particular ones."""
    app = web.Application()
    answer = _Dispatch(changes, sessions, settings).answer
    app.router.add_route("*", "", answer)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


class _Dispatch:
    """From a request to its handler, and from what comes of it to the response."""

    def __init__(self, changes: Changes, sessions: SessionAuthenticator, settings: Dozens) -> None:
        self._changes = changes
        self._sessions = sessions
        self._settings = settings

    async def answer(self, request: web.Request) -> web.Response:
        asked = asked_of(request, PREFIX)
        try:
            slices = await self._call(request, asked)
        except Exception as raised:  # noqa: BLE001 -- no error leaves in another shape
            return refusal(raised, request, asked.form)
        return _response(slices, asked.form)

    async def _call(self, request: web.Request, asked: Asked) -> Sequence[bytes]:
        method = "GET" if request.method == "HEAD" else request.method
        if asked.segments == AUTHORIZE:
            _require_method(method, request, "GET", "POST")
            secret = await self._sessions.open(*key_of(request.headers))
            return [asked.form.write({"auth_token": secret})]
        allowed, handler, argument = _route(asked)
        _require_method(method, request, allowed)
        principal = await self._sessions.authenticate(
            session_of(request.headers), DOOR, client_address(request)
        )
        request.config_dict[LIMITS].count_account(principal.account, request)
        body = await read_members(request) if method == "POST" else {}
        return await handler(
            Call(self._changes, principal, asked.form, argument, body, self._settings.empty_list)
        )


def _route(asked: Asked) -> tuple[str, Handler, str]:
    for method, pattern, handler in ROUTES:
        argument = matches(pattern, asked.segments)
        if argument is not None:
            return method, handler, argument
    raise NotFound("There is no such path.")


def _require_method(method: str, request: web.Request, *allowed: str) -> None:
    if method not in allowed:
        raise web.HTTPMethodNotAllowed(request.method, allowed)


def _response(slices: Sequence[bytes], form: Form) -> web.Response:
    return web.Response(body=Slices(slices), content_type=form.value, charset="utf-8")
