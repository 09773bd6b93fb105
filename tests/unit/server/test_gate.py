"""Every response over UDP goes through the gate, whichever way it was made."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_network

import dns.asyncquery
import dns.edns
import dns.flags
import dns.message
import pytest
from structlog.testing import capture_logs

from nsd import metrics
from nsd.server import batch
from nsd.server.cookie import Cookies
from nsd.server.gate import Gate, RateLimits
from nsd.server.grouping import IPV4
from nsd.server.rate import SAMPLED, Rates
from nsd.server.subject import Subjects
from tests.conformance.asked import Nameserver, packed
from tests.conformance.listening import listening
from tests.conformance.transfers import Source

QUICK = "a.example."
ORDINARY = "alias.example."  # a CNAME is never answered quickly
REFERRAL = "x.sub.example."
MISSING = "missing.example."
REFUSED = "elsewhere.test."
LATER = "hidden.test."
OTHER = "other.example."

RATE = 20
ASKED = 1000
MOST = 3 * RATE + 4 * SAMPLED  # whole answers, until a suspect's are counted exactly


Open = Callable[..., AbstractAsyncContextManager[int]]


@pytest.fixture(params=["batch", "one by one"])
def open_port(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a server with limits; give its port."""
    if request.param == "one by one":
        monkeypatch.setattr(batch, "is_available", lambda: False)
    elif not batch.is_available():
        pytest.skip("this system has no recvmmsg and sendmmsg")

    @asynccontextmanager
    async def open_limited(
        *, slip: int = 2, exempt: str = "192.0.2.0/24", only_log: bool = False
    ) -> AsyncIterator[int]:
        rates = Rates(answers=RATE, missing=RATE, referrals=RATE, errors=RATE)
        limits = RateLimits(rates, slip, (ip_network(exempt),), only_log=only_log)
        gate = Gate(limits, IPV4, Subjects(SERVER.table, COOKIES), lambda: 1.5)
        async with listening(SERVER, gate) as port:
            yield port

    return open_limited


COOKIES = Cookies(b"k" * 16, wall=time.time)
SERVER = Nameserver(
    {"example.": "a A 192.0.2.1\nother A 192.0.2.2\nalias CNAME a\nsub NS ns.sub\n"},
    transfers=Source(hidden=[LATER]),
    cookies=COOKIES,
)


def query(name: str, cookie: bytes | None = None) -> bytes:
    options: list[dns.edns.Option] = []
    if cookie:
        options.append(dns.edns.GenericOption(dns.edns.OptionType.COOKIE, cookie))
    kind = "SOA" if name == LATER else "A"
    return dns.message.make_query(name, kind, options=options, id=7).to_wire()


async def flood(port: int, wire: bytes, asked: int = ASKED) -> Counter[str]:
    """Ask the same again and again, then something else; count what came of the former."""
    loop, found = asyncio.get_running_loop(), Counter[str]()
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        client.connect(("127.0.0.1", port))
        for _ in range(asked):
            await loop.sock_sendall(client, wire)
            await asyncio.sleep(0)  # no buffer may overflow
        last = dns.message.make_query(OTHER, "A", id=8)
        await loop.sock_sendall(client, last.to_wire())
        async with asyncio.timeout(10):
            while (reply := await loop.sock_recv(client, 4096))[1] != 8:
                found["cut" if reply[2] & 2 else "whole"] += 1
        assert dns.message.from_wire(reply).answer, "other names are answered"
    found["none"] = asked - found.total()
    return found


@pytest.mark.parametrize("name", [QUICK, ORDINARY, REFERRAL, MISSING])
async def test_beyond_the_rate_half_is_cut_short_and_half_dropped(
    open_port: Open, name: str
) -> None:
    async with open_port() as port:
        found = await flood(port, query(name))
    assert 0 < found["whole"] <= MOST
    assert abs(found["cut"] - found["none"]) <= 1


