"""The HTTP application: all dialects on one listener."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from nsd import metrics
from nsd.account.keyring import Keyring
from nsd.account.session import SessionAuthenticator
from nsd.account.token import TokenAuthenticator
from nsd.api.body import MAX_JSON
from nsd.api.client import PUBLIC_URL, TRUSTED_PROXIES, Network, client_address, is_host, is_in
from nsd.api.connection import SERVER, HttpConnection
from nsd.api.dozens.app import dozens_app
from nsd.api.limits import COUNTED, LIMITS, Limits
from nsd.api.refusal import refusal
from nsd.api.vps.app import vps_app
from nsd.api.vps.door import Door
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.errors import Invalid, NsdError, PermissionDenied, UnsupportedMediaType
from nsd.pace import Workshop
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declarations
from nsd.server.acceptor import origin_of
from nsd.server.courtesy import Courtesy
from nsd.settings import Settings

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, X-Auth-User, X-Auth-Key, X-Auth-Token"
_ALLOWED_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the doors open to; the composition root makes it.

    `clock` gives seconds that only go forward, `wall` Unix seconds.
    `reload` takes in what has changed of keys and secondaries, now or, where that fails, later.
    """

    settings: Settings
    changes: Changes
    tokens: TokenAuthenticator
    sessions: SessionAuthenticator
    keyring: Keyring
    declarations: Declarations
    board: Board
    reload: Callable[[], Awaitable[None]]
    background: Background
    courtesy: Courtesy
    clock: Callable[[], float]
    wall: Callable[[], float]

    def forget(self) -> None:
        """Look all callers up anew."""
        self.tokens.forget()
        self.sessions.forget()


def make_app(house: House) -> web.Application:
    """Make the application."""
    http = house.settings.http
    limits = Limits(http, house.clock)
    middlewares = [
        _with_short_turns(house.courtesy),
        _cors(frozenset(http.cors_origins)),
        _within(limits),
    ]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_JSON)
    app[TRUSTED_PROXIES] = http.trusted_proxies
    app[PUBLIC_URL] = http.public_url
    app[LIMITS] = limits
    app.on_response_prepare.append(_name_server)
    app.router.add_get("/health", _health(house.background))
    if http.metrics:
        app.router.add_get("/metrics", _metrics(http.metrics_from))
    app.add_subapp("/api/v1", vps_app(_door(house), house.tokens))
    app.add_subapp("/api", dozens_app(house.changes, house.sessions, house.settings.dozens))
    return app


def _door(house: House) -> Door:
    settings = house.settings
    return Door(
        workshop=Workshop(),
        changes=house.changes,
        keyring=house.keyring,
        declarations=house.declarations,
        board=house.board,
        reload=house.reload,
        forget=house.forget,
        handover_seconds=settings.transfer.handover_seconds,
        max_zone_file=settings.http.max_zone_file,
        wall=house.wall,
    )


def _with_short_turns(courtesy: Courtesy) -> Middleware:
    """Let the queries take short turns for the sake of each request."""

    @web.middleware
    async def with_short_turns(request: web.Request, handler: _Handler) -> web.StreamResponse:
        courtesy.request()
        return await handler(request)

    return with_short_turns


def _within(limits: Limits) -> Middleware:
    """Refuse what is malformed or beyond the limits before anything is done for it."""

    @web.middleware
    async def within(request: web.Request, handler: _Handler) -> web.StreamResponse:
        origin = origin_of(client_address(request)) or ""
        connection = request.protocol
        assert isinstance(connection, HttpConnection)
        connection.begin()
        try:
            with limits.under_way(request):
                _check_form(request)
                limits.check_address(origin)
                response = await handler(request)
        except NsdError as refused:
            response = refusal(refused, request)
        finally:
            connection.finish()
        if COUNTED not in request:
            limits.count_address(origin, request, response.status)
        return response

    return within


def _check_form(request: web.Request) -> None:
    """Refuse a Host that is none, and a body that would have to be unpacked, both unread."""
    if not is_host(request.headers.get("Host", "localhost")):
        raise Invalid("the Host header names no host")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("send the body as it is, without Content-Encoding")


async def _name_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = SERVER


def _health(background: Background) -> _Handler:
    async def health(_request: web.Request) -> web.Response:
        failing = background.failing
        if failing:
            return web.json_response({"status": "failing", "failing": failing}, status=503)
        return web.json_response({"status": "ok"})

    return health


def _metrics(networks: Sequence[Network]) -> _Handler:
    async def show(request: web.Request) -> web.Response:
        if not is_in(client_address(request), networks):
            raise PermissionDenied("the metrics are not shown to this address")
        headers = {"Content-Type": metrics.CONTENT_TYPE}
        return web.Response(body=metrics.exposition(), headers=headers)

    return show


def _cors(origins: frozenset[str]) -> Middleware:
    """Answer browsers of the allowed origins (the Fetch standard's CORS protocol)."""

    @web.middleware
    async def cors(request: web.Request, handler: _Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or (origin not in origins and "*" not in origins):
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: web.StreamResponse = web.Response(status=204)
            response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
            response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
            response.headers["Access-Control-Max-Age"] = "86400"
        else:
            response = await handler(request)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.add("Vary", "Origin")
        return response

    return cors
