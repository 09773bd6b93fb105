"""What strangers ask for must not fill the log."""

import socket
from collections.abc import Callable

import dns.message
import dns.tsig
import dns.tsigkeyring
import dns.update

from tests.live.server import Server, eventually

ASKED = 300


def counted(server: Server, sentence: str) -> tuple[int, int]:
    """Give how many lines say a sentence, and how many others are said to be left out."""
    lines = server.process.lines
    said = [line for line in lines if sentence in line and "more lines" not in line]
    told = [line for line in lines if "more lines like this" in line and sentence in line]
    return len(said), sum(int(line.split("count=")[1].split()[0]) for line in told)


def flood(server: Server, wire: bytes) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.connect(("127.0.0.1", server.dns_port))
        for _ in range(ASKED):
            client.send(wire)
            client.recv(4096)


def test_refused_transfers_over_udp_are_said_five_times_and_then_counted(
    own_server: Callable[..., Server],
) -> None:
    server = own_server()
    account = server.account()
    account.api.post("/dns-zones/", {"domain": "quiet.example"}).expect(201)
    query = dns.message.make_query("quiet.example.", "IXFR", use_edns=False)
    query.authority.append(dns.rrset.from_text("quiet.example.", 0, "IN", "SOA", ". . 1 1 1 1 1"))
    flood(server, query.to_wire())
    sentence = "refused a transfer"
    eventually(lambda: sum(counted(server, sentence)) == ASKED, within=10, why="all are counted")
    assert counted(server, sentence)[0] < ASKED / 4


def test_unknown_keys_are_said_five_times_and_then_counted(
    own_server: Callable[..., Server],
) -> None:
    server = own_server()
    query = dns.message.make_query("quiet.example.", "SOA", use_edns=False)
    query.use_tsig(
        dns.tsigkeyring.from_text({"nobody.example.": "bm9ib2R5IGtub3dzIG1l"}),
        algorithm=dns.tsig.HMAC_SHA256,
    )
    flood(server, query.to_wire())
    sentence = "refused a signed query"
    eventually(lambda: sum(counted(server, sentence)) == ASKED, within=10, why="all are counted")
    assert counted(server, sentence)[0] < ASKED / 4
