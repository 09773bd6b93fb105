"""The common way: what most queries ask, answered without taking them apart.

A query is common if its header is one of a few, it has one question of an ordinary type, no more
than a plain OPT record, and its name meets neither a cut, a DNAME, a CNAME nor a wildcard. Its
response is a header, the question's own octets, and octets that lie ready. Everything else gets
None here, and an answer from the ordinary steps of the responder, which would answer common
queries just the same.
"""

from typing import Final, NamedTuple, Protocol

from nsd.message import edns
from nsd.message.header import AA, HEADER_LENGTH, QR, RD
from nsd.server.cookie import CLIENT_LENGTH, SERVER_LENGTHS, Cookies
from nsd.server.subject import MISSING
from nsd.zone import rrtypes
from nsd.zone.name import MAX_LENGTH
from nsd.zone.rrset import CLASS_IN, RRset
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Node, Standing, Zone

MAX_PLAIN: Final = 512  # RFC 1035, section 4.2.1

_AD: Final = 0x0020
_CD: Final = 0x0010
_NXDOMAIN: Final = 3
_MOST_COUNTED: Final = 64
_MOST_OPTS: Final = 1024
_MAX_LABEL: Final = 63
_POINTERS: Final = tuple((0xC000 | offset).to_bytes(2, "big") for offset in range(300))
_CNAME: Final = rrtypes.CNAME.to_bytes(2, "big")


_Opt = tuple[int, bytes]  # how long a response may be, and the OPT record at its end


class _Lead(NamedTuple):
    """Octets 2 to 11 of the responses to one kind of header; `answers` by their number."""

    has_opt: bool
    answers: tuple[bytes, ...]
    no_data: bytes
    name_error: bytes


def _octets(*fields: int) -> bytes:
    return b"".join(field.to_bytes(2, "big") for field in fields)


def _lead(flags: int, additionals: int) -> _Lead:
    response = QR | AA | flags & RD
    return _Lead(
        bool(additionals),
        tuple(_octets(response, 1, count, 0, additionals) for count in range(_MOST_COUNTED)),
        _octets(response, 1, 0, 1, additionals),
        _octets(response | _NXDOMAIN, 1, 0, 1, additionals),
    )


# The common headers: one question, an OPT record or none, RD, AD and CD as may be.
_LEADS: Final = {
    _octets(flags, 1, 0, 0, additionals): _lead(flags, additionals)
    for flags in (0, RD, _AD, _CD, RD | _AD, RD | _CD, _AD | _CD, RD | _AD | _CD)
    for additionals in (0, 1)
}

# Type and class of ordinary questions: not DS, which belongs to the parent, and no meta type.
_QTYPES: Final = {
    _octets(rrtype, CLASS_IN): rrtype
    for rrtype in (*range(1, 128), 257)
    if rrtype not in {rrtypes.DS, rrtypes.OPT}
}


_LENGTH_AT: Final = edns.PLAIN_LENGTH - 2  # in an OPT record, the length of its options
_COOKIE_AT: Final = edns.PLAIN_LENGTH + 4  # a cookie, where it is the only option
_NO_OPTIONS: Final = b"\0\0"
_LENGTHS_WITH_COOKIE: Final = frozenset(
    _COOKIE_AT + CLIENT_LENGTH + length for length in (0, *SERVER_LENGTHS)
)
_COOKIE_HEADS: Final = tuple(_octets(4 + length, edns.COOKIE, length) for length in range(41))
_ANSWERED_HEAD: Final = _COOKIE_HEADS[24]


class Clients(Protocol):
    """Tells who sent the datagram in a slot."""

    def client(self, slot: int) -> bytes:
        """Give an address of 4 or 16 octets."""
        ...


