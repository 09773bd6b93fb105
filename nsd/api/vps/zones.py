"""Zones: list, create, show, delete."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from nsd.account import ownership
from nsd.account.ownership import FindZone
from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.slices import TOGETHER, with_list
from nsd.api.vps import administration
from nsd.api.vps.door import Door
from nsd.api.vps.paging import page_of, window_of, write
from nsd.api.vps.reply import Reply, done
from nsd.api.vps.shape import read_record, record_json, zone_json
from nsd.change.domain import read_domain
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Committed
from nsd.errors import Invalid
from nsd.store import records
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow


async def list_zones(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/ with `domain`, `page`, `page_size`; `all` or `user` for administrators."""
    if administration.asks_for_all(principal, request):
        return await administration.list_zones(door, request)
    page = page_of(request)
    domain = request.query.get("domain")
    user_id = principal.account.id

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        choice = administration.choice_of(user_id, domain)
        if choice is None:
            return write(page, lambda: 0, ())
        shown = map(zone_json, choice.rows(connection, window_of(page)))
        return write(page, lambda: choice.count(connection), shown)

    return Reply(await door.database.read_slices(work))


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

    def fill(edit: ZoneEdit) -> tuple[ZoneRow, list[RecordRow]]:
        ttl = edit.plan.default_ttl
        rows = edit.insert_all([read_record(record, apex, ttl) for record in first])
        return replace(edit.zone, record_count=edit.count), rows

    committed = await door.changes.create_zone(principal, principal.account.id, apex, fill)
    zone, rows = committed.result
    write_all = partial(with_records, zone, rows)
    few = len(rows) <= TOGETHER
    slices = list(write_all()) if few else await door.workshop.gather(write_all)
    return Reply(slices, 201, effects=committed.effects)


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

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        zone = ownership.zone_by_uuid(principal, uuid, connection)
        return with_records(zone, records.of_zone(connection, zone.id))

    return Reply(await door.database.read_slices(work))


def with_records(zone: ZoneRow, rows: Iterable[RecordRow]) -> Iterator[bytes]:
    """Write a zone with its records in JSON."""
    shown = (record_json(row, zone.apex) for row in rows)
    return with_list(zone_json(zone), "records", shown)


async def delete_zone(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /dns-zones/{uuid}/: with `all=1` any account's, for administrators."""
    finder: FindZone = partial(ownership.zone_by_uuid, principal, request.match_info["uuid"])
    if administration.asks_for_all(principal, request):
        finder = administration.zone_in(request)
    committed: Committed[None] = await door.changes.delete_zone(principal, finder)
    return done(committed.effects)
