"""Records as the Dozens API shows and takes them: all members text, contents bare."""

from collections.abc import Mapping
from typing import Any, Final

from nsd.api.dozens import member
from nsd.api.dozens.form import Members
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store.records import RecordRow
from nsd.zone import charstring, owner, rrtypes, value
from nsd.zone.name import WireName
from nsd.zone.record import Record

TYPES: Final = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "ALIAS")
_NUMBERED: Final = frozenset({rrtypes.MX, rrtypes.SRV})
_ENDS_IN_HOST: Final = rrtypes.HOST_TYPES | _NUMBERED

Body = Mapping[str, Any]


def record_members(row: RecordRow) -> Members:
    """Show a record, whatever its type."""
    record = row.record
    priority = prio(record)
    return {
        "id": str(row.id),
        "name": owner.bare_text(record.owner),
        "type": rrtypes.to_text(record.rrtype),
        "prio": None if priority is None else str(priority),
        "content": content(record),
        "ttl": str(record.ttl),
    }


def prio(record: Record) -> int | None:
    """Give the priority, out of the RDATA or from beside it."""
    if record.rrtype in _NUMBERED:
        return int.from_bytes(record.rdata[:2], "big")
    return record.priority


def content(record: Record) -> str:
    """Show a value bare: texts without quotes, hosts without closing dot."""
    if record.rrtype in rrtypes.TEXT_TYPES:
        return _text(record.rdata)
    shown = value.show(record.rrtype, record.rdata)[0]
    if record.rrtype in _ENDS_IN_HOST and shown.endswith(".") and not shown.endswith(("\\.", " .")):
        return shown[:-1] or shown
    return shown


def _text(rdata: bytes) -> str:
    """Join the strings of a text; octets that are no UTF-8 are escaped."""
    octets = b"".join(charstring.unpack(rdata))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return charstring.quote(octets)[1:-1]


def read_new(body: Body, edit: ZoneEdit) -> Record:
    """Read the members of a new record; raises Invalid with the member at fault."""
    rrtype = _type(member.text(body, "type"))
    at = owner.from_text(member.optional_text(body, "name") or "", edit.zone.apex)
    priority = member.number(body, "prio", member.MAX_PRIO)
    ttl = member.number(body, "ttl", member.MAX_TTL)
    rdata, kept = _parse(rrtype, member.text(body, "content"), priority, edit.zone.apex)
    return Record(
        at,
        rrtype,
        edit.plan.default_ttl if ttl is None else ttl,
        rdata,
        kept,
        None if rrtype in _NUMBERED else priority,
    )


def merge(body: Body, record: Record, apex: WireName) -> Record:
    """Lay `prio`, `content` and `ttl` over a record, those that were sent; raises Invalid.

    A content that is sent back as it was shown changes nothing: not how a text is cut into
    strings, nor what another API was told and cannot be said in this one.
    """
    priority = prio(record)
    if "prio" in body:
        priority = member.number(body, "prio", member.MAX_PRIO)
    ttl = member.number(body, "ttl", member.MAX_TTL)
    rdata, kept = record.rdata, record.value
    sent = member.optional_text(body, "content")
    if sent is not None and sent != content(record):
        rdata, kept = _parse(record.rrtype, sent, priority, apex)
    elif record.rrtype in _NUMBERED:
        rdata = _require(record.rrtype, priority).to_bytes(2, "big") + record.rdata[2:]
    return Record(
        record.owner,
        record.rrtype,
        record.ttl if ttl is None else ttl,
        rdata,
        kept,
        None if record.rrtype in _NUMBERED else priority,
    )


def _type(text: str) -> int:
    if text.strip().upper() not in TYPES:
        raise Invalid(f"This member must be one of {', '.join(TYPES)}.", field="type")
    return rrtypes.from_text(text)


def _parse(
    rrtype: int, text: str, priority: int | None, apex: WireName
) -> tuple[bytes, str | None]:
    if rrtype in _NUMBERED:
        _require(rrtype, priority)
    try:
        return value.parse(rrtype, text, priority, apex)
    except Invalid as error:
        raise Invalid(error.detail, field="content") from error


def _require(rrtype: int, priority: int | None) -> int:
    if priority is None:
        raise Invalid(f"{rrtypes.to_text(rrtype)} records require a priority value", field="prio")
    return priority
