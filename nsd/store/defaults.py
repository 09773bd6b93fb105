"""What a zone holds until its owner says otherwise: SOA fields and apex name servers.

The defaults are kept in the database, so that every process that changes a zone knows what the
zone serves.
"""

import json
import sqlite3
from dataclasses import dataclass, fields

from nsd.store.zones import ZoneRow
from nsd.zone import name, rrset, rrtypes
from nsd.zone.name import WireName
from nsd.zone.rrset import RRset
from nsd.zone.soa import Soa


@dataclass(frozen=True, slots=True)
class Defaults:
    """Names in wire form; times in seconds. The first name server is the SOA's primary."""

    nameservers: tuple[WireName, ...]
    ns_ttl: int
    rname: WireName
    soa_ttl: int
    refresh: int
    retry: int
    expire: int
    minimum: int

    def ns(self) -> RRset:
        """Give the NS RRset of an apex without NS records of its own."""
        return rrset.make(rrtypes.NS, [(self.ns_ttl, server) for server in self.nameservers])

    def soa(self, zone: ZoneRow) -> Soa:
        """Complete what a zone says of its SOA."""
        own = zone.soa
        return Soa(
            ttl=_first(own.ttl, self.soa_ttl),
            mname=own.mname or self.nameservers[0],
            rname=own.rname or self.rname,
            serial=zone.serial,
            refresh=_first(own.refresh, self.refresh),
            retry=_first(own.retry, self.retry),
            expire=_first(own.expire, self.expire),
            minimum=_first(own.minimum, self.minimum),
        )

    def to_json(self) -> str:
        """Write them as JSON, names in presentation form."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        content["nameservers"] = [name.to_text(server) for server in self.nameservers]
        content["rname"] = name.to_text(self.rname)
        return json.dumps(content, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Defaults":
        """Read what `to_json` wrote."""
        content = json.loads(text)
        content["nameservers"] = tuple(map(name.from_text, content["nameservers"]))
        content["rname"] = name.from_text(content["rname"])
        return cls(**content)


def _first(own: int | None, default: int) -> int:
    return default if own is None else own


def read(connection: sqlite3.Connection) -> Defaults | None:
    """Give the stored defaults, None where none were stored yet."""
    row = connection.execute("SELECT content FROM defaults").fetchone()
    return None if row is None else Defaults.from_json(row[0])


def write(connection: sqlite3.Connection, defaults: Defaults) -> None:
    """Store the defaults."""
    content = defaults.to_json()
    connection.execute("INSERT OR REPLACE INTO defaults (id, content) VALUES (1, ?)", (content,))


def stored(connection: sqlite3.Connection) -> Defaults:
    """Give the stored defaults; a database with zones in it always has them."""
    found = read(connection)
    assert found is not None
    return found
