"""Records: list, create, update, delete. Each answers with the zone's records, oldest first."""

import sqlite3
from collections.abc import Callable

from nsd.account.ownership import FindZone
from nsd.api.dozens import member
from nsd.api.dozens.call import NO_ZONE, Call
from nsd.api.dozens.shape import merge, read_new, record_members
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid, NotFound
from nsd.store import records
from nsd.zone import name
from nsd.zone.name import WireName, lower


async def list_records(call: Call) -> bytes:
    """GET record/{zone_name}."""
    find = call.zone_by_apex(_apex(call.argument))
    zone = await call.changes.database.read(find)
    return await _list(call, zone.id)


async def create_record(call: Call) -> bytes:
    """POST record/create with `domain`, `name`, `type`, `prio`, `content`, `ttl`."""
    find = call.zone_by_apex(_apex(member.text(call.body, "domain")))

    def change(edit: ZoneEdit) -> int:
        edit.insert(read_new(call.body, edit))
        return edit.zone.id

    committed = await call.changes.edit(call.principal, find, change)
    return await _list(call, committed.result)


async def update_record(call: Call) -> bytes:
    """POST record/update/{id} with any of `prio`, `content`, `ttl`."""

    def change(edit: ZoneEdit) -> int:
        _, row = call.record_by_number(edit.connection)
        edit.update(row, merge(call.body, row.record, edit.zone.apex))
        return edit.zone.id

    return await _list(call, await _edit(call, change))


async def delete_record(call: Call) -> bytes:
    """DELETE record/delete/{id}."""

    def change(edit: ZoneEdit) -> int:
        _, row = call.record_by_number(edit.connection)
        edit.delete(row)
        return edit.zone.id

    return await _list(call, await _edit(call, change))


async def _edit(call: Call, change: Callable[[ZoneEdit], int]) -> int:
    committed = await call.changes.edit(call.principal, _zone_of(call), change)
    return committed.result


def _zone_of(call: Call) -> FindZone:
    return lambda connection: call.record_by_number(connection)[0]


async def _list(call: Call, zone_id: int) -> bytes:
    def work(connection: sqlite3.Connection) -> bytes:
        rows = records.of_zone(connection, zone_id)
        return call.write_list("record", [record_members(row) for row in rows])

    return await call.changes.database.read(work)


def _apex(text: str) -> WireName:
    """Read a zone's name; what is no name is no zone. Raises NotFound."""
    try:
        return lower(name.from_text(text.strip()))
    except Invalid:
        raise NotFound(NO_ZONE) from None
