"""A link between primary and secondary that is cut and mended, in network namespaces."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.secondary.peer import Peer
from tests.secondary.primary import Primary


class Link:
    """A namespace for the secondary, joined to ours by a pair of interfaces."""

    def __init__(self, ip: str, number: int) -> None:
        self.name = f"nsdt{number}"
        self.here = f"10.213.{number % 250}.1"
        self.there = f"10.213.{number % 250}.2"
        self._ip = ip
        outside, inside = f"o{self.name}"[:15], f"i{self.name}"[:15]
        self._outside = outside
        self.run("netns", "add", self.name)
        self.run("link", "add", outside, "type", "veth", "peer", "name", inside)
        self.run("link", "set", inside, "netns", self.name)
        self.run("addr", "add", f"{self.here}/24", "dev", outside)
        self.run("link", "set", outside, "up")
        self.run("-n", self.name, "addr", "add", f"{self.there}/24", "dev", inside)
        self.run("-n", self.name, "link", "set", inside, "up")
        self.run("-n", self.name, "link", "set", "lo", "up")

    def run(self, *words: str) -> None:
        subprocess.run([self._ip, *words], check=True, capture_output=True, timeout=10)

    def cut(self) -> None:
        self.run("link", "set", self._outside, "down")

    def mend(self) -> None:
        self.run("link", "set", self._outside, "up")

    def close(self) -> None:
        self.run("netns", "del", self.name)


@pytest.fixture
def link(program: Callable[[str], str]) -> Iterator[Link]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    try:
        made = Link(program("ip"), os.getpid() % 100_000)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces cannot be made: {error.stderr.decode().strip()}")
    yield made
    made.close()


@pytest.mark.parametrize("form", ["bind", "knot"])
def test_a_secondary_catches_up_when_its_link_is_mended(
    form: str,
    link: Link,
    primaries: Callable[..., Primary],
    program: Callable[[str], str],
    tmp_path: Path,
) -> None:
    primary = primaries(host=link.here)
    enter = [program("ip"), "netns", "exec", link.name]
    peer = Peer(primary, form, tmp_path / form, program, host=link.there, prefix=enter)
    peer.declare()
    peer.configure()
    try:
        peer.start()
        zone = primary.ok("POST", "/dns-zones/?wait=secondaries", {"domain": "cut.example"})
        path = f"/dns-zones/{zone['uuid']}"
        link.cut()
        for number in range(3):
            content = {"record_type": "A", "name": f"n{number}", "value": "192.0.2.1"}
            primary.ok("POST", f"{path}/records/", content)
        primary.ok("POST", "/dns-zones/", {"domain": "new.example"})
        status, answer = primary.call(
            "POST",
            f"{path}/records/?wait=secondaries&timeout=1",
            {"record_type": "A", "name": "last", "value": "192.0.2.1"},
        )
        assert status == 202, answer
        link.mend()
        until = time.monotonic() + 60
        while not all(
            found and found.answer
            for found in (peer.ask("last.cut.example", "A"), peer.ask("new.example", "SOA"))
        ):
            assert time.monotonic() < until, peer.log() + primary.log.read_text()
            time.sleep(0.1)
        while not primary.ok("GET", f"{path}/status/")["secondaries"][0]["is_current"]:
            assert time.monotonic() < until, primary.log.read_text()
            time.sleep(0.1)
    finally:
        peer.stop()
