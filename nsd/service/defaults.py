"""From the settings to the defaults of zones, and to what they may hold."""

from nsd.change.rules import Rules
from nsd.settings import Settings, ZoneDefaults
from nsd.store.defaults import Defaults
from nsd.zone import mailbox, name
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


def change_rules(settings: Settings) -> Rules:
    """Read what the operator allows in all zones."""
    suffix = name.lower(name.from_text(settings.transfer.catalog_suffix))
    return Rules(max_rrset=settings.zone.max_rrset, catalog_suffix=suffix)


def rname(contact: str) -> WireName:
    """Turn a mail address into an SOA's rname; a name stays as it is."""
    return mailbox.to_name(contact) if "@" in contact else name.from_text(contact)
