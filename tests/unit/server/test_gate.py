"""Every reply goes through the gate, whichever way it was made and whatever carries it."""

import asyncio
import socket
from collections.abc import AsyncIterator

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype
import pytest

from nsd.message.transport import Transport
from nsd.server import batch
from nsd.server.gate import Gate
from tests.conformance.asked import Nameserver
from tests.conformance.listening import listening
from tests.conformance.transfers import Source

QUICK = "a.example."
ORDINARY = "alias.example."  # a CNAME is never answered quickly
LATER = "hidden.test."


class Limit:
    """Notes what comes to the gate; lets through, drops or cuts short."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, bytes, bytes, Transport]] = []
        self.how = "pass"
        self.asked = asyncio.Event()

    def __call__(
        self, question: bytes, reply: bytes, client: bytes, transport: Transport
    ) -> bytes | None:
        self.seen.append((question, reply, client, transport))
        self.asked.set()
        if self.how == "cut":
            return reply[:2] + bytes([reply[2] | 2]) + reply[3:6] + bytes(6) + question[12:]
        return reply if self.how == "pass" else None


@pytest.fixture
def limit() -> Limit:
    return Limit()


@pytest.fixture(params=["batch", "one by one"])
async def port(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, limit: Limit
) -> AsyncIterator[int]:
    if request.param == "one by one":
        monkeypatch.setattr(batch, "is_available", lambda: False)
    elif not batch.is_available():
        pytest.skip("this system has no recvmmsg and sendmmsg")
    records = "a A 192.0.2.1\nalias CNAME a\n"
    server = Nameserver({"example.": records}, transfers=Source(hidden=[LATER]))
    async with listening(server, Gate(limit)) as port:
        yield port


async def ask(
    name: str, port: int, *, tcp: bool = False, seconds: float = 5.0
) -> dns.message.Message:
    query = dns.message.make_query(name, "SOA" if name == LATER else "A")
    by = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    return await by(query, "127.0.0.1", timeout=seconds, port=port)


@pytest.mark.parametrize("name", [QUICK, ORDINARY, LATER])
async def test_the_gate_sees_question_reply_and_client(port: int, limit: Limit, name: str) -> None:
    reply = await ask(name, port)
    ((question, passed, client, transport),) = limit.seen
    assert dns.message.from_wire(question).question == reply.question
    assert dns.message.from_wire(passed) == reply
    assert (client, transport) == (socket.inet_aton("127.0.0.1"), Transport.UDP)


@pytest.mark.parametrize("name", [QUICK, ORDINARY, LATER])
async def test_what_the_gate_drops_is_not_sent(port: int, limit: Limit, name: str) -> None:
    limit.how = "drop"
    asked = asyncio.create_task(ask(name, port))
    await limit.asked.wait()
    limit.how = "pass"
    await ask(QUICK, port)  # came later, and was answered
    assert not asked.done()
    asked.cancel()


@pytest.mark.parametrize("name", [QUICK, ORDINARY, LATER])
async def test_what_the_gate_cuts_short_is_sent_so(port: int, limit: Limit, name: str) -> None:
    limit.how = "cut"
    with pytest.raises(dns.message.Truncated):
        await dns.asyncquery.udp(
            dns.message.make_query(name, "SOA" if name == LATER else "A"),
            "127.0.0.1",
            timeout=5,
            port=port,
            raise_on_truncation=True,
        )


@pytest.mark.parametrize("name", [QUICK, ORDINARY])
async def test_over_tcp_the_gate_is_asked_too(port: int, limit: Limit, name: str) -> None:
    assert (await ask(name, port, tcp=True)).answer
    assert [transport for *_, transport in limit.seen] == [Transport.TCP]
    limit.how = "drop"
    with pytest.raises(EOFError):
        await ask(name, port, tcp=True)
