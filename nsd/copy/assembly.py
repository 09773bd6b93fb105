"""From the records of a transfer to what a zone becomes: no sockets here, only the rules.

RFC 5936, section 2.2 (whole zones) and RFC 1995, section 4 (changes).
"""

from dataclasses import dataclass, field

from nsd.errors import BadTransfer, Invalid
from nsd.zone import rdata, rrtypes, serial
from nsd.zone.name import WireName, is_at_or_below, to_text
from nsd.zone.record import Record
from nsd.zone.soa import Soa

Key = tuple[WireName, int, bytes]  # owner, type, canonical RDATA


@dataclass(slots=True)
class Fetched:
    """What a primary sent.

    soa: the zone's, as it shall be; None where the zone has not changed.
    is_whole: `added` is all that the zone holds; otherwise it comes to what is there, after
    `removed` has gone. The SOA is in neither.
    """

    soa: Soa | None = None
    is_whole: bool = False
    removed: dict[Key, Record] = field(default_factory=dict)
    added: dict[Key, Record] = field(default_factory=dict)


class Assembly:
    """Takes the records of one transfer in their order; `held` is the serial that we have."""

    def __init__(self, apex: WireName, held: int | None) -> None:
        self.fetched = Fetched()
        self.is_done = False
        self._apex = apex
        self._held = held
        self._first: Record | None = None
        self._first_soa: Soa | None = None
        self._is_second = False
        self._is_removing = False
        self._current = held

    def add(self, records: tuple[Record, ...]) -> None:
        """Take the records of the next message. Raises BadTransfer."""
        for record in records:
            if self.is_done:
                raise BadTransfer("records after the end of the zone")
            is_soa = record.rrtype == rrtypes.SOA and record.owner == self._apex
            if self._first is None:
                self._begin(record, is_soa=is_soa)
            elif is_soa:
                self._take_soa(record)
            else:
                self._take(record)
        if self._is_second and self._held is not None and self._is_old:
            self._end_unchanged()

    @property
    def _is_old(self) -> bool:
        assert self._first_soa is not None
        assert self._held is not None
        return not serial.is_newer(self._first_soa.serial, than=self._held)

    def _begin(self, record: Record, *, is_soa: bool) -> None:
        if not is_soa:
            raise BadTransfer("the first record is not the zone's SOA")
        self._first = record
        self._first_soa = _soa(record)
        self._is_second = True

    def _end_unchanged(self) -> None:
        assert self._first_soa is not None
        if self._first_soa.serial != self._held:
            raise BadTransfer(
                f"the primary has serial {self._first_soa.serial}, smaller than ours, {self._held}"
            )
        self.is_done = True

    def _take_soa(self, record: Record) -> None:
        soa = _soa(record)
        assert self._first is not None
        assert self._first_soa is not None
        is_first_again = record == self._first
        if self._is_second:
            self._is_second = False
            if self._held is not None and soa.serial == self._held and not is_first_again:
                self._is_removing = True  # changes, from what we have
                return
            self.fetched.is_whole = True
        if self.fetched.is_whole:
            if not is_first_again:
                raise BadTransfer("another SOA inside the zone")
            self._end()
        elif self._is_removing:
            self._begin_adding(soa)
        elif is_first_again and self._current == soa.serial:
            self._end()
        elif soa.serial != self._current:
            raise BadTransfer(f"changes from serial {soa.serial} follow those to {self._current}")
        else:
            self._is_removing = True

    def _begin_adding(self, soa: Soa) -> None:
        assert self._current is not None
        if not serial.is_newer(soa.serial, than=self._current):
            raise BadTransfer(f"changes from serial {self._current} to {soa.serial}, not newer")
        self._current = soa.serial
        self._is_removing = False

    def _take(self, record: Record) -> None:
        if self._is_second:
            self._is_second = False
            self.fetched.is_whole = True
        if not is_at_or_below(record.owner, self._apex):
            return  # glue of others: nothing of ours
        _check(record)
        key = (record.owner, record.rrtype, rdata.canonical(record.rrtype, record.rdata))
        fetched = self.fetched
        if self._is_removing:
            if fetched.added.pop(key, None) is None:
                fetched.removed[key] = record
        else:
            fetched.added[key] = record

    def _end(self) -> None:
        soa = self._first_soa
        assert soa is not None
        if self._held is not None and self._is_old:
            self._end_unchanged()
            self.fetched = Fetched()
            return
        self.fetched.soa = soa
        self.is_done = True


def _soa(record: Record) -> Soa:
    try:
        return Soa.from_rdata(record.ttl, record.rdata)
    except ValueError as error:
        raise BadTransfer(f"a malformed SOA: {error}") from error


def _check(record: Record) -> None:
    try:
        rdata.check_wire(record.rrtype, record.rdata)
    except Invalid as error:
        raise BadTransfer(
            f"a bad {rrtypes.to_text(record.rrtype)} record at {to_text(record.owner)}:"
            f" {error.detail}"
        ) from error
