"""The document's own example zone and the answers that it lists."""

import pytest

from tests.conformance.asked import SOA, Nameserver, Response, example

ZONE = """
* TXT "this is a wildcard"
* MX 10 host1
sub.* TXT "this is not a wildcard"
host1 A 192.0.2.1
_ssh._tcp.host1 SRV 0 0 22 host1
_ssh._tcp.host2 SRV 0 0 22 host2
subdel NS ns.example.com.
subdel NS ns.example.net.
"""


@pytest.fixture
def server() -> Nameserver:
    return example(ZONE)


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("host3", "MX", ["host3.example. 300 MX 10 host1.example."]),
        ("foo.bar", "TXT", ['foo.bar.example. 300 TXT "this is a wildcard"']),
    ],
)
def test_a_missing_name_is_made_from_the_wildcard(
    server: Nameserver, name: str, kind: str, answer: list[str]
) -> None:
    reply = server.ask(f"{name}.example.", kind)
    assert (reply.answer, reply.flags) == (answer, {"aa"}), reply


def _is_nodata(reply: Response) -> bool:
    return (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [SOA])


def test_a_wildcard_without_the_type_is_nodata(server: Nameserver) -> None:
    assert _is_nodata(server.ask("host3.example.", "A"))


def test_a_name_that_exists_is_not_made(server: Nameserver) -> None:
    assert _is_nodata(server.ask("host1.example.", "MX"))


def test_an_asterisk_in_the_middle_is_a_name_like_others(server: Nameserver) -> None:
    assert _is_nodata(server.ask("sub.*.example.", "MX"))


def test_an_empty_non_terminal_stops_synthesis(server: Nameserver) -> None:
    reply = server.ask("_telnet._tcp.host1.example.", "SRV")
    assert (reply.rcode, reply.authority) == ("NXDOMAIN", [SOA]), reply
    assert _is_nodata(server.ask("_tcp.host1.example.", "TXT"))
    assert _is_nodata(server.ask("host2.example.", "TXT"))


def test_a_cut_stops_synthesis(server: Nameserver) -> None:
    reply = server.ask("host.subdel.example.", "A")
    assert (reply.answer, len(reply.authority)) == ([], 2), reply


def test_the_asterisk_itself_stops_synthesis_below_it(server: Nameserver) -> None:
    assert server.ask("ghost.*.example.", "MX").rcode == "NXDOMAIN"
