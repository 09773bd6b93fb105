"""Zones that come from elsewhere: from named, and from primaries that send rubbish."""

import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone
import pytest

from tests.conftest import Start
from tests.live.port import free_port
from tests.secondary.primary import Primary

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
Primaries = Callable[..., Primary]
Program = Callable[[str], str]


def zone_text(serial: int, *lines: str, refresh: int = 3600, expire: int = 86400) -> str:
    soa = f"@ 300 SOA ns.example.com. h.example.com. {serial} {refresh} 1 {expire} 60"
    return "\n".join(["$ORIGIN example.com.", soa, "@ 300 NS ns", "ns 300 A 127.0.0.1", *lines, ""])


def ask(server: Primary, name: str, kind: str = "A") -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    return dns.query.udp(query, server.host, port=server.port, timeout=5)


def wait(holds: Callable[[], object], said: Callable[[], str], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, said()
        time.sleep(0.02)


class Named:
    """BIND as the primary of example.com, with IXFR from differences."""

    def __init__(self, folder: Path, program: Program, start: Start, notify: int) -> None:
        self.port = free_port()
        self._folder = folder
        self._rndc = [
            program("rndc"),
            "-c",
            str(folder / "rndc.conf"),
            "-s",
            "127.0.0.1",
            "-p",
            str(free_port()),
        ]
        control = self._rndc[-1]
        key = f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n'
        (folder / "rndc.conf").write_text(key + 'options { default-key "k"; };\n')
        self.write(zone_text(1, "www 300 A 192.0.2.1"))
        (folder / "named.conf").write_text(f"""{key}
controls {{ inet 127.0.0.1 port {control} allow {{ any; }} keys {{ "k"; }}; }};
options {{
    directory "{folder}"; pid-file none; recursion no; dnssec-validation no;
    listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    allow-transfer {{ key "k"; }}; ixfr-from-differences yes; max-ixfr-ratio unlimited;
    notify explicit; also-notify {{ 127.0.0.1 port {notify}; }}; notify-delay 0;
}};
zone "example.com" {{ type primary; file "example.com.zone"; }};
""")
        with (folder / "named.log").open("wb") as log:
            command = (program("named"), "-g", "-c", str(folder / "named.conf"))
            start(*command, stdout=log, stderr=log)
        wait(self._answers, (folder / "named.log").read_text)

    def _answers(self) -> bool:
        try:
            query = dns.message.make_query("example.com", "SOA")
            return bool(dns.query.udp(query, "127.0.0.1", port=self.port, timeout=1).answer)
        except (OSError, dns.exception.Timeout):
            return False

    def write(self, text: str) -> None:
        (self._folder / "example.com.zone").write_text(text)

    def change(self, text: str) -> None:
        self.write(text)
        subprocess.run([*self._rndc, "reload", "example.com"], check=True, capture_output=True)


def test_a_zone_moves_here_from_bind_without_a_cut(
    primaries: Primaries, program: Program, start: Start, tmp_path: Path
) -> None:
    here = primaries(start=False)
    named = Named(tmp_path, program, start, here.port)
    here.start()
    here.nsdctl("tsig", "add", "k", "--secret", SECRET)
    source = ("--from", f"127.0.0.1:{named.port}", "--key", "k")
    said = here.nsdctl("zone", "transfer", "example.com", *source)
    assert "follows 127.0.0.1" in said
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text)

    named.change(zone_text(2, "www 300 A 192.0.2.2", "new 300 A 192.0.2.3"))
    wait(lambda: ask(here, "new.example.com").answer, here.log.read_text, seconds=10)
    assert str(ask(here, "www.example.com").answer[0][0]) == "192.0.2.2"
    assert "fetched the changes of a zone" in here.log.read_text()

    zone = here.ok("GET", "/dns-zones/?domain=example.com")[0]
    record = {"record_type": "A", "name": "x", "value": "192.0.2.9"}
    path = f"/dns-zones/{zone['uuid']}/records/"
    status, error = here.call("POST", path, record)
    assert (status, error["error_code"]) == (409, "read_only_zone"), error
    shown = here.ok("GET", f"/dns-zones/{zone['uuid']}/status/")
    assert (shown["kind"], shown["serial"], shown["primary"]["error"]) == ("copy", 2, None)

    here.nsdctl("zone", "transfer", "example.com", *source, "--then-own")
    wait(lambda: here.call("POST", path, record)[0] == 201, here.log.read_text)
    assert ask(here, "x.example.com").answer
    assert str(ask(here, "www.example.com").answer[0][0]) == "192.0.2.2"


def test_a_zone_taken_over_at_once_is_the_same(
    primaries: Primaries, program: Program, start: Start, tmp_path: Path
) -> None:
    here = primaries(start=False)
    named = Named(tmp_path, program, start, here.port)
    here.start()
    here.nsdctl("tsig", "add", "k", "--secret", SECRET)
    source = ("--from", f"127.0.0.1:{named.port}", "--key", "k", "--then-own")
    here.nsdctl("zone", "transfer", "example.com", *source)
    exported = dns.zone.from_text(here.nsdctl("zone", "export", "example.com"), "example.com")
    wanted = dns.zone.from_text(zone_text(1, "www 300 A 192.0.2.1"), "example.com")
    assert exported == wanted


class Rubbish:
    """A primary that answers each question as `answer` says, after the length octets."""

    def __init__(self) -> None:
        self.answer: Callable[[dns.message.Message], list[bytes]] = lambda _query: []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                length = int.from_bytes(self.rfile.read(2), "big")
                query = dns.message.from_wire(self.rfile.read(length))
                for message in outer.answer(query):
                    self.wfile.write(len(message).to_bytes(2, "big") + message)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def rubbish() -> Iterator[Rubbish]:
    server = Rubbish()
    yield server
    server.close()


