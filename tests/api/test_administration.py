"""What administrators do with everyone's zones and accounts, by the API: at once, and noted."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import dns.rcode
import pytest

from tests.dozens.caller import authorized
from tests.live.process import PATIENCE
from tests.live.server import NSDCTL, Account, Server, environment, eventually


@pytest.fixture
def admin(server: Server) -> Account:
    return server.account(admin=True)


def make(account: Account, domain: str, records: int = 1) -> str:
    content = {
        "domain": domain,
        "records": [
            {"record_type": "A", "name": f"h{number}", "value": "192.0.2.1", "ttl": 300}
            for number in range(records)
        ],
    }
    uuid: str = account.api.post("/dns-zones/", content).expect(201)["uuid"]
    return uuid


def is_refused(server: Server, name: str) -> bool:
    return server.ask(name).rcode() == dns.rcode.REFUSED


def listed(admin: Account, query: str) -> list[Any]:
    found: list[Any] = admin.api.get(f"/dns-zones/?{query}").expect(200)
    return found


def test_a_suspended_account_is_dead_when_the_call_is_answered(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    make(account, domain)
    session = authorized(server, account.name)
    session.get("zone.json")
    shown = admin.api.post(f"/accounts/{account.name}/suspend/", {}).expect(200)
    assert (shown["username"], shown["zone_count"], shown["record_count"]) == (account.name, 1, 1)
    assert shown["suspended_at"] is not None
    assert is_refused(server, f"h0.{domain}")
    account.api.get("/dns-zones/").refusal(401, "authentication_failed")
    session.refused(401, "GET", "zone.json")
    assert [zone["suspended"] for zone in listed(admin, f"user={account.name}")] == ["account"]
    shown = admin.api.post(f"/accounts/{account.name}/resume/", {}).expect(200)
    assert shown["suspended_at"] is None
    assert server.found(f"h0.{domain}") == ["192.0.2.1"]
    account.api.get("/dns-zones/").expect(200)
    session.get("zone.json")


def test_a_suspended_zone_is_closed_when_the_call_is_answered_and_not_its_owners_to_change(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    uuid = make(account, domain)
    serial = server.serial(domain)
    shown = admin.api.post(f"/dns-zones/{uuid}/suspend/", {}).expect(200)
    assert (shown["domain"], shown["user"], shown["suspended"]) == (domain, account.name, "zone")
    assert is_refused(server, domain)
    account.api.delete(f"/dns-zones/{uuid}/").refusal(403, "permission_denied")
    record = {"record_type": "A", "name": "x", "value": "192.0.2.2"}
    account.api.post(f"/dns-zones/{uuid}/records/", record).refusal(403, "permission_denied")
    below = account.api.post("/dns-zones/", {"domain": f"sub.{domain}"})
    assert "suspended" in below.refusal(400, "validation_error")
    assert admin.api.post(f"/dns-zones/{uuid}/resume/", {}).expect(200)["suspended"] is None
    assert server.serial(domain) == serial


def test_a_moved_zone_is_the_other_accounts_and_served_as_before(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    other = server.account()
    uuid = make(account, domain)
    serial = server.serial(domain)
    moved = admin.api.post(f"/dns-zones/{uuid}/move/", {"user": other.name}).expect(200)
    assert (moved["user"], moved["serial"]) == (other.name, serial)
    assert server.serial(domain) == serial
    account.api.get(f"/dns-zones/{uuid}/").refusal(404, "not_found")
    assert [zone["uuid"] for zone in other.api.get("/dns-zones/").expect(200)] == [uuid]
    other.api.delete(f"/dns-zones/{uuid}/").expect(204)


def test_a_zone_goes_by_the_standing_of_the_account_that_it_is_given_to(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    other = server.account()
    uuid = make(account, domain)
    admin.api.post(f"/accounts/{other.name}/suspend/", {}).expect(200)
    moved = admin.api.post(f"/dns-zones/{uuid}/move/", {"user": other.name}).expect(200)
    assert moved["suspended"] == "account"
    assert is_refused(server, domain)
    admin.api.post(f"/dns-zones/{uuid}/move/", {"user": account.name}).expect(200)
    assert server.found(f"h0.{domain}") == ["192.0.2.1"]


def test_the_plan_of_the_other_account_holds(own_server: Callable[..., Server]) -> None:
    server = own_server(NSD_PLANS='{"tiny": {"records": 3, "zones": 2}, "unlimited": {}}')
    admin, giver, taker = server.account(admin=True), server.account(), server.account(plan="tiny")
    contents = (("a.example", 4), ("b.example", 1), ("c.example", 1))
    big, small, third = (make(giver, name, records) for name, records in contents)
    make(taker, "d.example")

    def move(uuid: str) -> Any:
        return admin.api.post(f"/dns-zones/{uuid}/move/", {"user": taker.name})

    assert "records" in move(big).refusal(400, "validation_error")
    move(small).expect(200)
    assert "zones" in move(third).refusal(400, "validation_error")
    assert [zone["user"] for zone in listed(admin, "domain=c.example&all=1")] == [giver.name]


def test_a_removed_account_is_gone_with_its_zones_and_credentials(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    session = authorized(server, account.name)
    make(account, domain)
    make(account, f"other-{domain}")
    admin.api.delete(f"/accounts/{account.name}/").expect(204)
    account.api.get("/dns-zones/").refusal(401, "authentication_failed")
    session.refused(401, "GET", "zone.json")
    assert is_refused(server, domain)
    assert is_refused(server, f"other-{domain}")
    admin.api.get(f"/dns-zones/?user={account.name}").refusal(404, "not_found")
    names = [one["username"] for one in admin.api.get("/accounts/").expect(200)]
    assert admin.name in names
    assert account.name not in names
    make(server.account(), domain)


def test_nobody_suspends_or_removes_the_account_by_which_he_acts(admin: Account) -> None:
    admin.api.post(f"/accounts/{admin.name}/suspend/", {}).refusal(400, "validation_error")
    admin.api.delete(f"/accounts/{admin.name}/").refusal(400, "validation_error")
    admin.api.get("/accounts/").expect(200)


def test_an_administrator_deletes_anyones_zone_if_he_says_so(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    uuid = make(account, domain)
    admin.api.delete(f"/dns-zones/{uuid}/").refusal(404, "not_found")
    admin.api.delete(f"/dns-zones/{uuid}/?all=1").expect(204)
    assert is_refused(server, domain)


def test_an_administrator_sees_the_zones_of_all_or_of_one_in_pages(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    mine = make(admin, f"mine-{domain}")
    theirs = [make(account, f"{number}.{domain}") for number in range(3)]
    assert {mine, *theirs} <= {zone["uuid"] for zone in listed(admin, "all=1")}
    assert [zone["uuid"] for zone in listed(admin, f"user={account.name}")] == theirs
    assert [zone["uuid"] for zone in listed(admin, f"all=1&domain=1.{domain}")] == [theirs[1]]
    assert listed(admin, "all=1&domain=no..name") == []
    page = admin.api.get(f"/dns-zones/?user={account.name}&page=2&page_size=2").expect(200)
    assert (page["count"], [zone["uuid"] for zone in page["results"]]) == (3, theirs[2:])
    assert f"user={account.name}" in page["previous"]
    assert [zone["uuid"] for zone in listed(admin, "")] == [mine]
    for query in ("all=1", f"user={admin.name}", f"user={account.name}"):
        account.api.get(f"/dns-zones/?{query}").refusal(403, "permission_denied")
    account.api.delete(f"/dns-zones/{theirs[0]}/?all=1").refusal(403, "permission_denied")
    admin.api.get("/dns-zones/?all=yes").refusal(400, "validation_error", "all")
    admin.api.get("/dns-zones/?user=").refusal(404, "not_found")


def command(server: Server, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command that is told something on its standard input."""
    return subprocess.run(
        [*NSDCTL, *words, "--data", str(server.data)],
        check=False,
        capture_output=True,
        text=True,
        input=said,
        timeout=PATIENCE,
        env=environment(),
    )