class Shortcut:
    """Answers common queries from a table of zones.

    `subject` is what the last answer was about; None where a good cookie came with the query.
    """

    __slots__ = ("_by_apex", "_cookie_opts", "_cookies", "_opts", "_udp_size", "subject")

    def __init__(self, table: ZoneTable, udp_size: int, cookies: Cookies | None = None) -> None:
        self._by_apex = table.by_apex
        self._udp_size = udp_size
        self._cookies = cookies
        self._opts: dict[bytes, _Opt] = {b"": (MAX_PLAIN, b"")}  # by what follows the question
        self._cookie_opts: dict[bytes, _Opt] = {}  # the same, each up to its cookie
        self.subject: bytes | None = None

    def respond(
        self, message: bytes, clients: Clients | None = None, slot: int = 0
    ) -> bytes | None:
        """Answer a common query; None for any other, or where the response would be too long.

        A query with a cookie is common where `clients` can tell who sent the one in `slot`.
        """
        # Labels may hold zero octets. Then the name is cut short here, and what is left is no
        # whole name: it is in no index and at no label's end, so the query goes the other way.
        end = message.find(0, HEADER_LENGTH) + 5
        rest = message[end:]
        opt = self._opts.get(rest)
        if opt is not None:
            return self._respond(message, end, opt[0], opt[1])
        if clients is not None and len(rest) in _LENGTHS_WITH_COOKIE:
            return self._respond_to_cookie(message, end, rest, clients.client(slot))
        if len(rest) == edns.PLAIN_LENGTH and (opt := self._learn(rest)) is not None:
            return self._respond(message, end, opt[0], opt[1])
        return None

    def _respond_to_cookie(
        self, message: bytes, end: int, rest: bytes, client: bytes
    ) -> bytes | None:
        """Answer a common query but for the cookie at its end."""
        head = rest[:_COOKIE_AT]
        opt = self._cookie_opts.get(head) or self._learn_with_cookie(head, len(rest) - _COOKIE_AT)
        if opt is None:
            return None
        limit, octets = opt
        if self._cookies is None:
            return self._respond(message, end, limit, octets)
        answered, good = self._cookies.check(rest[_COOKIE_AT:], client)
        if self._cookies.required and not good:
            return None
        response = self._respond(message, end, limit, octets + answered)
        if good:
            self.subject = None
        return response

    def _respond(self, message: bytes, end: int, limit: int, opt: bytes) -> bytes | None:
        """Answer a query whose question ends at `end`, within `limit`, with `opt` at the end."""
        lead = _LEADS.get(message[2:HEADER_LENGTH])
        if lead is None or lead.has_opt != bool(opt):
            return None
        name = apex = message[HEADER_LENGTH : end - 4].lower()
        by_apex = self._by_apex
        while (zone := by_apex.get(apex)) is None:  # type: ignore[call-overload]
            if not apex:
                return None
            apex = apex[apex[0] + 1 :]
        if zone.barriers and _meets_barrier(zone, name):
            return None
        standing = zone.nodes.get(name)
        if standing.__class__ is bytes and standing[2:6] == message[end - 4 : end]:
            middle, records = lead.answers[1], standing
            self.subject = name
        else:
            found = _find(zone, name, standing, message[end - 4 : end], lead)
            if found is None:
                return None
            middle, records = found
            self.subject = MISSING + zone.apex if middle is lead.name_error else name
        response = message[:2] + middle + message[HEADER_LENGTH:end] + records + opt
        return response if len(response) <= limit else None

    def _learn(self, rest: bytes) -> _Opt | None:
        """Read an OPT record without options, and remember what answers it."""
        if rest[:3] != edns.START or rest[_LENGTH_AT:] != _NO_OPTIONS:
            return None
        asked = edns.parse(int.from_bytes(rest[3:5], "big"), int.from_bytes(rest[5:9], "big"), b"")
        if asked.version != 0:
            return None
        if len(self._opts) >= _MOST_OPTS:
            self._opts = {b"": self._opts[b""]}
            self._cookie_opts.clear()
        octets = edns.write(self._udp_size, 0, dnssec_ok=asked.dnssec_ok, options=[])
        limit = max(MAX_PLAIN, min(asked.payload_size, self._udp_size))
        self._opts[rest] = opt = limit, octets
        return opt

    def _learn_with_cookie(self, head: bytes, length: int) -> _Opt | None:
        """Read an OPT record up to the cookie that is its only option."""
        if head[_LENGTH_AT:] != _COOKIE_HEADS[length]:
            return None
        plain = head[:_LENGTH_AT] + _NO_OPTIONS
        opt = self._opts.get(plain) or self._learn(plain)
        if opt is not None:
            if self._cookies is not None:
                opt = opt[0], opt[1][:_LENGTH_AT] + _ANSWERED_HEAD
            self._cookie_opts[head] = opt
        return opt


def _find(
    zone: Zone, name: bytes, standing: Standing | None, asked: bytes, lead: _Lead
) -> tuple[bytes, bytes] | None:
    """Give the rest of the header, and the records, where no single record is the answer."""
    rrtype = _QTYPES.get(asked)
    if rrtype is None:
        return None
    if isinstance(standing, Node):
        return _find_at_node(zone, name, standing.rrsets, rrtype, lead)
    if standing is not None:
        return None if standing[2:4] == _CNAME else (lead.no_data, _denial(zone, name))
    return (lead.name_error, _denial(zone, name)) if _is_missing(zone, name) else None


def _find_at_node(
    zone: Zone, name: bytes, rrsets: dict[int, RRset], rrtype: int, lead: _Lead
) -> tuple[bytes, bytes] | None:
    rrset = rrsets.get(rrtype)
    if rrset is not None:
        return (lead.answers[rrset.count], rrset.packed) if rrset.count < _MOST_COUNTED else None
    return None if rrtypes.CNAME in rrsets else (lead.no_data, _denial(zone, name))


def _is_missing(zone: Zone, name: bytes) -> bool:
    """Tell whether a name is well-formed, and no wildcard stands for it."""
    if len(name) > MAX_LENGTH:
        return False
    nodes = zone.nodes
    encloser = name
    while encloser not in nodes:
        if encloser[0] > _MAX_LABEL:
            return False
        encloser = encloser[encloser[0] + 1 :]
    return b"\x01*" + encloser not in nodes


def _meets_barrier(zone: Zone, name: bytes) -> bool:
    """Tell whether a cut or a DNAME stands at the name or above it."""
    barriers, apex = zone.barriers, zone.apex
    while name != apex:
        if name in barriers:
            return True
        name = name[name[0] + 1 :]
    return name in barriers


def _denial(zone: Zone, name: bytes) -> bytes:
    """Give the SOA for the authority section, owned by the end of the question's name."""
    soa = zone.negative_soa
    assert soa is not None  # what is served has an SOA
    return _POINTERS[HEADER_LENGTH + len(name) - len(zone.apex)] + soa.packed[2:]
