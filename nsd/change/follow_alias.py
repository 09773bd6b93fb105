"""What a change's new ALIAS and CNAME records lead to, followed before they are committed.

So an ALIAS has the addresses of a target that is ours as soon as it stands, and a loop is refused
before it stands. Whatever changes later, `nsd.alias` follows.
"""

from itertools import chain
from typing import Final

from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store import records
from nsd.store.alias_source import StoredZones
from nsd.store.records import RecordRow
from nsd.store.zones import PRIMARY
from nsd.zone import name, rrtypes
from nsd.zone.alias_walk import Place, follow

_FOLLOWED: Final = frozenset({rrtypes.ALIAS, rrtypes.CNAME})


def follow_new(edit: ZoneEdit) -> None:
    """Give each ALIAS that comes or changes its addresses, if its target is ours.

    The rows have been written. Raises Invalid where a record closes a loop; not in a copy, for what
    its primary says stands.
    """
    if edit.zone.kind != PRIMARY or not records.has_aliases(edit.connection):
        return
    before = {row.id: row.record for row in chain.from_iterable(edit.before.values())}
    source = StoredZones(edit.connection, edit.defaults, edit.now)
    for row in [*edit.inserted.values(), *edit.updated.values()]:
        if row.record.rrtype in _FOLLOWED and row.record != before.get(row.id):
            _follow(edit, source, row)


def _follow(edit: ZoneEdit, source: StoredZones, row: RecordRow) -> None:
    walk = follow(source, row.record.rdata)
    if walk.closes_loop(Place(edit.zone.apex, row.record.owner)):
        raise _loop(row)
    is_alias = row.record.rrtype == rrtypes.ALIAS
    if is_alias and walk.outside is None and walk.addresses != row.addresses:
        edit.resolve(row, walk.addresses)
        records.update(edit.connection, row._replace(addresses=walk.addresses))


def _loop(row: RecordRow) -> Invalid:
    record = row.record
    return Invalid(
        f"{name.to_text(record.owner)} would be an ALIAS of itself, by way of"
        f" {name.to_text(record.rdata)}",
        field="value",
    )
