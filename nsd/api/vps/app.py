"""Paths, permissions, and the shape of errors."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from nsd.api.auth import Authenticator, Principal
from nsd.api.client import client_address
from nsd.api.errors import as_nsd_error
from nsd.api.vps import account, records, secondaries, status, zonefile, zones
from nsd.api.vps.door import Door, dumps, json_response
from nsd.errors import NsdError

Handler = Callable[[Door, Principal, web.Request], Awaitable[web.Response]]

# Each path is served with and without its closing slash.
ROUTES: Final[tuple[tuple[str, str, str | None, Handler], ...]] = (
    ("GET", "/dns-zones", "dns:list", zones.list_zones),
    ("POST", "/dns-zones", "dns:create", zones.create_zone),
    ("GET", "/dns-zones/{uuid}", "dns:list", zones.show_zone),
    ("DELETE", "/dns-zones/{uuid}", "dns:delete", zones.delete_zone),
    ("GET", "/dns-zones/{uuid}/records", "dns:list", records.list_zone_records),
    ("POST", "/dns-zones/{uuid}/records", "dns:create", records.create_record),
    ("GET", "/dns-zones/{uuid}/zonefile", "dns:list", zonefile.show_zone_file),
    ("PUT", "/dns-zones/{uuid}/zonefile", "dns:update", zonefile.replace_zone_file),
    ("GET", "/dns-records", "dns:list", records.list_records),
    ("GET", "/dns-records/{uuid}", "dns:list", records.show_record),
    ("PUT", "/dns-records/{uuid}", "dns:update", records.replace_record),
    ("PATCH", "/dns-records/{uuid}", "dns:update", records.change_record),
    ("DELETE", "/dns-records/{uuid}", "dns:delete", records.delete_record),
    ("GET", "/dns-zones/{uuid}/status", "dns:list", status.show_status),
    ("PUT", "/dns-zones/{uuid}/group", "dns:update", status.assign_group),
    ("GET", "/secondaries", "dns:list", secondaries.list_secondaries),
    ("POST", "/secondaries", "dns:create", secondaries.add_secondary),
    ("DELETE", "/secondaries/{name}", "dns:delete", secondaries.remove_secondary),
    ("GET", "/tsig-keys", "dns:list", secondaries.list_keys),
    ("POST", "/tsig-keys", "dns:create", secondaries.add_key),
    ("POST", "/tsig-keys/{name}/rotate", "dns:update", secondaries.rotate_key),
    ("DELETE", "/tsig-keys/{name}", "dns:delete", secondaries.remove_key),
    ("GET", "/account/me", None, account.show_account),
)


_READING: Final = frozenset({"GET", "HEAD"})


def vps_app(door: Door, authenticator: Authenticator) -> web.Application:
    """Make the application that is mounted at `/api/v1`."""
    app = web.Application(middlewares=[_errors_as_json])
    for method, path, permission, handler in ROUTES:
        guarded = _guard(door, authenticator, permission, handler)
        for spelling in (path, path + "/"):
            app.router.add_route(method, spelling, guarded)
            if method == "GET":
                app.router.add_route("HEAD", spelling, guarded)
    return app


def _guard(
    door: Door, authenticator: Authenticator, permission: str | None, handler: Handler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def guarded(request: web.Request) -> web.StreamResponse:
        principal = await authenticator.authenticate(
            request.headers.get("Authorization"), client_address(request)
        )
        if permission is not None:
            principal.require(permission)
        if request.method in _READING:
            return await handler(door, principal, request)
        return await status.waiting(door, request, lambda: handler(door, principal, request))

    return guarded


@web.middleware
async def _errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as raised:  # noqa: BLE001 -- no error leaves in another shape
        error, headers = as_nsd_error(raised, request)
        response = json_response(dumps(_error_json(error)), error.status)
        response.headers.update(headers)
        return response


def _error_json(error: NsdError) -> dict[str, str]:
    content = {"detail": error.detail, "error_code": error.code}
    if error.field is not None:
        content["field"] = error.field
    return content
