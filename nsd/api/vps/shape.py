"""The JSON objects of the VPS.org DNS API, and the values read from them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from nsd.errors import Invalid
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import owner, rrtypes, value
from nsd.zone.name import WireName
from nsd.zone.record import Record

MAX_TTL: Final = 2**31 - 1
Object = dict[str, Any]


def zone_json(zone: ZoneRow) -> Object:
    """Show a zone without its records."""
    return {
        "uuid": zone.uuid,
        "domain": owner.bare_text(zone.apex),
        "created_at": time_text(zone.created_at),
        "record_count": zone.record_count,
    }


def record_json(row: RecordRow, apex: WireName) -> Object:
    """Show a record of the zone with this apex."""
    record = row.record
    shown, priority = value.show(record.rrtype, record.rdata)
    return {
        "uuid": row.uuid_text,
        "record_type": rrtypes.to_text(record.rrtype),
        "name": owner.relative_text(record.owner, apex),
        "value": shown if record.value is None else record.value,
        "ttl": record.ttl,
        "priority": record.priority if priority is None else priority,
        "created_at": time_text(row.created_at),
    }


@lru_cache(maxsize=1024)
def time_text(seconds: int) -> str:
    """Show a time as `2024-01-15T10:30:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_record(body: Mapping[str, Any], apex: WireName, default_ttl: int) -> Record:
    """Read a record's members; raises Invalid with the member at fault."""
    rrtype = rrtypes.from_text(_text(body, "record_type"))
    at = owner.from_text(_text(body, "name", empty=True), apex)
    ttl = _number(body.get("ttl", default_ttl), "ttl", MAX_TTL)
    given = body.get("priority")
    priority = None if given is None else _number(given, "priority", 0xFFFF)
    rdata, kept = value.parse(rrtype, _text(body, "value"), priority, apex)
    in_rdata = value.show(rrtype, rdata)[1] is not None
    return Record(at, rrtype, ttl, rdata, kept, None if in_rdata else priority)


def text_member(body: Mapping[str, Any], member: str, default: str | None = None) -> str:
    """Read a member that is text and not empty. Raises Invalid."""
    given = body.get(member, default)
    if not isinstance(given, str) or not given:
        raise Invalid("This field is required, as text.", field=member)
    return given


def _text(body: Mapping[str, Any], member: str, *, empty: bool = False) -> str:
    given = body.get(member)
    if given is None:
        raise Invalid("This field is required.", field=member)
    if not isinstance(given, str):
        raise Invalid("Not a valid string.", field=member)
    if not given and not empty:
        raise Invalid("This field may not be blank.", field=member)
    return given


def _number(given: object, member: str, most: int) -> int:
    """Read an integer, or one in decimal digits."""
    if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit():
        given = int(given.strip()[:20])
    if not isinstance(given, int) or isinstance(given, bool):
        raise Invalid("A valid integer is required.", field=member)
    if not 0 <= given <= most:
        raise Invalid(f"Ensure this value is between 0 and {most}.", field=member)
    return given
