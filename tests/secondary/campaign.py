"""Three real secondaries with the configurations that we print, driven through the API.

`python -m tests.secondary.campaign` runs it in full and prints the figures.
"""

import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.xfr
import dns.zone
import pytest

from tests.secondary.peer import Peer
from tests.secondary.primary import Primary

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done."""

    zones: int = 500
    changes: int = 500
    large: int = 100_000
    seed: int = 1


@dataclass(slots=True)
class Figures:
    """What was measured: seconds from the API's reply until each secondary serves; octets."""

    until_served: dict[str, list[float]] = field(default_factory=dict)
    created: float = 0.0
    one_change: list[int] = field(default_factory=list)
    compared: int = 0

    def __str__(self) -> str:
        slowest = [max(times) for times in zip(*self.until_served.values(), strict=True)]
        return (
            f"{len(slowest)} changes, from the reply until it is served:\n"
            + "".join(map(_summary, self.until_served, self.until_served.values()))
            + _summary("all three", slowest)
            + f"all zones created and served everywhere after {self.created:.1f} s\n"
            f"IXFR of one change in the large zone: {max(self.one_change)} octets at most\n"
            f"{self.compared} answers compared"
        )


def _summary(name: str, seconds: Sequence[float]) -> str:
    times = sorted(seconds)
    return (
        f"  {name}: median {1000 * statistics.median(times):.0f} ms,"
        f" 99th percentile {1000 * times[int(len(times) * 0.99)]:.0f} ms,"
        f" slowest {1000 * times[-1]:.0f} ms\n"
    )


