"""Zones: list, create, show, delete."""

import sqlite3
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from nsd.account import ownership
from nsd.account.ownership import FindZone
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.vps import administration
from nsd.api.vps.door import Door
from nsd.api.vps.paging import page_of
from nsd.api.vps.reply import Reply, done, dumps
from nsd.api.vps.shape import read_record, record_json, zone_json
from nsd.change.domain import read_domain
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store import records, zones
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow


async def list_zones(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/ with `domain`, `page`, `page_size`; `all` or `user` for administrators."""
    if administration.asks_for_all(principal, request):
        return await administration.list_zones(door, request)
    page = page_of(request)
    domain = request.query.get("domain")

    def work(connection: sqlite3.Connection) -> bytes:
        found = _of_user(connection, principal, domain)
        if page is None:
            return dumps([zone_json(zone) for zone in found])
        shown = found[page.offset : page.offset + page.size]
        return dumps(page.wrap(len(found), [zone_json(zone) for zone in shown]))

    return Reply(await door.database.read(work))


def _of_user(
    connection: sqlite3.Connection, principal: Principal, domain: str | None
) -> list[ZoneRow]:
    found = zones.of_user(connection, principal.account.id)
    if not domain:
        return found
    try:
        apex = read_domain(domain)
    except Invalid:  # no zone has such a name
        return []
    return [zone for zone in found if zone.apex == apex]


async def create_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /dns-zones/ with `{domain}`."""
    body = await read_json_object(request)
    domain = body.get("domain")
    if domain is None:
        raise Invalid("This field is required.", field="domain")
    if not isinstance(domain, str):
        raise Invalid("Not a valid string.", field="domain")
    apex = read_domain(domain)
    first = _first_records(body)

    def fill(edit: ZoneEdit) -> bytes:
        ttl = edit.plan.default_ttl
        rows = edit.insert_all([read_record(record, apex, ttl) for record in first])
        return dumps(_with_records(replace(edit.zone, record_count=edit.count), rows))

    committed = await door.changes.create_zone(principal, principal.account.id, apex, fill)
    return Reply(committed.result, 201, effects=committed.effects)


def _first_records(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the records that a new zone may bring along, as a list under `records`."""
    given = body.get("records")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(record, dict) for record in given):
        raise Invalid("A list of records is required.", field="records")
    return given


async def show_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/{uuid}/."""
    uuid = request.match_info["uuid"]

    def work(connection: sqlite3.Connection) -> bytes:
        zone = ownership.zone_by_uuid(principal, uuid, connection)
        return dumps(_with_records(zone, records.of_zone(connection, zone.id)))

    return Reply(await door.database.read(work))


def _with_records(zone: ZoneRow, rows: list[RecordRow]) -> dict[str, Any]:
    return {**zone_json(zone), "records": [record_json(row, zone.apex) for row in rows]}


async def delete_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /dns-zones/{uuid}/: with `all=1` any account's, for administrators."""
    finder: FindZone = partial(ownership.zone_by_uuid, principal, request.match_info["uuid"])
    if administration.asks_for_all(principal, request):
        finder = administration.zone_in(request)
    committed = await door.changes.delete_zone(principal, finder)
    return done(committed.effects)
