"""Fetching a zone from a primary that keeps to the rules, or does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from nsd.copy.assembly import Fetched
from nsd.copy.fetch import fetch
from nsd.errors import BadTransfer, NoAnswer
from nsd.message import tsig
from nsd.message.signing import Signer
from nsd.message.tsig import Key
from nsd.zone.name import from_text
from nsd.zone.soa import Soa

HOST = "127.0.0.1"
APEX = from_text("example.")
KEY = Key(from_text("k."), "hmac-sha256", b"a secret of the key")
OLD = Key(from_text("k."), "hmac-sha256", b"the secret before it")
SOA = "example. 300 IN SOA ns.example. host.example. 5 7200 900 1209600 300"
HELD = Soa(300, from_text("ns."), from_text("host."), 3, 7200, 900, 1209600, 300)

Messages = Callable[[bytes], Sequence[bytes]]


def message(request: bytes, *records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> bytes:
    """Messages a request with records, unsigned."""
    asked = dns.message.from_wire(request, continue_on_error=True, ignore_trailing=True)
    answer = dns.message.Message(id=asked.id)
    answer.flags = dns.flags.QR | dns.flags.AA
    answer.set_rcode(rcode)
    for record in records:
        owner, ttl, rdclass, rrtype, rdata = record.split(maxsplit=4)
        answer.answer.append(dns.rrset.from_text(owner, int(ttl), rdclass, rrtype, rdata))
    return answer.to_wire()


def whole(request: bytes) -> list[bytes]:
    """Give a zone in three messages."""
    return [
        message(request, SOA),
        message(request, "www.example. 300 IN A 192.0.2.1"),
        message(request, SOA),
    ]


def signed(answer: Messages, key: Key = KEY, *, leaving_out: Sequence[int] = ()) -> Messages:
    """Sign the messages of an answer, but for some."""

    def sign(request: bytes) -> list[bytes]:
        found = tsig.find(request)
        assert found is not None
        signer = Signer(key, found, time.time)
        return [
            message if number in leaving_out else signer.sign(message)
            for number, message in enumerate(answer(request))
        ]

    return sign


@asynccontextmanager
async def primary(answer: Messages) -> AsyncIterator[int]:
    """Messages each request on a connection, then end it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        for message in answer(await reader.readexactly(length)):
            writer.write(len(message).to_bytes(2, "big") + message)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def fetched(
    answer: Messages, keys: Sequence[Key] = (), held: Soa | None = None
) -> Fetched | None:
    async with primary(answer) as port:
        return await fetch(HOST, port, APEX, keys, held, wall=time.time)


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (whole, ()),
        (signed(whole), (KEY,)),
        (signed(whole, OLD), (KEY, OLD)),
    ],
)
async def test_a_whole_zone_is_fetched(answer: Messages, keys: Sequence[Key]) -> None:
    found = await fetched(answer, keys)
    assert found is not None
    assert found.soa is not None
    assert (found.is_whole, found.soa.serial, len(found.added)) == (True, 5, 1)


async def test_a_signed_transfer_whose_last_message_is_not_signed_is_refused() -> None:
    with pytest.raises(BadTransfer, match="the last message is not signed"):
        await fetched(signed(whole, leaving_out=(2,)), (KEY,))


async def test_a_signed_transfer_whose_last_messages_are_not_signed_is_refused() -> None:
    with pytest.raises(BadTransfer, match="the last message is not signed"):
        await fetched(signed(whole, leaving_out=(1, 2)), (KEY,))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (whole, "the answer is not signed"),
        (signed(whole, OLD), "signature is wrong"),
        (signed(whole, leaving_out=(0,)), "the answer is not signed"),
        (signed(whole, leaving_out=(1,)), "signature is wrong"),  # it does not cover what it should
    ],
)
async def test_what_is_not_signed_as_asked_is_refused(answer: Messages, why: str) -> None:
    with pytest.raises(BadTransfer, match=why):
        await fetched(answer, (KEY,))


async def test_a_primary_that_knows_no_changes_is_asked_for_the_whole() -> None:
    asked = []

    def answer(request: bytes) -> list[bytes]:
        asked.append(request[12 + len(APEX) + 1])  # the type's lower octet
        if asked[-1] == 251:
            return [message(request, rcode=dns.rcode.NOTIMP)]
        return whole(request)

    found = await fetched(answer, held=HELD)
    assert found is not None
    assert found.is_whole
    assert asked == [251, 252]


@pytest.mark.parametrize(
    ("rcode", "why"), [(dns.rcode.REFUSED, "REFUSED"), (dns.rcode.Rcode(11), "rcode 11")]
)
async def test_why_a_primary_refuses_is_said(rcode: dns.rcode.Rcode, why: str) -> None:
    with pytest.raises(BadTransfer, match=f"the primary says {why}"):
        await fetched(lambda request: [message(request, rcode=rcode)])


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (lambda request: whole(request)[:2], NoAnswer, "broke off in the middle"),
        (lambda request: [b"\0\0" + whole(request)[0][2:]], BadTransfer, "another question"),
        (lambda request: [message(request)], BadTransfer, "without records"),
        (lambda request: [message(request, SOA)[:-1]], BadTransfer, "malformed message"),
    ],
)
async def test_what_breaks_the_rules_is_refused(
    answer: Messages, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        await fetched(answer)


async def test_a_primary_that_drips_does_not_keep_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nsd.copy.fetch.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("nsd.copy.fetch.LEAST_RATE", 1e12)
    with pytest.raises(NoAnswer, match="too slowly"):
        await fetched(whole)