class Campaign:
    """One primary, BIND, Knot and NSD."""

    def __init__(self, folder: Path, program: Callable[[str], str], plan: Plan) -> None:
        self.plan = plan
        self.figures = Figures()
        self.primary = Primary(folder / "data")
        self.peers = [
            Peer(self.primary, form, folder / form, program) for form in ("bind", "knot", "nsd")
        ]
        self._random = random.Random(plan.seed)
        self._zones: dict[str, str] = {}  # uuid by domain
        self._records: dict[str, list[str]] = {}  # uuids by domain

    def run(self) -> Figures:
        """Do all of it; end every process."""
        try:
            self._start()
            self._create()
            self._change()
            self._miss_changes()
            self._be_killed()
            self._refuse_a_wrong_key()
            self._change_a_large_zone()
            self._replace_a_member()
            self._delete()
            self._compare()
            self._ask_the_status()
        finally:
            for peer in self.peers:
                peer.stop()
            self.primary.stop()
        return self.figures

    def _start(self) -> None:
        self.primary.start()
        for peer in self.peers:
            peer.declare()
            peer.configure()
            peer.start()
        self.primary.nsdctl("tsig", "add", "checker", "--secret", "c2VjcmV0LXNlY3JldC1zZWNyZXQ=")
        self.primary.config.write_text(
            '[transfer]\nallow = ["key=checker"]\n[log]\nlevel = "debug"\n'
        )
        self.primary.kill()
        self.primary.start()

    def _create(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._create_zone, range(self.plan.zones)))
        self._wait_for_all()
        self.figures.created = time.monotonic() - began

    def _create_zone(self, number: int) -> None:
        domain = f"zone{number}.example"
        records: list[dict[str, object]] = [
            {"record_type": "A", "name": "www", "value": f"192.0.2.{number % 256}"},
            {"record_type": "MX", "name": "@", "value": f"mail.{domain}", "priority": 10},
            {"record_type": "TXT", "name": f"t{number}.deep", "value": f"text of {number}"},
        ]
        self._add(domain, records)

    def _add(self, domain: str, records: list[dict[str, object]]) -> None:
        zone = self.primary.ok("POST", "/dns-zones/", {"domain": domain, "records": records})
        self._zones[domain] = zone["uuid"]
        self._records[domain] = [record["uuid"] for record in zone["records"]]

    def _change(self) -> None:
        """Change zones one by one; after each, wait until all secondaries serve it."""
        for number in range(self.plan.changes):
            domain = self._random.choice(list(self._zones))
            self._change_zone(domain, number)
            replied = time.monotonic()
            serial = self._serial(domain)
            with ThreadPoolExecutor(len(self.peers)) as pool:
                served = pool.map(lambda peer: self._wait_for(peer, domain, serial), self.peers)  # noqa: B023
            for peer, moment in zip(self.peers, served, strict=True):
                self.figures.until_served.setdefault(peer.name, []).append(moment - replied)

    def _change_zone(self, domain: str, number: int) -> None:
        chosen, known = self._random.random(), self._records[domain]
        if chosen < 0.6 or not known:
            path = f"/dns-zones/{self._zones[domain]}/records/"
            content = {"record_type": "A", "name": f"c{number}", "value": "198.51.100.1"}
            known.append(self.primary.ok("POST", path, content)["uuid"])
        elif chosen < 0.8:
            uuid = self._random.choice(known)
            self.primary.ok("PATCH", f"/dns-records/{uuid}/", {"ttl": number + 60})
        else:
            uuid = known.pop(self._random.randrange(len(known)))
            self.primary.ok("DELETE", f"/dns-records/{uuid}/")

    def _miss_changes(self) -> None:
        """Stop a secondary, change zones, start it: it is caught up by changes alone."""
        peer, *_ = self.peers
        peer.stop()
        changed = self._random.sample(list(self._zones), min(20, len(self._zones)))
        for number, domain in enumerate(changed):
            self._change_zone(domain, 10_000 + number)
        seen = len(self.primary.log.read_text())
        peer.start()
        for domain in changed:
            self._wait_for(peer, domain, self._serial(domain))
        said = self.primary.log.read_text()[seen:]
        for domain in changed:  # a zone may be smaller than its change
            sent = re.findall(rf"sent (.+?) zone={re.escape(domain)}\. .*key=bind-key", said)
            assert set(sent) <= {"changes", "a zone instead of changes", "no change"}, (
                domain,
                sent,
            )
        self._wait_for_lines("sent changes", len(changed) // 2 + 1, since=seen)

    def _wait_for_lines(self, sentence: str, least: int, *, since: int) -> None:
        """Wait until so many lines were said or, of those that came too fast, counted."""
        until = time.monotonic() + PATIENCE
        while True:
            said = self.primary.log.read_text()[since:]
            lines = len(re.findall(rf"{sentence} zone=", said))
            left_out = re.findall(rf'left out +like="{sentence}" count=(\d+)', said)
            if lines + sum(map(int, left_out)) >= least:
                return
            assert time.monotonic() < until, said
            time.sleep(0.1)

    def _be_killed(self) -> None:
        self.primary.kill()
        self.primary.start()
        for number, domain in enumerate(self._random.sample(list(self._zones), 5)):
            self._change_zone(domain, 20_000 + number)
        self._wait_for_all()

    def _refuse_a_wrong_key(self) -> None:
        domain = next(iter(self._zones))
        wrong = dns.tsigkeyring.from_text({"checker": "d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc="})
        with pytest.raises(dns.tsig.PeerBadSignature):
            self._transfer(domain, wrong)
        assert "why=BADSIG key=checker." in self.primary.log.read_text()

    def _change_a_large_zone(self) -> None:
        lines = ["@ 3600 IN SOA ns1.example.net. h.example.net. 1 7200 900 1209600 300"]
        lines += [
            f"h{n} 300 A 10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(self.plan.large)
        ]
        master = self.primary.data.parent / "large.example.zone"
        master.write_text("$ORIGIN large.example.\n" + "\n".join(lines) + "\n")
        self.primary.nsdctl("zone", "import", str(master))
        zones = self.primary.ok("GET", "/dns-zones/?domain=large.example")
        self._zones["large.example"] = zones[0]["uuid"]
        self._records["large.example"] = []
        self._wait_for_all()
        seen = len(self.primary.log.read_text())
        path = f"/dns-zones/{self._zones['large.example']}/records/"
        self.primary.ok("POST", path, {"record_type": "A", "name": "one", "value": "192.0.2.1"})
        self._wait_for_all()
        said = self.primary.log.read_text()[seen:]
        sent = re.findall(r"sent changes zone=large\.example\. .* octets=(\d+)", said)
        assert len(sent) == len(self.peers), said
        self.figures.one_change = [int(octets) for octets in sent]
        assert max(self.figures.one_change) < 1024, sent

    def _replace_a_member(self) -> None:
        domain = next(iter(self._zones))
        self.primary.ok("DELETE", f"/dns-zones/{self._zones.pop(domain)}/")
        self._add(domain, [{"record_type": "A", "name": "replaced", "value": "192.0.2.99"}])
        self._wait_for_all()
        until = time.monotonic() + PATIENCE
        for peer in self.peers:
            while not (answer := peer.ask(f"replaced.{domain}", "A")) or not answer.answer:
                assert time.monotonic() < until, f"{peer.name}: {answer}\n{peer.log()}"

    def _delete(self) -> None:
        gone = self._random.sample(list(self._zones), len(self._zones) // 3)
        for domain in gone:
            if domain != "large.example":
                self.primary.ok("DELETE", f"/dns-zones/{self._zones.pop(domain)}/")
        until = time.monotonic() + PATIENCE
        for domain in gone:
            for peer in self.peers:
                while domain not in self._zones and peer.serial(domain) is not None:
                    assert time.monotonic() < until, f"{peer.name} {domain}\n{peer.log()}"
                    time.sleep(0.05)

    def _compare(self) -> None:
        """Ask each server for every record; of the large zone for some."""
        self._wait_for_all()
        keys = dns.tsigkeyring.from_text({"checker": "c2VjcmV0LXNlY3JldC1zZWNyZXQ="})
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda domain: self._compare_zone(domain, keys), list(self._zones)))

    def _compare_zone(self, domain: str, keys: Any) -> None:
        zone = self._transfer(domain, keys)
        wanted = list(zone.iterate_rdatasets())
        if len(wanted) > 1000:
            wanted = random.Random(domain).sample(wanted, 1000)
        for name, rdataset in wanted:
            for peer in self.peers:
                kind = dns.rdatatype.to_text(rdataset.rdtype)
                answer = peer.ask(str(name), kind)
                assert answer is not None, (peer.name, name, kind)
                found = answer.get_rrset(answer.answer, name, rdataset.rdclass, rdataset.rdtype)
                assert found == rdataset, (peer.name, str(name), kind, rdataset, answer)
                assert found.ttl == rdataset.ttl, (peer.name, rdataset, answer)
                self.figures.compared += 1

    def _transfer(self, domain: str, keys: Any) -> dns.zone.Zone:
        zone = dns.zone.Zone(domain, relativize=False)
        query, _ = dns.xfr.make_query(zone, keyring=keys)
        dns.query.inbound_xfr(
            self.primary.host, zone, query, port=self.primary.port, timeout=30, lifetime=60
        )
        return zone

    def _ask_the_status(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            rows = self.primary.nsdctl("secondary", "status")
            counts = re.findall(r"^(?:bind|knot|nsd) +(\d+) +(\d+) +(\d+)", rows, re.MULTILINE)
            if len(counts) == 3 and all(zones == current for zones, current, _ in counts):
                break
            assert time.monotonic() < until, rows
            time.sleep(0.5)

    def _wait_for_all(self) -> None:
        with ThreadPoolExecutor(len(self.peers)) as pool:
            list(pool.map(self._wait_for_zones, self.peers))

    def _wait_for_zones(self, peer: Peer) -> None:
        for domain in list(self._zones):
            self._wait_for(peer, domain, self._serial(domain))

    def _wait_for(self, peer: Peer, domain: str, serial: int) -> float:
        """Wait until a secondary serves a serial; tell the moment."""
        until = time.monotonic() + PATIENCE
        while (found := peer.serial(domain)) is None or found < serial:
            assert time.monotonic() < until, (
                f"{peer.name} has {found} of {domain}, not {serial}\n{peer.log()}\n"
                f"{self.primary.log.read_text()[-4000:]}"
            )
            time.sleep(0.002)
        return time.monotonic()

    def _serial(self, domain: str) -> int:
        query = dns.message.make_query(domain, "SOA")
        until = time.monotonic() + PATIENCE
        while True:  # what a command has changed is served within a second
            answer = dns.query.udp(query, self.primary.host, timeout=5, port=self.primary.port)
            if answer.answer:
                return int(answer.answer[0][0].serial)
            assert time.monotonic() < until, answer


def main() -> None:
    """Run in full."""
    path = "/usr/sbin:/sbin:/usr/bin:/bin"

    def program(name: str) -> str:
        return shutil.which(name, path=path) or sys.exit(f"{name} is missing")

    with tempfile.TemporaryDirectory(prefix="secondaries") as folder:
        Path(folder).chmod(0o755)
        began = time.monotonic()
        print(Campaign(Path(folder), program, Plan()).run())
        print(f"{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
