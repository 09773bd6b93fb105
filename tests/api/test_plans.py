"""The plans of accounts: their limits and TTLs hold at every door, and only for what is new."""

import json
from pathlib import Path

import pytest

from tests.live.server import Account, Server

TOO_MANY_RECORDS = "Number of records exceeds the limit."
TOO_MANY_ZONES = "Number of zones exceeds the limit."


def record(number: int, **members: object) -> dict[str, object]:
    return {"record_type": "A", "name": f"h{number}", "value": "192.0.2.1", **members}


def a_zone(account: Account, domain: str) -> str:
    zone = account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    return str(zone["uuid"])


def master_file(domain: str, *lines: str) -> str:
    soa = f"$ORIGIN {domain}.\n@ 3600 IN SOA ns1 host 1 7200 900 1209600 300\n"
    return soa + "".join(line + "\n" for line in lines)


@pytest.fixture
def free(server: Server) -> Account:
    return server.account(plan="free")


def test_a_record_past_the_limit_is_refused_and_a_removed_one_makes_room(
    server: Server, free: Account, domain: str
) -> None:
    uuid = a_zone(free, domain)
    path = f"/dns-zones/{uuid}/records/"
    made = [free.api.post(path, record(number)).expect(201) for number in range(12)]
    assert free.api.post(path, record(12)).refusal(400, "validation_error") == TOO_MANY_RECORDS
    assert server.found(f"h12.{domain}") == []
    free.api.delete(f"/dns-records/{made[0]['uuid']}/").expect_status(204)
    free.api.post(path, record(12)).expect(201)


def test_the_limit_of_records_counts_over_all_zones_of_the_account(
    server: Server, domain: str
) -> None:
    mini = server.account(plan="mini")
    full = {"domain": domain, "records": [record(number) for number in range(60)]}
    mini.api.post("/dns-zones/", full).expect(201)
    for count, status in ((41, 400), (40, 201)):
        zone = {"domain": f"b.{domain}", "records": [record(number) for number in range(count)]}
        mini.api.post("/dns-zones/", zone).expect(status)


def test_a_zone_past_the_limit_is_refused(free: Account, domain: str) -> None:
    a_zone(free, domain)
    refused = free.api.post("/dns-zones/", {"domain": f"b.{domain}"})
    assert refused.refusal(400, "validation_error") == TOO_MANY_ZONES


def test_the_plan_gives_the_ttl_that_was_not_sent_and_refuses_others(
    free: Account, domain: str
) -> None:
    path = f"/dns-zones/{a_zone(free, domain)}/records/"
    made = free.api.post(path, record(1)).expect(201)
    assert made["ttl"] == 7200
    free.api.post(path, record(2, ttl=300)).refusal(400, "validation_error", "ttl")
    own = f"/dns-records/{made['uuid']}/"
    free.api.patch(own, {"ttl": 300}).refusal(400, "validation_error", "ttl")
    assert free.api.patch(own, {"value": "192.0.2.9"}).expect(200)["ttl"] == 7200


def test_a_zone_file_over_http_keeps_to_the_plan_and_names_each_line(
    free: Account, domain: str
) -> None:
    uuid = a_zone(free, domain)
    bad = master_file(domain, "a 7200 A 192.0.2.1", "b 60 A 192.0.2.1", "c 61 A 192.0.2.1")
    detail = free.api.put_zone_file(uuid, bad).refusal(400, "validation_error", "zonefile")
    assert "zonefile:4:" in detail
    assert "zonefile:5:" in detail
    many = [f"h{number} 7200 A 192.0.2.1" for number in range(13)]
    refused = free.api.put_zone_file(uuid, master_file(domain, *many))
    assert refused.refusal(400, "validation_error") == TOO_MANY_RECORDS
    assert free.api.put_zone_file(uuid, master_file(domain, *many[:12])).expect(200)


def test_an_import_by_command_keeps_to_the_plan(
    server: Server, free: Account, domain: str, tmp_path: Path
) -> None:
    file = tmp_path / "zone"
    for line, said in (
        ("a 60 A 192.0.2.1", f"{file}:3: the plan of this account allows no TTL of 60, only 7200"),
        ("$GENERATE 1-13 h$ 7200 A 192.0.2.1", f"{file}: {TOO_MANY_RECORDS}"),
    ):
        file.write_text(master_file(domain, line))
        done = server.control("zone", "import", "--user", free.name, str(file))
        assert (done.returncode, done.stderr.strip()) == (1, said)
    file.write_text(master_file(domain, "a 7200 A 192.0.2.1"))
    assert server.control("zone", "import", "--user", free.name, str(file)).returncode == 0


def test_what_an_account_had_before_its_plan_became_smaller_stays_and_may_shrink(
    server: Server, domain: str
) -> None:
    account = server.account()
    first = [record(number, ttl=300) for number in range(20)]
    zone = account.api.post("/dns-zones/", {"domain": domain, "records": first}).expect(201)
    done = server.control("user", "set", account.name, "--plan", "free")
    assert done.returncode == 0, done.stderr
    for one in zone["records"][:2]:
        path = f"/dns-records/{one['uuid']}/"
        assert account.api.patch(path, {"value": "192.0.2.7"}).expect(200)["ttl"] == 300
        account.api.delete(path).expect_status(204)
    refused = account.api.post(f"/dns-zones/{zone['uuid']}/records/", record(99))
    assert refused.refusal(400, "validation_error") == TOO_MANY_RECORDS


def test_an_account_whose_plan_is_gone_from_the_settings_gets_a_clear_refusal(
    server: Server, domain: str
) -> None:
    account = server.account(plan="vanished")
    detail = account.api.post("/dns-zones/", {"domain": domain}).refusal(400, "validation_error")
    assert "the plan 'vanished' of this account is not in the settings any more" in detail


def test_the_commands_set_and_show_plans(server: Server) -> None:
    name = server.account().name
    done = server.control("user", "set", name, "--plan", "mini", "--email", "me@example.com")
    assert done.returncode == 0, done.stderr
    listed = json.loads(server.control("user", "list", "--json").stdout)
    shown = next(user for user in listed if user["name"] == name)
    assert (shown["plan"], shown["email"], shown["admin"]) == ("mini", "me@example.com", False)
    for words, said in (
        (("set", name, "--plan", "big"), "there is no plan 'big'"),
        (("set", "nobody", "--plan", "mini"), "there is no user 'nobody'"),
        (("set", name), "say what to change"),
        (("add", "other", "--plan", "big"), "there is no plan 'big'"),
    ):
        refused = server.control("user", *words)
        assert refused.returncode == 1, refused
        assert said in refused.stderr
