"""A running server with its data folder, and what tests do with it."""

import os
import re
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype

from nsd.store import tokens, users
from tests.live.http import Caller
from tests.live.process import PATIENCE, Process

ROOT = Path(__file__).parent.parent.parent
NSDCTL = (sys.executable, "-m", "nsd")
_LISTENS = re.compile(r"nsdctl: DNS on 127\.0\.0\.1:(\d+).*, API on http://127\.0\.0\.1:(\d+)")


_UNLIMITED = {f"NSD_HTTP_{who}_BURST": "1000000" for who in ("ACCOUNT", "ADDRESS", "FAILURE")}


def environment(**settings: str) -> dict[str, str]:
    """Give the environment of a process of ours, with `NSD_…` settings.

    Its callers are many tests at one address, so they ask as much as they like.
    """
    return {**os.environ, "PYTHONPATH": str(ROOT), **_UNLIMITED, **settings}


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and a caller with a token of it."""

    name: str
    id: int
    api: Caller


class Server:
    """`nsdctl serve` on free ports of 127.0.0.1; it can be ended and started again."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.settings = settings
        self.process: Process
        self.dns_port = self.http_port = 0

    def start(self, *options: str) -> "Server":
        """Start, and wait until it listens."""
        listen = ("--dns", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", str(self.data))
        self.process = Process(
            *NSDCTL, "serve", *listen, *options, environment=environment(**self.settings)
        )
        try:
            said = _LISTENS.search(self.process.wait_for_line("nsdctl: DNS on"))
        except BaseException:
            self.process.kill()
            raise
        assert said is not None, self.process.output
        self.dns_port, self.http_port = int(said[1]), int(said[2])
        return self

    def restart(self) -> None:
        """End it as an operator would, and start it again."""
        assert self.process.stop() == 0, self.process.output
        self.start()

    def control(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `nsdctl` beside it, on its data."""
        return control(*words, "--data", str(self.data), **self.settings)

    def account(
        self, *permissions: str, name: str = "", admin: bool = False, plan: str = "unlimited"
    ) -> Account:
        """Add an account with a token; no permission means all."""
        name = name or f"user-{secrets.token_hex(6)}"
        now = int(time.time())
        with self.database() as connection:
            user = users.add(
                connection, name, email=f"{name}@example.net", plan=plan, is_admin=admin, now=now
            )
        return Account(name, user.id, self.caller(user.id, *permissions))

    def caller(
        self,
        user_id: int,
        *permissions: str,
        networks: tuple[str, ...] = (),
        expires_at: int | None = None,
    ) -> Caller:
        """Give a caller with a new token of an account."""
        with self.database() as connection:
            secret, _ = tokens.create(
                connection,
                user_id,
                name="test",
                permissions=permissions or ("dns:*",),
                networks=networks,
                expires_at=expires_at,
                now=int(time.time()),
            )
        return Caller(self.http_port, secret)

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Write to its database as another process would."""
        connection = sqlite3.connect(self.data / "nsd.db", timeout=PATIENCE)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def ask(
        self, name: str, kind: str = "A", *, tcp: bool = False, dns_port: int = 0
    ) -> dns.message.Message:
        """Ask one question over UDP, or over TCP."""
        query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, "127.0.0.1", timeout=PATIENCE, port=dns_port or self.dns_port)

    def found(self, name: str, kind: str = "A") -> list[str]:
        """Give the texts of the records in the answer section, those of one type."""
        message = self.ask(name, kind)
        if message.flags & dns.flags.TC:
            message = self.ask(name, kind, tcp=True)
        wanted = dns.rdatatype.from_text(kind)
        return sorted(
            rdata.to_text() for rrset in message.answer if rrset.rdtype == wanted for rdata in rrset
        )

    def serial(self, apex: str) -> int:
        """Ask for the serial of a zone."""
        (text,) = self.found(apex, "SOA")
        return int(text.split()[2])


def control(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `nsdctl` to its end; its outputs and exit code are the test's business."""
    return subprocess.run(
        [*NSDCTL, *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        env=environment(**settings),
    )


def eventually(holds: Callable[[], object], *, within: float, why: str) -> None:
    """Ask again and again until something holds; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"not within {within} s: {why}"
        time.sleep(0.01)
