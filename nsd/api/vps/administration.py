"""What administrators do with the zones and accounts of everyone."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from aiohttp import web

from nsd.account.act import Act
from nsd.account.ownership import FindZone
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.slices import array
from nsd.api.vps.door import Door
from nsd.api.vps.paging import page_of, window_of, write
from nsd.api.vps.reply import Reply, done, json_reply
from nsd.api.vps.shape import text_member, time_text, zone_json
from nsd.change import suspension
from nsd.change.domain import read_domain
from nsd.change.effect import Committed
from nsd.change.removal import remove_account
from nsd.change.suspension import Holding
from nsd.errors import Invalid
from nsd.store import users, zones
from nsd.store.defaults import Defaults
from nsd.store.users import User
from nsd.store.zones import Choice, ZoneRow

_ZoneWork = Callable[[Act, Defaults], Committed[ZoneRow]]


def asks_for_all(principal: Principal, request: web.Request) -> bool:
    """Tell whether a call means other accounts' zones too, by `all=1` or `user`.

    Raises PermissionDenied for whoever is no administrator, Invalid for another value of `all`.
    """
    query = request.query
    if "all" not in query and "user" not in query:
        return False
    principal.require(None, admin=True)
    if query.get("all", "1") != "1":
        raise Invalid("all is 1 or left out", field="all")
    return True


async def list_zones(door: Door, request: web.Request) -> Reply:
    """GET /dns-zones/ with `all=1` or `user`, and with what it takes else."""
    page = page_of(request)

    user, domain = request.query.get("user"), request.query.get("domain")

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        names = {user.id: user.name for user in users.everyone(connection)}
        user_id = None if user is None else users.by_name(connection, user).id
        choice = choice_of(user_id, domain)
        if choice is None:
            return write(page, lambda: 0, ())
        rows = choice.rows(connection, window_of(page))
        shown = (_zone_json(zone, names) for zone in rows)
        return write(page, lambda: choice.count(connection), shown)

    return Reply(await door.database.read_slices(work))


def choice_of(user_id: int | None, domain: str | None) -> Choice | None:
    """Say which zones are asked for; None where no zone can have such a name."""
    try:
        return Choice(user_id, read_domain(domain) if domain else None)
    except Invalid:
        return None


def _zone_json(zone: ZoneRow, names: dict[int, str]) -> dict[str, Any]:
    return {
        **zone_json(zone),
        "user": names[zone.user_id],
        "serial": zone.serial,
        "suspended": zone.suspended_by or None,
    }


async def suspend_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /dns-zones/{uuid}/suspend/."""
    return await _zone(door, principal, partial(suspension.suspend_zone, zone_in(request)))


async def resume_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /dns-zones/{uuid}/resume/."""
    return await _zone(door, principal, partial(suspension.resume_zone, zone_in(request)))


async def move_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /dns-zones/{uuid}/move/ with `{user}`."""
    to = text_member(await read_json_object(request), "user")
    plans = door.changes.plans
    return await _zone(door, principal, partial(suspension.move_zone, zone_in(request), to, plans))


def zone_in(request: web.Request) -> FindZone:
    """Give what finds the zone that a path names, whosever it is."""
    uuid = request.match_info["uuid"]
    return lambda connection: suspension.visible(zones.by_uuid(connection, uuid))


async def _zone(door: Door, principal: Principal, work: _ZoneWork) -> Reply:
    committed = await door.changes.perform(principal, work)
    await door.reload()
    zone = committed.result
    user = await door.database.read(lambda connection: users.by_id(connection, zone.user_id))
    return json_reply(_zone_json(zone, {user.id: user.name}), effects=committed.effects)


async def list_accounts(door: Door, _principal: Principal, _request: web.Request) -> Reply:
    """GET /accounts/."""

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        return array(map(_user_json, users.everyone(connection)))

    return Reply(await door.database.read_slices(work))


def _user_json(user: User) -> dict[str, Any]:
    since = user.suspended_at
    return {
        "username": user.name,
        "email": user.email,
        "plan": user.plan,
        "is_admin": user.is_admin,
        "created_at": time_text(user.created_at),
        "suspended_at": None if since is None else time_text(since),
    }


async def suspend_account(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /accounts/{name}/suspend/."""
    work = partial(suspension.suspend_account, request.match_info["name"])
    return await _account(door, await door.changes.perform(principal, work))


async def resume_account(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /accounts/{name}/resume/."""
    work = partial(suspension.resume_account, request.match_info["name"])
    return await _account(door, await door.changes.perform(principal, work))


async def _account(door: Door, committed: Committed[Holding]) -> Reply:
    door.forget()
    await door.reload()
    had = committed.result
    shown = {**_user_json(had.user), "zone_count": len(had.zones), "record_count": had.records}
    return json_reply(shown, effects=committed.effects)


async def delete_account(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /accounts/{name}/: with its zones and credentials."""
    try:
        removed = await remove_account(door.changes, principal, request.match_info["name"])
    finally:
        door.forget()
    await door.reload()
    return done(removed.effects)
