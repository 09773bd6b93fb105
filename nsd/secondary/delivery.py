"""What a request for a transfer is answered with: AXFR (RFC 5936), IXFR (RFC 1995), an SOA."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nsd.errors import NotFound, PermissionDenied
from nsd.secondary.access import Access
from nsd.secondary.packing import Records, one_or, pack
from nsd.server.later import TransferRequest
from nsd.store import catalogs, journal, zones
from nsd.store.defaults import stored
from nsd.store.journal import Steps
from nsd.store.served import View
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes, serial

_LEAST_RECORD: Final = 24  # octets, about, in a journal or a zone

# The same for both, so that nobody learns which zones are here.
_WHY_NOT: Final = "there is no such zone here, or it may not be transferred"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The messages of a response; `what` says in the log what they are."""

    what: str
    serial: int
    messages: Iterator[bytes]


def deliver(request: TransferRequest, access: Access, connection: sqlite3.Connection) -> Delivery:
    """Choose the form of the response. Raises PermissionDenied."""
    sender = _Sender(request, _granted(request, access, connection), connection)
    if request.query.qtype == rrtypes.SOA:
        return sender.soa("sent an SOA")
    if request.serial is None:
        return sender.whole("sent a zone")
    if not serial.is_newer(sender.zone.serial, than=request.serial):
        return sender.soa("sent no change")
    steps = sender.steps_from(request.serial)
    if steps is not None:
        return sender.changes(steps)
    if not request.transport.is_stream:  # RFC 1995, section 2: the rest goes over TCP
        return sender.soa("sent an SOA")
    return sender.whole("sent a zone instead of changes")


def _granted(request: TransferRequest, access: Access, connection: sqlite3.Connection) -> ZoneRow:
    try:
        row = zones.by_apex(connection, request.apex)
    except NotFound:
        raise PermissionDenied(_WHY_NOT) from None
    _serial, catalog_ids = catalogs.groups_of(connection, [row.apex])[row.apex]
    if row.is_suspended or not access.allows(row.apex, catalog_ids):
        raise PermissionDenied(_WHY_NOT)
    return row


class _Sender:
    """Sends one zone as it stands in a snapshot."""

    def __init__(
        self, request: TransferRequest, zone: ZoneRow, connection: sqlite3.Connection
    ) -> None:
        self.zone = zone
        self._request = request
        self._connection = connection
        self._view = View(zone, stored(connection))
        self._soa = (zone.apex, self._view.soa().packed[2:])

    def soa(self, what: str) -> Delivery:
        return Delivery(what, self.zone.serial, pack(self._request, iter([self._soa])))

    def whole(self, what: str) -> Delivery:
        return Delivery(what, self.zone.serial, pack(self._request, self._everything()))

    def changes(self, steps: Steps) -> Delivery:
        messages = pack(self._request, self._changes(steps))
        if not self._request.transport.is_stream:
            messages = one_or(messages, self.soa("").messages)
        return Delivery("sent changes", self.zone.serial, messages)

    def steps_from(self, held: int) -> Steps | None:
        """Find the changes since a serial; None where they are not known or larger than all."""
        zone = self.zone
        steps = journal.steps_from(self._connection, zone.id, zone.apex, held, zone.serial)
        return None if steps is None or self._is_larger(steps) else steps

    def _is_larger(self, steps: Steps) -> bool:
        """Tell whether changes would take more octets than the whole zone."""
        if steps.size < _LEAST_RECORD * self.zone.record_count:
            return False
        records = self._view.in_wire_form(self._connection)
        return steps.size > sum(len(owner) + len(rest) for owner, rest in records)

    def _everything(self) -> Records:
        yield from self._view.in_wire_form(self._connection)
        yield self._soa

    def _changes(self, steps: Steps) -> Records:
        yield self._soa
        for entry_id in steps.ids:
            for octets in journal.content(self._connection, entry_id):
                yield from journal.in_wire_form(octets)
        yield self._soa
