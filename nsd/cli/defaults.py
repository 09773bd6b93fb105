"""From the settings to the defaults of zones."""

from nsd.settings import ZoneDefaults
from nsd.store.defaults import Defaults
from nsd.zone import name
from nsd.zone.name import WireName


def zone_defaults(settings: ZoneDefaults) -> Defaults:
    """Read the names of the section `zone`."""
    return Defaults(
        nameservers=tuple(map(name.from_text, settings.nameservers)),
        ns_ttl=settings.ns_ttl,
        rname=rname(settings.contact),
        soa_ttl=settings.soa_ttl,
        refresh=settings.refresh,
        retry=settings.retry,
        expire=settings.expire,
        minimum=settings.minimum,
    )


def rname(contact: str) -> WireName:
    """Turn a mail address into an SOA's rname (RFC 1035, section 8); a name stays as it is."""
    local, at, domain = contact.rpartition("@")
    if not at:
        return name.from_text(contact)
    label = local.encode()
    return WireName(bytes((len(label),)) + label + name.from_text(domain))
