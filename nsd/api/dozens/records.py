"""Records: list, create, update, delete. Each answers with the zone's records, oldest first."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from nsd.account.ownership import FindZone
from nsd.api.dozens import member
from nsd.api.dozens.call import MOST_INSIDE, NO_ZONE, Call
from nsd.api.dozens.shape import merge, read_new, record_members
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid, NotFound
from nsd.store import records
from nsd.store.connection import Work
from nsd.store.records import RecordRow
from nsd.zone import name
from nsd.zone.name import WireName, lower


async def list_records(call: Call) -> Sequence[bytes]:
    """GET record/{zone_name}."""
    find = call.zone_by_apex(_apex(call.argument))
    return await _list(call, lambda connection: find(connection).id)


async def create_record(call: Call) -> Sequence[bytes]:
    """POST record/create with `domain`, `name`, `type`, `prio`, `content`, `ttl`."""
    find = call.zone_by_apex(_apex(member.text(call.body, "domain")))

    def change(edit: ZoneEdit) -> None:
        edit.insert(read_new(call.body, edit))

    return await _edit(call, find, change)


async def update_record(call: Call) -> Sequence[bytes]:
    """POST record/update/{id} with any of `prio`, `content`, `ttl`."""

    def change(edit: ZoneEdit) -> None:
        _, row = call.record_by_number(edit.connection)
        edit.update(row, merge(call.body, row.record, edit.zone.apex))

    return await _edit(call, _zone_of(call), change)


async def delete_record(call: Call) -> Sequence[bytes]:
    """DELETE record/delete/{id}."""

    def change(edit: ZoneEdit) -> None:
        _, row = call.record_by_number(edit.connection)
        edit.delete(row)

    return await _edit(call, _zone_of(call), change)


async def _edit(call: Call, find: FindZone, change: Callable[[ZoneEdit], None]) -> Sequence[bytes]:
    """Change a zone; answer with its records as the transaction sees them, if they are few."""

    def work(edit: ZoneEdit) -> tuple[int, list[RecordRow] | None]:
        change(edit)
        return edit.zone.id, list(edit.rows()) if edit.count <= MOST_INSIDE else None

    zone_id, rows = (await call.changes.edit(call.principal, find, work)).result
    if rows is None:
        return await _list(call, lambda _: zone_id)
    return list(call.write_list("record", map(record_members, rows)))


def _zone_of(call: Call) -> FindZone:
    return lambda connection: call.record_by_number(connection)[0]


async def _list(call: Call, find_id: Work[int]) -> Sequence[bytes]:
    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        rows = records.of_zone(connection, find_id(connection))
        return call.write_list("record", map(record_members, rows))

    return await call.changes.database.read_slices(work)


def _apex(text: str) -> WireName:
    """Read a zone's name; what is no name is no zone. Raises NotFound."""
    try:
        return lower(name.from_text(text.strip()))
    except Invalid:
        raise NotFound(NO_ZONE) from None
