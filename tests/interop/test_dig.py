"""What `dig` and `kdig` make of a running server's EDNS, cookies and identity."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.live.server import Server

Program = Callable[[str], str]
IDENTITY = {"NSD_DNS_VERSION": "one.two", "NSD_DNS_IDENTITY": "ns1.here"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tells who it is and wants cookies."""
    data = tmp_path_factory.mktemp("dig") / "data"
    running = Server(data, NSD_DNS_REQUIRE_COOKIES="true", **IDENTITY).start()
    yield running
    assert running.process.stop() == 0, running.process.output


def asking(program: str, server: Server, *words: str) -> str:
    address = ("@127.0.0.1", "-p", str(server.dns_port))
    return subprocess.run(
        [program, *address, *words], capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.mark.parametrize(("name", "text"), [("version.bind", "one.two"), ("id.server", "ns1.here")])
def test_dig_is_told_who_we_are(program: Program, server: Server, name: str, text: str) -> None:
    assert asking(program("dig"), server, "+short", "CH", "TXT", name) == f'"{text}"\n'


def test_dig_is_told_the_nsid(program: Program, server: Server) -> None:
    said = asking(program("dig"), server, "+nsid", "+nocookie", "example.")
    assert '("ns1.here")' in said, said


def test_dig_comes_again_with_the_cookie_that_it_got(program: Program, server: Server) -> None:
    """BADCOOKIE, then the same query with the server's cookie: dig does it by itself."""
    said = asking(program("dig"), server, "example.", "SOA")
    assert "status: REFUSED" in said, said
    assert re.search(r"COOKIE: [0-9a-f]{48} \(good\)", said), said


def test_dig_shows_badcookie_where_it_may_not_come_again(program: Program, server: Server) -> None:
    said = asking(program("dig"), server, "+nobadcookie", "example.", "SOA")
    assert "status: BADCOOKIE" in said, said


def test_dig_shows_the_reason_of_a_refusal(program: Program, server: Server) -> None:
    said = asking(program("dig"), server, "example.", "SOA")
    assert "EDE: 20 (Not Authoritative)" in said, said


def test_dig_falls_back_to_the_edns_version_that_we_speak(program: Program, server: Server) -> None:
    said = asking(program("dig"), server, "+edns=1", "+noednsneg", "+nocookie", "example.")
    assert "status: BADVERS" in said, said


def test_kdig_keeps_a_connection_for_several_queries(program: Program, server: Server) -> None:
    said = asking(program("kdig"), server, "+tcp", "+keepopen", "+cookie", "a.", "b.", "c.")
    assert said.count("status: REFUSED") == 3, said


def test_the_secret_survives_a_restart(program: Program, server: Server) -> None:
    said = asking(program("dig"), server, "example.", "SOA")
    cookie = re.search(r"COOKIE: ([0-9a-f]{48}) \(good\)", said)
    assert cookie, said
    server.restart()
    said = asking(program("dig"), server, "+nobadcookie", f"+cookie={cookie[1]}", "example.")
    assert "status: REFUSED" in said, said
