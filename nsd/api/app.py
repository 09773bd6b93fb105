"""The HTTP application: all dialects on one listener."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from nsd import metrics
from nsd.api.auth import Authenticator
from nsd.api.body import MAX_JSON
from nsd.api.client import TRUSTED_PROXIES, Network
from nsd.api.dozens.app import dozens_app
from nsd.api.dozens.auth import Sessions
from nsd.api.vps.app import vps_app
from nsd.api.vps.door import Door
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.secondary.declaration import Declarations
from nsd.secondary.replication import Replication
from nsd.server.udp import Courtesy
from nsd.settings import Dozens

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, X-Auth-User, X-Auth-Key, X-Auth-Token"
_ALLOWED_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def make_app(
    changes: Changes,
    authenticator: Authenticator,
    sessions: Sessions,
    courtesy: Courtesy,
    background: Background,
    replication: Replication,
    declarations: Declarations,
    *,
    dozens: Dozens,
    max_zone_file: int,
    cors_origins: Sequence[str] = (),
    trusted_proxies: Sequence[Network] = (),
    show_metrics: bool = True,
) -> web.Application:
    """Make the application."""
    middlewares = [_counted(courtesy), _cors(frozenset(cors_origins))]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_JSON)
    app[TRUSTED_PROXIES] = tuple(trusted_proxies)
    app.router.add_get("/health", _health(background))
    if show_metrics:
        app.router.add_get("/metrics", _metrics)
    door = Door(changes, max_zone_file, replication, declarations)
    app.add_subapp("/api/v1", vps_app(door, authenticator))
    app.add_subapp("/api", dozens_app(changes, sessions, dozens))
    return app


def _counted(courtesy: Courtesy) -> Middleware:
    """Let the queries take short turns for the sake of a request."""

    @web.middleware
    async def counted(request: web.Request, handler: _Handler) -> web.StreamResponse:
        courtesy.request()
        return await handler(request)

    return counted


def _health(background: Background) -> _Handler:
    async def health(_request: web.Request) -> web.Response:
        failing = background.failing
        if failing:
            return web.json_response({"status": "failing", "failing": failing}, status=503)
        return web.json_response({"status": "ok"})

    return health


async def _metrics(_request: web.Request) -> web.Response:
    headers = {"Content-Type": metrics.CONTENT_TYPE}
    return web.Response(body=metrics.exposition(), headers=headers)


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
