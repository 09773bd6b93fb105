"""A flood of questions with one source, on a server with settings that limit loopback too."""

import socket
import time
from collections import Counter
from collections.abc import Callable

import dns.message
import pytest

from tests.live.server import Server

ASKED = 4000
LIMITED = {"NSD_DNS_RATE_LIMIT_EXEMPT": ""}


def served(own_server: Callable[..., Server], **settings: str) -> Server:
    server = own_server(**settings)
    server.account().api.post("/dns-zones/", {"domain": "flood.example"}).expect(201)
    return server


def flood(server: Server, name: str) -> Counter[str]:
    """Ask the same again and again as fast as it goes; count what came of it."""
    wire, found = dns.message.make_query(name, "SOA").to_wire(), Counter[str]()
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        client.connect(("127.0.0.1", server.dns_port))
        client.setblocking(False)
        for _ in range(ASKED):
            client.send(wire)
            take(client, found)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            take(client, found)
    return found


def take(client: socket.socket, found: Counter[str]) -> None:
    try:
        while True:
            found["cut" if client.recv(4096)[2] & 2 else "whole"] += 1
    except BlockingIOError:
        return


def test_a_flood_is_answered_a_little_and_asked_to_come_over_tcp(
    own_server: Callable[..., Server],
) -> None:
    server = served(own_server, **LIMITED)
    found = flood(server, "flood.example.")
    assert found["whole"] < ASKED / 2
    assert found["cut"] > 0
    assert server.ask("flood.example.", "SOA", tcp=True).answer
    assert server.ask("flood.example.", "NS", tcp=True).answer
    assert "about=answers name=flood.example." in server.process.wait_for_line("are limited")


@pytest.mark.parametrize("settings", [{}, {**LIMITED, "NSD_DNS_RATE_LIMIT": "off"}])
def test_loopback_is_exempt_and_limits_can_be_turned_off(
    own_server: Callable[..., Server], settings: dict[str, str]
) -> None:
    found = flood(served(own_server, **settings), "flood.example.")
    assert not found["cut"]
    assert found["whole"] > ASKED / 2
