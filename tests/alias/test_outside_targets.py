"""ALIAS to names outside: another server is asked, which changes, fails, slows down, denies."""

import os
import signal
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import dns.rcode
import pytest

from tests.live.http import PATIENCE
from tests.live.server import Account, Server, eventually

Make = Callable[..., Server]
SOON = 10.0
TARGET = "www.target.example"


class Pair:
    """A server with an ALIAS in it, and the one that its resolver asks."""

    def __init__(self, make: Make, **settings: str) -> None:
        self.outside = make()
        self.account: Account = self.outside.account()
        self.zone = self.account.api.post("/dns-zones/", {"domain": "target.example"}).expect(201)
        self.address = self.add("A", "www", "192.0.2.1")
        self.here = make(
            NSD_ALIAS_RESOLVERS=f"127.0.0.1:{self.outside.dns_port}",
            NSD_ALIAS_TIMEOUT_SECONDS="0.4",
            NSD_ALIAS_MIN_REFRESH_SECONDS="1",
            NSD_ALIAS_MAX_REFRESH_SECONDS="1",
            **settings,
        )
        self.api = self.here.account().api
        self.own = self.api.post("/dns-zones/", {"domain": "own.example"}).expect(201)["uuid"]

    def add(self, kind: str, name: str, value: str, ttl: int = 60) -> dict[str, Any]:
        """Add a record to the zone outside."""
        record: dict[str, Any] = self.account.api.post(
            f"/dns-zones/{self.zone['uuid']}/records/",
            {"record_type": kind, "name": name, "value": value, "ttl": ttl},
        ).expect(201)
        return record

    def alias(self, name: str = "@", target: str = TARGET) -> dict[str, Any]:
        members = {"record_type": "ALIAS", "name": name, "value": target, "ttl": 300}
        record: dict[str, Any] = self.api.post(f"/dns-zones/{self.own}/records/", members).expect(
            201
        )
        return record

    def found(self, kind: str = "A") -> list[str]:
        return self.here.found("own.example", kind)

    def wait_for(self, *addresses: str, kind: str = "A") -> None:
        eventually(
            lambda: self.found(kind) == list(addresses),
            within=SOON,
            why=f"{addresses} wanted; {self.found(kind)}\n{self.here.process.output}",
        )

    def metric(self, name: str) -> float:
        connection = HTTPConnection("127.0.0.1", self.here.http_port, timeout=PATIENCE)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        (line,) = [line for line in lines if line.startswith(name + " ")]
        return float(line.split()[1])


@pytest.fixture
def pair(own_server: Make) -> Pair:
    pair = Pair(own_server)
    pair.alias()
    pair.wait_for("192.0.2.1")
    return pair


def test_a_target_s_addresses_are_served_and_kept_current(pair: Pair) -> None:
    assert pair.here.ask("own.example").answer[0].ttl == 60
    serial = pair.here.serial("own.example")
    pair.add("AAAA", "www", "2001:db8::1")
    pair.wait_for("2001:db8::1", kind="AAAA")
    assert pair.found() == ["192.0.2.1"]
    path = f"/dns-records/{pair.address['uuid']}/"
    pair.account.api.patch(path, {"value": "192.0.2.2", "ttl": 30}).expect(200)
    pair.wait_for("192.0.2.2")
    assert pair.here.ask("own.example").answer[0].ttl == 30
    assert pair.here.serial("own.example") == serial + 2
    asked = pair.metric('nsd_alias_lookups_total{outcome="found"}')
    eventually(
        lambda: pair.metric('nsd_alias_lookups_total{outcome="found"}') > asked + 2,
        within=SOON,
        why="it is asked for again and again",
    )
    assert pair.here.serial("own.example") == serial + 2  # nothing new, no change


def test_a_target_behind_a_cname_is_found(pair: Pair) -> None:
    pair.add("CNAME", "c", TARGET, ttl=20)
    pair.alias("c", "c.target.example")
    eventually(lambda: pair.here.found("c.own.example"), within=SOON, why="resolved")
    assert pair.here.ask("c.own.example").answer[0].ttl == 20


