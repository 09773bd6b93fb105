"""The real servers: written configuration, one process each, always ended."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message

from tests.conformance.campaign.asker import Query, ask
from tests.live.port import free_port

START_SECONDS = 60.0
ZoneFile = tuple[str, Path]
"""Apex and master file."""


class PeerFailed(Exception):
    """A peer did not start; says what it logged."""


@dataclass(frozen=True)
class Peer:
    """A running peer."""

    name: str
    address: tuple[str, int]

    def ask(self, queries: Sequence[Query]) -> list[bytes | None]:
        """Answer each query in its place."""
        return ask(self.address, queries)


@dataclass(frozen=True)
class Program:
    """How a peer is configured and started."""

    name: str
    binary: str
    configure: Callable[[Path, int, Sequence[ZoneFile]], str]
    command: Callable[[str, Path], list[str]]

    def path(self) -> str | None:
        """Give the installed binary, if there is one."""
        return shutil.which(self.binary) or shutil.which(self.binary, path="/usr/sbin:/sbin")


def _nsd(folder: Path, port: int, zones: Sequence[ZoneFile]) -> str:
    server = f"""server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  minimal-responses: yes
  round-robin: no
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  tcp-query-count: 0
remote-control:
  control-enable: no
"""
    return server + "".join(
        f'zone:\n  name: "{apex}"\n  zonefile: "{path}"\n' for apex, path in zones
    )


def _knot(folder: Path, port: int, zones: Sequence[ZoneFile]) -> str:
    server = f"""server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}/db"
  journal-db-max-size: 20M
  timer-db-max-size: 20M
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: "{folder}"
    journal-content: none
    zonefile-sync: -1
    semantic-checks: off
zone:
"""
    return server + "".join(f"  - domain: {apex}\n    file: {path}\n" for apex, path in zones)


def _named(folder: Path, port: int, zones: Sequence[ZoneFile]) -> str:
    server = f"""options {{
  directory "{folder}";
  pid-file "{folder}/named.pid";
  session-keyfile "{folder}/session.key";
  managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }};
  recursion no; allow-query {{ any; }}; allow-transfer {{ none; }}; notify no;
  dnssec-validation no; zero-no-soa-ttl no; empty-zones-enable no;
  minimal-responses yes; minimal-any no;
  check-names primary ignore; check-integrity no; check-mx ignore; check-mx-cname ignore;
  check-srv-cname ignore; check-sibling no; check-wildcard no; check-dup-records ignore;
  check-spf ignore;
}};
controls {{ }};
logging {{ category default {{ default_stderr; }}; category lame-servers {{ null; }}; }};
"""
    return server + "".join(
        f'zone "{apex}" {{ type primary; file "{path}"; }};\n' for apex, path in zones
    )


NSD = Program("nsd", "nsd", _nsd, lambda binary, conf: [binary, "-d", "-c", str(conf)])
KNOT = Program("knot", "knotd", _knot, lambda binary, conf: [binary, "-c", str(conf)])
BIND = Program(
    "bind", "named", _named, lambda binary, conf: [binary, "-g", "-n", "1", "-c", str(conf)]
)
PROGRAMS = (NSD, KNOT, BIND)


def missing() -> list[str]:
    """Name the peers' programs that are not installed."""
    return [program.binary for program in PROGRAMS if program.path() is None]


@contextmanager
def running(program: Program, folder: Path, zones: Sequence[ZoneFile]) -> Iterator[Peer]:
    """Run a peer on the zones; it is ended however the block ends."""
    folder.mkdir(parents=True)
    (folder / "db").mkdir()
    port = free_port()
    conf = folder / "server.conf"
    conf.write_text(program.configure(folder, port, zones))
    binary = program.path()
    if binary is None:
        raise PeerFailed(f"{program.binary} is not installed")
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            program.command(binary, conf), stdout=sink, stderr=sink, cwd=folder
        )
    try:
        _wait(process, ("127.0.0.1", port), zones[-1][0], log)
        yield Peer(program.name, ("127.0.0.1", port))
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], address: tuple[str, int], apex: str, log: Path) -> None:
    """Ask for the last zone's SOA until something answers."""
    question = dns.message.make_query(apex, "SOA", flags=0, id=0).to_wire()
    until = time.monotonic() + START_SECONDS
    with socket.socket(type=socket.SOCK_DGRAM) as wires:
        wires.connect(address)
        wires.settimeout(0.1)
        while time.monotonic() < until and process.poll() is None:
            try:
                wires.send(question)
                wires.recv(4096)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                time.sleep(0.02)
                continue
            return
    raise PeerFailed(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
