"""TSIG: messages signed by secrets that both sides hold (RFC 8945)."""

import hashlib
import hmac
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from nsd.errors import BadSignature, NotSigned
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName

FUDGE: Final = 300  # seconds that two clocks may differ (RFC 8945, section 10)
MOST_UNSIGNED: Final = 99  # messages in a row (RFC 8945, section 5.3.1)
_CLASS_ANY: Final = 255

DIGESTS: Final = {
    "hmac-sha256": hashlib.sha256,
    "hmac-sha384": hashlib.sha384,
    "hmac-sha512": hashlib.sha512,
}

_record = struct.Struct(">HHIH")
_timers = struct.Struct(">HIH")
_length = struct.Struct(">H")
_tail = struct.Struct(">HHH")  # original id, error, length of other data


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


@dataclass(frozen=True, slots=True)
class Tsig:
    """A TSIG record as it was read; it begins at `start` in its message."""

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
        return _write_timers(self.signed_at, self.fudge)

    @property
    def variables(self) -> bytes:
        """All fields that a first signature covers (RFC 8945, section 4.3.3)."""
        return _variables(self.key_name, self.algorithm, self.timers, self.error, self.other)

    def covered(self, message: bytes) -> bytes:
        """Give the message as it was before it was signed."""
        additionals = int.from_bytes(message[10:12], "big") - 1
        return (
            self.original_id.to_bytes(2, "big")
            + message[2:10]
            + additionals.to_bytes(2, "big")
            + message[12 : self.start]
        )


