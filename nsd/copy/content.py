"""What a copy holds: filled, brought up to date, taken over."""

from collections.abc import Callable, Iterable

from nsd.change.edit import ZoneEdit
from nsd.copy.assembly import Fetched, Same
from nsd.errors import BadTransfer
from nsd.store.records import RecordRow
from nsd.zone import rrtypes
from nsd.zone.name import to_text
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa

Change = Callable[[ZoneEdit], None]


def replace(edit: ZoneEdit, fetched: Fetched) -> None:
    """Make a copy what was fetched and differs from it.

    Raises BadTransfer where changes do not fit what is there.
    """
    assert fetched.soa is not None
    if fetched.is_whole:
        edit.replace_content(fetched.soa, fetched.added.values())
    else:
        _change(edit, fetched)
        edit.set_whole_soa(fetched.soa)


def _change(edit: ZoneEdit, fetched: Fetched) -> None:
    for same in fetched.removed:
        row = _find(edit, same)
        if row is None:
            raise BadTransfer(f"the changes remove {_text(same)}, which is not there")
        edit.delete(row)
    for same in fetched.added:
        if _find(edit, same) is not None:
            raise BadTransfer(f"the changes add {_text(same)}, which is there")
    edit.insert_all(list(fetched.added.values()))


def _find(edit: ZoneEdit, same: Same) -> RecordRow | None:
    owner, rrtype, known = same
    for row in edit.at(owner):
        record = row.record
        if record.rrtype == rrtype and canonical(rrtype, record.rdata) == known:
            return row
    return None


def _text(same: Same) -> str:
    owner, rrtype, _ = same
    return f"{rrtypes.to_text(rrtype)} at {to_text(owner)}"


def fill(edit: ZoneEdit, soa: Soa, records: Iterable[Record], *, is_own: bool) -> None:
    """Fill a new zone; one that becomes our own is left without what DNSSEC signing makes."""
    kept = [one for one in records if not (is_own and one.rrtype in rrtypes.DNSSEC_OWN)]
    edit.replace_content(soa, kept)
