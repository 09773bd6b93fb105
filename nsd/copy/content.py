"""Copies of other servers' zones: made, brought up to date, taken over."""

from collections.abc import Callable, Iterable

from nsd.change.edit import ZoneEdit
from nsd.copy.assembly import Fetched
from nsd.errors import BadTransfer
from nsd.zone import rrtypes
from nsd.zone.name import to_text
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa

Change = Callable[[ZoneEdit], None]


def replace(edit: ZoneEdit, fetched: Fetched) -> None:
    """Make a copy what was fetched; raises BadTransfer where changes do not fit what is there."""
    assert fetched.soa is not None
    if fetched.is_whole:
        edit.replace_content(fetched.soa, fetched.added.values())
        return
    for owner, rrtype, known in fetched.removed:
        for row in edit.at(owner):
            record = row.record
            if record.rrtype == rrtype and canonical(rrtype, record.rdata) == known:
                edit.delete(row)
                break
        else:
            raise BadTransfer(
                f"the changes remove {rrtypes.to_text(rrtype)} at {to_text(owner)},"
                " which is not there"
            )
    new = []
    for (owner, rrtype, known), came in fetched.added.items():
        for row in edit.at(owner):
            record = row.record
            if record.rrtype == rrtype and canonical(rrtype, record.rdata) == known:
                raise BadTransfer(
                    f"the changes add {rrtypes.to_text(rrtype)} at {to_text(owner)}, which is there"
                )
        new.append(came)
    edit.insert_all(new)
    edit.set_whole_soa(fetched.soa)


def fill(edit: ZoneEdit, soa: Soa, records: Iterable[Record], *, is_own: bool) -> None:
    """Fill a new zone; one that becomes our own is left without what DNSSEC signing makes."""
    kept = [one for one in records if not (is_own and one.rrtype in rrtypes.DNSSEC_OWN)]
    edit.replace_content(soa, kept)
