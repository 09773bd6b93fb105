"""Zones: list, create, show, delete."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from nsd.account import ownership
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.vps.door import Door, dumps, json_response
from nsd.api.vps.paging import page_of
from nsd.api.vps.shape import read_record, record_json, zone_json
from nsd.change.domain import read_domain
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store import records, zones
from nsd.store.zones import ZoneRow


async def list_zones(door: Door, principal: Principal, request: web.Request) -> web.Response:
    """GET /dns-zones/ with `domain`, `page`, `page_size`."""
    page = page_of(request)
    domain = request.query.get("domain")

    def work(connection: sqlite3.Connection) -> bytes:
        found = _of_user(connection, principal, domain)
        if page is None:
            return dumps([zone_json(zone) for zone in found])
        shown = found[page.offset : page.offset + page.size]
        return dumps(page.wrap(len(found), [zone_json(zone) for zone in shown]))

    return json_response(await door.database.read(work))


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


async def create_zone(door: Door, principal: Principal, request: web.Request) -> web.Response:
    """POST /dns-zones/ with `{domain}`."""
    body = await read_json_object(request)
    domain = body.get("domain")
    if domain is None:
        raise Invalid("This field is required.", field="domain")
    if not isinstance(domain, str):
        raise Invalid("Not a valid string.", field="domain")
    apex = read_domain(domain)
    first = _first_records(body)

    def fill(edit: ZoneEdit) -> None:
        ttl = edit.plan.default_ttl
        edit.insert_all([read_record(record, apex, ttl) for record in first])

    zone = await door.changes.create_zone(principal, principal.account.id, apex, fill)
    uuid = zone.uuid

    def show(connection: sqlite3.Connection) -> bytes:
        return dumps(
            zone_with_records(connection, ownership.zone_by_uuid(principal, uuid, connection))
        )

    return json_response(await door.database.read(show), 201)


def _first_records(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the records that a new zone may bring along, as a list under `records`."""
    given = body.get("records")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(record, dict) for record in given):
        raise Invalid("A list of records is required.", field="records")
    return given


async def show_zone(door: Door, principal: Principal, request: web.Request) -> web.Response:
    """GET /dns-zones/{uuid}/."""
    uuid = request.match_info["uuid"]

    def work(connection: sqlite3.Connection) -> bytes:
        return dumps(
            zone_with_records(connection, ownership.zone_by_uuid(principal, uuid, connection))
        )

    return json_response(await door.database.read(work))


def zone_with_records(connection: sqlite3.Connection, zone: ZoneRow) -> dict[str, Any]:
    """Show a zone with its records."""
    rows = records.of_zone(connection, zone.id)
    return {**zone_json(zone), "records": [record_json(row, zone.apex) for row in rows]}


async def delete_zone(door: Door, principal: Principal, request: web.Request) -> web.Response:
    """DELETE /dns-zones/{uuid}/."""
    finder = partial(ownership.zone_by_uuid, principal, request.match_info["uuid"])
    await door.changes.delete_zone(principal, finder)
    return web.Response(status=204)
