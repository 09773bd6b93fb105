"""Who serves a zone: its status, and writes that wait until all secondaries serve them."""

import sqlite3
from typing import Any, Final

from aiohttp import web

from nsd.account import ownership
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.slices import dumps
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply, done, json_reply
from nsd.api.vps.shape import time_text
from nsd.errors import Invalid
from nsd.secondary.board import Standing
from nsd.store import copies, zones
from nsd.store.copies import CopyRow
from nsd.store.zones import ZoneRow
from nsd.zone import owner
from nsd.zone.name import WireName

MOST_SECONDS: Final = 300.0


async def show_status(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/{uuid}/status/."""
    uuid = request.match_info["uuid"]

    def work(connection: sqlite3.Connection) -> tuple[ZoneRow, CopyRow | None]:
        zone = ownership.zone_by_uuid(principal, uuid, connection)
        return zone, copies.of_zone(connection, zone.id)

    zone, copy = await door.database.read(work)
    standing = await door.board.standing(zone.apex)
    now = door.now()
    content: dict[str, Any] = {
        "domain": owner.bare_text(zone.apex),
        "kind": zone.kind,
        "serial": zone.serial,
        "secondaries": [standing_json(one, zone.serial, now) for one in standing],
    }
    if copy is not None:
        content["primary"] = {
            "address": copy.primary.host,
            "port": copy.primary.port,
            "confirmed_at": time_text(copy.fetched_at),
            "error": copy.error or None,
        }
    return json_reply(content)


def standing_json(standing: Standing, serial: int | None, now: int) -> dict[str, Any]:
    """Show what one secondary serves of a zone whose serial is `serial`."""
    seen = standing.seen
    since = None if standing.is_current else seen.behind_since
    behind = None if serial is None or seen.serial is None else (serial - seen.serial) % (1 << 32)
    return {
        "name": standing.secondary.name,
        "serial": seen.serial,
        "is_current": standing.is_current,
        "serials_behind": behind,
        "seconds_behind": 0 if since is None else max(0, now - since),
        "seen_at": None if seen.seen_at is None else time_text(seen.seen_at),
        "error": seen.error or None,
    }


async def assign_group(door: Door, principal: Principal, request: web.Request) -> Reply:
    """PUT /dns-zones/{uuid}/group/ with `{group, property}`: any account's zone."""
    body = await read_json_object(request)
    group, property_ = body.get("group"), body.get("property")
    if not isinstance(group, str):
        raise Invalid("A group's name is required.", field="group")
    if property_ is not None and (not isinstance(property_, str) or len(property_) > 255):
        raise Invalid("Not a string of up to 255 characters.", field="property")
    uuid = request.match_info["uuid"]
    handover = door.handover_seconds
    committed = await door.changes.assign(
        principal, lambda connection: zones.by_uuid(connection, uuid), group, property_, handover
    )
    return done(committed.effects)


def patience(request: web.Request) -> float | None:
    """Read for how many seconds `?wait=secondaries` waits; None without it. Raises Invalid."""
    wait = request.query.get("wait")
    if wait is None:
        return None
    if wait != "secondaries":
        raise Invalid("wait is 'secondaries' or left out", field="wait")
    return _seconds(request.query.get("timeout", "10"))


async def served(door: Door, reply: Reply, seconds: float) -> Reply:
    """Wait until all secondaries serve what a call has changed; give its reply.

    Where they do not within so many seconds, give 202 with what would have been answered as
    `result`, and with who does not as `secondaries`.
    """
    wanted: dict[WireName, int | None] = {
        effect.apex: effect.served_serial for effect in reply.effects if not effect.is_hidden
    }
    missing = await door.board.wait(wanted, seconds)
    if not missing:
        return reply
    behind = dumps([standing_json(one, None, door.now()) for one in missing])
    result = reply.body or [b"null"]
    return Reply([b'{"result": ', *result, b', "secondaries": ', behind, b"}"], 202)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= MOST_SECONDS:
        raise Invalid(f"timeout is a number of seconds up to {MOST_SECONDS:.0f}", field="timeout")
    return seconds