@pytest.mark.parametrize("name", [REFUSED, LATER])
async def test_of_errors_half_is_sent_as_it_is(open_port: Open, name: str) -> None:
    async with open_port() as port:
        found = await flood(port, query(name), 200)
    assert not found["cut"]
    assert abs(found["none"] - (200 - MOST) / 2) <= MOST


async def test_names_that_do_not_exist_are_limited_together(open_port: Open) -> None:
    async with open_port(slip=0) as port:
        loop, found = asyncio.get_running_loop(), 0
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect(("127.0.0.1", port))
            for number in range(ASKED):
                await loop.sock_sendall(client, query(f"n{number}.example."))
                await asyncio.sleep(0)
            await loop.sock_sendall(client, query(OTHER)[:1] + b"\x08" + query(OTHER)[2:])
            async with asyncio.timeout(10):
                while (await loop.sock_recv(client, 4096))[1] != 8:
                    found += 1
    assert 0 < found <= MOST


@pytest.mark.parametrize(("slip", "outcome"), [(0, "none"), (1, "cut")])
async def test_slip_says_how_many_are_cut_short(open_port: Open, slip: int, outcome: str) -> None:
    async with open_port(slip=slip) as port:
        found = await flood(port, query(QUICK))
    assert found[outcome] == ASKED - found["whole"] > 0


@pytest.mark.parametrize("exempt", ["127.0.0.0/8", "127.0.0.0/24", "127.0.0.1/32"])
async def test_exempt_networks_are_not_limited(open_port: Open, exempt: str) -> None:
    async with open_port(exempt=exempt) as port:
        assert (await flood(port, query(QUICK)))["whole"] == ASKED


async def test_an_exempt_neighbour_exempts_nobody_else(open_port: Open) -> None:
    async with open_port(exempt="127.0.0.2/32") as port:
        assert (await flood(port, query(QUICK)))["whole"] <= MOST


@pytest.mark.parametrize("name", [QUICK, ORDINARY])
async def test_a_good_cookie_is_not_limited_and_another_is(open_port: Open, name: str) -> None:
    good, _ = COOKIES.check(b"clientXX", packed("127.0.0.1"))
    async with open_port() as port:
        assert (await flood(port, query(name, good)))["whole"] == ASKED
        assert (await flood(port, query(name, b"clientXX")))["whole"] <= MOST


async def test_whoever_is_cut_short_gets_a_cookie_that_helps(open_port: Open) -> None:
    async with open_port(slip=1) as port:
        await flood(port, query(QUICK))
        asked = dns.message.from_wire(query(QUICK, b"clientXX"))
        cut = await dns.asyncquery.udp(asked, "127.0.0.1", timeout=5, port=port)
        assert cut.flags & dns.flags.TC
        asked.use_edns(0, options=[cut.options[0]])
        assert (await dns.asyncquery.udp(asked, "127.0.0.1", timeout=5, port=port)).answer


async def test_over_tcp_nothing_is_limited(open_port: Open) -> None:
    async with open_port() as port:
        await flood(port, query(QUICK))
        asked = dns.message.from_wire(query(QUICK))
        reply = await dns.asyncquery.tcp(asked, "127.0.0.1", timeout=5, port=port)
    assert reply.answer


async def test_with_only_a_log_all_is_sent(open_port: Open) -> None:
    with capture_logs() as logs:
        async with open_port(only_log=True) as port:
            assert (await flood(port, query(QUICK)))["whole"] == ASKED
    (line,) = logs
    assert (line["network"], line["about"], line["name"], line["only_logged"]) == (
        "127.0.0.0/24", "answers", "a.example.", True,
    )  # fmt: skip


def counted(about: str, outcome: str) -> float:
    labels = {"about": about, "outcome": outcome}
    return metrics.REGISTRY.get_sample_value("nsd_rate_limited_total", labels) or 0.0


async def test_what_is_held_back_is_counted(open_port: Open) -> None:
    before = counted("answers", "cut"), counted("answers", "dropped")
    async with open_port() as port:
        found = await flood(port, query(QUICK))
    assert counted("answers", "cut") - before[0] == found["cut"]
    assert counted("answers", "dropped") - before[1] == found["none"]
