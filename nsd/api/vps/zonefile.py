"""A zone as a master file, out and in."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from aiohttp import web

from nsd.account import ownership
from nsd.account.principal import Principal
from nsd.api.body import read_octets
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply
from nsd.api.vps.zones import with_records
from nsd.change.edit import ZoneEdit
from nsd.errors import Unparsable, UnsupportedMediaType
from nsd.store.records import RecordRow
from nsd.store.served import View
from nsd.store.zones import ZoneRow
from nsd.zone import masterfile


async def show_zone_file(door: Door, principal: Principal, request: web.Request) -> Reply:
    """GET /dns-zones/{uuid}/zonefile/."""
    uuid = request.match_info["uuid"]
    defaults = door.changes.defaults

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        zone = ownership.zone_by_uuid(principal, uuid, connection)
        return map(str.encode, View(zone, defaults).source_file(connection))

    slices = await door.database.read_slices(work)
    return Reply(slices, content_type="text/dns")


async def replace_zone_file(door: Door, principal: Principal, request: web.Request) -> Reply:
    """PUT /dns-zones/{uuid}/zonefile/: replaces the zone's content in one step."""
    if request.content_type in ("application/json", "multipart/form-data"):
        raise UnsupportedMediaType(
            f"Unsupported media type '{request.content_type}': send text/dns"
        )
    octets = await read_octets(request, door.max_zone_file)
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        raise Unparsable(f"the zone file is not UTF-8: {error}") from error
    finder = partial(ownership.zone_by_uuid, principal, request.match_info["uuid"])
    zone = await door.database.read(finder)
    content = await asyncio.to_thread(
        masterfile.parse, text, file="zonefile", origin=zone.apex
    )  # other writers need not wait for this

    def change(edit: ZoneEdit) -> tuple[ZoneRow, Iterable[RecordRow]]:
        edit.load(content)
        return replace(edit.zone, record_count=edit.count), edit.rows()

    committed = await door.changes.edit(principal, finder, change)
    slices = await door.workshop.gather(partial(with_records, *committed.result))
    return Reply(slices, effects=committed.effects)