def read_rdata(message: bytes, start: int, owner: WireName, at: int, end: int) -> Tsig:
    """Read the TSIG record whose RDATA is `message[at:end]`; ValueError where it is malformed."""
    algorithm, at = name.read(message, at)
    try:
        high, low, fudge = _timers.unpack_from(message, at)
        (mac_length,) = _length.unpack_from(message, at + 8)
        at += 10 + mac_length
        mac = message[at - mac_length : at]
        original_id, error, other_length = _tail.unpack_from(message, at)
    except struct.error as problem:
        raise ValueError("a TSIG record is cut short") from problem
    at += _tail.size + other_length
    if at != end:
        raise ValueError("a TSIG record of a wrong length")
    return Tsig(
        start,
        name.lower(owner),
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
    if len(message) < 12:
        raise ValueError("a message without a whole header")
    questions, *counts = struct.unpack_from(">HHHH", message, 4)
    at = 12
    for _ in range(questions):
        at = name.read(message, at)[1] + 4
    records = sum(counts)
    for number in range(records):
        start = at
        owner, at = name.read(message, at)
        if at + _record.size > len(message):
            raise ValueError("a record is cut short")
        rrtype, _class, _ttl, length = _record.unpack_from(message, at)
        at += _record.size + length
        if at > len(message):
            raise ValueError("a record runs out of the message")
        if rrtype == rrtypes.TSIG:
            if number != records - 1:
                raise ValueError("a TSIG record that is not the last")
            return read_rdata(message, start, owner, at - length, at)
    return None


def check(message: bytes, tsig: Tsig, keys: Sequence[Key], now: int) -> tuple[Key | None, int]:
    """Check a request in the order of RFC 8945, section 5.2; give its key, and what is wrong.

    Raises ValueError for a MAC of a length that no sender may use.
    """
    known = [key for key in keys if key.algorithm_name == tsig.algorithm]
    if not known:
        return None, TsigError.BADKEY
    full = known[0].mac_length
    if len(tsig.mac) > full or len(tsig.mac) < max(10, full // 2):
        raise ValueError("a TSIG MAC of a wrong length")
    covered = tsig.covered(message) + tsig.variables
    for key in known:
        if hmac.compare_digest(key.mac(covered)[: len(tsig.mac)], tsig.mac):
            break
    else:
        return None, TsigError.BADSIG
    if abs(now - tsig.signed_at) > tsig.fudge:
        return key, TsigError.BADTIME
    return key, TsigError.NONE if len(tsig.mac) == full else TsigError.BADTRUNC


class Signer:
    """Signs the messages that answer one request; `length` is what it adds to each at most."""

    def __init__(self, key: Key, request: Tsig, error: int = 0) -> None:
        self._key = key
        self._request = request
        self._error = error
        self._former = b""
        self.length = _signed_length(key.name, key.algorithm_name, key.mac_length) + 6

    def sign(self, message: bytes) -> bytes:
        """Add the signature to the next message."""
        now = int(time.time())
        is_late = self._error == TsigError.BADTIME  # RFC 8945, section 5.2.3
        timers = _write_timers(self._request.signed_at if is_late else now, FUDGE)
        other = now.to_bytes(6, "big") if is_late else b""
        key = self._key
        if self._former:
            variables, before = timers, self._former
        else:
            before = self._request.mac
            variables = _variables(key.name, key.algorithm_name, timers, self._error, other)
        mac = key.mac(_length.pack(len(before)), before, message, variables)
        self._former = mac
        return _append(message, key.name, key.algorithm_name, timers, mac, self._error, other)


class Unsigned:
    """Answers a request whose key or signature is not known (RFC 8945, section 5.3.2)."""

    def __init__(self, request: Tsig, error: int) -> None:
        self._request = request
        self._error = error
        self.length = _signed_length(request.key_name, request.algorithm, 0)

    def sign(self, message: bytes) -> bytes:
        """Add a record that says what is wrong, without a signature."""
        request = self._request
        return _append(
            message, request.key_name, request.algorithm, request.timers, b"", self._error, b""
        )


def sign_request(message: bytes, key: Key) -> tuple[bytes, "Verifier"]:
    """Sign a request; give it, and what verifies its answer."""
    timers = _write_timers(int(time.time()), FUDGE)
    mac = key.mac(message, _variables(key.name, key.algorithm_name, timers, 0, b""))
    signed = _append(message, key.name, key.algorithm_name, timers, mac, 0, b"")
    return signed, Verifier(key, mac)


class Verifier:
    """Verifies the messages that answer one signed request."""

    def __init__(self, key: Key, request_mac: bytes) -> None:
        self._key = key
        self._before = request_mac
        self._unsigned: list[bytes] = []
        self._is_first = True

    @property
    def is_settled(self) -> bool:
        """Whether the last message was signed."""
        return not self._unsigned and not self._is_first

    def verify(self, message: bytes) -> None:
        """Verify the next message; raises BadSignature."""
        try:
            tsig = find(message)
        except ValueError as error:
            raise BadSignature(str(error)) from error
        if tsig is None:
            self._pass_unsigned(message)
            return
        if tsig.error:
            raise BadSignature(f"the answer says {_error_text(tsig.error)}")
        key = self._key
        if tsig.key_name != key.name or tsig.algorithm != key.algorithm_name:
            raise BadSignature("the answer is signed with another key")
        covered = [*self._unsigned, tsig.covered(message)]
        variables = tsig.variables if self._is_first else tsig.timers
        mac = key.mac(_length.pack(len(self._before)), self._before, *covered, variables)
        if not hmac.compare_digest(mac, tsig.mac):
            raise BadSignature("the answer's signature is wrong")
        if abs(int(time.time()) - tsig.signed_at) > tsig.fudge:
            raise BadSignature("the answer was signed at another time")
        self._before, self._unsigned, self._is_first = mac, [], False

    def _pass_unsigned(self, message: bytes) -> None:
        if self._is_first or len(self._unsigned) >= MOST_UNSIGNED:
            raise NotSigned("the answer is not signed")
        self._unsigned.append(message)


def _error_text(error: int) -> str:
    try:
        return TsigError(error).name
    except ValueError:
        return f"TSIG error {error}"


def _write_timers(signed_at: int, fudge: int) -> bytes:
    return _timers.pack(signed_at >> 32, signed_at & 0xFFFFFFFF, fudge)


def _variables(key_name: bytes, algorithm: bytes, timers: bytes, error: int, other: bytes) -> bytes:
    owner = key_name + _CLASS_ANY.to_bytes(2, "big") + bytes(4)
    return owner + algorithm + timers + struct.pack(">HH", error, len(other)) + other


def _signed_length(key_name: bytes, algorithm: bytes, mac_length: int) -> int:
    return len(key_name) + _record.size + len(algorithm) + 10 + mac_length + _tail.size


def _append(
    message: bytes,
    key_name: bytes,
    algorithm: bytes,
    timers: bytes,
    mac: bytes,
    error: int,
    other: bytes,
) -> bytes:
    """Append a TSIG record; the message's own ID is the original one."""
    ident = int.from_bytes(message[:2], "big")
    rdata = (
        algorithm
        + timers
        + _length.pack(len(mac))
        + mac
        + _tail.pack(ident, error, len(other))
        + other
    )
    record = key_name + _record.pack(rrtypes.TSIG, _CLASS_ANY, 0, len(rdata)) + rdata
    additionals = int.from_bytes(message[10:12], "big") + 1
    return message[:10] + additionals.to_bytes(2, "big") + message[12:] + record
