"""TSIG: the keys, and the record that signs a message (RFC 8945, section 4)."""

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from nsd.message.header import HEADER_LENGTH, read_header
from nsd.message.records import FIXED, Placed, after_questions, walk
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName

DIGESTS: Final = {
    "hmac-sha256": hashlib.sha256,
    "hmac-sha384": hashlib.sha384,
    "hmac-sha512": hashlib.sha512,
}
_CLASS_ANY: Final = 255

_timers = struct.Struct(">HIH")
_length = struct.Struct(">H")
_tail = struct.Struct(">HHH")  # original id, error, length of other data
_class_and_ttl: Final = _CLASS_ANY.to_bytes(2, "big") + bytes(4)


class TsigError(IntEnum):
    """What is wrong with a signature (RFC 8945, section 3)."""

    NONE = 0
    BADSIG = 16
    BADKEY = 17
    BADTIME = 18
    BADTRUNC = 22


@dataclass(frozen=True, slots=True)
class Key:
    """A key with one secret; the name is in lower case."""

    name: WireName
    algorithm: str
    secret: bytes = field(repr=False)

    def mac(self, *parts: bytes) -> bytes:
        """Sign octets."""
        found = hmac.new(self.secret, digestmod=DIGESTS[self.algorithm])
        for part in parts:
            found.update(part)
        return found.digest()

    @property
    def mac_length(self) -> int:
        """How long its signatures are."""
        return DIGESTS[self.algorithm]().digest_size

    @property
    def algorithm_name(self) -> WireName:
        """The algorithm as the record names it."""
        return name.from_text(self.algorithm)


class Keys(Protocol):
    """Where keys are found."""

    def find(self, key_name: WireName) -> Sequence[Key]:
        """Give the key of a name once with each secret that holds, the newest first."""


class Tsig(NamedTuple):
    """A TSIG record; times in seconds, `signed_at` since 1970.

    In a message that was read it begins at `start`; one to be written begins where that ends.
    """

    start: int
    key_name: WireName
    algorithm: WireName
    signed_at: int
    fudge: int
    mac: bytes
    original_id: int
    error: int
    other: bytes

    @property
    def timers(self) -> bytes:
        """The fields that every signature covers."""
        return _timers.pack(self.signed_at >> 32, self.signed_at & 0xFFFFFFFF, self.fudge)

    @property
    def variables(self) -> bytes:
        """All fields that a first signature covers (RFC 8945, section 4.3.3)."""
        error = struct.pack(">HH", self.error, len(self.other))
        return self.key_name + _class_and_ttl + self.algorithm + self.timers + error + self.other

    @property
    def length(self) -> int:
        """What it adds to a message."""
        names = len(self.key_name) + len(self.algorithm)
        numbers = FIXED.size + _timers.size + _length.size + _tail.size
        return names + numbers + len(self.mac) + len(self.other)

    def covered(self, message: bytes) -> bytes:
        """Give a signed message as it was before."""
        additionals = int.from_bytes(message[10:12], "big") - 1
        return (
            self.original_id.to_bytes(2, "big")
            + message[2:10]
            + additionals.to_bytes(2, "big")
            + message[12 : self.start]
        )

    def appended_to(self, message: bytes) -> bytes:
        """Give a message with this at its end."""
        rdata = b"".join(
            (
                self.algorithm,
                self.timers,
                _length.pack(len(self.mac)),
                self.mac,
                _tail.pack(self.original_id, self.error, len(self.other)),
                self.other,
            )
        )
        record = self.key_name + FIXED.pack(rrtypes.TSIG, _CLASS_ANY, 0, len(rdata)) + rdata
        additionals = int.from_bytes(message[10:12], "big") + 1
        return message[:10] + additionals.to_bytes(2, "big") + message[12:] + record


def read(message: bytes, placed: Placed) -> Tsig:
    """Read the TSIG record that stands there; ValueError where it is malformed."""
    if (placed.rrclass, placed.ttl) != (_CLASS_ANY, 0):  # RFC 8945, section 4.2
        raise ValueError("a TSIG record of another class than ANY, or with a TTL")
    algorithm, at = name.read(message, placed.at)
    try:
        high, low, fudge = _timers.unpack_from(message, at)
        (mac_length,) = _length.unpack_from(message, at + 8)
        at += 10 + mac_length
        mac = message[at - mac_length : at]
        original_id, error, other_length = _tail.unpack_from(message, at)
    except struct.error as problem:
        raise ValueError("a TSIG record is cut short") from problem
    at += _tail.size + other_length
    if at != placed.end:
        raise ValueError("a TSIG record of a wrong length")
    return Tsig(
        placed.start,
        name.lower(placed.owner),
        name.lower(algorithm),
        high << 32 | low,
        fudge,
        mac,
        original_id,
        error,
        message[at - other_length : at],
    )


def find(message: bytes) -> Tsig | None:
    """Find the TSIG record at the end of a message; ValueError where anything is malformed."""
    if len(message) < HEADER_LENGTH:
        raise ValueError("a message without a whole header")
    header = read_header(message)
    count = header.answers + header.authorities + header.additionals
    places = walk(message, after_questions(message, header.questions), count)
    for number, placed in enumerate(places, 1):
        if placed.rrtype == rrtypes.TSIG:
            if number != count:
                raise ValueError("a TSIG record that is not the last")
            return read(message, placed)
    return None