def respond(query: dns.message.Message, *lines: str) -> bytes:
    response = dns.message.make_response(query)
    for line in lines:
        owner, ttl, kind, *value = line.split(" ", 3)
        rrset = dns.rrset.from_text(f"{owner}", int(ttl), "IN", kind, *value)
        response.answer.append(rrset)
    return response.to_wire(max_size=65535)


def soa(serial: int, expire: int = 86400) -> str:
    return f"example.com. 300 SOA ns.example.com. h.example.com. {serial} 1 1 {expire} 60"


NS = "example.com. 300 NS ns.example.com."
WWW = "www.example.com. 300 A 192.0.2.1"
BAD: dict[str, Callable[[dns.message.Message], list[bytes]]] = {
    "octets that are no message": lambda _: [b"rubbish", b"\xff" * 500],
    "half a transfer": lambda query: [respond(query, soa(9), NS)],
    "nothing": lambda _: [],
    "a smaller serial": lambda query: [respond(query, soa(1), NS, WWW, soa(1))],
    "another zone's answer": lambda query: [
        respond(dns.message.make_query("other.example", "AXFR", id=query.id), soa(9), soa(9))
    ],
    "an IXFR that removes what is not there": lambda query: [
        respond(query, soa(9), soa(5), "no.example.com. 300 A 192.0.2.1", soa(9), soa(9))
        if query.question[0].rdtype == dns.rdatatype.IXFR
        else b""
    ],
    "an IXFR from another serial": lambda query: [
        respond(query, soa(9), soa(7), soa(8), soa(8), soa(9), soa(9))
    ],
    "an error": lambda query: [bytes(query.to_wire()[:2]) + b"\x84\x05" + bytes(8)],
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_whatever_a_primary_sends_the_last_good_zone_stays(
    bad: Callable[[dns.message.Message], list[bytes]], primaries: Primaries, rubbish: Rubbish
) -> None:
    rubbish.answer = lambda query: [respond(query, soa(5), NS, WWW, soa(5))]
    here = primaries()
    here.nsdctl("zone", "transfer", "example.com", "--from", f"127.0.0.1:{rubbish.port}")
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text)
    rubbish.answer = bad
    wait(lambda: "cannot be fetched: what we have stays" in here.log.read_text(), lambda: "")
    assert ask(here, "www.example.com").answer
    rubbish.answer = lambda query: [
        respond(query, soa(6), NS, "new.example.com. 300 A 192.0.2.6", soa(6))
    ]
    wait(lambda: ask(here, "new.example.com").answer, here.log.read_text)
    assert ask(here, "www.example.com").rcode() == dns.rcode.NXDOMAIN


def test_an_expired_zone_is_answered_with_servfail_until_its_primary_is_back(
    primaries: Primaries, rubbish: Rubbish
) -> None:
    rubbish.answer = lambda query: [respond(query, soa(5, expire=4), NS, WWW, soa(5, expire=4))]
    here = primaries()
    here.nsdctl("zone", "transfer", "example.com", "--from", f"127.0.0.1:{rubbish.port}")
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text)
    good, rubbish.answer = rubbish.answer, lambda _query: []
    wait(lambda: ask(here, "www.example.com").rcode() == dns.rcode.SERVFAIL, here.log.read_text)
    rubbish.answer = good
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text)


def test_an_expired_zone_that_is_taken_over_is_served_within_a_second(
    primaries: Primaries, rubbish: Rubbish
) -> None:
    rubbish.answer = lambda query: [respond(query, soa(5, expire=4), NS, WWW, soa(5, expire=4))]
    here = primaries()
    here.nsdctl("zone", "transfer", "example.com", "--from", f"127.0.0.1:{rubbish.port}")
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text)
    rubbish.answer = lambda _query: []
    wait(lambda: ask(here, "www.example.com").rcode() == dns.rcode.SERVFAIL, here.log.read_text)
    here.nsdctl("zone", "transfer", "example.com", "--then-own")
    wait(lambda: ask(here, "www.example.com").answer, here.log.read_text, seconds=1)
    zone = here.ok("GET", "/dns-zones/?domain=example.com")[0]
    record = {"record_type": "A", "name": "x", "value": "192.0.2.9"}
    here.ok("POST", f"/dns-zones/{zone['uuid']}/records/", record)
    assert ask(here, "x.example.com").answer


def test_a_notify_from_elsewhere_is_refused(primaries: Primaries, rubbish: Rubbish) -> None:
    rubbish.answer = lambda query: [respond(query, soa(5), NS, WWW, soa(5))]
    here = primaries()
    here.nsdctl("zone", "transfer", "example.com", "--from", f"127.0.0.1:{rubbish.port}")

    def notify(zone: str, source: str) -> dns.rcode.Rcode:
        query = dns.message.make_query(zone, "SOA")
        query.set_opcode(dns.opcode.NOTIFY)
        return dns.query.udp(query, here.host, port=here.port, source=source, timeout=5).rcode()

    wait(lambda: notify("example.com", "127.0.0.1") == dns.rcode.NOERROR, here.log.read_text)
    assert notify("example.com", "127.0.0.2") == dns.rcode.REFUSED
    assert notify("example.org", "127.0.0.1") == dns.rcode.NOTAUTH


def test_a_zone_that_cannot_be_fetched_is_one_clear_line(primaries: Primaries) -> None:
    here = primaries()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        said = here.nsdctl(
            "zone", "transfer", "example.com", "--from", f"127.0.0.1:{port}", check=False
        )
    assert said.startswith("nsdctl: example.com. cannot be fetched from 127.0.0.1"), said
    assert len(said.splitlines()) == 1
