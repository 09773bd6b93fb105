"""What `add_google_apps` and `google_authorize` put into a new zone."""

from typing import Final

from nsd.zone import name, rrtypes, value
from nsd.zone.name import WireName
from nsd.zone.record import Record

MAIL: Final = (
    (10, "ASPMX.L.GOOGLE.COM"),
    (20, "ALT1.ASPMX.L.GOOGLE.COM"),
    (20, "ALT2.ASPMX.L.GOOGLE.COM"),
    (30, "ALT3.ASPMX.L.GOOGLE.COM"),
    (30, "ALT4.ASPMX.L.GOOGLE.COM"),
)
SERVICES: Final = ("mail", "calendar", "docs", "sites", "start")
SERVICES_TARGET: Final = "ghs.google.com"


def apps(apex: WireName, ttl: int) -> list[Record]:
    """Give the mail exchangers at the apex and the customary CNAMEs."""
    mail = [
        Record(apex, rrtypes.MX, ttl, value.parse(rrtypes.MX, host, preference, apex)[0])
        for preference, host in MAIL
    ]
    target = value.parse(rrtypes.CNAME, SERVICES_TARGET, None, apex)[0]
    services = [
        Record(name.from_text(service, apex), rrtypes.CNAME, ttl, target) for service in SERVICES
    ]
    return mail + services


def proof(apex: WireName, ttl: int, text: str) -> Record:
    """Give the TXT at the apex that proves to Google whose zone it is. Raises Invalid."""
    rdata, kept = value.parse(rrtypes.TXT, text, None, apex)
    return Record(apex, rrtypes.TXT, ttl, rdata, kept)
