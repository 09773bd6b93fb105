"""PowerDNS' authoritative server: zone files behind its packet cache, or SQLite and its API."""

import sqlite3
from pathlib import Path

from bench.error import MissingProgramError
from bench.peer import Peer

_SCHEMA = Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")


class PdnsPeer(Peer):
    """Zone files, answered from the packet cache."""

    name = "pdns"
    title = "PowerDNS"
    program = "pdns_server"
    package = "pdns-server"

    def prepare(self) -> None:
        zones = "".join(
            f'zone "{zone.apex}" {{ type master; file "{zone.path}"; }};\n'
            for zone in self.corpus.zones
        )
        self.write("bind.conf", zones)
        self.configure(f"launch=bind\nbind-config={self.folder}/bind.conf\n")

    def configure(self, backend: str) -> None:
        self.write("pdns.conf", _SERVER.format(folder=self.folder, port=self.port) + backend)

    def command(self) -> list[str]:
        return ["pdns_server", f"--config-dir={self.folder}"]


class PdnsSqlitePeer(PdnsPeer):
    """SQLite, provisioned through the HTTP API."""

    name = "pdns-sqlite"
    title = "PowerDNS, SQLite"
    package = "pdns-backend-sqlite3"

    def prepare(self) -> None:
        if not _SCHEMA.exists():
            raise MissingProgramError(f"{_SCHEMA} is missing (Debian package {self.package})")
        database = self.folder / "pdns.db"
        with sqlite3.connect(database) as connection:
            connection.executescript(_SCHEMA.read_text())
        connection.close()
        self.configure(
            f"launch=gsqlite3\ngsqlite3-database={database}\n"
            f"api=yes\napi-key={self.credential}\nwebserver=yes\n"
            f"webserver-address=127.0.0.1\nwebserver-port={self.http_port}\n"
            "webserver-max-bodysize=64\nwebserver-loglevel=none\n"
        )


_SERVER = """\
daemon=no
guardian=no
disable-syslog=yes
loglevel=3
local-address=127.0.0.1
local-port={port}
socket-dir={folder}
receiver-threads=1
distributor-threads=1
security-poll-suffix=
"""
