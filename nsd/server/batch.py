"""Many datagrams with one system call: Linux' recvmmsg and sendmmsg.

Python has no name for these calls, so they are called through ctypes, on tables that are laid out
once: what the kernel writes into the tables for a received datagram (its address, and on sockets
that are bound to all addresses the one that was asked) is left in place for the response.
"""

import ctypes
import errno
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

Respond = Callable[[bytes, int], bytes | None]
Address = tuple[str, int] | tuple[str, int, int, int]
Ancillary = tuple[int, int, bytes]

DATAGRAMS: Final = 64
SLOT: Final = 4096  # octets for one datagram; a longer query is cut short, and malformed then

_ADDRESS: Final = 32  # room for a sockaddr_in or sockaddr_in6
_CONTROL: Final = 64
_HEADER: Final = struct.Struct("@PI4xPNPNi4xI4x")  # struct mmsghdr, of 64-bit Linux
_ANCILLARY: Final = struct.Struct("@Nii")  # struct cmsghdr
_VECTOR: Final = struct.Struct("@PN")  # struct iovec


def is_available() -> bool:
    """Tell whether this system has the two calls, with the layout that is known here."""
    return sys.platform == "linux" and _HEADER.size == 64 and hasattr(_library(), "sendmmsg")


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _address(buffer: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))


class Batch:
    """The tables for one socket. Slot n holds the nth datagram, its address and its response."""

    def __init__(self, bound: socket.socket) -> None:
        library = _library()
        self._receive, self._send = library.recvmmsg, library.sendmmsg
        self._file = bound.fileno()
        self._is_ipv6 = bound.family == socket.AF_INET6
        self._received = bytearray(DATAGRAMS * SLOT)
        self._responses = bytearray(DATAGRAMS * SLOT)
        self._addresses = bytearray(DATAGRAMS * _ADDRESS)
        self._controls = bytearray(DATAGRAMS * _CONTROL)
        self._count = 0  # datagrams that were received last
        self._lay_out()

    def _lay_out(self) -> None:
        self._vectors_in = self._vectors(self._received, SLOT)
        self._vectors_out = self._vectors(self._responses, 0)
        self._headers_in = self._headers(self._vectors_in)
        self._headers_out = self._headers(self._vectors_out)
        self._fresh = bytes(self._headers_in)
        self._incoming = memoryview(self._received)
        self._lengths = memoryview(self._headers_in).cast("I")[14::16]
        self._response_lengths = memoryview(self._vectors_out).cast("Q")[1::2]
        self._known_controls = memoryview(self._headers_in).cast("Q")[5::8]
        self._response_controls = memoryview(self._headers_out).cast("Q")[5::8]
        addresses = memoryview(self._addresses)
        self._sources = addresses.cast("Q")[1::4] if self._is_ipv6 else addresses.cast("I")[1::8]
        self._at_in = _address(self._headers_in)
        self._at_out = _address(self._headers_out)

    def _vectors(self, buffer: bytearray, length: int) -> bytearray:
        start = _address(buffer)
        return bytearray().join(
            _VECTOR.pack(start + slot * SLOT, length) for slot in range(DATAGRAMS)
        )

    def _headers(self, vectors: bytearray) -> bytearray:
        address_length = 28 if self._is_ipv6 else 16
        addresses, controls, start = map(_address, (self._addresses, self._controls, vectors))
        return bytearray().join(
            _HEADER.pack(
                addresses + slot * _ADDRESS,
                address_length,
                start + slot * _VECTOR.size,
                1,
                controls + slot * _CONTROL,
                _CONTROL,
                0,
                0,
            )
            for slot in range(DATAGRAMS)
        )

    def receive(self) -> int:
        """Receive what is there; give how many datagrams."""
        self._headers_in[:] = self._fresh
        count: int = self._receive(self._file, self._at(self._at_in), DATAGRAMS, 0, None)
        self._count = max(count, 0)
        return self._count

    def sources(self) -> list[int]:
        """Give of each datagram the first 4 octets of its address, of IPv6 8, as a number."""
        return self._sources[: self._count].tolist()

    def respond(self, respond: Respond) -> None:
        """Respond to each datagram that was received with `respond(datagram, slot)`."""
        count = self._count
        silent = self._respond_all(count, respond)
        self._response_controls[:count] = self._known_controls[:count]
        start = 0
        for slot in [*silent, count]:
            self._send_run(start, slot)
            start = slot + 1

    def client(self, slot: int) -> bytes:
        """Give the address that the datagram in a slot came from, 4 or 16 octets."""
        at = slot * _ADDRESS
        if self._is_ipv6:
            return bytes(self._addresses[at + 8 : at + 24])
        return bytes(self._addresses[at + 4 : at + 8])

    def sender(self, slot: int) -> tuple[Address, list[Ancillary]]:
        """Give the address that the datagram in a slot came from, and what replies carry."""
        at = slot * _ADDRESS
        (port,) = struct.unpack_from(">H", self._addresses, at + 2)
        family = socket.AF_INET6 if self._is_ipv6 else socket.AF_INET
        client: Address = (socket.inet_ntop(family, self.client(slot)), port)
        if self._is_ipv6:
            (flow,) = struct.unpack_from(">I", self._addresses, at + 4)
            (scope,) = struct.unpack_from("@I", self._addresses, at + 24)
            client = (*client, flow, scope)
        at = slot * _CONTROL
        if not self._known_controls[slot]:
            return client, []
        length, level, kind = _ANCILLARY.unpack_from(self._controls, at)
        return client, [(level, kind, bytes(self._controls[at + _ANCILLARY.size : at + length]))]

    def _respond_all(self, count: int, respond: Respond) -> list[int]:
        """Write all responses into their slots; give the slots that get none."""
        incoming, responses, lengths = self._incoming, self._responses, self._response_lengths
        silent = []
        start = 0
        for slot, length in enumerate(self._lengths[:count].tolist()):
            response = respond(bytes(incoming[start : start + length]), slot)
            if response is None:
                silent.append(slot)
            else:
                size = len(response)
                responses[start : start + size] = response
                lengths[slot] = size
            start += SLOT
        return silent

    def _send_run(self, start: int, end: int) -> None:
        """Send the responses of neighbouring slots; one that cannot be sent is left out."""
        while start < end:
            at = self._at(self._at_out + start * _HEADER.size)
            sent: int = self._send(self._file, at, end - start, 0)
            if sent < 0 and ctypes.get_errno() in {errno.EAGAIN, errno.ENOBUFS}:
                return  # the send buffer is full: these clients ask again
            start += max(sent, 1)

    @staticmethod
    def _at(address: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(address)
