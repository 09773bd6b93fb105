"""Zones on their way out: AXFR (RFC 5936), IXFR (RFC 1995), and the SOA of catalogs."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.errors import NotFound
from nsd.message.header import AA, HEADER, HEADER_LENGTH, QR
from nsd.secondary.access import Access
from nsd.secondary.directory import Directory
from nsd.server.later import TransferRequest
from nsd.settings import TransferRule
from nsd.store import catalogs, journal, zones
from nsd.store.defaults import stored
from nsd.store.served import View
from nsd.store.snapshot import Snapshots
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes, serial
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()

TARGET: Final = 32 * 1024  # octets of a message, where single records are not longer
_POINTER: Final = (0xC000 | HEADER_LENGTH).to_bytes(2, "big")  # to the question's name, the apex
_LEAST_RECORD: Final = 24  # octets, about, in a journal or a zone

# The same for both, so that nobody learns which zones are here.
_WHY_NOT: Final = "there is no such zone here, or it may not be transferred"

_Records = Iterator[tuple[WireName, bytes]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a request is answered with; `what` says it in the log."""

    what: str
    serial: int
    messages: Iterator[bytes]


class _Refused(Exception):
    """A request that is not granted; private to this module, which answers it."""


class _TooLong(Exception):
    """A record that no message has room for; private; it may end a transfer."""


class Outbound:
    """Answers requests for transfers from snapshots of the database."""

    def __init__(
        self,
        directory: Directory,
        keyring: Keyring,
        snapshots: Snapshots,
        *,
        rules: Sequence[TransferRule],
        at_once: int,
    ) -> None:
        self._directory = directory
        self._keyring = keyring
        self._snapshots = snapshots
        self._rules = rules
        self._room = asyncio.Semaphore(at_once)

    def hides(self, name: WireName) -> bool:
        """Tell whether the name is the apex of a zone that only secondaries see."""
        return name in self._directory.catalogs

    async def answer(self, request: TransferRequest) -> AsyncGenerator[bytes, None]:
        """Give the messages of the response."""
        key_name = None if request.key is None else request.key.name
        access = Access(
            self._directory.secondaries, self._keyring, self._rules, request.client, key_name
        )
        if not access.is_known:
            yield self._refuse(request, "neither this key nor this address may transfer zones")
            return
        async with self._room, self._snapshots.open() as snapshot:
            try:
                plan = await snapshot.run(partial(_plan, request, access))
            except _Refused as refused:
                yield self._refuse(request, str(refused))
                return
            octets = 0
            while message := await snapshot.run(lambda _: next(plan.messages, None)):
                signed = message if request.signer is None else request.signer.sign(message)
                octets += len(signed)
                yield signed
        log.log(
            10 if request.query.qtype == rrtypes.SOA else 20,
            plan.what,
            zone=to_text(request.apex),
            serial=plan.serial,
            client=request.client,
            key=None if key_name is None else to_text(key_name),
            octets=octets,
        )

    def _refuse(self, request: TransferRequest, why: str) -> bytes:
        key = request.key
        log.warning(
            "refused a transfer",
            why=why,
            zone=to_text(request.apex),
            client=request.client,
            key=None if key is None else to_text(key.name),
        )
        return request.refuse(why)


def _plan(request: TransferRequest, access: Access, connection: sqlite3.Connection) -> _Plan:
    """Choose the form of the answer; raises _Refused."""
    row = _granted(request, access, connection)
    soa = (row.apex, View(row, stored(connection)).soa().packed[2:])
    alone = _messages(request, iter([soa]))
    held = request.serial
    if request.query.qtype == rrtypes.SOA:
        return _Plan("sent an SOA", row.serial, alone)
    if held is None:
        return _Plan("sent a zone", row.serial, _messages(request, _whole(connection, row, soa)))
    if not serial.is_newer(row.serial, than=held):
        return _Plan("sent no change", row.serial, alone)
    steps = journal.steps_from(connection, row.id, row.apex, held, row.serial)
    if steps is not None and not _is_larger(connection, steps, row):
        changes = _messages(request, _changes(connection, steps, soa))
        return _Plan(
            "sent changes",
            row.serial,
            changes if request.transport.is_stream else _one_or(changes, alone),
        )
    if not request.transport.is_stream:
        return _Plan("sent an SOA", row.serial, alone)
    whole = _messages(request, _whole(connection, row, soa))
    return _Plan("sent a zone instead of changes", row.serial, whole)


def _granted(request: TransferRequest, access: Access, connection: sqlite3.Connection) -> ZoneRow:
    """Find the zone that is asked for; raises _Refused."""
    try:
        row = zones.by_apex(connection, request.apex)
    except NotFound:
        raise _Refused(_WHY_NOT) from None
    _serial, catalog_ids = catalogs.groups_of(connection, [row.apex])[row.apex]
    if row.is_suspended or not access.allows(row.apex, catalog_ids):
        raise _Refused(_WHY_NOT)
    return row


def _whole(connection: sqlite3.Connection, row: ZoneRow, soa: tuple[WireName, bytes]) -> _Records:
    yield from View(row, stored(connection)).in_wire_form(connection)
    yield soa


def _changes(
    connection: sqlite3.Connection, steps: journal.Steps, soa: tuple[WireName, bytes]
) -> _Records:
    yield soa
    for entry_id in steps.ids:
        for octets in journal.content(connection, entry_id):
            yield from journal.in_wire_form(octets)
    yield soa


def _is_larger(connection: sqlite3.Connection, steps: journal.Steps, row: ZoneRow) -> bool:
    """Tell whether changes would take more octets than the whole zone."""
    if steps.size < _LEAST_RECORD * row.record_count:
        return False
    return steps.size > sum(
        len(owner) + len(rest)
        for owner, rest in View(row, stored(connection)).in_wire_form(connection)
    )


def _one_or(messages: Iterator[bytes], instead: Iterator[bytes]) -> Iterator[bytes]:
    """Give a response of a single message as it is, another one for a longer (RFC 1995)."""
    try:
        first = next(messages)
        is_single = next(messages, None) is None
    except _TooLong:
        is_single = False
    yield first if is_single else next(instead)


def _messages(request: TransferRequest, records: _Records) -> Iterator[bytes]:
    """Pack records into messages, each with the question, to which owners point."""
    question, opt = request.query.question, request.opt
    body = bytearray()
    count = 0
    room = request.limit - HEADER_LENGTH - len(question) - len(opt)
    target = min(TARGET, room)
    cut = len(request.apex)

    def message() -> bytes:
        flags = QR | AA
        counts = (1, count, 0, 1 if opt else 0)
        return HEADER.pack(request.query.header.ident, flags, *counts) + question + body + opt

    for owner, rest in records:
        size = len(body) + len(owner) - cut + 2 + len(rest)
        if size > target and count:
            yield message()
            body.clear()
            count = 0
            size = len(owner) - cut + 2 + len(rest)
        if size > room:
            raise _TooLong(f"a record of {to_text(owner)} is too long for any message")
        body += owner[:-cut]
        body += _POINTER
        body += rest
        count += 1
    yield message()
