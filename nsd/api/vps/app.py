"""Paths, permissions, and the shape of errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from nsd.account.principal import Principal
from nsd.account.token import TokenAuthenticator
from nsd.api.auth import bearer
from nsd.api.client import client_address
from nsd.api.limits import LIMITS
from nsd.api.vps import (
    account,
    administration,
    records,
    secondaries,
    status,
    tsig_keys,
    zonefile,
    zones,
)
from nsd.api.vps.door import DOOR, Door
from nsd.api.vps.refusal import refusal
from nsd.api.vps.reply import Reply

Handler = Callable[[Door, Principal, web.Request], Awaitable[Reply]]

ALL: Final = False
ADMINS: Final = True

# Method, path, the permission that it needs, whether it is for administrators only, handler. Each
# path is served with and without its closing slash.
ROUTES: Final[tuple[tuple[str, str, str | None, bool, Handler], ...]] = (
    ("GET", "/dns-zones", "dns:list", ALL, zones.list_zones),
    ("POST", "/dns-zones", "dns:create", ALL, zones.create_zone),
    ("GET", "/dns-zones/{uuid}", "dns:list", ALL, zones.show_zone),
    ("DELETE", "/dns-zones/{uuid}", "dns:delete", ALL, zones.delete_zone),
    ("GET", "/dns-zones/{uuid}/records", "dns:list", ALL, records.list_zone_records),
    ("POST", "/dns-zones/{uuid}/records", "dns:create", ALL, records.create_record),
    ("GET", "/dns-zones/{uuid}/zonefile", "dns:list", ALL, zonefile.show_zone_file),
    ("PUT", "/dns-zones/{uuid}/zonefile", "dns:update", ALL, zonefile.replace_zone_file),
    ("GET", "/dns-records", "dns:list", ALL, records.list_records),
    ("GET", "/dns-records/{uuid}", "dns:list", ALL, records.show_record),
    ("PUT", "/dns-records/{uuid}", "dns:update", ALL, records.replace_record),
    ("PATCH", "/dns-records/{uuid}", "dns:update", ALL, records.change_record),
    ("DELETE", "/dns-records/{uuid}", "dns:delete", ALL, records.delete_record),
    ("GET", "/dns-zones/{uuid}/status", "dns:list", ALL, status.show_status),
    ("PUT", "/dns-zones/{uuid}/group", "dns:update", ADMINS, status.assign_group),
    ("POST", "/dns-zones/{uuid}/suspend", "dns:update", ADMINS, administration.suspend_zone),
    ("POST", "/dns-zones/{uuid}/resume", "dns:update", ADMINS, administration.resume_zone),
    ("POST", "/dns-zones/{uuid}/move", "dns:update", ADMINS, administration.move_zone),
    ("GET", "/accounts", "dns:list", ADMINS, administration.list_accounts),
    ("DELETE", "/accounts/{name}", "dns:delete", ADMINS, administration.delete_account),
    ("POST", "/accounts/{name}/suspend", "dns:update", ADMINS, administration.suspend_account),
    ("POST", "/accounts/{name}/resume", "dns:update", ADMINS, administration.resume_account),
    ("GET", "/secondaries", "dns:list", ADMINS, secondaries.list_secondaries),
    ("POST", "/secondaries", "dns:create", ADMINS, secondaries.add_secondary),
    ("DELETE", "/secondaries/{name}", "dns:delete", ADMINS, secondaries.remove_secondary),
    ("GET", "/tsig-keys", "dns:list", ADMINS, tsig_keys.list_keys),
    ("POST", "/tsig-keys", "dns:create", ADMINS, tsig_keys.add_key),
    ("POST", "/tsig-keys/{name}/rotate", "dns:update", ADMINS, tsig_keys.rotate_key),
    ("DELETE", "/tsig-keys/{name}", "dns:delete", ADMINS, tsig_keys.remove_key),
    ("GET", "/account/me", None, ALL, account.show_account),
)


_READING: Final = frozenset({"GET", "HEAD"})


def vps_app(door: Door, authenticator: TokenAuthenticator) -> web.Application:
    """Make the application that is mounted at `/api/v1`."""
    app = web.Application(middlewares=[_errors_as_json])
    for method, path, permission, admin, handler in ROUTES:
        guarded = _Guard(door, authenticator, permission, admin, handler).answer
        for spelling in (path, path + "/"):
            app.router.add_route(method, spelling, guarded)
            if method == "GET":
                app.router.add_route("HEAD", spelling, guarded)
    return app


@dataclass(frozen=True, slots=True)
class _Guard:
    """One route: who may come in, and what answers."""

    door: Door
    authenticator: TokenAuthenticator
    permission: str | None
    admin: bool
    handler: Handler

    async def answer(self, request: web.Request) -> web.Response:
        principal = await self.authenticator.authenticate(
            bearer(request.headers.get("Authorization")), DOOR, client_address(request)
        )
        request.config_dict[LIMITS].count_account(principal.account, request)
        principal.require(self.permission, admin=self.admin)
        reads = request.method in _READING
        seconds = None if reads else status.patience(request)
        reply = await self.handler(self.door, principal, request)
        if seconds is not None:
            reply = await status.served(self.door, reply, seconds)
        return reply.response()


@web.middleware
async def _errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as raised:  # noqa: BLE001 -- no error leaves in another shape
        return refusal(raised, request)
