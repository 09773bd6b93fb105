"""A query during a change sees the zone before it or after it, never a mixture."""

import threading

import dns.message
import dns.query
import pytest

from tests.live.server import Account, Server

SWAPS = 12


def zone_file(version: int, fillers: int) -> str:
    """Write a zone whose alias, its target and the target's address change together."""
    head = "$TTL 60\n@ SOA ns hostmaster 1 7200 900 1209600 60\n@ NS ns.example.net.\n"
    chain = f"www CNAME target{version}\ntarget{version} A 192.0.2.{version}\n"
    return head + chain + "".join(f"n{number} A 198.51.100.1\n" for number in range(fillers))


@pytest.mark.parametrize("fillers", [0, 6000])
def test_a_chain_is_whole_while_its_zone_is_replaced(
    server: Server, account: Account, domain: str, fillers: int
) -> None:
    uuid = account.api.post("/dns-zones/", {"domain": domain}).expect(201)["uuid"]
    account.api.put_zone_file(uuid, zone_file(1, fillers)).expect(200)
    seen: set[tuple[str, ...]] = set()
    serials: list[int] = []
    done = threading.Event()
    failed: list[BaseException] = []

    def ask() -> None:
        query = dns.message.make_query(f"www.{domain}", "A")
        try:
            while not done.is_set():
                reply = dns.query.udp(query, "127.0.0.1", timeout=10, port=server.dns_port)
                seen.add(tuple(rrset[0].to_text() for rrset in reply.answer))
                serials.append(server.serial(domain))
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for swap in range(SWAPS):
            version = 2 - swap % 2
            account.api.put_zone_file(uuid, zone_file(version, fillers)).expect(200)
            assert server.found(f"www.{domain}") == [f"192.0.2.{version}"]
    finally:
        done.set()
        asking.join()
    assert not failed
    whole = {(f"target{version}.{domain}.", f"192.0.2.{version}") for version in (1, 2)}
    assert seen == whole
    assert serials == sorted(serials)
