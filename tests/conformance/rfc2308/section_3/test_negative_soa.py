"""The SOA of a negative answer."""

import pytest

from tests.conformance.asked import Nameserver, read_zone


def _server(soa_ttl: int, minimum: int) -> Nameserver:
    server = Nameserver({})
    soa = f"@ {soa_ttl} SOA ns.test. host.test. 1 2 3 4 {minimum}\n"
    text = soa + "@ 300 NS ns.test.\nb 300 A 192.0.2.1\n"
    server.table.put(read_zone(text, "example."))
    return server


@pytest.mark.parametrize(
    ("soa_ttl", "minimum", "expected"),
    [(3600, 900, 900), (300, 900, 300), (60, 60, 60), (60, 0, 0)],
)
@pytest.mark.parametrize("name", ["a", "b"])
def test_its_ttl_is_the_smaller_of_its_own_and_the_minimum(
    name: str, soa_ttl: int, minimum: int, expected: int
) -> None:
    reply = _server(soa_ttl, minimum).ask(f"{name}.example.", "TXT")
    assert [line.split()[1] for line in reply.authority] == [str(expected)], reply


def test_the_soa_that_is_asked_for_keeps_its_own_ttl() -> None:
    assert _server(3600, 900).ask("example.", "SOA").answer[0].split()[1] == "3600"
