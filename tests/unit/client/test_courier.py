"""Asking other servers: over UDP, over TCP where UDP will not do, signed where they want it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from nsd.client import question
from nsd.client.courier import Courier
from nsd.errors import BadAnswer, NoAnswer
from nsd.message.transport import Transport
from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from tests.conformance.asked import Nameserver
from tests.conformance.listening import listening
from tests.conformance.transfers import Source
from tests.live.port import free_port

HOST = "127.0.0.1"
APEX = from_text("example.")
LONG = ".".join(["a" * 60] * 4)
SOA = question.ask(APEX, rrtypes.SOA)
KEY = Key(from_text("k."), "hmac-sha256", b"a secret of the key")
OLD = Key(from_text("k."), "hmac-sha256", b"the secret before it")


class Unsigned(asyncio.DatagramProtocol):
    """Answers everything with one rcode, and signs nothing."""

    def __init__(self, rcode: Rcode) -> None:
        self.rcode = rcode

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data[:2] + bytes([0x84, self.rcode]) + bytes(8), addr)


@asynccontextmanager
async def unsigned(rcode: Rcode) -> AsyncIterator[int]:
    """Answer with an rcode, unsigned."""
    endpoint, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Unsigned(rcode), local_addr=(HOST, 0)
    )
    yield endpoint.get_extra_info("sockname")[1]
    endpoint.close()


@pytest.fixture
async def courier() -> AsyncIterator[Courier]:
    courier = Courier([HOST], wall=time.time)
    yield courier
    courier.close()


@asynccontextmanager
async def serving(soa: str = "ns. host.", key: Key = KEY) -> AsyncIterator[int]:
    """Serve a zone of serial 7 with these names in its SOA."""
    server = Nameserver({"example.": ""}, transfers=Source([key]))
    server.add_record("example.", "SOA", f"{soa} 7 7200 900 1209600 900")
    async with listening(server) as port:
        yield port


@pytest.mark.parametrize("keys", [(), (KEY,)])
async def test_an_answer_that_is_truncated_is_asked_for_over_tcp(
    courier: Courier, keys: Sequence[Key]
) -> None:
    async with serving(f"{LONG}. {LONG}b.") as port:
        answer = await courier.ask(HOST, port, SOA, keys, 5.0)
    assert not answer.header.tc
    assert question.serial_in(answer, APEX) == 7


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("keys", [(), (KEY,), (KEY, OLD)])
async def test_the_serial_of_a_zone_is_read(
    courier: Courier, transport: Transport, keys: Sequence[Key]
) -> None:
    async with serving() as port:
        answer = await courier.ask(HOST, port, SOA, keys, 5.0, transport)
    assert question.serial_in(answer, APEX) == 7


async def test_names_that_are_no_text_are_read(courier: Courier) -> None:
    async with serving(r"n\255s.example. h\200\.\000.example.") as port:
        answer = await courier.ask(HOST, port, SOA, (), 5.0)
    assert question.serial_in(answer, APEX) == 7


async def test_the_secret_before_a_rotation_is_tried_too(courier: Courier) -> None:
    async with serving(key=OLD) as port:
        answer = await courier.ask(HOST, port, SOA, (KEY, OLD), 5.0)
    assert question.serial_in(answer, APEX) == 7


async def test_an_answer_without_a_signature_is_not_trusted(courier: Courier) -> None:
    async with unsigned(Rcode.NOERROR) as port:
        with pytest.raises(BadAnswer, match="not signed"):
            await courier.ask(HOST, port, SOA, (KEY,), 5.0)


async def test_an_answer_signed_at_another_time_is_not_trusted() -> None:
    courier = Courier([HOST], wall=lambda: time.time() - 1000)
    async with serving() as port:
        with pytest.raises(BadAnswer, match="BADTIME"):
            await courier.ask(HOST, port, SOA, (KEY,), 5.0)
    courier.close()


async def test_an_error_need_not_be_signed(courier: Courier) -> None:
    async with unsigned(Rcode.REFUSED) as port:
        answer = await courier.ask(HOST, port, SOA, (KEY,), 5.0)
    assert answer.header.rcode == Rcode.REFUSED


async def test_what_is_wrong_with_our_signature_is_said(courier: Courier) -> None:
    async with serving() as port:
        with pytest.raises(BadAnswer, match="BADSIG"):
            await courier.ask(HOST, port, SOA, (OLD,), 5.0)


async def test_questions_of_the_same_id_do_not_meet(courier: Courier) -> None:
    async with serving() as port:
        answers = await asyncio.gather(*(courier.ask(HOST, port, SOA, (), 5.0) for _ in range(20)))
    assert [question.serial_in(answer, APEX) for answer in answers] == [7] * 20


@pytest.mark.parametrize("transport", Transport)
async def test_silence_and_refusal_are_no_answer(courier: Courier, transport: Transport) -> None:
    with pytest.raises(NoAnswer):
        await courier.ask(HOST, free_port(), SOA, (), 0.05, transport)


async def test_a_source_that_is_not_ours_is_named() -> None:
    courier = Courier(["192.0.2.1"], wall=time.time)
    with pytest.raises(NoAnswer, match=r"192\.0\.2\.1: Cannot assign"):
        await courier.ask(HOST, free_port(), SOA, (), 5.0)


@pytest.mark.parametrize(
    "octets",
    [
        b"\0\7\x84\0\0\0\0\1\0\0\0\0",  # a record is announced, none is there
        b"\0\7\x84\0\0\0\0\1\0\0\0\0\xc0\x0c\0\6\0\1\0\0\0\0\0\0",  # its owner points at itself
        b"\0\7\x84\0\0\0\0\1\0\0\0\0\0\0\6\0\1\0\0\0\0\0\2\0\0",  # an SOA of two octets
    ],
)
def test_a_malformed_answer_is_a_bad_answer(octets: bytes) -> None:
    with pytest.raises(BadAnswer, match="malformed"):
        question.read(octets)


@pytest.mark.parametrize("flags", [b"\x80\0", b"\x84\2"])
def test_a_serial_is_only_in_an_authoritative_answer_without_error(flags: bytes) -> None:
    rdata = b"\0\0" + bytes(20)
    soa = b"\7example\0\0\6\0\1\0\0\0\0" + len(rdata).to_bytes(2, "big") + rdata
    good = b"\0\7\x84\0\0\0\0\1\0\0\0\0" + soa
    assert question.serial_in(question.read(good), APEX) == 0
    assert question.serial_in(question.read(good), from_text("other.")) is None
    assert question.serial_in(question.read(good[:2] + flags + good[4:]), APEX) is None
