"""What stops an abuser, by commands beside a running server: no credential, no answer, within a
second; and all of it back."""

import json
from collections.abc import Callable
from dataclasses import replace

import dns.edns
import dns.rcode
import pytest

from tests.dozens.caller import Dozens, authorized
from tests.live.http import Caller
from tests.live.server import Account, Server, eventually

WITHIN = 1.0
ADDRESS = "192.0.2.1"


def command(server: Server, *words: str) -> str:
    done = server.control(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_zone(account: Account, domain: str) -> str:
    content = {
        "domain": domain,
        "records": [
            {"record_type": "A", "name": name, "value": ADDRESS, "ttl": 300}
            for name in ("@", "www")
        ],
    }
    uuid: str = account.api.post("/dns-zones/", content).expect(201)["uuid"]
    return uuid


def is_closed(server: Server, name: str) -> bool:
    """Tell whether questions are refused over UDP and TCP, with the reason."""
    for tcp in (False, True):
        reply = server.ask(name, tcp=tcp)
        if reply.rcode() != dns.rcode.REFUSED:
            return False
        (reason,) = reply.options
        assert isinstance(reason, dns.edns.EDEOption)
        assert (reason.code, reason.text) == (18, "the zone is suspended")
    return True


def test_a_suspended_account_is_dead_within_a_second_and_after_a_restart_and_resumed_as_it_was(
    own_server: Callable[..., Server],
) -> None:
    server = own_server()
    mallory, alice = server.account(), server.account()
    with_zone(mallory, "evil.example")
    with_zone(alice, "good.example")
    session = authorized(server, mallory.name)
    session.get("zone.json")
    serial = server.serial("evil.example")
    shown = mallory.api.get("/dns-zones/").expect(200)

    said = command(server, "user", "suspend", mallory.name)
    assert said == f"{mallory.name} is suspended, zones: 1, records: 2\n"
    check_dead(server, mallory.api, session)
    assert server.found("www.good.example") == [ADDRESS]
    server.restart()
    api, session = (
        replace(mallory.api, port=server.http_port),
        replace(session, port=server.http_port),
    )
    check_dead(server, api, session)

    said = command(server, "user", "resume", mallory.name)
    assert said == f"{mallory.name} is active, zones: 1, records: 2\n"
    eventually(lambda: server.found("www.evil.example") == [ADDRESS], within=WITHIN, why="DNS")
    assert server.serial("evil.example") == serial
    assert api.get("/dns-zones/").expect(200) == shown
    session.get("zone.json")


def check_dead(server: Server, api: Caller, session: Dozens) -> None:
    """See that an account's token and session are refused, and its zone not served."""
    eventually(lambda: api.get("/dns-zones/").status == 401, within=WITHIN, why="the token")
    detail = api.get("/dns-zones/").refusal(401, "authentication_failed")
    assert detail == "This account is suspended."
    assert session.refused(401, "GET", "zone.json")["message"] == detail
    eventually(lambda: is_closed(server, "evil.example"), within=WITHIN, why="the zone")
    assert is_closed(server, "www.evil.example")
    assert is_closed(server, "nothing.evil.example")


def test_a_suspended_account_cannot_exchange_its_dozens_key(server: Server) -> None:
    mallory = server.account()
    key = command(server, "user", "key", mallory.name).strip()
    command(server, "user", "suspend", mallory.name)
    session = authorized(server, server.account().name)
    reply = session.call("GET", "authorize.json", X_Auth_User=mallory.name, X_Auth_Key=key)
    assert reply.expect(401)["message"] == "This account is suspended."


def test_no_zone_above_answers_for_a_suspended_one_and_no_chain_leads_into_it(
    server: Server, account: Account, domain: str
) -> None:
    parent = with_zone(account, domain)
    child = f"sub.{domain}"
    with_zone(account, child)
    alias = {"record_type": "CNAME", "name": "alias", "value": f"www.{child}", "ttl": 300}
    account.api.post(f"/dns-zones/{parent}/records/", alias).expect(201)
    assert command(server, "zone", "suspend", child).startswith(
        f"{child}. is suspended, records: 2"
    )
    eventually(lambda: is_closed(server, f"www.{child}"), within=WITHIN, why="the child")
    assert is_closed(server, child)
    assert server.found(f"alias.{domain}") == []
    assert server.found(f"alias.{domain}", "CNAME") == [f"www.{child}."]
    assert server.found(f"www.{domain}") == [ADDRESS]
    assert command(server, "zone", "resume", child).startswith(f"{child}. is served, records: 2")
    eventually(lambda: server.found(f"alias.{domain}") == [ADDRESS], within=WITHIN, why="resumed")


def test_an_alias_into_a_suspended_zone_is_without_addresses_until_it_is_resumed(
    server: Server, account: Account, domain: str
) -> None:
    target, pointing = f"target-{domain}", f"pointing-{domain}"
    with_zone(account, target)
    uuid = account.api.post("/dns-zones/", {"domain": pointing}).expect(201)["uuid"]
    alias = {"record_type": "ALIAS", "name": "@", "value": f"www.{target}", "ttl": 300}
    account.api.post(f"/dns-zones/{uuid}/records/", alias).expect(201)
    assert server.found(pointing) == [ADDRESS]
    command(server, "zone", "suspend", target)
    eventually(lambda: server.found(pointing) == [], within=2 * WITHIN, why="it is withdrawn")
    command(server, "zone", "resume", target)
    eventually(lambda: server.found(pointing) == [ADDRESS], within=2 * WITHIN, why="it is back")


def test_listings_show_what_is_suspended(server: Server, account: Account, domain: str) -> None:
    with_zone(account, domain)
    command(server, "zone", "suspend", domain)
    command(server, "user", "suspend", account.name)
    shown = json.loads(command(server, "zone", "list", "--json"))
    assert [zone["suspended"] for zone in shown if zone["zone"] == f"{domain}."] == ["zone"]
    shown = json.loads(command(server, "user", "list", "--json"))
    assert [user["suspended"] for user in shown if user["name"] == account.name] == [True]


@pytest.mark.parametrize("words", [("user", "suspend", "nobody"), ("zone", "resume", "no.example")])
def test_what_is_not_there_is_one_line_and_exit_code_1(
    server: Server, words: tuple[str, ...]
) -> None:
    done = server.control(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert words[-1].removesuffix(".") in done.stderr