def test_a_target_that_is_gone_is_withdrawn_and_found_again(pair: Pair) -> None:
    pair.account.api.delete(f"/dns-records/{pair.address['uuid']}/").expect_status(204)
    assert pair.outside.ask(TARGET).rcode() == dns.rcode.NXDOMAIN
    pair.wait_for()
    assert "its addresses are withdrawn" in pair.here.process.wait_for_line("is gone")
    assert pair.metric('nsd_alias_withdrawn_total{reason="gone"}') == 1
    pair.add("A", "www", "192.0.2.3")
    pair.wait_for("192.0.2.3")


def test_a_failing_target_keeps_its_addresses_and_recovers(pair: Pair) -> None:
    pair.account.api.delete(f"/dns-zones/{pair.zone['uuid']}/").expect_status(204)  # REFUSED now
    said = pair.here.process.wait_for_line("cannot be resolved; its last addresses stand")
    assert "target=www.target.example." in said
    assert pair.metric("nsd_alias_targets_failing") == 1
    assert pair.found() == ["192.0.2.1"]
    pair.here.restart()  # and it is not forgotten
    assert pair.found() == ["192.0.2.1"]
    pair.zone = pair.account.api.post("/dns-zones/", {"domain": "target.example"}).expect(201)
    pair.add("A", "www", "192.0.2.4")
    pair.wait_for("192.0.2.4")
    pair.here.process.wait_for_line("can be resolved again")
    eventually(
        lambda: pair.metric("nsd_alias_targets_failing") == 0, within=SOON, why="it works again"
    )


def test_nothing_waits_for_a_resolver_that_does_not_answer(pair: Pair) -> None:
    os.kill(pair.outside.process.pid, signal.SIGSTOP)
    try:
        pair.here.process.wait_for_line("cannot be resolved")
        begin = time.monotonic()
        for number in range(20):
            pair.alias(f"h{number}", f"h{number}.target.example")
            assert pair.found() == ["192.0.2.1"]
        assert time.monotonic() - begin < 20 * 0.4, "the calls waited for the resolver"
    finally:
        os.kill(pair.outside.process.pid, signal.SIGCONT)
    pair.here.process.wait_for_line("can be resolved again")
    assert pair.found() == ["192.0.2.1"]


def test_addresses_are_withdrawn_when_the_target_fails_for_too_long(own_server: Make) -> None:
    pair = Pair(own_server, NSD_ALIAS_KEEP_SECONDS="3")
    pair.alias()
    pair.wait_for("192.0.2.1")
    pair.outside.process.stop()
    pair.here.process.wait_for_line("cannot be resolved")
    pair.here.process.wait_for_line("has failed for too long; its addresses are withdrawn")
    pair.wait_for()
    assert pair.metric('nsd_alias_withdrawn_total{reason="failing"}') == 1


def test_a_new_target_takes_over_when_it_has_answered(pair: Pair) -> None:
    record = pair.api.get("/dns-records/").expect(200)[0]
    path = f"/dns-records/{record['uuid']}/"
    pair.add("A", "other", "192.0.2.9")
    pair.api.patch(path, {"value": "other.target.example"}).expect(200)
    pair.wait_for("192.0.2.9")
    assert pair.metric("nsd_alias_targets") == 1


def test_a_target_below_a_cut_of_ours_is_asked_for(pair: Pair) -> None:
    members = {"record_type": "NS", "name": "sub", "value": "ns.elsewhere.example"}
    pair.api.post(f"/dns-zones/{pair.own}/records/", members).expect(201)
    zone = pair.account.api.post("/dns-zones/", {"domain": "sub.own.example"}).expect(201)
    pair.account.api.post(
        f"/dns-zones/{zone['uuid']}/records/",
        {"record_type": "A", "name": "x", "value": "192.0.2.8"},
    ).expect(201)
    pair.alias("y", "x.sub.own.example")
    eventually(
        lambda: pair.here.found("y.own.example") == ["192.0.2.8"], within=SOON, why="delegated"
    )
