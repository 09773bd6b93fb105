"""Records: list, create, show, change, delete."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from nsd.account import ownership
from nsd.account.ownership import FindZone
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.vps.door import Door
from nsd.api.vps.paging import page_of, window_of, write
from nsd.api.vps.reply import Reply, done, json_reply
from nsd.api.vps.shape import Object, read_record, record_json
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid, NotFound
from nsd.store import records
from nsd.store.records import OfUser
from nsd.zone import rrtypes


async def list_zone_records(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/{uuid}/records/ with `page`, `page_size`."""
    page = page_of(request)
    uuid = request.match_info["uuid"]

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        zone = ownership.zone_by_uuid(principal, uuid, connection)
        rows = records.of_zone(connection, zone.id, window_of(page))
        shown = (record_json(row, zone.apex) for row in rows)
        return write(page, lambda: zone.record_count, shown)

    return Reply(await door.database.read_slices(work))


async def list_records(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-records/ with `zone`, `record_type`, `page`, `page_size`."""
    page = page_of(request)
    zone_uuid = request.query.get("zone")
    type_text = request.query.get("record_type")

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        wanted = _wanted(connection, principal, zone_uuid, type_text)
        if wanted is None:
            return write(page, lambda: 0, ())
        rows = wanted.rows(connection, window_of(page))
        shown = (record_json(row, apex) for apex, row in rows)
        return write(page, lambda: wanted.count(connection), shown)

    return Reply(await door.database.read_slices(work))


def _wanted(
    connection: sqlite3.Connection,
    principal: Principal,
    zone_uuid: str | None,
    type_text: str | None,
) -> OfUser | None:
    """Read the filters; None where nothing can match them."""
    try:
        rrtype = rrtypes.from_text(type_text) if type_text else None
        zone = ownership.zone_by_uuid(principal, zone_uuid, connection) if zone_uuid else None
    except (Invalid, NotFound):
        return None
    return OfUser(principal.account.id, zone.id if zone else None, rrtype)


async def create_record(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /dns-zones/{uuid}/records/."""
    body = await read_json_object(request)

    def change(edit: ZoneEdit) -> Object:
        apex = edit.zone.apex
        record = read_record(body, apex, edit.plan.default_ttl)
        return record_json(edit.insert(record), apex)

    finder = partial(ownership.zone_by_uuid, principal, request.match_info["uuid"])
    committed = await door.changes.edit(principal, finder, change)
    return json_reply(committed.result, 201, committed.effects)


async def show_record(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-records/{uuid}/."""
    uuid = request.match_info["uuid"]

    def work(connection: sqlite3.Connection) -> Object:
        zone, row = ownership.record_by_uuid(principal, uuid, connection)
        return record_json(row, zone.apex)

    return json_reply(await door.database.read(work))


async def replace_record(door: Door, principal: Principal, request: web.Request) -> Reply:
    """PUT /dns-records/{uuid}/: every required field is needed."""
    return await _update(door, principal, request, lambda _current, body: body)


async def change_record(door: Door, principal: Principal, request: web.Request) -> Reply:
    """PATCH /dns-records/{uuid}/: what is not sent stays."""
    return await _update(door, principal, request, lambda current, body: {**current, **body})


async def _update(
    door: Door,
    principal: Principal,
    request: web.Request,
    merge: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]],
) -> Reply:
    body = await read_json_object(request)
    uuid = request.match_info["uuid"]

    def change(edit: ZoneEdit) -> Object:
        apex = edit.zone.apex
        row = records.by_uuid(edit.connection, uuid)
        record = read_record(merge(record_json(row, apex), body), apex, edit.plan.default_ttl)
        return record_json(edit.update(row, record), apex)

    finder = _zone_of_record(principal, uuid)
    committed = await door.changes.edit(principal, finder, change)
    return json_reply(committed.result, effects=committed.effects)


async def delete_record(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /dns-records/{uuid}/."""
    uuid = request.match_info["uuid"]

    def change(edit: ZoneEdit) -> None:
        edit.delete(records.by_uuid(edit.connection, uuid))

    finder = _zone_of_record(principal, uuid)
    committed = await door.changes.edit(principal, finder, change)
    return done(committed.effects)


def _zone_of_record(principal: Principal, uuid: str) -> FindZone:
    return lambda connection: ownership.record_by_uuid(principal, uuid, connection)[0]
