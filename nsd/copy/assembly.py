"""From the records of a transfer to what a zone becomes: no sockets here, only the rules.

RFC 5936, section 2.2 (whole zones) and RFC 1995, section 4 (changes).
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from nsd.errors import BadTransfer, Invalid
from nsd.zone import rdata, rrtypes, serial
from nsd.zone.name import WireName, is_at_or_below, to_text
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa

# RFC 2181, section 5: what makes two records the same is owner, type and (canonical) RDATA.
Same = tuple[WireName, int, bytes]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a primary sent.

    soa: the zone's, as it shall be; None where the zone has not changed.
    is_whole: `added` is all that the zone holds; otherwise it comes to what is there, after
    `removed` has gone. The SOA is in neither.
    """

    soa: Soa | None = None
    is_whole: bool = False
    removed: dict[Same, Record] = field(default_factory=dict)
    added: dict[Same, Record] = field(default_factory=dict)


class State(Enum):
    """What has come of a transfer, by which is known what may come next."""

    NOTHING = auto()
    OPENED = auto()  # the SOA as it shall be
    SAME = auto()  # an SOA with the serial that we hold: alone in its message it is all
    WHOLE = auto()  # records of a whole zone, until the first SOA comes again
    REMOVING = auto()  # the SOA that changes begin from, and records that go
    ADDING = auto()  # the SOA that these changes lead to, and records that come
    DONE = auto()


class Assembly:
    """Takes the records of one transfer in their order; `held` is the serial that we have.

    `fetched` is what they say, once the transfer is done.
    """

    def __init__(self, apex: WireName, held: int | None) -> None:
        self.fetched = Fetched()
        self._state = State.NOTHING
        self._apex = apex
        self._held = held
        self._first: Record | None = None
        self._reached = 0  # the serial that the changes have led to
        self._removed: dict[Same, Record] = {}
        self._added: dict[Same, Record] = {}

    @property
    def is_done(self) -> bool:
        """Whether the transfer is complete."""
        return self._state is State.DONE

    def add(self, records: tuple[Record, ...]) -> None:
        """Take the records of the next message. Raises BadTransfer."""
        for record in records:
            is_soa = record.rrtype == rrtypes.SOA and record.owner == self._apex
            self._state = self._take_soa(record) if is_soa else self._take_other(record)
        if self._state is State.SAME:
            self._state = State.DONE

    def _take_soa(self, record: Record) -> State:
        """Take an SOA of the zone; give the state that it leads to."""
        match self._state:
            case State.NOTHING:
                return self._open(record)
            case State.OPENED:
                return self._choose_form(record)
            case State.SAME | State.WHOLE:
                return self._end_whole(record)
            case State.REMOVING:
                return self._reach(_soa(record).serial)
            case State.ADDING:
                return self._end_or_go_on(record)
        raise BadTransfer("records after the end of the zone")

    def _take_other(self, record: Record) -> State:
        """Take any other record; give the state that it leads to."""
        match self._state:
            case State.NOTHING:
                raise BadTransfer("the first record is not the zone's SOA")
            case State.OPENED | State.SAME | State.WHOLE:
                return self._put(record, State.WHOLE)
            case State.REMOVING:
                return self._drop(record)
            case State.ADDING:
                return self._put(record, State.ADDING)
        raise BadTransfer("records after the end of the zone")

    def _open(self, record: Record) -> State:
        self._first = record
        new, held = _soa(record).serial, self._held
        if new == held:
            return State.SAME
        if held is not None and not serial.is_newer(new, than=held):
            raise BadTransfer(f"the primary has serial {new}, smaller than ours, {held}")
        return State.OPENED

    def _choose_form(self, record: Record) -> State:
        """Tell by a second SOA whether changes follow, or an empty zone has ended."""
        from_serial = _soa(record).serial
        if from_serial != self._held:
            return self._end_whole(record)
        self._reached = from_serial
        return State.REMOVING

    def _reach(self, to_serial: int) -> State:
        if not serial.is_newer(to_serial, than=self._reached):
            raise BadTransfer(f"changes from serial {self._reached} to {to_serial}, not newer")
        self._reached = to_serial
        return State.ADDING

    def _end_or_go_on(self, record: Record) -> State:
        soa = _soa(record)
        if soa.serial != self._reached:
            raise BadTransfer(f"changes from serial {soa.serial} follow those to {self._reached}")
        if record != self._first:
            return State.REMOVING
        self.fetched = Fetched(soa, False, self._removed, self._added)
        return State.DONE

    def _end_whole(self, record: Record) -> State:
        if record != self._first:
            raise BadTransfer("another SOA inside the zone")
        soa = _soa(record)
        if soa.serial != self._held:
            self.fetched = Fetched(soa, True, {}, self._added)
        return State.DONE

    def _put(self, record: Record, state: State) -> State:
        if is_at_or_below(record.owner, self._apex):  # all else is glue of others
            self._added[_checked(record)] = record
        return state

    def _drop(self, record: Record) -> State:
        if is_at_or_below(record.owner, self._apex):
            same = _checked(record)
            if self._added.pop(same, None) is None:
                self._removed[same] = record
        return State.REMOVING


def _soa(record: Record) -> Soa:
    try:
        return Soa.from_rdata(record.ttl, record.rdata)
    except ValueError as error:
        raise BadTransfer(f"a malformed SOA: {error}") from error


def _checked(record: Record) -> Same:
    """Give what makes a record the same as another; raises BadTransfer where it is malformed."""
    owner, rrtype, octets = record.owner, record.rrtype, record.rdata
    try:
        rdata.check_wire(rrtype, octets)
    except Invalid as error:
        raise BadTransfer(
            f"a bad {rrtypes.to_text(rrtype)} record at {to_text(owner)}: {error.detail}"
        ) from error
    return owner, rrtype, canonical(rrtype, octets)