@pytest.mark.parametrize("said", ["", "n\n"])
def test_what_destroys_asks_and_does_nothing_unless_it_is_confirmed(
    server: Server, account: Account, domain: str, said: str
) -> None:
    make(account, domain)
    for words in (("zone", "delete", domain), ("user", "remove", account.name)):
        done = command(server, *words, said=said)
        assert (done.returncode, done.stdout) == (1, "")
        assert "nothing was done" in done.stderr
        assert "records: 1" in done.stderr
    assert server.found(f"h0.{domain}") == ["192.0.2.1"]


@pytest.mark.parametrize(("option", "said"), [(["--yes"], ""), ([], "y\n")])
def test_commands_move_delete_and_remove_beside_the_server_and_say_what_they_did(
    server: Server, account: Account, domain: str, option: list[str], said: str
) -> None:
    other = server.account()
    for name in (domain, f"other-{domain}"):
        make(account, name)
    serial = server.serial(domain)
    done = command(server, "zone", "move", domain, "--user", other.name)
    assert done.stdout == f"{domain}. belongs to {other.name}, records: 1, serial: {serial}\n"
    assert len(other.api.get("/dns-zones/").expect(200)) == 1
    done = command(server, "zone", "delete", domain, *option, said=said)
    assert done.stdout == f"deleted {domain}., records: 1, serial: {serial}\n"
    eventually(lambda: is_refused(server, domain), within=1, why="deleted")
    done = command(server, "user", "remove", account.name, *option, said=said)
    assert done.stdout == f"removed {account.name}, zones: 1, records: 1\n"
    eventually(lambda: is_refused(server, f"other-{domain}"), within=1, why="removed")
    eventually(lambda: account.api.get("/dns-zones/").status == 401, within=1, why="no token")


def test_the_audit_says_who_did_what(
    server: Server, admin: Account, account: Account, domain: str
) -> None:
    uuid = make(account, domain)
    admin.api.post(f"/dns-zones/{uuid}/suspend/", {}).expect(200)
    admin.api.post(f"/dns-zones/{uuid}/move/", {"user": admin.name}).expect(200)
    admin.api.delete(f"/accounts/{account.name}/").expect(204)
    entries = json.loads(server.control("audit", "--json", "--limit", "1000").stdout)
    by_admin = [entry for entry in reversed(entries) if entry["who"] == admin.name]
    assert [(entry["verb"], entry["kind"], entry["name"]) for entry in by_admin] == [
        ("suspend", "zone", f"{domain}."),
        ("move", "zone", f"{domain}."),
        ("suspend", "user", account.name),
        ("remove", "user", account.name),
    ]
    assert by_admin[1]["fields"] == {"user": {"before": account.name, "after": admin.name}}
