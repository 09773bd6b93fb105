"""Fetches zones over TCP: changes where we have something, whole zones otherwise.

The messages are read by the walk of nsd.message.records: 3 µs a record, where dnslib takes 20 and
dnspython 50, which is 50 s of a core for a zone of a million.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from nsd.client import question
from nsd.copy.assembly import Assembly, Fetched
from nsd.errors import BadSignature, BadTransfer, NoAnswer
from nsd.message import records
from nsd.message.header import read_header
from nsd.message.match import is_answer
from nsd.message.signing import Wall, sign_request
from nsd.message.tsig import Key
from nsd.rcode import rcode_text
from nsd.zone import rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.soa import Soa

CONNECT_SECONDS: Final = 10.0
MESSAGE_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 3600.0
PATIENCE_SECONDS: Final = 60.0  # before a transfer must have come at LEAST_RATE
LEAST_RATE: Final = 1000.0  # octets a second
MOST_OCTETS: Final = 2 * 1024**3


class _Refused(BadTransfer):
    """A primary that answers with an error; who fetches tells it from no other bad transfer."""


async def fetch(
    host: str,
    port: int,
    apex: WireName,
    keys: Sequence[Key],
    held: Soa | None,
    *,
    wall: Wall,
) -> Fetched:
    """Fetch what a zone is now, as changes to what we hold where the primary can tell them.

    Raises NoAnswer where the primary cannot be reached or breaks off, BadTransfer where what it
    sends breaks the rules; both say why.
    """
    why = ""
    for key in keys or (None,):
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await _fetch(host, port, apex, key, held, wall)
        except BadSignature as error:
            why = error.detail
        except TimeoutError:
            raise NoAnswer("the primary takes too long") from None
        except OSError as error:
            raise NoAnswer(f"{host} port {port}: {error.strerror or error}") from error
    raise BadTransfer(why)


async def _fetch(
    host: str, port: int, apex: WireName, key: Key | None, held: Soa | None, wall: Wall
) -> Fetched:
    if held is not None:
        with contextlib.suppress(_Refused):  # by one that knows no IXFR
            changes = question.ask_changes(apex, held)
            return await _transfer(host, port, _Inbound(changes, apex, key, held, wall))
    whole = question.ask(apex, rrtypes.AXFR)
    return await _transfer(host, port, _Inbound(whole, apex, key, held, wall))


class _Inbound:
    """One transfer: the request, and what its answers give. No sockets here."""

    def __init__(
        self, asked: bytes, apex: WireName, key: Key | None, held: Soa | None, wall: Wall
    ) -> None:
        self.request, self._verifier = asked, None
        if key is not None:
            self.request, self._verifier = sign_request(asked, key, wall)
        self.assembly = Assembly(apex, None if held is None else held.serial)

    def take(self, response: bytes) -> None:
        """Take the next message. Raises BadTransfer, BadSignature."""
        if not is_answer(response, self.request):
            raise BadTransfer("an answer to another question")
        if self._verifier is not None:
            self._verifier.verify(response)
        self.assembly.add(_records_in(response))
        is_signed = self._verifier is None or self._verifier.is_settled
        if self.assembly.is_done and not is_signed:  # RFC 8945, section 5.3.1
            raise BadTransfer("the last message is not signed")


def _records_in(response: bytes) -> tuple[Record, ...]:
    rcode = read_header(response).rcode
    if rcode:
        raise _Refused(f"the primary says {rcode_text(rcode)}")
    try:
        found = tuple(records.answers(response))
    except ValueError as error:
        raise BadTransfer(f"a malformed message: {error}") from error
    if not found:
        raise BadTransfer("a message without records")
    return found


def _check_pace(octets: int, seconds: float) -> None:
    """Raise NoAnswer for a primary that keeps its slot by sending next to nothing."""
    if seconds > PATIENCE_SECONDS and octets < LEAST_RATE * seconds:
        raise NoAnswer("the primary sends too slowly")


async def _transfer(host: str, port: int, inbound: _Inbound) -> Fetched:
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(len(inbound.request).to_bytes(2, "big") + inbound.request)
        octets, began = 0, asyncio.get_running_loop().time()
        while not inbound.assembly.is_done:
            response = await _read_message(reader)
            octets += len(response)
            if octets > MOST_OCTETS:
                raise BadTransfer("the zone is too large")
            _check_pace(octets, asyncio.get_running_loop().time() - began)
            await asyncio.to_thread(inbound.take, response)
    finally:
        writer.close()
    return inbound.assembly.fetched


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(MESSAGE_SECONDS):
            length = int.from_bytes(await reader.readexactly(2), "big")
            return await reader.readexactly(length)
    except EOFError:
        raise NoAnswer("the primary broke off in the middle") from None
    except TimeoutError:
        raise NoAnswer("the primary fell silent") from None
